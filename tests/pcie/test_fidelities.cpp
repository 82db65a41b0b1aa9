// What both fidelities have in common: latencies, routes, protocol.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/pcie/burst_dma.h"
#include "tests/pcie/host_software.h"

using namespace aqpim;

namespace {

// Gen5 x16, 8125 / 512 ps a byte.
constexpr Picoseconds root = 150'000;
constexpr Picoseconds on_link = 20'000;
constexpr Picoseconds pcie_switch = 105'000;
constexpr Picoseconds endpoint = 200'000;
constexpr Picoseconds header = 381;           // 24 B
constexpr Picoseconds word = 444;             // 28 B
constexpr Picoseconds sixteen_words = 1'396;  // 88 B

std::uint64_t tlps(const PcieLink& of) {
    return of.up().tlps + of.down().tlps;
}

void check_protocol(const Tree& tree) {
    for (const TestCore* const core : {&tree.core0, &tree.core1, &tree.core1b}) {
        CHECK(core->checker.violations().count() == 0);
        CHECK(core->checker.in_flight() == 0);
    }
}

}  // namespace

TEST_CASE("an MMIO read takes the same time in the same places in both fidelities") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        const sc_core::sc_time begin = sc_core::sc_time_stamp();
        sc_core::sc_time delay;
        tree.host.read(Tree::registers_at(0), delay);
        const Picoseconds there = root + header + on_link + pcie_switch + header + on_link + endpoint;
        CHECK(tree.core0.registers.accesses.at(0).time - to_ps(begin) == there);
        CHECK(since(begin, delay) == there + header + on_link + pcie_switch + word + on_link + root);
    }));
}

TEST_CASE("a DMA read of 64 B takes the same time in both fidelities") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        const sc_core::sc_time begin = sc_core::sc_time_stamp();
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_READ_COMMAND, 0x8000'0000, 64, delay) == tlm::TLM_OK_RESPONSE);
        const Picoseconds there = header + on_link + pcie_switch + header + on_link + root;
        CHECK(tree.host.memory.accesses.at(0).time - to_ps(begin) == there);
        CHECK(since(begin, delay) == there + root + header + on_link + pcie_switch + sixteen_words + on_link);
    }));
}

TEST_CASE("a vector reaches the host at the same time in both fidelities") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        FunctionRegisters function(tree.host, Tree::function_id(0));
        function.write(function.capability(0x11) + 2, 0x8000, 2);
        tree.host.write(Tree::msix_at(0), 0x2400'0000);
        tree.host.write(Tree::msix_at(0) + 8, 65);
        tree.host.write(Tree::msix_at(0) + 12, 0);
        sc_core::wait(1, sc_core::SC_MS);
        sc_core::sc_time delay;
        tree.device0.msix(0).raise(0, delay);
        const sc_core::sc_time begin = sc_core::sc_time_stamp();
        sc_core::wait(1, sc_core::SC_MS);
        REQUIRE(tree.host.memory.accesses.size() == 1);
        CHECK(tree.host.memory.word(0x2400'0000) == 65);
        CHECK(tree.host.memory.accesses[0].time - to_ps(begin) == header + word + 2 * on_link + pcie_switch + root);
    }));
}

TEST_CASE("peer to peer keeps away from the root in both fidelities") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        const std::uint64_t before = tlps(tree.root_link);
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, Tree::memory_at(1, 1) + 0x100, 4096, delay) ==
              tlm::TLM_OK_RESPONSE);
        sc_core::wait(1, sc_core::SC_US);
        CHECK(tree.core1b.memory.word(0x100) == 0x5a5a'5a5a);
        CHECK(tree.core1b.memory.word(0x10fc) == 0x5a5a'5a5a);
        std::uint32_t value = 0;
        CHECK(access(tree.core0.dma, tlm::TLM_READ_COMMAND, Tree::memory_at(1, 1) + 0x100, &value, 4, delay) ==
              tlm::TLM_OK_RESPONSE);
        CHECK(value == 0x5a5a'5a5a);
        CHECK(tlps(tree.root_link) == before);
        check_protocol(tree);
    }));
}

TEST_CASE("redirected by access control peer to peer goes up to the root and down again in both fidelities") {
    PcieParameters parameters = default_pcie_parameters();
    parameters.acs_redirect = true;
    BothFidelities scene(parameters);
    REQUIRE(scene.play([](Tree& tree) {
        const LinkCounters up = tree.root_link.up();
        const LinkCounters down = tree.root_link.down();
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, Tree::memory_at(1), 4096, delay) == tlm::TLM_OK_RESPONSE);
        sc_core::wait(2, sc_core::SC_US);
        CHECK(tree.core1.memory.word(4092) == 0x5a5a'5a5a);
        CHECK(tree.root_link.up().payload_bytes - up.payload_bytes == 4096);
        CHECK(tree.root_link.down().payload_bytes - down.payload_bytes == 4096);
        std::uint32_t value = 0;
        CHECK(access(tree.core0.dma, tlm::TLM_READ_COMMAND, Tree::memory_at(1), &value, 4, delay) ==
              tlm::TLM_OK_RESPONSE);
        CHECK(value == 0x5a5a'5a5a);
        CHECK(tree.host.memory.accesses.empty());
    }));
}

TEST_CASE("data of many outstanding bursts goes where it belongs in both fidelities") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        BurstDma dma(tree.core0);
        std::vector<std::uint8_t> out(200'000);
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
        }
        dma.run({tlm::TLM_WRITE_COMMAND, 0x8000'0123, out.size()}, out.data());
        CHECK(dma.all_ok());
        sc_core::wait(10, sc_core::SC_US);
        std::vector<std::uint8_t> in(out.size());
        dma.run({tlm::TLM_READ_COMMAND, 0x8000'0123, in.size()}, in.data());
        CHECK(dma.all_ok());
        CHECK(in == out);
        check_protocol(tree);
    }));
}

TEST_CASE("a fast target answers before a slow one that was asked earlier") {
    PcieParameters parameters = default_pcie_parameters();
    parameters.fidelity = "detailed";
    EnumeratedTree scene(parameters);
    Tree& tree = scene.tree;
    tree.host.memory.latency = 10'000'000;
    tree.host.memory.latency_below = 0x8000'0040;
    BurstDma dma(tree.core0);
    REQUIRE(play([&] { dma.run({tlm::TLM_READ_COMMAND, 0x8000'0000, 4 * 64, 64}); }));
    CHECK(dma.all_ok());
    CHECK(dma.addresses() == std::vector<std::uint64_t>{0x8000'0040, 0x8000'0080, 0x8000'00c0, 0x8000'0000});
    check_protocol(tree);
}

TEST_CASE("posted writes are held up to the rate of a slow memory in both fidelities") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        tree.host.memory.bandwidth = 10'000'000'000;
        BurstDma dma(tree.core0);
        constexpr std::uint64_t bytes = 8 << 20;
        dma.run({tlm::TLM_WRITE_COMMAND, 0x8000'0000, bytes});
        // 10 GB/s: 100 ps a byte, but for what the buffers of root and switch hold when the last byte leaves.
        const std::uint64_t buffered = 2 * 128 * 1024;
        CHECK(static_cast<double>(dma.duration()) == Approx(100.0 * (bytes - buffered)).epsilon(0.01));
    }));
}

TEST_CASE("large writes reach a bandwidth that is given in both fidelities") {
    Recorder recorder;
    std::vector<std::unique_ptr<Tree>> trees;
    const std::vector<std::uint64_t> rates{25, 52, 128, 256};
    for (const std::uint64_t rate : rates) {
        for (const char* const fidelity : {"fast", "detailed"}) {
            PcieParameters parameters = default_pcie_parameters();
            parameters.fidelity = fidelity;
            parameters.payload_bandwidth = rate * 1'000'000'000;
            trees.push_back(std::make_unique<Tree>(sc_core::sc_gen_unique_name(fidelity), parameters, recorder));
        }
    }
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    constexpr std::uint64_t bytes = 16 << 20;
    for (std::size_t i = 0; i < trees.size(); ++i) {
        Tree& tree = *trees[i];
        INFO(tree.basename() << " at " << rates[i / 2] << " GB/s");
        tree.host.memory.notes = false;
        BurstDma dma(tree.core0);
        REQUIRE(play([&] {
            tree.enumerate();
            dma.run({tlm::TLM_WRITE_COMMAND, 0x8000'0000, bytes});
        }));
        const double picoseconds_per_byte = 1000.0 / static_cast<double>(rates[i / 2]);
        CHECK(static_cast<double>(dma.duration()) == Approx(bytes * picoseconds_per_byte).epsilon(0.01));
    }
}
