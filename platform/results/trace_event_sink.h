#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/common/recorder.h"
#include "platform/results/atomic_file.h"
#include "platform/results/slice_nesting.h"

namespace aqpim {

/// Writes what is recorded in the Trace Event JSON format, for Perfetto and chrome://tracing: a process for each
/// top-level device (the first part of a track's path), a thread for each track, a complete event ("X") for each slice
/// with its arguments, a counter event ("C") for each counter's sample. Times are in microseconds with six decimals:
/// exact picoseconds.
///
/// Viewers need the slices of one thread to nest. A slice that partly overlaps an earlier one of its track goes to a
/// further thread, "gpu.copy (2)".
class TraceEventSink : public RecorderSink {
 public:
    /// Throws InputError when the file cannot be written.
    explicit TraceEventSink(const std::string& file);

    void on_track(TrackId track, const std::string& path) override;
    void on_slice(const Slice& slice) override;
    void on_counter(const CounterSample& sample) override;
    /// Completes the file and puts it in place; without it nothing remains.
    void close();

 private:
    struct Lane {
        unsigned thread;
        SliceNesting slices;
    };
    struct Track {
        std::string path;
        unsigned process;
        std::vector<Lane> lanes;
    };
    /// A top-level device, numbered in the order in which the models added their tracks.
    struct Process {
        unsigned number;
        bool named;
    };
    unsigned thread_for(TrackId id, Picoseconds start_ps, Picoseconds end_ps);
    Lane& add_lane(TrackId id);
    void add_process(const std::string& path);
    unsigned process_of(const std::string& path);
    void write_event(const std::string& json);

    AtomicFile file_;
    std::map<std::string, Process> processes_;
    std::vector<Track> tracks_;
    unsigned threads_ = 0;
    bool any_event_ = false;
};

}  // namespace aqpim
