#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aqpim {

using Picoseconds = std::uint64_t;
using Ticks = std::uint64_t;

/// A clock whose period is an exact fraction of picoseconds (833.33 ps, 1/3 ns). Models count ticks and convert once,
/// so that rounding never adds up.
class Clock {
 public:
    /// Period = `period_num` / `period_den` ps, both above zero.
    constexpr Clock(std::uint64_t period_num, std::uint64_t period_den) : num_(period_num), den_(period_den) {}
    constexpr Clock() : Clock(1, 1) {}

    /// "2GHz" or "0.769ns"; throws InputError.
    static Clock parse(std::string_view text);

    /// When tick `ticks` falls, to the nearest picosecond.
    Picoseconds at(Ticks ticks) const;
    /// The first tick at or after `time_ps`.
    Ticks first_tick_at(Picoseconds time_ps) const;

    std::uint64_t period_num() const { return num_; }
    std::uint64_t period_den() const { return den_; }
    double period_ps() const { return static_cast<double>(num_) / static_cast<double>(den_); }

 private:
    std::uint64_t num_;
    std::uint64_t den_;
};

/// Time that `bytes` take at `bytes_per_second`, rounded up to a picosecond.
Picoseconds transfer_time_ps(std::uint64_t bytes, std::uint64_t bytes_per_second);

}  // namespace aqpim
