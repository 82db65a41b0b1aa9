// Sustained rates of DMA, against what the wire, the tags and the credits allow, worked out from first principles.

#include <catch2/catch.hpp>

#include "tests/pcie/detailed/scene.h"
#include "tests/pcie/detailed/stream.h"
#include "tests/pcie/detailed/wire_rate.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t transfer = 8 * mebibyte;
constexpr unsigned endpoint = 1;
constexpr MemoryTiming large{.bytes = transfer};

PcieParameters link_of(unsigned generation, unsigned lanes, unsigned max_payload) {
    PcieParameters parameters = default_pcie_parameters();
    parameters.generation = generation;
    parameters.lanes = lanes;
    parameters.max_payload = max_payload;
    return parameters;
}

double rate(std::uint64_t bytes, Picoseconds time) {
    return static_cast<double>(bytes) * 1e12 / static_cast<double>(time);
}

/// B/s at which an endpoint writes to, or reads from, the root's memory through one switch.
double dma_rate(const PcieParameters& parameters, TransactionKind kind) {
    Scene scene(parameters, Shape{}, large);
    const auto dma = start(scene.end(endpoint), kind, Scene::base_of(0), nullptr, transfer);
    scene.run();
    REQUIRE(dma->times == 1);
    REQUIRE(dma->status == TransactionStatus::success);
    const bool is_write = kind == TransactionKind::memory_write;
    return rate(transfer, is_write ? scene.root().last_written() : dma->at);
}

/// The same, of the root's accesses to the endpoint's memory.
double root_rate(const PcieParameters& parameters, TransactionKind kind) {
    // Long enough for the first byte's latency, of 1 us, not to count.
    constexpr std::uint64_t bytes = 4 * transfer;
    Scene scene(parameters, Shape{}, {.bytes = bytes});
    const auto access = start(scene.root(), kind, Scene::base_of(endpoint), nullptr, bytes);
    scene.run();
    const bool is_write = kind == TransactionKind::memory_write;
    return rate(bytes, is_write ? scene.end(endpoint).last_written() : access->at);
}

/// A read of one full request through one switch: what a tag is occupied for.
Picoseconds round_trip(const PcieParameters& parameters) {
    Scene scene(parameters, Shape{}, large);
    const auto read = start(scene.end(endpoint), TransactionKind::memory_read, Scene::base_of(0), nullptr,
                            parameters.max_read_request);
    scene.run();
    return read->at;
}

constexpr double share = 0.01;

void check_on_all_links(TransactionKind kind) {
    for (const unsigned generation : {3U, 4U, 5U, 6U}) {
        for (const unsigned lanes : {4U, 8U, 16U}) {
            for (const unsigned payload : {128U, 256U, 512U}) {
                CAPTURE(generation, lanes, payload);
                const double expected = wire_rate(generation, lanes) * efficiency(generation, payload);
                CHECK(dma_rate(link_of(generation, lanes, payload), kind) == Approx(expected).epsilon(share));
            }
        }
    }
}

}  // namespace

TEST_CASE("large DMA writes have the wire rate less the headers") {
    check_on_all_links(TransactionKind::memory_write);
}

TEST_CASE("large DMA reads have the wire rate less the headers") {
    check_on_all_links(TransactionKind::memory_read);
}

TEST_CASE("the root's large writes and reads of an endpoint have the same rate") {
    for (const unsigned generation : {3U, 5U, 6U}) {
        CAPTURE(generation);
        const PcieParameters parameters = link_of(generation, 16, 256);
        const double expected = wire_rate(generation, 16) * efficiency(generation, 256);
        CHECK(root_rate(parameters, TransactionKind::memory_write) == Approx(expected).epsilon(share));
        CHECK(root_rate(parameters, TransactionKind::memory_read) == Approx(expected).epsilon(share));
    }
}

TEST_CASE("a write and a read at once share no direction but for the read requests") {
    for (const unsigned generation : {4U, 6U}) {
        CAPTURE(generation);
        const PcieParameters parameters = link_of(generation, 16, 256);
        Scene scene(parameters, Shape{}, large);
        Stream read(scene.end(endpoint), {TransactionKind::memory_read, 0, transfer, 64 * 1024, 4});
        Stream write(scene.end(endpoint), {TransactionKind::memory_write, 0, transfer, 4096, 2});
        read.start();
        write.start();
        scene.run();

        const double bytes = wire_rate(generation, 16);
        const double alone = bytes * efficiency(generation, 256);
        // For each 512 B read, a header goes up among the writes.
        const double with_requests = bytes * 512 / (512 / efficiency(generation, 256) + overhead(generation));
        CHECK(rate(transfer, read.ended()) == Approx(alone).epsilon(2 * share));
        CHECK(rate(transfer, scene.root().last_written()) == Approx(with_requests).epsilon(2 * share));
    }
}

TEST_CASE("few tags limit reads to what is outstanding in a round trip") {
    for (const unsigned max_read_request : {128U, 512U}) {
        CAPTURE(max_read_request);
        PcieParameters parameters = link_of(5, 16, 128);
        parameters.tags = 32;
        parameters.max_read_request = max_read_request;
        const double expected = rate(std::uint64_t{32} * max_read_request, round_trip(parameters));
        REQUIRE(expected < wire_rate(5, 16) * efficiency(5, 128));
        CHECK(dma_rate(parameters, TransactionKind::memory_read) == Approx(expected).epsilon(2 * share));
    }
}

TEST_CASE("a read round trip takes what its parts take") {
    const PcieParameters parameters = link_of(5, 16, 256);
    // Up: link, switch, link, root; down: root, link, switch, link. The header goes through the switch before the rest.
    const Picoseconds passages = 2 * (20'000 + 105'000 + 20'000 + 150'000);
    const double wire = wire_rate(5, 16);
    const Picoseconds serialisation = time_of(24, wire) + time_of(24, wire)               // the request, on two links
                                      + time_of(24, wire) + 2 * time_of(256 + 24, wire);  // two completions
    CHECK(round_trip(parameters) == Approx(passages + serialisation).margin(2));
}

TEST_CASE("few posted credits limit writes to what is on its way in a credit round trip") {
    PcieParameters parameters = link_of(5, 16, 256);
    const double wire = wire_rate(5, 16);
    // The TLP crosses, waits for what its receiver does with it, then the update goes back: 20 ns there, 50 + 20 back.
    const double on_link = time_of(256 + 24, wire) + 20'000 + 50'000 + 20'000;
    SECTION("headers at the root") {
        parameters.posted_headers = 8;
        parameters.switch_latency_ps = 0;
        const double expected = 8 * 256 * 1e12 / (on_link + 150'000);
        CHECK(dma_rate(parameters, TransactionKind::memory_write) == Approx(expected).epsilon(2 * share));
    }
    SECTION("data at the root") {
        parameters.posted_buffer = 2048;
        parameters.switch_latency_ps = 0;
        const double expected = 2048 * 1e12 / (on_link + 150'000);
        CHECK(dma_rate(parameters, TransactionKind::memory_write) == Approx(expected).epsilon(2 * share));
    }
    SECTION("data at the switch, which sends on without delay but for its latency") {
        parameters.posted_buffer = 2048;
        parameters.root_latency_ps = 0;
        // It holds the TLP from its header's arrival on until it has left.
        const double expected = 2048 * 1e12 / (on_link + 105'000 + time_of(24, wire));
        CHECK(dma_rate(parameters, TransactionKind::memory_write) == Approx(expected).epsilon(2 * share));
    }
}

TEST_CASE("few completion credits at a switch limit reads") {
    PcieParameters parameters = link_of(5, 16, 256);
    parameters.completion_headers = 8;
    const double wire = wire_rate(5, 16);
    // From the root's sending until the TLP has left the switch, and the update is back.
    const double held = time_of(24, wire) + 20'000 + 105'000 + time_of(256 + 24, wire) + 50'000 + 20'000;
    CHECK(dma_rate(parameters, TransactionKind::memory_read) == Approx(8 * 256 * 1e12 / held).epsilon(2 * share));
}

TEST_CASE("a sender without credits counts the time in which its link stands still for them") {
    PcieParameters parameters = link_of(5, 16, 256);
    parameters.posted_headers = 1;
    Scene scene(parameters, std::nullopt);
    const auto write = start(scene.end(endpoint), TransactionKind::memory_write, 0, nullptr, 3 * 256);
    scene.run();
    // Twice a credit has to come back: there, through the root, and back.
    CHECK(scene.link_of(endpoint).up->starved_ps() == 2 * (20'000 + 150'000 + 50'000 + 20'000));
    CHECK(scene.link_of(endpoint).down->starved_ps() == 0);
    CHECK(scene.link_of(endpoint).up->counters().busy_ps == Approx(3 * time_of(256 + 24, wire_rate(5, 16))).margin(3));
}

TEST_CASE("a small replay buffer limits writes to what is acknowledged in time") {
    PcieParameters parameters = link_of(5, 16, 256);
    parameters.replay_buffer = 8 * (256 + 24);
    const double wire = wire_rate(5, 16);
    const double until_acknowledged = time_of(256 + 24, wire) + 20'000 + 50'000 + 20'000;
    CHECK(dma_rate(parameters, TransactionKind::memory_write) ==
          Approx(8 * 256 * 1e12 / until_acknowledged).epsilon(2 * share));
}

TEST_CASE("a slow memory holds writes up through the credits and loses none") {
    PcieParameters parameters = link_of(5, 16, 256);
    parameters.posted_buffer = 64 * 1024;
    constexpr std::uint64_t memory_rate = 10'000'000'000;
    Scene scene(parameters, Shape{}, {.bytes = transfer, .bandwidth = memory_rate});
    const auto write = start(scene.end(endpoint), TransactionKind::memory_write, Scene::base_of(0), nullptr, transfer);
    scene.run();
    CHECK(scene.root().written_bytes() == transfer);
    CHECK(rate(transfer, scene.root().last_written()) == Approx(double{memory_rate}).epsilon(share));
    // What the endpoint still has to send when memory is done is what the buffers on the way hold: at most 2 x 64 KiB.
    CHECK(write->at > scene.root().last_written() - transfer_time_ps(3 * 64 * 1024, memory_rate));
    CHECK(scene.is_idle());
}
