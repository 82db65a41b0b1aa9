// Cascaded and wide switches, in both fidelities.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/pcie/burst_dma.h"
#include "tests/pcie/fabric.h"
#include "tests/pcie/host_software.h"

using namespace aqpim;

namespace {

/// The same fabric in both fidelities.
struct BothFabrics {
    explicit BothFabrics(const Fabric::Shape& shape) {
        for (const char* const fidelity : {"fast", "detailed"}) {
            PcieParameters parameters = default_pcie_parameters();
            parameters.fidelity = fidelity;
            fabrics.push_back(std::make_unique<Fabric>(fidelity, parameters, shape, recorder));
        }
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
    bool play(const std::function<void(Fabric&)>& scene) {
        return std::all_of(fabrics.begin(), fabrics.end(), [&](const auto& fabric) {
            return aqpim::play([&] {
                INFO(fabric->basename());
                scene(*fabric);
            });
        });
    }
    Recorder recorder;
    std::vector<std::unique_ptr<Fabric>> fabrics;
};

void check_reached(Fabric& fabric, const std::vector<Fabric::Found>& found) {
    REQUIRE(found.size() == fabric.devices.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto value = static_cast<std::uint32_t>(1000 + i);
        fabric.host.write(found[i].registers + 0x10, value);
        CHECK(fabric.host.read(found[i].registers + 0x10) == value);
        CHECK(fabric.host.read(found[i].memory + 0x20) == 0);
    }
    CHECK(fabric.root.unsupported_requests() == 0);
}

}  // namespace

TEST_CASE("a switch with 32 ports reaches the device on each") {
    BothFabrics scene({{32}, {}});
    REQUIRE(scene.play([](Fabric& fabric) {
        const auto found = fabric.enumerate();
        check_reached(fabric, found);
        for (std::size_t i = 0; i < found.size(); ++i) {
            CHECK(found[i].id == routing_id(static_cast<unsigned>(3 + i), 0, 0));
            CHECK(fabric.cores[i]->registers.word(0x10) == 1000 + i);
            CHECK(fabric.devices[i]->id(0) == found[i].id);
        }
        BurstDma dma(*fabric.cores[31]);
        dma.run({tlm::TLM_WRITE_COMMAND, found[0].memory, 64 << 10});
        CHECK(dma.all_ok());
        dma.run({tlm::TLM_READ_COMMAND, 0x8000'0000, 64 << 10});
        CHECK(dma.all_ok());
    }));
}

TEST_CASE("cascaded switches are found and reach every device") {
    // Switch 0: switch 1, switch 2, a device. Switch 1: switch 3 and a device. Switches 2 and 3: two devices each.
    BothFabrics scene({{3, 2, 2, 2}, {{0, 0}, {0, 1}, {1, 0}}});
    REQUIRE(scene.play([](Fabric& fabric) {
        const auto found = fabric.enumerate();
        REQUIRE(found.size() == 6);
        check_reached(fabric, found);
    }));
}

TEST_CASE("each switch on the way of a read adds its latency and a link") {
    BothFabrics scene({{2, 2}, {{0, 0}}});
    REQUIRE(scene.play([](Fabric& fabric) {
        const auto found = fabric.enumerate();
        REQUIRE(found.size() == 3);
        sc_core::wait(1, sc_core::SC_MS);
        const auto time_of_read = [&](std::uint64_t address) {
            const sc_core::sc_time begin = sc_core::sc_time_stamp();
            sc_core::sc_time delay;
            fabric.host.read(address, delay);
            const Picoseconds time = since(begin, delay);
            sc_core::wait(1, sc_core::SC_US);
            return time;
        };
        // The first two are behind both switches. Gen5 x16: a header takes 381 ps.
        CHECK(time_of_read(found[0].registers) - time_of_read(found[2].registers) == 2 * (105'000 + 20'000 + 381));
    }));
}

TEST_CASE("peers behind different switches reach each other by the switch that has both below") {
    BothFabrics scene({{2, 2}, {{0, 0}}});
    REQUIRE(scene.play([](Fabric& fabric) {
        const auto found = fabric.enumerate();
        // Devices in the order of switches: 0 is on the upper switch and found last.
        const std::uint64_t upper = found[2].memory;
        const std::uint64_t lower = found[0].memory;
        const LinkCounters before = fabric.links[0]->up();
        BurstDma up(*fabric.cores[1]);
        std::vector<std::uint8_t> data(10'000, 0x11);
        up.run({tlm::TLM_WRITE_COMMAND, upper, data.size()}, data.data());
        CHECK(up.all_ok());
        BurstDma down(*fabric.cores[0]);
        std::fill(data.begin(), data.end(), 0x22);
        down.run({tlm::TLM_WRITE_COMMAND, lower, data.size()}, data.data());
        CHECK(down.all_ok());
        sc_core::wait(10, sc_core::SC_US);
        CHECK(fabric.cores[0]->memory.word(9'996) == 0x1111'1111);
        CHECK(fabric.cores[1]->memory.word(9'996) == 0x2222'2222);
        down.run({tlm::TLM_READ_COMMAND, lower, data.size()}, data.data());
        CHECK(down.all_ok());
        CHECK(data.back() == 0x22);
        CHECK(fabric.links[0]->up().tlps == before.tlps);
        CHECK(fabric.host.memory.accesses.empty());
    }));
}
