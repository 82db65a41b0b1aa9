#include "models/common/recorder.h"

namespace aqpim {

TrackId Recorder::add_track(const std::string& path) {
    const TrackId track = tracks_++;
    for (RecorderSink* sink : sinks_) {
        sink->on_track(track, path);
    }
    return track;
}

void Recorder::slice(TrackId track, std::string_view name, Picoseconds start_ps, Picoseconds end_ps, Activity activity,
                     std::initializer_list<SliceArgument> arguments) {
    if (sinks_.empty()) {
        return;
    }
    const Slice slice{track, name, start_ps, end_ps, activity, arguments.begin(), arguments.size()};
    for (RecorderSink* sink : sinks_) {
        sink->on_slice(slice);
    }
}

}  // namespace aqpim
