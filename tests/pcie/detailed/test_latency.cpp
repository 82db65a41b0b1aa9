// Latencies of single transactions on an idle fabric, exact, by hand from the parameters (Gen5 x16 unless told).

#include <catch2/catch.hpp>

#include "tests/pcie/detailed/scene.h"
#include "tests/pcie/detailed/wire_rate.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

namespace {

constexpr Picoseconds link_latency = 20'000;
constexpr Picoseconds through_switch = 105'000;
constexpr Picoseconds through_root = 150'000;
constexpr Picoseconds into_endpoint = 200'000;
constexpr unsigned endpoint = 1;

Picoseconds on_wire(unsigned bytes) {
    return time_of(bytes, wire_rate(5, 16));
}

Picoseconds ended_at(Scene& scene, End& from, TransactionKind kind, std::uint64_t address, std::uint64_t bytes) {
    const auto outcome = start(from, kind, address, nullptr, bytes);
    scene.run();
    REQUIRE(outcome->status == TransactionStatus::success);
    return outcome->at;
}

Picoseconds written_at(const std::string& forwarding, unsigned bytes) {
    PcieParameters parameters = default_pcie_parameters();
    parameters.max_payload = 512;
    parameters.forwarding = forwarding;
    Scene scene(parameters, Shape{});
    ended_at(scene, scene.end(endpoint), TransactionKind::memory_write, Scene::base_of(0), bytes);
    return scene.root().last_written();
}

}  // namespace

TEST_CASE("a register read through one switch takes 790 ns and its serialisation") {
    Scene scene(default_pcie_parameters(), Shape{});
    const Picoseconds latency = 2 * through_root + 4 * link_latency + 2 * through_switch + into_endpoint;
    REQUIRE(latency == 790'000);
    const Picoseconds serialisation = on_wire(24) + on_wire(24)         // the request is a header
                                      + on_wire(24) + on_wire(24 + 4);  // its completion's header, then all of it
    CHECK(ended_at(scene, scene.root(), TransactionKind::memory_read, Scene::base_of(endpoint), 4) ==
          latency + serialisation);
}

TEST_CASE("a read of 64 B by DMA takes its two passages of the fabric and of the root") {
    Scene scene(default_pcie_parameters(), Shape{});
    const Picoseconds latency = 2 * (2 * link_latency + through_switch + through_root);
    const Picoseconds serialisation = 3 * on_wire(24) + on_wire(24 + 64);
    CHECK(ended_at(scene, scene.end(endpoint), TransactionKind::memory_read, Scene::base_of(0), 64) ==
          latency + serialisation);
}

TEST_CASE("the memory's latency adds to a read and not to a write that has left") {
    Scene scene(default_pcie_parameters(), Shape{}, {.latency = 77'000});
    const Picoseconds latency = 2 * (2 * link_latency + through_switch + through_root) + 77'000;
    const Picoseconds serialisation = 3 * on_wire(24) + on_wire(24 + 64);
    CHECK(ended_at(scene, scene.end(endpoint), TransactionKind::memory_read, Scene::base_of(0), 64) ==
          latency + serialisation);
    Scene other(default_pcie_parameters(), Shape{}, {.latency = 77'000});
    CHECK(ended_at(other, other.end(endpoint), TransactionKind::memory_write, Scene::base_of(0), 64) ==
          on_wire(24 + 64));
}

TEST_CASE("a read between two endpoints does not touch the root") {
    Scene scene(default_pcie_parameters(), Shape{.endpoints = 2});
    const Picoseconds latency = 2 * (2 * link_latency + through_switch) + into_endpoint;
    const Picoseconds serialisation = 3 * on_wire(24) + on_wire(24 + 64);
    CHECK(ended_at(scene, scene.end(1), TransactionKind::memory_read, Scene::base_of(2), 64) ==
          latency + serialisation);
    CHECK(scene.link_of(0).up->counters().tlps == 0);
}

TEST_CASE("a redirected read between two endpoints passes the root twice") {
    PcieParameters parameters = default_pcie_parameters();
    parameters.acs_redirect = true;
    Scene scene(parameters, Shape{.endpoints = 2});
    const Picoseconds one_way = 4 * link_latency + 2 * through_switch + through_root;
    // Through the root goes what has arrived as a whole.
    const Picoseconds request = 4 * on_wire(24);
    const Picoseconds completion = 2 * (on_wire(24) + on_wire(24 + 64));
    CHECK(ended_at(scene, scene.end(1), TransactionKind::memory_read, Scene::base_of(2), 64) ==
          2 * one_way + into_endpoint + request + completion);
    CHECK(scene.link_of(0).up->counters().tlps == 2);
}

TEST_CASE("each switch adds its latency and a link both ways") {
    Scene scene(default_pcie_parameters(), Shape{.endpoints = 0, .switches = {Shape{}}});
    const Picoseconds latency = 2 * through_root + 6 * link_latency + 4 * through_switch + into_endpoint;
    const Picoseconds serialisation = 3 * on_wire(24) + 2 * on_wire(24) + on_wire(24 + 4);
    CHECK(ended_at(scene, scene.root(), TransactionKind::memory_read, Scene::base_of(endpoint), 4) ==
          latency + serialisation);
}

TEST_CASE("a switch that stores before it forwards delays a TLP by all of it but the header") {
    const Picoseconds latency = 2 * link_latency + through_switch + through_root;
    const Picoseconds cut_through = written_at("cut_through", 512);
    const Picoseconds stored = written_at("store_and_forward", 512);
    CHECK(cut_through == latency + on_wire(24) + on_wire(512 + 24));
    CHECK(stored == latency + 2 * on_wire(512 + 24));
}

TEST_CASE("bytes within a double word cost the double word") {
    CHECK(written_at("store_and_forward", 1) == written_at("store_and_forward", 4));
    CHECK(written_at("store_and_forward", 5) > written_at("store_and_forward", 4));
}
