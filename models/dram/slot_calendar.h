#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "models/common/clock.h"

namespace aqpim::dram {

/// A command bus: each command takes it for some ticks. A closed-form path places commands of different banks out of
/// order, so a later call may take an earlier slot; only the last ticks (`remembered` or more) are known, what lies
/// before them is taken.
class SlotCalendar {
 public:
    /// The first tick at or after `earliest`, and a multiple of `grid` (a power of two), from which `length` ticks are
    /// free.
    Ticks first_free(Ticks earliest, Ticks length = 1, Ticks grid = 1) const {
        Ticks slot = align(std::max(earliest, begin_), grid);
        while (slot < end_) {
            if (is_free(slot, length)) {
                return slot;
            }
            slot += grid;
        }
        return slot;
    }

    /// `length` free ticks from `at` on.
    void take(Ticks at, Ticks length = 1) {
        const Ticks end = at + length;
        if (end > begin_ + window) {
            forget(end - remembered);
        }
        for (Ticks slot = at; slot < end; ++slot) {
            word(slot) |= std::uint64_t{1} << slot % word_bits;
        }
        end_ = std::max(end_, end);
    }

    /// Whether the same slots are free from `now` on.
    bool is_free_as(const SlotCalendar& other, Ticks now) const {
        const Ticks end = std::max({end_, other.end_, begin_, other.begin_});
        for (Ticks slot = now; slot < end; ++slot) {
            if ((slot >= begin_ && is_free(slot, 1)) != (slot >= other.begin_ && other.is_free(slot, 1))) {
                return false;
            }
        }
        return true;
    }

    /// Takes everything before `end`.
    void take_until(Ticks end) {
        if (end > begin_) {
            forget(end);
            end_ = std::max(end_, end);
        }
    }

 private:
    static constexpr Ticks remembered = 1024;
    static constexpr Ticks window = 2 * remembered;
    static constexpr Ticks word_bits = 64;

    static Ticks align(Ticks tick, Ticks grid) { return (tick + grid - 1) & ~(grid - 1); }

    bool is_free(Ticks slot, Ticks length) const {
        const Ticks end = std::min(slot + length, end_);
        for (; slot < end; ++slot) {
            if ((word(slot) >> slot % word_bits & 1) != 0) {
                return false;
            }
        }
        return true;
    }

    void forget(Ticks begin) {
        // Nothing is taken from end_ on.
        const Ticks end = std::min(begin, end_);
        while (begin_ < end) {
            const Ticks in_word = begin_ % word_bits;
            const Ticks count = std::min(word_bits - in_word, end - begin_);
            word(begin_) &= ~(~std::uint64_t{0} >> (word_bits - count) << in_word);
            begin_ += count;
        }
        begin_ = begin;
    }

    std::uint64_t& word(Ticks slot) { return taken_[slot % window / word_bits]; }
    const std::uint64_t& word(Ticks slot) const { return taken_[slot % window / word_bits]; }

    /// A bit for each of the slots begin_ to begin_ + window - 1, at its remainder.
    std::array<std::uint64_t, window / word_bits> taken_{};
    Ticks begin_ = 0;
    Ticks end_ = 0;  ///< behind the last slot taken
};

}  // namespace aqpim::dram
