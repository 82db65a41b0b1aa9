// What goes wrong with single transactions, and how their requesters learn of it.

#include <catch2/catch.hpp>
#include <numeric>

#include "tests/pcie/detailed/scene.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

namespace {

constexpr unsigned endpoint = 1;
constexpr Picoseconds timeout = 60'000'000;
constexpr std::uint64_t nowhere = 0x7f'0000'0000;

PcieParameters parameters_with_timeout() {
    PcieParameters parameters = default_pcie_parameters();
    parameters.completion_timeout_ps = timeout;
    return parameters;
}

std::vector<std::uint8_t> counted(std::size_t bytes) {
    std::vector<std::uint8_t> data(bytes);
    std::iota(data.begin(), data.end(), std::uint8_t{1});
    return data;
}

/// A configuration request of the root.
std::unique_ptr<Outcome> configure(Scene& scene, TransactionKind kind, RoutingId target, std::uint64_t address,
                                   std::uint32_t& data) {
    auto outcome = std::make_unique<Outcome>();
    outcome->transaction = std::make_shared<Transaction>();
    Transaction& transaction = *outcome->transaction;
    transaction.kind = kind;
    transaction.requester = scene.root().id();
    transaction.target = target;
    transaction.address = address;
    transaction.bytes = sizeof data;
    transaction.data = reinterpret_cast<std::uint8_t*>(&data);
    transaction.owner = outcome.get();
    scene.root().port().start(outcome->transaction, scene.events().now());
    scene.run();
    return outcome;
}

TransactionStatus read_status(Scene& scene, std::uint64_t address, std::uint64_t bytes = 4) {
    const auto read = start(scene.root(), TransactionKind::memory_read, address, nullptr, bytes, scene.events().now());
    scene.run();
    REQUIRE(read->times == 1);
    return read->status;
}

}  // namespace

TEST_CASE("a read whose completion is lost ends with a timeout when it is due and others go on") {
    Scene scene(parameters_with_timeout(), Shape{});
    std::vector<std::uint8_t> lost(64);
    std::vector<std::uint8_t> other(64);
    scene.link_of(endpoint).down->drop_next_completion();
    const auto first = start(scene.end(endpoint), TransactionKind::memory_read, 0, lost.data(), lost.size());
    const auto second = start(scene.end(endpoint), TransactionKind::memory_read, 0, other.data(), other.size());
    scene.run();
    CHECK(first->times == 1);
    CHECK(first->status == TransactionStatus::timeout);
    CHECK(first->at == timeout);
    CHECK(second->status == TransactionStatus::success);
    CHECK(second->at < timeout);
    CHECK(scene.end(endpoint).timeouts() == 1);
    CHECK(scene.is_idle());
    CHECK(read_status(scene, Scene::base_of(endpoint)) == TransactionStatus::success);
}

TEST_CASE("a large read that has lost one completion ends once and asks for no more") {
    PcieParameters parameters = parameters_with_timeout();
    parameters.tags = 32;
    Scene scene(parameters, Shape{}, {.bytes = 1024 * 1024});
    scene.link_of(0).down->drop_next_completion();
    scene.link_of(endpoint).down->drop_next_completion();
    const auto read = start(scene.end(endpoint), TransactionKind::memory_read, 0, nullptr, 1024 * 1024);
    scene.run();
    CHECK(read->times == 1);
    CHECK(read->status == TransactionStatus::timeout);
    CHECK(scene.is_idle());
}

TEST_CASE("a completion that comes after the timeout is unexpected and does not end the read that has its tag now") {
    PcieParameters parameters = parameters_with_timeout();
    parameters.completion_timeout_ps = 50'000'000;
    Scene scene(parameters, Shape{}, {.latency = 51'000'000});
    std::vector<std::uint8_t> early(4);
    std::vector<std::uint8_t> late(4);
    scene.root().memory()[0] = 0x77;
    const auto first = start(scene.end(endpoint), TransactionKind::memory_read, 0, early.data(), early.size());
    const auto second =
        start(scene.end(endpoint), TransactionKind::memory_read, 64, late.data(), late.size(), 50'500'000);
    scene.run();
    CHECK(first->status == TransactionStatus::timeout);
    CHECK(second->times == 1);
    CHECK(second->status == TransactionStatus::timeout);
    CHECK(second->at == 100'500'000);
    CHECK(scene.end(endpoint).unexpected_completions() == 2);
    CHECK(scene.is_idle());
}

TEST_CASE("what a read was for is not touched any more after its timeout") {
    // The request waits for the credit of one before it, which a slow memory holds, and comes too late.
    PcieParameters parameters = parameters_with_timeout();
    parameters.completion_timeout_ps = 50'000'000;
    parameters.posted_headers = 1;
    Scene scene(parameters, std::nullopt, {.latency = 70'000'000});
    auto data = std::make_unique<std::vector<std::uint8_t>>(4, std::uint8_t{0x11});
    scene.root().memory()[0] = 0x77;
    const auto write = start(scene.end(endpoint), TransactionKind::memory_write, 512, nullptr, 64);
    const auto behind = start(scene.end(endpoint), TransactionKind::memory_write, 768, nullptr, 64);
    const auto read = start(scene.end(endpoint), TransactionKind::memory_read, 0, data->data(), 4);
    scene.run_until(50'000'001);
    REQUIRE(read->status == TransactionStatus::timeout);
    scene.run();
    CHECK(*data == std::vector<std::uint8_t>(4, 0x11));
    CHECK(scene.root().written_bytes() == 128);
    CHECK(scene.is_idle());
}

TEST_CASE("without a completion timeout a read whose completion is lost waits for ever") {
    Scene scene(parameters_with_timeout(), Shape{});
    scene.end(endpoint).port().requester().set_timeout(std::nullopt);
    scene.link_of(endpoint).down->drop_next_completion();
    const auto read = start(scene.end(endpoint), TransactionKind::memory_read, 0, nullptr, 4);
    scene.run();
    CHECK(read->times == 0);
    CHECK(scene.end(endpoint).port().requester().outstanding() == 1);
}

TEST_CASE("a read of no bytes is answered") {
    Scene scene(parameters_with_timeout(), Shape{});
    CHECK(read_status(scene, Scene::base_of(endpoint), 0) == TransactionStatus::success);
    CHECK(scene.root().timeouts() == 0);
}

TEST_CASE("a request that nobody claims ends as unsupported") {
    Scene scene(parameters_with_timeout(), Shape{});
    CHECK(read_status(scene, nowhere) == TransactionStatus::unsupported_request);
    CHECK(scene.fabric_switch(0).refusals() == 1);
    // In the endpoint's window and not in its memory: the endpoint says so itself.
    CHECK(read_status(scene, Scene::base_of(endpoint) + 0x1000'0000) == TransactionStatus::unsupported_request);
    CHECK(scene.fabric_switch(0).refusals() == 1);
    std::uint32_t data = 0;
    CHECK(configure(scene, TransactionKind::configuration_read, routing_id(9, 0, 0), 0, data)->status ==
          TransactionStatus::unsupported_request);
    CHECK(scene.is_idle());
}

TEST_CASE("a write that nobody claims is dropped and its requester does not learn of it") {
    Scene scene(parameters_with_timeout(), Shape{});
    const auto write = start(scene.root(), TransactionKind::memory_write, nowhere, nullptr, 4096);
    scene.run();
    CHECK(write->status == TransactionStatus::success);
    CHECK(scene.fabric_switch(0).refusals() == 4096 / 256);
    CHECK(scene.is_idle());
}

TEST_CASE("a large read of which one part is unsupported ends once as unsupported") {
    Scene scene(parameters_with_timeout(), Shape{}, {.bytes = 64 * 1024});
    CHECK(read_status(scene, Scene::base_of(endpoint) + 62 * 1024, 4096) == TransactionStatus::unsupported_request);
    CHECK(scene.is_idle());
}

TEST_CASE("a completer that aborts ends the read with an abort") {
    Scene scene(parameters_with_timeout(), Shape{});
    scene.end(endpoint).answer_with(CompletionStatus::completer_abort);
    CHECK(read_status(scene, Scene::base_of(endpoint)) == TransactionStatus::completer_abort);
    scene.end(endpoint).answer_with(std::nullopt);
    CHECK(read_status(scene, Scene::base_of(endpoint)) == TransactionStatus::success);
    CHECK(scene.is_idle());
}

TEST_CASE("read data that the completer poisons ends the read as poisoned") {
    Scene scene(parameters_with_timeout(), Shape{});
    scene.end(endpoint).poison_reads(true);
    CHECK(read_status(scene, Scene::base_of(endpoint), 1024) == TransactionStatus::poisoned);
    scene.end(endpoint).poison_reads(false);
    CHECK(read_status(scene, Scene::base_of(endpoint), 1024) == TransactionStatus::success);
    CHECK(scene.is_idle());
}

TEST_CASE("read data that a link poisons ends the read as poisoned") {
    Scene scene(parameters_with_timeout(), Shape{});
    scene.link_of(endpoint).up->poison_next();
    CHECK(read_status(scene, Scene::base_of(endpoint), 1024) == TransactionStatus::poisoned);
    CHECK(read_status(scene, Scene::base_of(endpoint), 1024) == TransactionStatus::success);
}

TEST_CASE("a poisoned write reaches its completer marked as such and the ones after it unmarked") {
    Scene scene(parameters_with_timeout(), Shape{});
    std::vector<std::uint8_t> data = counted(1024);
    scene.link_of(endpoint).up->poison_next();
    const auto write = start(scene.end(endpoint), TransactionKind::memory_write, 512, data.data(), data.size());
    scene.run();
    CHECK(write->status == TransactionStatus::success);
    CHECK(scene.root().poisoned_writes() == std::vector<std::uint64_t>{512});
    CHECK(std::equal(data.begin() + 256, data.end(), scene.root().memory().begin() + 768));
    CHECK(scene.root().memory()[512] == 0);
}

TEST_CASE("configuration requests reach switches and endpoints by their bus") {
    Scene scene(parameters_with_timeout(), Shape{.endpoints = 2, .switches = {Shape{}}});
    for (const RoutingId id : {scene.fabric_switch(0).id(), scene.fabric_switch(1).id(), scene.end(1).id(),
                               scene.end(2).id(), scene.end(3).id()}) {
        CAPTURE(id);
        std::uint32_t written = 0xabcd'0000U | id;
        std::uint32_t read = 0;
        CHECK(configure(scene, TransactionKind::configuration_write, id, 0x40, written)->status ==
              TransactionStatus::success);
        CHECK(configure(scene, TransactionKind::configuration_read, id, 0x40, read)->status ==
              TransactionStatus::success);
        CHECK(read == written);
    }
    CHECK(scene.is_idle());
}

TEST_CASE("a message goes up to the root without being answered") {
    Scene scene(parameters_with_timeout(), Shape{.endpoints = 0, .switches = {Shape{}}});
    const auto message = start(scene.end(endpoint), TransactionKind::message, 0, nullptr, 0);
    scene.run();
    CHECK(message->times == 1);
    CHECK(scene.root().messages() == 1);
    CHECK(scene.is_idle());
}
