#include "tests/pcie/detailed/random_traffic.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "tests/pcie/parameters.h"

namespace aqpim::pcie::test {

namespace {

constexpr std::uint8_t not_read = 0xee;

unsigned ends_of(const Shape& shape) {
    unsigned ends = shape.endpoints;
    for (const Shape& below : shape.switches) {
        ends += ends_of(below);
    }
    return ends;
}

MemoryTiming sized(MemoryTiming memory, std::uint64_t bytes) {
    memory.bytes = bytes;
    return memory;
}

}  // namespace

/// The transactions of one requester.
class RandomTraffic::Requests final : public TransactionOwner, public EventHandler {
 public:
    Requests(RandomTraffic& traffic, unsigned end)
        : traffic_(traffic),
          end_(end),
          reads_in_(traffic.scene_.ends() * slots),
          flights_(traffic.setup_.most_in_flight) {
        for (Flight& flight : flights_) {
            flight.data.resize(most_bytes);
        }
    }

    void start_all() {
        for (std::size_t flight = 0; flight < flights_.size(); ++flight) {
            start_later(flight);
        }
    }
    void handle(std::uint64_t flight, Picoseconds) override { start(flight); }
    void done(Transaction& transaction, Picoseconds) override;

 private:
    struct Flight {
        TransactionPtr transaction;
        std::vector<std::uint8_t> data;
        unsigned target = 0;
        unsigned slot = 0;
        std::uint64_t offset = 0;  // in the target's memory
    };
    void start_later(std::size_t index);
    void start(std::size_t index);
    void place(Flight& flight);
    void fill(Flight& flight);
    bool returned_right(const Flight& flight) const;
    std::uint64_t below(std::uint64_t limit) { return traffic_.random_() % limit; }

    RandomTraffic& traffic_;
    unsigned end_;
    std::vector<unsigned> reads_in_;  // by memory and slot
    std::vector<Flight> flights_;
};

void RandomTraffic::Requests::start_later(std::size_t index) {
    const Picoseconds pause = below(4) == 0 ? below(1'000'000) : 0;
    traffic_.scene_.events().at(traffic_.scene_.events().now() + pause, *this, index);
}

/// A slot that is being read is not written, so that what a read returns is certain.
void RandomTraffic::Requests::start(std::size_t index) {
    if (traffic_.transferred_ >= traffic_.setup_.bytes) {
        return;
    }
    Flight& flight = flights_[index];
    flight.transaction = std::make_shared<Transaction>();
    place(flight);
    Transaction& transaction = *flight.transaction;
    const unsigned slot = flight.target * slots + flight.slot;
    const bool reads = reads_in_[slot] != 0 || below(2) == 0;
    transaction.kind = reads ? TransactionKind::memory_read : TransactionKind::memory_write;
    transaction.requester = traffic_.scene_.end(end_).id();
    transaction.attributes = {below(4) == 0, below(4) == 0, below(4) == 0};
    transaction.data = flight.data.data();
    transaction.owner = this;
    reads_in_[slot] += reads ? 1 : 0;
    if (reads) {
        std::fill(flight.data.begin(), flight.data.end(), not_read);
    } else {
        fill(flight);
    }
    traffic_.transferred_ += transaction.bytes;
    ++traffic_.started_;
    traffic_.scene_.end(end_).port().start(flight.transaction, traffic_.scene_.events().now());
}

/// Somewhere in a slot of this requester, in a memory of another end; short ones as often as long ones.
void RandomTraffic::Requests::place(Flight& flight) {
    const unsigned others = traffic_.scene_.ends() - 1;
    flight.target = (end_ + 1 + static_cast<unsigned>(below(others))) % traffic_.scene_.ends();
    flight.slot = static_cast<unsigned>(below(slots));
    const std::uint64_t bytes = 1 + below(below(2) == 0 ? most_bytes : 64);
    const std::uint64_t in_slot = below(slot_bytes - bytes + 1);
    flight.offset = (std::uint64_t{end_} * slots + flight.slot) * slot_bytes + in_slot;
    flight.transaction->address = Scene::base_of(flight.target) + flight.offset;
    flight.transaction->bytes = bytes;
}

void RandomTraffic::Requests::fill(Flight& flight) {
    for (std::size_t at = 0; at < flight.transaction->bytes; at += sizeof(std::uint64_t)) {
        const std::uint64_t word = traffic_.random_();
        std::memcpy(flight.data.data() + at, &word, sizeof word);
    }
    std::copy_n(flight.data.begin(), flight.transaction->bytes,
                traffic_.shadows_[flight.target].begin() + static_cast<std::ptrdiff_t>(flight.offset));
}

bool RandomTraffic::Requests::returned_right(const Flight& flight) const {
    const std::uint8_t* const shadow = traffic_.shadows_[flight.target].data() + flight.offset;
    return std::memcmp(flight.data.data(), shadow, flight.transaction->bytes) == 0;
}

void RandomTraffic::Requests::done(Transaction& transaction, Picoseconds) {
    ++traffic_.ended_;
    const auto place = std::find_if(flights_.begin(), flights_.end(),
                                    [&](const Flight& f) { return f.transaction.get() == &transaction; });
    if (place == flights_.end()) {
        ++traffic_.failures_;  // ended twice
        return;
    }
    Flight& flight = *place;
    bool failed = transaction.status != TransactionStatus::success;
    if (transaction.kind == TransactionKind::memory_read) {
        failed = failed || !returned_right(flight);
        reads_in_[flight.target * slots + flight.slot] -= 1;
    }
    traffic_.failures_ += failed ? 1 : 0;
    start_later(static_cast<std::size_t>(place - flights_.begin()));
}

RandomTraffic::RandomTraffic(const PcieParameters& parameters, const Setup& setup)
    : scene_(parameters, setup.shape, sized(setup.memory, (1 + ends_of(setup.shape)) * slots * slot_bytes), &checker_),
      setup_(setup),
      random_(setup.seed) {
    checker_.watch(scene_);
    for (unsigned end = 0; end < scene_.ends(); ++end) {
        requests_.push_back(std::make_unique<Requests>(*this, end));
        shadows_.emplace_back(scene_.end(end).memory().size());
    }
}

RandomTraffic::~RandomTraffic() = default;

void RandomTraffic::run() {
    for (const auto& requests : requests_) {
        requests->start_all();
    }
    scene_.run();
}

bool RandomTraffic::memories_are_right() {
    for (unsigned end = 0; end < scene_.ends(); ++end) {
        if (scene_.end(end).memory() != shadows_[end]) {
            return false;
        }
    }
    return true;
}

void check_traffic(RandomTraffic& traffic) {
    CHECK(traffic.ended() == traffic.started());
    CHECK(traffic.failures() == 0);
    CHECK(traffic.memories_are_right());
    CHECK(traffic.checker().violations() == std::vector<std::string>{});
    CHECK(traffic.checker().on_their_way() == 0);
    CHECK(traffic.checker().arrived() > 0);
    CHECK(traffic.scene().is_idle());
    for (unsigned end = 0; end < traffic.scene().ends(); ++end) {
        CHECK(traffic.scene().end(end).timeouts() == 0);
        CHECK(traffic.scene().end(end).unexpected_completions() == 0);
    }
}

PcieParameters tiny_buffers(unsigned headers) {
    PcieParameters parameters = default_pcie_parameters();
    parameters.posted_headers = headers;
    parameters.nonposted_headers = headers;
    parameters.completion_headers = headers;
    parameters.posted_buffer = parameters.max_payload;
    parameters.completion_buffer = parameters.max_payload;
    parameters.replay_buffer = parameters.max_payload + 24;
    return parameters;
}

}  // namespace aqpim::pcie::test
