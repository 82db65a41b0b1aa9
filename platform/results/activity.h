#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "models/common/recorder.h"

namespace aqpim {

/// Where a stretch of simulated time went: each instant counts for the one part that was at work, for `overlapped` when
/// two or more were, for `idle` when none was. So the parts sum exactly to the stretch.
struct Breakdown {
    Picoseconds host = 0;
    Picoseconds pcie = 0;
    Picoseconds gpu = 0;
    Picoseconds pim_quantize = 0;
    Picoseconds pim_attention = 0;
    Picoseconds overlapped = 0;
    Picoseconds idle = 0;

    Picoseconds total() const;
    Breakdown& operator+=(const Breakdown& other);
    bool operator==(const Breakdown&) const = default;
};

/// The parts of a Breakdown with their keys in `stats.json`, in the order in which they are shown.
struct BreakdownPart {
    std::string_view key;
    std::string_view label;
    Picoseconds Breakdown::*field;
};
inline constexpr std::array breakdown_parts = {
    BreakdownPart{"host", "host", &Breakdown::host},
    BreakdownPart{"pcie", "PCIe", &Breakdown::pcie},
    BreakdownPart{"gpu", "GPU", &Breakdown::gpu},
    BreakdownPart{"pim_quantize", "PIM quantize", &Breakdown::pim_quantize},
    BreakdownPart{"pim_attention", "PIM attention", &Breakdown::pim_attention},
    BreakdownPart{"overlapped", "overlapped", &Breakdown::overlapped},
    BreakdownPart{"idle", "idle", &Breakdown::idle},
};

/// Keeps when each part of the hardware was at work, for the breakdown of a run's phases. Slices may come in any order
/// and overlap; neighbours are merged as they come.
class ActivityLog : public RecorderSink {
 public:
    /// Open rows are no activity of their own, and there are many.
    bool wants(const std::string& path) const override { return !path.ends_with(".banks"); }
    void on_track(TrackId, const std::string&) override {}
    void on_slice(const Slice& slice) override;

    /// Of [start_ps, end_ps), over the slices seen so far.
    Breakdown breakdown(Picoseconds start_ps, Picoseconds end_ps);
    /// Time in which at least one of these was at work.
    Picoseconds busy_ps(std::initializer_list<Activity> kinds) const;

 private:
    static constexpr std::size_t activities = 6;
    struct Span {
        Picoseconds start_ps;
        Picoseconds end_ps;
    };
    /// From start_ps to the next segment's start, `part` is what the time counts for.
    struct Segment {
        Picoseconds start_ps;
        Picoseconds Breakdown::*part;
    };
    void build_segments();

    std::array<std::vector<Span>, activities> spans_;
    std::vector<Segment> segments_;
    bool segments_valid_ = false;
};

}  // namespace aqpim
