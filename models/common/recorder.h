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

/// A quantity that holds from `time_ps` on, until the next sample of its path. A view is valid only during the call.
struct CounterSample {
    std::string_view path;  ///< "power.pcie"
    std::string_view unit;
    Picoseconds time_ps;
    double value;
};

/// Receives what the models record: statistics, a Perfetto trace, waveforms.
class RecorderSink {
 public:
    virtual ~RecorderSink() = default;
    /// Whether to hear of a track at all; asked before on_track(). What nobody wants costs a comparison.
    virtual bool wants(const std::string& /*path*/) const { return true; }
    virtual void on_track(TrackId track, const std::string& path) = 0;
    virtual void on_slice(const Slice& slice) = 0;
    /// A slice has begun whose end is not known yet; on_slice() tells of it again when it ends.
    virtual void on_begin(TrackId, std::string_view /*name*/, Picoseconds /*start_ps*/) {}
    virtual void on_counter(const CounterSample&) {}
};

/// The one place where models tell what they do. Tracks are hierarchical ("pim.channel3", "gpu.copy0"). Slices of one
/// track come in order of time, or nested; they may end in the simulated future (models annotate time ahead). Without
/// sinks a call costs one comparison, and so does one of a track that no sink wants.
class Recorder {
 public:
    /// Sinks are attached before the models add tracks, and outlive the recorder's use.
    void attach(RecorderSink& sink) { sinks_.push_back(&sink); }
    bool enabled() const { return !sinks_.empty(); }
    /// Of all tracks, in the order in which they were added.
    const std::vector<std::string>& paths() const { return paths_; }

    TrackId add_track(const std::string& path);
    void slice(TrackId track, std::string_view name, Picoseconds start_ps, Picoseconds end_ps,
               Activity activity = Activity::none, std::initializer_list<SliceArgument> arguments = {}) {
        if (track < listeners_.size() && !listeners_[track].empty()) {
            hand_on({track, name, start_ps, end_ps, activity, arguments.begin(), arguments.size()});
        }
    }
    /// For slices of which others want to know before they end: the firmware's phases. slice() follows.
    void begin(TrackId track, std::string_view name, Picoseconds start_ps);
    /// Samples of one path come in order of time, and may come late: what a quantity was is known when it changes.
    void counter(const CounterSample& sample);

 private:
    void hand_on(const Slice& slice);

    std::vector<RecorderSink*> sinks_;
    std::vector<std::string> paths_;                     // by track
    std::vector<std::vector<RecorderSink*>> listeners_;  // by track
};

}  // namespace aqpim
