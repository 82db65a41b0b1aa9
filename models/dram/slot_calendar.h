#pragma once

#include <algorithm>
#include <bitset>

#include "models/common/clock.h"

namespace aqpim::dram {

/// A command bus: one command in a tick. Commands of different banks are placed out of order, so a later call may take
/// an earlier slot; only the last `window` ticks are remembered, what lies before them is taken.
class SlotCalendar {
 public:
    /// Takes the first free slot at or after `earliest`.
    Ticks reserve(Ticks earliest) {
        Ticks slot = std::max(earliest, begin_);
        while (slot < begin_ + window && taken_[slot % window]) {
            ++slot;
        }
        advance(slot);
        taken_[slot % window] = true;
        return slot;
    }

    /// Takes everything before `end`.
    void take_until(Ticks end) {
        if (end > begin_) {
            forget(end);
        }
    }

 private:
    static constexpr Ticks window = 1024;

    /// Moves the window on so that it holds `slot`.
    void advance(Ticks slot) {
        if (slot >= begin_ + window) {
            forget(slot - window + 1);
        }
    }

    void forget(Ticks begin) {
        if (begin >= begin_ + window) {
            taken_.reset();
            begin_ = begin;
        }
        for (; begin_ < begin; ++begin_) {
            taken_[begin_ % window] = false;
        }
    }

    std::bitset<window> taken_;  ///< slots begin_ to begin_ + window - 1, at their remainder
    Ticks begin_ = 0;
};

}  // namespace aqpim::dram
