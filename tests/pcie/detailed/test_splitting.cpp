// How transactions are cut into TLPs, and what these carry, by hand from PCIe Base Specification 2.2.7 and 2.3.1.1.

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/pcie/detailed/scene.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

namespace {

constexpr unsigned endpoint = 1;

struct Seen {
    TlpType type;
    std::uint64_t address;
    std::uint32_t bytes;

    bool operator==(const Seen&) const = default;
};

/// Notes what passes the endpoint's link.
class Notes final : public Observer {
 public:
    void leaves(unsigned end, const Tlp& tlp) override {
        if (end == endpoint) {
            sent.push_back({tlp.type, tlp.address, tlp.bytes});
            requests.push_back(tlp.tag);
        }
    }
    void arrives(unsigned end, const Tlp& tlp) override {
        if (end == endpoint) {
            received.push_back({tlp.type, tlp.address, tlp.bytes});
            byte_counts.push_back(tlp.byte_count);
            last_attributes = tlp.attributes;
            last_requester = tlp.requester;
            last_completer = tlp.target;
            last_tag = tlp.tag;
        }
    }

    std::vector<Seen> sent;
    std::vector<std::uint16_t> requests;
    std::vector<Seen> received;
    std::vector<std::uint32_t> byte_counts;
    Attributes last_attributes;
    RoutingId last_requester = 0;
    RoutingId last_completer = 0;
    unsigned last_tag = 0;
};

/// A DMA of the endpoint to or from the root's memory; with 256 B of payload and 512 B asked for at most.
Notes dma(TransactionKind kind, std::uint64_t address, std::uint64_t bytes, bool with_small_sizes = false) {
    Notes notes;
    Scene scene(default_pcie_parameters(), Shape{}, {}, &notes);
    if (with_small_sizes) {
        scene.end(endpoint).port().requester().set_sizes(128, 256);
    }
    const auto outcome = start(scene.end(endpoint), kind, address, nullptr, bytes);
    scene.run();
    REQUIRE(outcome->status == TransactionStatus::success);
    REQUIRE(scene.is_idle());
    return notes;
}

}  // namespace

TEST_CASE("a write is cut at the largest payload and at 4 KiB") {
    const Notes notes = dma(TransactionKind::memory_write, 0xe82, 700);
    constexpr auto write = TlpType::memory_write;
    // The first one begins within the double word at 0xe80, which counts as a whole; none crosses 0x1000.
    const std::vector<Seen> expected{{write, 0xe82, 0xf80 - 0xe82},
                                     {write, 0xf80, 0x1000 - 0xf80},
                                     {write, 0x1000, 256},
                                     {write, 0x1100, 0xe82 + 700 - 0x1100}};
    CHECK(notes.sent == expected);
    CHECK(notes.received.empty());
}

TEST_CASE("a read asks for the largest request at most and not across 4 KiB") {
    const Notes notes = dma(TransactionKind::memory_read, 0xd00, 1200);
    constexpr auto read = TlpType::memory_read;
    const std::vector<Seen> expected{{read, 0xd00, 512}, {read, 0xf00, 256}, {read, 0x1000, 1200 - 512 - 256}};
    CHECK(notes.sent == expected);
}

TEST_CASE("a read is answered by completions that end on the read completion boundary") {
    const Notes notes = dma(TransactionKind::memory_read, 0x1010, 512);
    constexpr auto completion = TlpType::completion_with_data;
    // Most that fits from 0x1010 on is up to 0x1110; the boundary before that is 0x1100.
    const std::vector<Seen> expected{
        {completion, 0x1010, 0xf0}, {completion, 0x1100, 0x100}, {completion, 0x1200, 0x10}};
    CHECK(notes.received == expected);
    CHECK(notes.byte_counts == std::vector<std::uint32_t>{512, 512 - 0xf0, 0x10});
}

TEST_CASE("a requester keeps to the sizes that software has set") {
    CHECK(dma(TransactionKind::memory_write, 0, 1024, true).sent.size() == 1024 / 128);
    CHECK(dma(TransactionKind::memory_read, 0, 1024, true).sent.size() == 1024 / 256);
}

TEST_CASE("a completion carries its request's id and tag and attributes and its completer's id") {
    Notes notes;
    Scene scene(default_pcie_parameters(), Shape{}, {}, &notes);
    Outcome outcome;
    outcome.transaction = std::make_shared<Transaction>();
    outcome.transaction->requester = scene.end(endpoint).id();
    outcome.transaction->bytes = 4;
    outcome.transaction->attributes = {true, true, true};
    outcome.transaction->owner = &outcome;
    scene.end(endpoint).port().start(outcome.transaction, 0);
    scene.run();
    CHECK(notes.last_requester == scene.end(endpoint).id());
    CHECK(notes.last_completer == scene.root().id());
    CHECK(notes.last_attributes == Attributes{true, true, true});
    CHECK(notes.last_tag == notes.requests.front());
}

TEST_CASE("requests that are outstanding have tags of their own") {
    Notes notes = dma(TransactionKind::memory_read, 0, 32 * 1024);
    REQUIRE(notes.requests.size() == 64);
    std::sort(notes.requests.begin(), notes.requests.end());
    // All of them are under way before the first answer comes: 64 headers take less than 0.8 us.
    CHECK(std::adjacent_find(notes.requests.begin(), notes.requests.end()) == notes.requests.end());
}
