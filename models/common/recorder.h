#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/common/clock.h"

namespace aqpim {

/// Which part of the hardware was at work, for `decode.breakdown_ps`.
enum class Activity : std::uint8_t { none, host, pcie, gpu, pim_quantize, pim_attention };

using TrackId = std::uint32_t;

struct SliceArgument {
    std::string_view name;
    std::variant<std::uint64_t, std::string_view> value;
};

/// A stretch of time in which a track did one thing. Views are valid only during the call that carries them.
struct Slice {
    TrackId track;
    std::string_view name;
    Picoseconds start_ps;
    Picoseconds end_ps;
    Activity activity;
    const SliceArgument* arguments;
    std::size_t argument_count;
};

/// Receives what the models record: statistics, a Perfetto trace, waveforms.
class RecorderSink {
 public:
    virtual ~RecorderSink() = default;
    virtual void on_track(TrackId track, const std::string& path) = 0;
    virtual void on_slice(const Slice& slice) = 0;
};

/// The one place where models tell what they do. Tracks are hierarchical ("pim.channel3", "gpu.copy0"). Slices of one
/// track come in order of time, or nested; they may end in the simulated future (models annotate time ahead). Without
/// sinks a call costs one comparison.
class Recorder {
 public:
    /// Sinks are attached before the models add tracks, and outlive the recorder's use.
    void attach(RecorderSink& sink) { sinks_.push_back(&sink); }
    bool enabled() const { return !sinks_.empty(); }

    TrackId add_track(const std::string& path);
    void slice(TrackId track, std::string_view name, Picoseconds start_ps, Picoseconds end_ps,
               Activity activity = Activity::none, std::initializer_list<SliceArgument> arguments = {});

 private:
    std::vector<RecorderSink*> sinks_;
    TrackId tracks_ = 0;
};

}  // namespace aqpim
