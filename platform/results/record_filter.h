#pragma once

#include <map>
#include <string>

#include "models/common/recorder.h"
#include "platform/results/signal_selection.h"
#include "platform/results/time_window.h"

namespace aqpim {

/// Follows a window that is named by a phase: empty until firmware begins it, open until it ends. Attached before those
/// that ask it.
class PhaseWindow : public RecorderSink {
 public:
    explicit PhaseWindow(const TimeWindow& window);

    bool wants(const std::string& path) const override;
    void on_track(TrackId, const std::string&) override {}
    void on_slice(const Slice& slice) override;
    void on_begin(TrackId track, std::string_view name, Picoseconds start_ps) override;

    const TimeWindow& window() const { return window_; }
    bool has_begun() const { return window_.start_ps != TimeWindow::never_ps; }

 private:
    TimeWindow window_;
};

/// Stands before a sink and lets through what a selection and a window leave of the record. Slices that reach over the
/// window's ends are cut there, a counter begins with the value that it had. Nothing else is kept.
class RecordFilter : public RecorderSink {
 public:
    /// All are used while the filter is.
    RecordFilter(RecorderSink& sink, const SignalSelection& selection, const TimeWindow& window)
        : sink_(sink), selection_(selection), window_(window) {}

    bool wants(const std::string& path) const override { return selection_.selects(path); }
    void on_track(TrackId track, const std::string& path) override { sink_.on_track(track, path); }
    void on_slice(const Slice& slice) override;
    void on_counter(const CounterSample& sample) override;
    /// After the last slice and sample.
    void finish();

 private:
    struct HeldValue {
        std::string unit;
        double value;
    };
    void tell(const std::string& path, const HeldValue& held);

    RecorderSink& sink_;
    const SignalSelection& selection_;
    const TimeWindow& window_;
    std::map<std::string, HeldValue> held_;  // counters' last values up to the window's start
};

}  // namespace aqpim
