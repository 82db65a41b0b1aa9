#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <vector>

#include "models/common/recorder.h"
#include "models/cpu/coverage.h"
#include "models/dram/command_trace.h"
#include "platform/results/activity.h"
#include "platform/results/atomic_file.h"
#include "platform/results/record_filter.h"
#include "platform/results/timeline.h"
#include "platform/results/trace_event_sink.h"
#include "platform/results/waveform_sink.h"
#include "platform/run.h"

namespace aqpim {

/// What a run records while it simulates, and the files of it that the user asked for.
class Recording {
 public:
    /// Attaches its sinks to the recorder. `channels` is the number of a PIM device. Throws InputError when a file
    /// cannot be written.
    Recording(const RunOptions& options, std::size_t channels, Recorder& recorder);
    ~Recording();

    /// Once all tracks are there. Throws InputError for a pattern that matches none.
    void check_signals(const Recorder& recorder) const;
    /// Completes the files: of a run that was stopped too, as they show why. To be called once.
    void close(Picoseconds end_ps);
    /// Empty, or why the files show nothing.
    std::string warning() const;

    /// What timeline.json holds. After close().
    const nlohmann::ordered_json& timeline() const { return *timeline_json_; }
    dram::CommandSink* commands() { return window_commands_.get(); }
    std::ostream* instructions(std::size_t hart) {
        return instructions_.empty() ? nullptr : &instructions_[hart]->stream();
    }
    InstructionCoverage* coverage() { return coverage_file_ ? &coverage_ : nullptr; }

    ActivityLog activity;

 private:
    template <class Sink>
    struct Filtered;

    SignalSelection selection_;
    PhaseWindow window_;
    Timeline timeline_;
    std::unique_ptr<nlohmann::ordered_json> timeline_json_;
    std::unique_ptr<Filtered<TraceEventSink>> trace_;
    std::unique_ptr<Filtered<WaveformSink>> waveforms_;
    std::unique_ptr<dram::CommandTraceFile> commands_;
    std::unique_ptr<dram::CommandSink> window_commands_;
    std::vector<std::unique_ptr<AtomicFile>> instructions_;  // by hart
    std::unique_ptr<AtomicFile> coverage_file_;
    InstructionCoverage coverage_;  // of all harts
};

}  // namespace aqpim
