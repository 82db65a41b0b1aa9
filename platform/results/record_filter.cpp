#include "platform/results/record_filter.h"

#include <algorithm>

namespace aqpim {

PhaseWindow::PhaseWindow(const TimeWindow& window) : window_(window) {
    if (!window_.phase.empty()) {
        window_.start_ps = TimeWindow::never_ps;
    }
}

bool PhaseWindow::wants(const std::string& path) const {
    return !window_.phase.empty() && path == "host.firmware";
}

void PhaseWindow::on_begin(TrackId, std::string_view name, Picoseconds start_ps) {
    if (!has_begun() && name == window_.phase) {
        window_.start_ps = start_ps;
    }
}

void PhaseWindow::on_slice(const Slice& slice) {
    if (slice.start_ps == window_.start_ps && slice.name == window_.phase) {
        window_.end_ps = slice.end_ps;
    }
}

void RecordFilter::on_slice(const Slice& slice) {
    Slice shown = slice;
    shown.start_ps = std::max(slice.start_ps, window_.start_ps);
    shown.end_ps = std::min(slice.end_ps, window_.end_ps);
    const bool is_instant = slice.end_ps <= slice.start_ps;
    if (shown.start_ps < shown.end_ps ||
        (is_instant && shown.start_ps == slice.start_ps && slice.start_ps < window_.end_ps)) {
        sink_.on_slice(shown);
    }
}

void RecordFilter::on_counter(const CounterSample& sample) {
    const std::string path(sample.path);
    if (!selection_.selects(path) || sample.time_ps >= window_.end_ps) {
        return;
    }
    if (sample.time_ps <= window_.start_ps) {
        held_[path] = {std::string(sample.unit), sample.value};
        return;
    }
    if (const auto held = held_.find(path); held != held_.end()) {
        tell(path, held->second);
        held_.erase(held);
    }
    sink_.on_counter(sample);
}

void RecordFilter::tell(const std::string& path, const HeldValue& held) {
    sink_.on_counter({path, held.unit, window_.start_ps, held.value});
}

void RecordFilter::finish() {
    if (window_.start_ps != TimeWindow::never_ps) {
        for (const auto& [path, held] : held_) {
            tell(path, held);
        }
    }
    held_.clear();
}

}  // namespace aqpim
