#pragma once

#include "platform/results/atomic_file.h"
#include "platform/results/waveform_writer.h"

namespace aqpim {

/// Value change dump, IEEE 1364-2005 clause 18, with GTKWave's extension for texts (`$var string`, `sTEXT id`).
class VcdWriter : public WaveformWriter {
 public:
    explicit VcdWriter(const std::string& file);

    void enter_scope(const std::string& name) override;
    void leave_scope() override;
    SignalId add_signal(SignalKind kind, const std::string& name) override;
    void start(Picoseconds time_ps) override;
    void set_time(Picoseconds time_ps) override;
    void change(SignalId signal, bool value) override;
    void change(SignalId signal, std::string_view value) override;
    void change(SignalId signal, double value) override;
    void finish(Picoseconds end_ps) override;

 private:
    AtomicFile file_;
    SignalId signals_ = 0;
    Picoseconds time_ps_ = 0;
    bool in_first_values_ = false;
};

}  // namespace aqpim
