#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "models/common/clock.h"

namespace aqpim {

/// Things of which only so many may be in flight (reads: tags; TLPs: credits), each for a round trip, in closed form.
/// They go in windows: `capacity` of them one after the other, and the next window a round trip after the last one.
class FlightWindow {
 public:
    explicit FlightWindow(std::uint64_t capacity) : capacity_(capacity) {}

    void set_capacity(std::uint64_t capacity) { capacity_ = capacity; }
    /// Puts `count` into flight from `at` on, `spacing` apart at least; returns when the last of them can start, `at`
    /// if nothing holds it up.
    Picoseconds start(Picoseconds at, std::uint64_t count, Picoseconds spacing, Picoseconds round_trip) {
        if (at >= opened_ + round_trip) {
            opened_ = at;
            used_ = 0;
        }
        const std::uint64_t last = used_ + count - 1;
        const std::uint64_t windows = last / capacity_;
        opened_ += windows * std::max(round_trip, capacity_ * spacing);
        used_ = last % capacity_ + 1;
        return opened_ <= at ? at : opened_ + (used_ - 1) * spacing;
    }

 private:
    std::uint64_t capacity_;
    Picoseconds opened_ = 0;  // when the latest window did
    std::uint64_t used_ = 0;  // of it
};

/// Room for posted writes on their way, which their target empties: who sends more is held up.
class DrainWindow {
 public:
    explicit DrainWindow(std::uint64_t capacity_bytes) : capacity_(capacity_bytes) {}

    /// When a write's first and last bytes are there.
    struct Coming {
        Picoseconds first;
        Picoseconds last;
    };
    /// A write of `bytes`, which its target would have taken by `done`, had it begun with the last byte; it begins with
    /// the first. `on_the_way` bytes have room before this place. Returns how long the last byte waited for room.
    Picoseconds stall(std::uint64_t bytes, std::uint64_t on_the_way, const Coming& coming, Picoseconds done) {
        const auto [first, last] = coming;
        const Picoseconds taken = std::max(last, done - (last - first));
        while (!held_.empty() && held_.front().taken <= last) {
            forget_first();
        }
        const std::uint64_t room = capacity_ + on_the_way;
        Picoseconds room_at = last;
        while (!held_.empty() && held_bytes_ + bytes > room) {
            room_at = std::max(room_at, held_.front().taken);
            forget_first();
        }
        if (bytes > room) {
            const double share = static_cast<double>(room) / static_cast<double>(bytes);
            room_at = std::max(room_at, taken - static_cast<Picoseconds>(share * static_cast<double>(taken - first)));
        }
        held_.push_back({taken, bytes});
        held_bytes_ += bytes;
        return room_at - last;
    }

 private:
    struct Held {
        Picoseconds taken;
        std::uint64_t bytes;
    };
    void forget_first() {
        held_bytes_ -= held_.front().bytes;
        held_.pop_front();
    }

    std::uint64_t capacity_;
    std::uint64_t held_bytes_ = 0;
    std::deque<Held> held_;
};

}  // namespace aqpim
