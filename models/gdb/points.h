#pragma once

#include <compare>
#include <cstdint>
#include <set>
#include <vector>

#include "models/cpu/debug.h"

namespace aqpim {

/// A break- or watchpoint, as packets `Z` and `z` name it.
struct Point {
    /// By the digit after `Z`.
    enum class Type : std::uint8_t {
        software_breakpoint = 0,
        hardware_breakpoint = 1,
        write_watchpoint = 2,
        read_watchpoint = 3,
        access_watchpoint = 4,
    };

    Type type;
    std::uint64_t address;
    std::uint64_t bytes;  ///< 0 for breakpoints

    auto operator<=>(const Point&) const = default;
};

/// What the debugger has set, in all harts alike. Memory is never patched: both kinds of breakpoint are the harts'.
class Points {
 public:
    static constexpr std::size_t limit = 1024;

    explicit Points(std::vector<DebugTarget*> harts) : harts_(std::move(harts)) {}

    /// Without effect if it is there. Throws GdbRefusal beyond the limit.
    void insert(const Point& point);
    /// Without effect if it is not there.
    void remove(const Point& point);
    void remove_all();
    bool has(const Point& point) const { return points_.contains(point); }

 private:
    bool breakpoint_at(std::uint64_t address) const;
    void set(const Point& point);
    void unset(const Point& point);

    std::vector<DebugTarget*> harts_;
    std::set<Point> points_;
};

}  // namespace aqpim
