#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "models/pcie/detailed/event_queue.h"
#include "models/pcie/detailed/transmitter.h"

namespace aqpim::pcie {

/// Told of what goes wrong with requests.
class RequesterErrors {
 public:
    virtual void timed_out(const Transaction& transaction) = 0;

 protected:
    ~RequesterErrors() = default;
};

/// Makes TLPs of transactions: writes all at once, in order; reads as tags become free, in the order of their start.
/// Collects the completions and gives a read up when none comes in time.
class Requester final : public EventHandler {
 public:
    Requester(EventQueue& events, const PcieParameters& parameters, Transmitter& transmitter, RequesterErrors& errors);

    void start(TransactionPtr transaction, Picoseconds now);
    /// A completion has arrived. False if nobody waits for it: an unexpected completion.
    bool complete(const Tlp& completion, Picoseconds now);
    /// A request has left.
    void left(const Tlp& tlp, Picoseconds departed);
    /// Ends all that is outstanding or waits for a tag.
    void fail_all(TransactionStatus status, Picoseconds now);

    /// As software set them in the device control register.
    void set_sizes(std::uint32_t max_payload, std::uint32_t max_read_request);
    /// Requests outstanding at most, up to the tags there are.
    void set_tags(std::uint32_t tags) { most_outstanding_ = tags; }
    void set_timeout(std::optional<Picoseconds> timeout) { timeout_ = timeout; }

    bool is_busy() const { return outstanding() + waiting() > 0; }
    std::size_t outstanding() const { return entries_.size() - free_tags_.size(); }
    std::size_t waiting() const { return waiting_.size(); }

    void handle(std::uint64_t argument, Picoseconds now) override;

 private:
    /// A request that waits for its completions.
    struct Entry {
        TransactionPtr transaction;
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        std::uint64_t received = 0;
        std::uint64_t serial = 0;
    };
    struct Deadline {
        Picoseconds at;
        std::uint16_t tag;
        std::uint64_t serial;
    };
    void issue_posted(const TransactionPtr& transaction, Picoseconds now);
    void issue_waiting(Picoseconds now);
    void issue_request(const TransactionPtr& transaction, Picoseconds now);
    TlpPtr make_tlp(const TransactionPtr& transaction, std::uint64_t bytes) const;
    void release(std::uint16_t tag, Picoseconds now);
    void finish(Transaction& transaction, std::uint64_t bytes, Picoseconds now);
    void end(Transaction& transaction, Picoseconds now);
    bool is_open(const Deadline& deadline) const { return entries_[deadline.tag].serial == deadline.serial; }
    void arm_timer();

    EventQueue& events_;
    Transmitter& transmitter_;
    RequesterErrors& errors_;
    std::uint32_t max_payload_;
    std::uint32_t max_read_request_;
    std::uint32_t most_outstanding_;
    std::optional<Picoseconds> timeout_;
    std::deque<TransactionPtr> waiting_;
    std::vector<Entry> entries_;  // by tag
    std::vector<std::uint16_t> free_tags_;
    std::deque<Deadline> deadlines_;
    bool timer_armed_ = false;
    std::uint64_t serials_ = 0;
};

}  // namespace aqpim::pcie
