#pragma once

#include <cstdint>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/dram_parameters.h"

namespace aqpim::dram {

/// When each rank of a channel has to be refreshed, by all-bank or per-bank refreshes, and by how much that may be
/// put off. Every tREFI (per bank: tREFIpb) a refresh of each rank falls due; JEDEC lets some of them wait.
class RefreshSchedule {
 public:
    static constexpr Ticks never = ~Ticks{0};

    explicit RefreshSchedule(const DramParameters& parameters);

    RefreshKind kind() const { return kind_; }
    std::uint32_t ranks() const { return static_cast<std::uint32_t>(due_.size()); }
    Ticks interval() const { return interval_; }

    /// When the oldest refresh of `rank` that has not been made fell, or falls, due; `never` without refresh.
    Ticks due(std::uint32_t rank) const { return due_[rank]; }
    /// From then on nothing may go before it.
    Ticks deadline(std::uint32_t rank) const { return due_[rank] == never ? never : due_[rank] + grace_; }
    /// Over all ranks.
    Ticks first_due() const { return first_due_; }
    Ticks first_deadline() const { return first_due_ == never ? never : first_due_ + grace_; }

    /// The bank of `rank` that a per-bank refresh takes next, counted within the rank.
    std::uint32_t next_bank(std::uint32_t rank) const { return next_bank_[rank]; }

    /// The oldest refresh of `rank` has been made.
    void made(std::uint32_t rank);
    /// The next refresh of each rank falls due an interval after `now`.
    void restart(Ticks now);
    /// As if `count` refreshes of each rank had been made.
    void skip(Ticks count);

    bool operator==(const RefreshSchedule&) const = default;

 private:
    RefreshKind kind_;
    Ticks interval_;
    Ticks grace_;
    std::uint32_t banks_per_rank_;
    std::vector<Ticks> due_;
    std::vector<std::uint32_t> next_bank_;
    Ticks first_due_;
};

}  // namespace aqpim::dram
