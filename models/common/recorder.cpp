#include "models/common/recorder.h"

namespace aqpim {

TrackId Recorder::add_track(const std::string& path) {
    const auto track = static_cast<TrackId>(listeners_.size());
    paths_.push_back(path);
    listeners_.emplace_back();
    for (RecorderSink* sink : sinks_) {
        if (sink->wants(path)) {
            listeners_.back().push_back(sink);
            sink->on_track(track, path);
        }
    }
    return track;
}

void Recorder::hand_on(const Slice& slice) {
    for (RecorderSink* sink : listeners_[slice.track]) {
        sink->on_slice(slice);
    }
}

void Recorder::begin(TrackId track, std::string_view name, Picoseconds start_ps) {
    for (RecorderSink* sink : listeners_[track]) {
        sink->on_begin(track, name, start_ps);
    }
}

void Recorder::counter(const CounterSample& sample) {
    for (RecorderSink* sink : sinks_) {
        sink->on_counter(sample);
    }
}

}  // namespace aqpim
