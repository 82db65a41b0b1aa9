#pragma once

#include <algorithm>
#include <cstdint>

#include "models/common/clock.h"
#include "models/dram/channel_device.h"

namespace aqpim::dram {

/// When a command can go in bank after bank: what the banks of a rank share is looked up once for each rank. Exact
/// where no later command has been placed on the command bus yet; else a lower bound.
class BankScan {
 public:
    BankScan(const ChannelDevice& device, Command command, Ticks not_before)
        : device_(device),
          command_(command),
          in_bank_(device.earliest_in_bank(command)),
          not_before_(device.bus_free(command, not_before)),
          grid_(device.grid(command)) {}

    /// Not before `not_before`. Banks come in ascending order.
    Ticks earliest(std::uint32_t bank) {
        if (bank >= end_of_rank_) {
            end_of_rank_ = (bank / device_.banks_per_rank() + 1) * device_.banks_per_rank();
            in_rank_ = device_.earliest_in_rank(command_, bank, not_before_);
        }
        return (std::max(in_rank_, in_bank_[bank]) + grid_ - 1) & ~(grid_ - 1);
    }

 private:
    const ChannelDevice& device_;
    Command command_;
    TimingState::InBank in_bank_;
    Ticks not_before_;
    Ticks grid_;
    Ticks in_rank_ = 0;
    std::uint32_t end_of_rank_ = 0;
};

}  // namespace aqpim::dram
