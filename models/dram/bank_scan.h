#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "models/common/clock.h"
#include "models/dram/channel_device.h"

namespace aqpim::dram {

/// When one of two commands can go in bank after bank: what the banks of a rank share is looked up once for each rank.
/// Exact where no later command has been placed on the command bus yet; else a lower bound.
class BankScan {
 public:
    BankScan(const ChannelDevice& device, Command first, Command second, Ticks not_before)
        : device_(device),
          commands_{first, second},
          not_before_{device.bus_free(first, not_before), device.bus_free(second, not_before)},
          grid_{device.grid(first), device.grid(second)},
          in_bank_{device.earliest_in_bank(first), device.earliest_in_bank(second)} {}

    /// Not before `not_before`. Banks come in ascending order.
    Ticks earliest(std::uint32_t bank, bool second) {
        if (bank >= end_of_rank_) {
            enter_rank(bank);
        }
        const Ticks allowed = std::max(in_rank_[second], in_bank_[second][bank]);
        return (allowed + grid_[second] - 1) & ~(grid_[second] - 1);
    }

 private:
    void enter_rank(std::uint32_t bank) {
        end_of_rank_ = (bank / device_.banks_per_rank() + 1) * device_.banks_per_rank();
        for (std::size_t i = 0; i < 2; ++i) {
            in_rank_[i] = device_.earliest_in_rank(commands_[i], bank, not_before_[i]);
        }
    }

    const ChannelDevice& device_;
    std::array<Command, 2> commands_;
    std::array<Ticks, 2> not_before_;
    std::array<Ticks, 2> grid_;
    std::array<TimingState::InBank, 2> in_bank_;
    std::array<Ticks, 2> in_rank_{};
    std::uint32_t end_of_rank_ = 0;
};

}  // namespace aqpim::dram
