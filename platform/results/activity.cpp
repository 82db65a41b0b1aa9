#include "platform/results/activity.h"

#include <algorithm>
#include <bit>

namespace aqpim {

namespace {

struct Edge {
    Picoseconds time_ps;
    unsigned activity;
    bool begins;
};

Picoseconds Breakdown::*part_of(unsigned active_activities) {
    switch (std::popcount(active_activities)) {
        case 0:
            return &Breakdown::idle;
        case 1:
            break;
        default:
            return &Breakdown::overlapped;
    }
    switch (static_cast<Activity>(std::countr_zero(active_activities))) {
        case Activity::host:
            return &Breakdown::host;
        case Activity::pcie:
            return &Breakdown::pcie;
        case Activity::gpu:
            return &Breakdown::gpu;
        case Activity::pim_quantize:
            return &Breakdown::pim_quantize;
        case Activity::pim_attention:
            return &Breakdown::pim_attention;
        case Activity::none:
            break;
    }
    return &Breakdown::idle;
}

}  // namespace

Picoseconds Breakdown::total() const {
    Picoseconds sum = 0;
    for (const BreakdownPart& part : breakdown_parts) {
        sum += this->*part.field;
    }
    return sum;
}

Breakdown& Breakdown::operator+=(const Breakdown& other) {
    for (const BreakdownPart& part : breakdown_parts) {
        this->*part.field += other.*part.field;
    }
    return *this;
}

void ActivityLog::on_slice(const Slice& slice) {
    if (slice.activity == Activity::none || slice.end_ps <= slice.start_ps) {
        return;
    }
    segments_valid_ = false;
    auto& spans = spans_[static_cast<std::size_t>(slice.activity)];
    if (!spans.empty() && slice.start_ps >= spans.back().start_ps && slice.start_ps <= spans.back().end_ps) {
        spans.back().end_ps = std::max(spans.back().end_ps, slice.end_ps);
        return;
    }
    spans.push_back({slice.start_ps, slice.end_ps});
}

Picoseconds ActivityLog::busy_ps(std::initializer_list<Activity> kinds) const {
    std::vector<Span> spans;
    for (const Activity activity : kinds) {
        const auto& more = spans_[static_cast<std::size_t>(activity)];
        spans.insert(spans.end(), more.begin(), more.end());
    }
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.start_ps < b.start_ps; });
    Picoseconds busy = 0;
    Picoseconds until = 0;
    for (const Span& span : spans) {
        busy += std::max(until, span.end_ps) - std::max(until, span.start_ps);
        until = std::max(until, span.end_ps);
    }
    return busy;
}

void ActivityLog::build_segments() {
    std::vector<Edge> edges;
    for (unsigned activity = 0; activity < activities; ++activity) {
        for (const Span& span : spans_[activity]) {
            edges.push_back({span.start_ps, activity, true});
            edges.push_back({span.end_ps, activity, false});
        }
    }
    std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.time_ps < b.time_ps; });

    segments_.assign(1, {0, &Breakdown::idle});
    std::array<unsigned, activities> open{};
    unsigned active = 0;
    for (std::size_t i = 0; i < edges.size(); ++i) {
        const Edge& edge = edges[i];
        open[edge.activity] += edge.begins ? 1U : -1U;
        const unsigned bit = 1U << edge.activity;
        active = open[edge.activity] != 0 ? active | bit : active & ~bit;
        const bool last_of_instant = i + 1 == edges.size() || edges[i + 1].time_ps != edge.time_ps;
        if (last_of_instant && part_of(active) != segments_.back().part) {
            segments_.push_back({edge.time_ps, part_of(active)});
        }
    }
    segments_valid_ = true;
}

Breakdown ActivityLog::breakdown(Picoseconds start_ps, Picoseconds end_ps) {
    if (!segments_valid_) {
        build_segments();
    }
    Breakdown result;
    auto segment = std::upper_bound(segments_.begin(), segments_.end(), start_ps,
                                    [](Picoseconds time, const Segment& s) { return time < s.start_ps; });
    --segment;  // the first segment starts at 0
    Picoseconds time = start_ps;
    while (time < end_ps) {
        const auto next = segment + 1;
        const Picoseconds until = next == segments_.end() ? end_ps : std::min(end_ps, next->start_ps);
        result.*segment->part += until - time;
        time = until;
        segment = next;
    }
    return result;
}

}  // namespace aqpim
