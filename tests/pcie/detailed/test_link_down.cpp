// Links that go down while something is on its way, and come up again.

#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "tests/pcie/detailed/scene.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

namespace {

constexpr unsigned endpoint = 1;
constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr Picoseconds timeout = 60'000'000;
constexpr Picoseconds breaks = 10'000'000;  // in the middle of a transfer of 1 MiB

PcieParameters short_timeout() {
    PcieParameters parameters = default_pcie_parameters();
    parameters.completion_timeout_ps = timeout;
    return parameters;
}

/// A write and a read back between `from` and the memory at `address`.
void check_works(Scene& scene, End& from, std::uint64_t address) {
    std::vector<std::uint8_t> written(4096);
    std::vector<std::uint8_t> read(4096);
    std::iota(written.begin(), written.end(), std::uint8_t{7});
    const Picoseconds now = scene.events().now();
    const auto write = start(from, TransactionKind::memory_write, address, written.data(), written.size(), now);
    const auto back = start(from, TransactionKind::memory_read, address, read.data(), read.size(), now);
    scene.run();
    CHECK(write->status == TransactionStatus::success);
    CHECK(back->status == TransactionStatus::success);
    CHECK(read == written);
    CHECK(scene.is_idle());
}

/// Starts a transfer of 1 MiB and takes a link down in the middle of it.
std::unique_ptr<Outcome> broken(Scene& scene, SceneLink& link, End& from, TransactionKind kind, std::uint64_t address) {
    auto outcome = start(from, kind, address, nullptr, mebibyte);
    scene.run_until(breaks);
    REQUIRE(outcome->times == 0);
    scene.set_up(link, false);
    return outcome;
}

/// Ten reads and writes between any ends.
void start_some(Scene& scene, std::mt19937_64& random, std::vector<std::unique_ptr<Outcome>>& outcomes) {
    for (int i = 0; i < 10; ++i) {
        End& from = scene.end(static_cast<unsigned>(random() % scene.ends()));
        const auto kind = random() % 2 == 0 ? TransactionKind::memory_read : TransactionKind::memory_write;
        const auto to = static_cast<unsigned>(random() % scene.ends());
        const std::uint64_t address = Scene::base_of(to) + random() % 4096;
        outcomes.push_back(start(from, kind, address, nullptr, 1 + random() % 65536, scene.events().now()));
    }
}

/// Of a scene with two switches.
SceneLink& any_link(Scene& scene, std::mt19937_64& random) {
    return random() % 2 == 0 ? scene.link_of(static_cast<unsigned>(random() % scene.ends()))
                             : scene.link_of_switch(static_cast<unsigned>(random() % 2));
}

void all_up(Scene& scene) {
    for (unsigned end = 0; end < scene.ends(); ++end) {
        scene.set_up(scene.link_of(end), true);
    }
    scene.set_up(scene.link_of_switch(1), true);
}

}  // namespace

TEST_CASE("a DMA write whose own link goes down ends at once with link down") {
    Scene scene(short_timeout(), Shape{}, {.bytes = mebibyte});
    const auto write = broken(scene, scene.link_of(endpoint), scene.end(endpoint), TransactionKind::memory_write, 0);
    CHECK(write->times == 1);
    CHECK(write->status == TransactionStatus::link_down);
    CHECK(write->at == breaks);
    scene.run();
    CHECK(write->times == 1);
    CHECK(scene.root().written_bytes() < mebibyte);
    scene.set_up(scene.link_of(endpoint), true);
    check_works(scene, scene.end(endpoint), 0);
}

TEST_CASE("a DMA read whose own link goes down ends at once with link down") {
    Scene scene(short_timeout(), Shape{}, {.bytes = mebibyte});
    const auto read = broken(scene, scene.link_of(endpoint), scene.end(endpoint), TransactionKind::memory_read, 0);
    CHECK(read->times == 1);
    CHECK(read->status == TransactionStatus::link_down);
    CHECK(read->at == breaks);
    scene.run();
    CHECK(read->times == 1);
    CHECK(scene.end(endpoint).timeouts() == 0);
    scene.set_up(scene.link_of(endpoint), true);
    check_works(scene, scene.end(endpoint), 0);
}

TEST_CASE("a requester on a link that is down is told so at once") {
    Scene scene(short_timeout(), Shape{});
    scene.set_up(scene.link_of(endpoint), false);
    for (const auto kind : {TransactionKind::memory_read, TransactionKind::memory_write}) {
        const auto outcome = start(scene.end(endpoint), kind, 0, nullptr, 64);
        scene.run();
        CHECK(outcome->status == TransactionStatus::link_down);
        CHECK(outcome->times == 1);
    }
}

TEST_CASE("the root's read through a link that goes down ends with a timeout and then is unsupported") {
    Scene scene(short_timeout(), Shape{.endpoints = 2}, {.bytes = mebibyte});
    const auto read =
        broken(scene, scene.link_of(endpoint), scene.root(), TransactionKind::memory_read, Scene::base_of(endpoint));
    CHECK(read->times == 0);
    scene.run();
    CHECK(read->times == 1);
    // Requests on their way find the link down; those behind it are never answered. The first one to end tells.
    CHECK((read->status == TransactionStatus::timeout || read->status == TransactionStatus::unsupported_request));
    CHECK(scene.root().timeouts() > 0);
    CHECK(scene.is_idle());
    const auto next =
        start(scene.root(), TransactionKind::memory_read, Scene::base_of(endpoint), nullptr, 4, scene.events().now());
    check_works(scene, scene.root(), Scene::base_of(2));
    CHECK(next->status == TransactionStatus::unsupported_request);
    scene.set_up(scene.link_of(endpoint), true);
    check_works(scene, scene.root(), Scene::base_of(endpoint));
}

TEST_CASE("an answer that a link loses ends the read with a timeout exactly when it is due") {
    Scene scene(short_timeout(), Shape{}, {.latency = 1'000'000});
    const auto read = start(scene.root(), TransactionKind::memory_read, Scene::base_of(endpoint), nullptr, 4);
    scene.run_until(1'000'000);  // the memory is at work
    scene.set_up(scene.link_of(endpoint), false);
    scene.run();
    CHECK(read->status == TransactionStatus::timeout);
    // Tags are given, and the time begins, behind the root's way out.
    CHECK(read->at == 150'000 + timeout);
}

TEST_CASE("a root port's link that goes down ends the root's own reads and stops the endpoints'") {
    Scene scene(short_timeout(), Shape{.endpoints = 2}, {.bytes = mebibyte});
    const auto of_root = start(scene.root(), TransactionKind::memory_read, Scene::base_of(endpoint), nullptr, mebibyte);
    const auto of_endpoint = broken(scene, scene.link_of(0), scene.end(endpoint), TransactionKind::memory_read, 0);
    CHECK(of_root->times == 1);
    CHECK(of_root->status == TransactionStatus::link_down);
    scene.run();
    CHECK(of_endpoint->times == 1);
    CHECK(of_endpoint->status != TransactionStatus::success);
    CHECK(of_endpoint->status != TransactionStatus::link_down);
    check_works(scene, scene.end(1), Scene::base_of(2));
    scene.set_up(scene.link_of(0), true);
    check_works(scene, scene.end(endpoint), 0);
    check_works(scene, scene.root(), Scene::base_of(endpoint));
}

TEST_CASE("TLPs that a switch still holds when their link has gone give it no credits") {
    // Peer to peer, into a memory so slow that the switch's buffers are full.
    Scene scene(short_timeout(), Shape{.endpoints = 2}, {.bytes = mebibyte, .bandwidth = 10'000'000'000});
    const auto write = broken(scene, scene.link_of(1), scene.end(1), TransactionKind::memory_write, Scene::base_of(2));
    scene.set_up(scene.link_of(1), true);
    scene.run();
    CHECK(write->status == TransactionStatus::link_down);
    CHECK(scene.end(2).written_bytes() > 0);
    CHECK(scene.is_idle());
    check_works(scene, scene.end(1), Scene::base_of(2));
}

TEST_CASE("what is on a link that goes down is lost even when it comes up at once") {
    Scene scene(short_timeout(), std::nullopt);
    const auto write = start(scene.end(endpoint), TransactionKind::memory_write, 0, nullptr, 64);
    scene.run_until(10'000);
    scene.set_up(scene.link_of(endpoint), false);
    scene.set_up(scene.link_of(endpoint), true);
    scene.run();
    CHECK(write->status == TransactionStatus::success);  // it had left
    CHECK(scene.root().written_bytes() == 0);
    check_works(scene, scene.end(endpoint), 0);
}

TEST_CASE("links that go down and up at any time leave no transaction open and no credit missing") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        CAPTURE(seed);
        PcieParameters parameters = short_timeout();
        parameters.posted_headers = parameters.nonposted_headers = parameters.completion_headers = 3;
        Scene scene(parameters, Shape{.endpoints = 2, .switches = {Shape{.endpoints = 2}}}, {.bytes = mebibyte});
        std::mt19937_64 random(seed);
        std::vector<std::unique_ptr<Outcome>> outcomes;
        for (int round = 0; round < 60; ++round) {
            start_some(scene, random, outcomes);
            scene.run_until(scene.events().now() + 1 + random() % 3'000'000);
            SceneLink& link = any_link(scene, random);
            scene.set_up(link, !link.down->is_up());
        }
        all_up(scene);
        scene.run();
        for (const auto& outcome : outcomes) {
            CHECK(outcome->times == 1);
        }
        CHECK(scene.is_idle());
        for (unsigned end = 1; end < scene.ends(); ++end) {
            check_works(scene, scene.end(end), 0);
        }
    }
}
