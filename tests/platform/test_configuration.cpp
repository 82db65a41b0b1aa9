#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "platform/configuration.h"

using namespace aqpim;
using Catch::Contains;

namespace {

constexpr std::uint64_t gibi = std::uint64_t{1} << 30;

/// A job's configuration, complete.
struct Scene {
    Configuration configuration;

    explicit Scene(const std::vector<std::string>& assignments) {
        configuration.table.set("workload.model", "mistral-7b", "test");
        for (const std::string& assignment : assignments) {
            const std::size_t split = assignment.find('=');
            configuration.table.set(assignment.substr(0, split), assignment.substr(split + 1), "test");
        }
        configuration.finish();
    }
};

void check(const std::vector<std::string>& assignments) {
    Scene(assignments).configuration.check();
}

}  // namespace

TEST_CASE("keys and values are kept outside the PIM memory in fp16 only") {
    for (const char* place : {"gpu", "host"}) {
        CHECK_NOTHROW(check({"platform.kv=" + std::string(place), "workload.policy=fp16"}));
        CHECK_THROWS_WITH(check({"platform.kv=" + std::string(place), "workload.policy=int4"}),
                          Contains("platform.kv: ") && Contains(place) && Contains("workload.policy = fp16, not int4"));
    }
    CHECK_NOTHROW(check({"platform.kv=pim", "workload.policy=int4"}));
}

TEST_CASE("each GPU's package has room for one PIM device and leaves none for a second switch") {
    CHECK_NOTHROW(check({"pim.attach=gpu", "platform.gpus=2", "platform.pim_devices=2"}));
    CHECK_THROWS_WITH(check({"pim.attach=gpu", "platform.gpus=2", "platform.pim_devices=3"}),
                      Contains("platform.pim_devices: 3 found") && Contains("2 (platform.gpus)"));
    CHECK_NOTHROW(check({"platform.pim_devices=8", "platform.topology=cascaded"}));
    CHECK_THROWS_WITH(check({"pim.attach=gpu", "platform.topology=cascaded"}),
                      Contains("platform.topology") && Contains("pim.attach = pcie"));
}

TEST_CASE("RAM may have up to 1 TiB") {
    CHECK_NOTHROW(check({"ram.size=1024GiB"}));
    CHECK_THROWS_WITH(check({"ram.size=1025GiB"}), Contains("ram.size") && Contains("1 TiB"));
}

TEST_CASE("copy bursts grow only where those under way keep the link busy") {
    const auto grow = [](const std::vector<std::string>& assignments) {
        return Scene(assignments).configuration.gpu.grow_bursts;
    };
    CHECK(grow({}));
    CHECK_FALSE(grow({"pcie.fidelity=detailed"}));
    // 2 * (150 + 2 * 20 + 105) + 10 + 60 + 100 = 760 ns at 63.0 GB/s are 47.9 KB, 11.7 bursts of 4 KiB and one that
    // ends.
    CHECK(grow({"gpu.copy_outstanding=13"}));
    CHECK_FALSE(grow({"gpu.copy_outstanding=12"}));
    CHECK(grow({"gpu.copy_outstanding=4", "gpu.copy_burst=16KiB"}));
    CHECK_FALSE(grow({"gpu.copy_outstanding=13", "ram.latency=100ns"}));
}

TEST_CASE("a GPU's memory as DRAM has the size and the bandwidth of its stacks") {
    const Scene scene({"gpu.memory_model=dram", "hbm.stacks=4"});
    CHECK_NOTHROW(scene.configuration.check());
    CHECK(scene.configuration.gpu.memory_bytes == 64 * gibi);
    // 64 channels of 2 pseudo-channels: 4096 B in two cycles of 769 ps.
    CHECK(static_cast<double>(scene.configuration.gpu.memory_bandwidth) == Approx(4096 / 1538e-12).epsilon(1e-9));
    CHECK(scene.configuration.table.find("gpu.memory")->origin == "preset section hbm");

    CHECK_NOTHROW(check({"gpu.memory_model=dram", "gpu.memory=16GiB"}));
    CHECK_THROWS_WITH(check({"gpu.memory_model=dram", "gpu.memory=80GiB"}),
                      Contains("gpu.memory: 85899345920 B found (test)") && Contains("17179869184 B"));
    CHECK_THROWS_WITH(check({"gpu.memory_model=dram", "gpu.bandwidth=3.35TB/s"}),
                      Contains("gpu.bandwidth: 3350000000000 B/s found"));
    CHECK_THROWS_WITH(check({"gpu.memory_model=dram", "hbm.speed=9999"}), Contains("hbm.speed"));
    CHECK_NOTHROW(check({"gpu.memory=80GiB", "hbm.stacks=4"}));
}
