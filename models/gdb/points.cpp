#include "models/gdb/points.h"

#include "models/gdb/fields.h"

namespace aqpim {

namespace {

bool is_breakpoint(const Point& point) {
    return point.type == Point::Type::software_breakpoint || point.type == Point::Type::hardware_breakpoint;
}

WatchKind watch_kind(const Point& point) {
    switch (point.type) {
        case Point::Type::write_watchpoint:
            return WatchKind::write;
        case Point::Type::read_watchpoint:
            return WatchKind::read;
        default:
            return WatchKind::access;
    }
}

}  // namespace

void Points::insert(const Point& point) {
    if (has(point)) {
        return;
    }
    if (points_.size() == limit) {
        throw GdbRefusal{GdbRefusal::no_room};
    }
    set(point);
    points_.insert(point);
}

void Points::remove(const Point& point) {
    if (points_.erase(point) != 0) {
        unset(point);
    }
}

void Points::remove_all() {
    while (!points_.empty()) {
        remove(Point(*points_.begin()));
    }
}

bool Points::breakpoint_at(std::uint64_t address) const {
    return has({Point::Type::software_breakpoint, address, 0}) || has({Point::Type::hardware_breakpoint, address, 0});
}

void Points::set(const Point& point) {
    if (is_breakpoint(point) && breakpoint_at(point.address)) {
        return;  // the harts have one per address
    }
    for (DebugTarget* const hart : harts_) {
        if (is_breakpoint(point)) {
            hart->add_breakpoint(point.address);
        } else {
            hart->add_watchpoint(watch_kind(point), point.address, point.bytes);
        }
    }
}

void Points::unset(const Point& point) {
    if (is_breakpoint(point) && breakpoint_at(point.address)) {
        return;
    }
    for (DebugTarget* const hart : harts_) {
        if (is_breakpoint(point)) {
            hart->remove_breakpoint(point.address);
        } else {
            hart->remove_watchpoint(watch_kind(point), point.address, point.bytes);
        }
    }
}

}  // namespace aqpim
