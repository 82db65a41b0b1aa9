#pragma once

#include <vector>

#include "platform/results/atomic_file.h"
#include "platform/results/waveform_writer.h"

namespace aqpim {

/// GTKWave's Fast Signal Trace, through GTKWave's own library. Texts are signals of variable length. Says nothing of
/// the day it was written, so that the same run gives the same file.
class FstWriter : public WaveformWriter {
 public:
    explicit FstWriter(const std::string& file);
    ~FstWriter() override;
    FstWriter(const FstWriter&) = delete;
    FstWriter& operator=(const FstWriter&) = delete;

    void enter_scope(const std::string& name) override;
    void leave_scope() override;
    SignalId add_signal(SignalKind kind, const std::string& name) override;
    void start(Picoseconds time_ps) override { set_time(time_ps); }
    void set_time(Picoseconds time_ps) override;
    void change(SignalId signal, bool value) override;
    void change(SignalId signal, std::string_view value) override;
    void change(SignalId signal, double value) override;
    void finish(Picoseconds end_ps) override;

 private:
    void close();

    PartialFile file_;
    void* context_;
    bool has_time_ = false;
    Picoseconds time_ps_ = 0;
};

}  // namespace aqpim
