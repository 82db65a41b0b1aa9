#pragma once

#include <cstdint>
#include <deque>

#include "models/common/random.h"
#include "models/pcie/pcie_parameters.h"

namespace aqpim::pcie {

/// What a sender keeps until the other end has acknowledged it, and how often it sends it (PCIe Base Specification
/// 3.6.2). Which TLPs arrive damaged follows from the bit error rate and a seed.
class ReplayBuffer {
 public:
    ReplayBuffer(const PcieParameters& parameters, std::uint64_t seed);

    bool has_room(std::uint64_t wire_bytes, Picoseconds now);
    /// When the oldest TLP is acknowledged; there must be one.
    Picoseconds next_acknowledge() const { return kept_.front().acknowledged; }
    void keep(std::uint64_t wire_bytes, Picoseconds acknowledged);
    bool is_empty(Picoseconds now);
    void clear();

    /// Whether a TLP of this length arrives damaged, this time.
    bool is_damaged(std::uint64_t wire_bytes);
    void count_replay() { ++replays_; }
    std::uint64_t replays() const { return replays_; }

    /// REPLAY_NUM rolls over: the link is trained anew (section 3.6.2.1).
    static constexpr unsigned most_attempts = 4;

 private:
    struct Kept {
        Picoseconds acknowledged;
        std::uint64_t bytes;
    };
    void forget(Picoseconds now);

    std::uint64_t limit_;
    std::uint64_t kept_bytes_ = 0;
    std::deque<Kept> kept_;
    double bit_error_rate_;
    Random random_;
    std::uint64_t replays_ = 0;
};

}  // namespace aqpim::pcie
