#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/pcie/detailed/end_port.h"

namespace aqpim::pcie::test {

struct MemoryTiming {
    std::uint64_t bytes = 64 * 1024;
    Picoseconds latency = 0;
    std::uint64_t bandwidth = 0;  ///< B/s; 0: without limit
};

/// The root or an endpoint: a port with a memory behind it, and a function with 256 B of configuration registers.
class End final : public EndPortOwner {
 public:
    struct Setup {
        RoutingId id;
        std::uint64_t base;  ///< of the memory
        bool is_root;
        std::uint64_t seed;
    };
    End(EventQueue& events, const PcieParameters& parameters, const EndLatencies& latencies, const MemoryTiming& timing,
        const Setup& setup, Recorder& recorder);

    EndPort& port() { return port_; }
    RoutingId id() const { return setup_.id; }
    std::uint64_t base() const { return setup_.base; }
    std::vector<std::uint8_t>& memory() { return memory_; }

    // What it does wrong from now on.
    void answer_with(std::optional<CompletionStatus> status) { forced_status_ = status; }
    void poison_reads(bool poison) { poison_reads_ = poison; }

    /// In the order of their being carried out: addresses of memory writes that came marked as poisoned.
    const std::vector<std::uint64_t>& poisoned_writes() const { return poisoned_writes_; }
    unsigned timeouts() const { return timeouts_; }
    unsigned unexpected_completions() const { return unexpected_completions_; }
    unsigned bad_tlps() const { return bad_tlps_; }
    unsigned rollovers() const { return rollovers_; }
    unsigned messages() const { return messages_; }
    /// Payload that writes have brought.
    std::uint64_t written_bytes() const { return written_bytes_; }
    Picoseconds last_written() const { return last_written_; }

    Served serve(const Tlp& request, std::uint8_t* data, Picoseconds at) override;
    RoutingId completer_id(const Tlp&) const override { return setup_.id; }
    bool reflects(const Tlp& tlp) const override;
    void timed_out(const Transaction&) override { ++timeouts_; }
    void unexpected_completion(const Tlp&) override { ++unexpected_completions_; }
    void link_error(CorrectableError error) override;

 private:
    bool has(const Tlp& request) const;
    std::uint8_t* place_of(const Tlp& request);
    Picoseconds occupy(std::uint64_t bytes, Picoseconds at);
    void write(const Tlp& request, const std::uint8_t* data, Picoseconds ready);

    MemoryTiming timing_;
    Setup setup_;
    std::vector<std::uint8_t> memory_;
    std::array<std::uint8_t, 256> registers_{};
    Picoseconds memory_free_at_ = 0;
    std::optional<CompletionStatus> forced_status_;
    bool poison_reads_ = false;
    std::vector<std::uint64_t> poisoned_writes_;
    unsigned timeouts_ = 0;
    unsigned unexpected_completions_ = 0;
    unsigned bad_tlps_ = 0;
    unsigned rollovers_ = 0;
    unsigned messages_ = 0;
    std::uint64_t written_bytes_ = 0;
    Picoseconds last_written_ = 0;
    EndPort port_;
};

}  // namespace aqpim::pcie::test
