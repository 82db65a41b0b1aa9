#include "platform/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace aqpim {

namespace {

/// The commands of a window.
class WindowCommands : public dram::CommandSink {
 public:
    WindowCommands(dram::CommandSink& sink, const TimeWindow& window) : sink_(sink), window_(window) {}
    void command(const dram::TracedCommand& command) override {
        if (window_.contains(command.time_ps)) {
            sink_.command(command);
        }
    }

 private:
    dram::CommandSink& sink_;
    const TimeWindow& window_;
};

}  // namespace

/// A file's sink behind the user's selection and window.
template <class Sink>
struct Recording::Filtered {
    Filtered(const std::string& file, const SignalSelection& selection, const TimeWindow& window)
        : sink(file), filter(sink, selection, window) {}
    Sink sink;
    RecordFilter filter;
};

Recording::Recording(const RunOptions& options, std::size_t channels, Recorder& recorder)
    : selection_(options.signals.empty() ? default_selection(channels) : SignalSelection(options.signals)),
      window_(options.window),
      timeline_(channels) {
    recorder.attach(activity);
    recorder.attach(timeline_);
    recorder.attach(window_);
    if (options.trace) {
        trace_ = std::make_unique<Filtered<TraceEventSink>>(*options.trace, selection_, window_.window());
        recorder.attach(trace_->filter);
    }
    if (options.vcd) {
        waveforms_ = std::make_unique<Filtered<WaveformSink>>(*options.vcd, selection_, window_.window());
        recorder.attach(waveforms_->filter);
    }
    if (options.dram_trace) {
        commands_ = std::make_unique<dram::CommandTraceFile>(*options.dram_trace);
        window_commands_ = std::make_unique<WindowCommands>(*commands_, window_.window());
    }
    for (const std::string& file : options.instruction_traces) {
        instructions_.push_back(std::make_unique<AtomicFile>(file));
    }
    if (options.instruction_coverage) {
        coverage_file_ = std::make_unique<AtomicFile>(*options.instruction_coverage);
    }
}

Recording::~Recording() = default;

void Recording::check_signals(const Recorder& recorder) const {
    selection_.check(recorder.paths());
}

std::string Recording::warning() const {
    const bool any = trace_ || waveforms_ || commands_;
    return any && !window_.has_begun()
               ? fmt::format("--window: the firmware has not begun a phase '{}'; the traces are empty",
                             window_.window().phase)
               : "";
}

void Recording::close(Picoseconds end_ps) {
    timeline_json_ = std::make_unique<nlohmann::ordered_json>(timeline_.finish(end_ps));
    if (trace_) {
        trace_->filter.finish();
        trace_->sink.close();
    }
    if (waveforms_) {
        const TimeWindow& window = window_.window();
        const Picoseconds last_ps = std::min(window.end_ps, end_ps);
        waveforms_->filter.finish();
        waveforms_->sink.close(std::min(window.start_ps, last_ps), last_ps);
    }
    if (commands_) {
        commands_->close();
    }
    for (const auto& file : instructions_) {
        file->commit();
    }
    if (coverage_file_) {
        coverage_.write_csv(coverage_file_->stream());
        coverage_file_->commit();
    }
}

}  // namespace aqpim
