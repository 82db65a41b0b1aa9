#include "gpu_scene.h"

using namespace aqpim;
using namespace sc_core;

namespace {

/// 4 MiB: the same half a megabyte of the host's memory, eight times.
aqpim_gpu_copy long_copy(std::uint64_t target) {
    auto copy = copy_of(0x40000, target, 0x80000, from_bus);
    copy.rows = 8;
    return copy;
}

/// Looks every microsecond until one of two copies is done. At no time has an engine moved more than `bursts` bursts
/// more than the other; nor, once there is enough to compare, a tenth more.
void check_fairness(GpuScene& scene, std::uint64_t bursts) {
    while (!scene.is_done(0, 0) && !scene.is_done(1, 0)) {
        wait(1, SC_US);
        const std::uint64_t a = scene.gpu.copy_engine(0).bytes_copied();
        const std::uint64_t b = scene.gpu.copy_engine(1).bytes_copied();
        const std::uint64_t difference = std::max(a, b) - std::min(a, b);
        REQUIRE(difference <= bursts * 4096);
        REQUIRE((a < 0x80000 || difference <= a / 10));
    }
    CHECK(scene.gpu.copy_engine(0).bytes_copied() > 0x380000);
}

}  // namespace

TEST_CASE("two copy engines share the bus evenly") {
    GpuScene scene("scene", {{"copy_outstanding", "8"}});
    scene.play([&] {
        scene.submit(0, long_copy(0));
        scene.submit(1, long_copy(0x80000));
        check_fairness(scene, 9);
    });
}

TEST_CASE("two copy engines share a bus that takes requests slowly evenly") {
    GpuScene scene("scene", {{"copy_outstanding", "32"}});
    scene.host.style = HostBus::Style::late;
    scene.host.request_ps = 100'000;  // longer than a burst's 64 ns
    scene.play([&] {
        scene.submit(0, long_copy(0));
        wait(300, SC_NS);  // the first has all that it may ask for before the arbiter when the second comes
        scene.submit(1, long_copy(0x80000));
        check_fairness(scene, 5);
    });
}

TEST_CASE("a copy engine never has more bursts in flight than it may") {
    GpuScene scene("scene", {{"copy_outstanding", "5"}});
    scene.host.style = HostBus::Style::late;
    scene.play([&] {
        scene.command(0, copy_of(0x40000, 0, 0x40000, from_bus));
        CHECK(scene.host.most_outstanding == 5);
        scene.submit(0, copy_of(0x40000, 0, 0x40000, from_bus));
        scene.command(1, copy_of(0, 0x40000, 0x40000, to_bus));
        CHECK(scene.host.most_outstanding == 10);
    });
}

TEST_CASE("copies are right whatever the order in which a bus answers") {
    GpuScene scene("scene", {{"copy_engines", "4"}, {"copy_outstanding", "7"}});
    scene.host.style = HostBus::Style::mixed;
    scene.play([&] {
        const auto data = pattern(0x30000);
        scene.put_host(0x20000, data);
        for (unsigned round = 0; round < 4; ++round) {
            for (unsigned engine = 0; engine < 4; ++engine) {
                scene.submit(engine, copy_of(0x20000 + engine * 0x8001, engine * 0x10000 + 5, 0x8000, from_bus));
                scene.submit(engine, copy_of(engine * 0x10000 + 5, 0x80000 + engine * 0x10000, 0x8000, to_bus));
            }
            for (unsigned engine = 0; engine < 4; ++engine) {
                CHECK(scene.await(engine, round * 2 + 1).status == AQPIM_DONE);
                const auto first = data.begin() + engine * 0x8001;
                CHECK(scene.host_bytes(0x80000 + engine * 0x10000, 0x8000) ==
                      std::vector<std::uint8_t>(first, first + 0x8000));
            }
        }
        CHECK(scene.checker.in_flight() == 0);
        CHECK(scene.host.outstanding == 0);
    });
}

TEST_CASE("a bus that answers in the call to BEGIN_REQ with a response is served") {
    GpuScene scene("scene");
    scene.host.style = HostBus::Style::respond;
    scene.play([&] {
        scene.put_host(0x20000, pattern(0x10000));
        CHECK(scene.command(0, copy_of(0x20000, 0, 0x10000, from_bus)).status == AQPIM_DONE);
        CHECK(scene.own_bytes(0, 0x10000) == pattern(0x10000));
    });
}

TEST_CASE("a completion is written when the last burst has been answered and before its interrupt") {
    GpuScene scene("scene");
    scene.host.style = HostBus::Style::late;
    unsigned outstanding_at_interrupt = 1;
    bool completed_at_interrupt = false;
    scene.gpu.raise_interrupt = [&](unsigned, sc_time&) {
        outstanding_at_interrupt = scene.host.outstanding;
        completed_at_interrupt = scene.is_done(0, 0);
    };
    scene.play([&] {
        auto copy = copy_of(0, 0x40000, 0x8000, to_bus | AQPIM_FLAG_INTERRUPT);
        scene.command(0, copy);
        wait(10, SC_US);
        CHECK(outstanding_at_interrupt == 0);
        CHECK(completed_at_interrupt);
    });
}
