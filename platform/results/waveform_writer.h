#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "models/common/clock.h"

namespace aqpim {

/// What a waveform's signal carries: one bit, a text, a real number.
enum class SignalKind : std::uint8_t { bit, text, real };

using SignalId = std::uint32_t;

/// A waveform file of timescale 1 ps: first its scopes and signals, then start(), then changes in order of time. The
/// file appears under its name with finish(); without it nothing remains.
class WaveformWriter {
 public:
    virtual ~WaveformWriter() = default;

    virtual void enter_scope(const std::string& name) = 0;
    virtual void leave_scope() = 0;
    /// `name` and, later, texts are of printable characters without spaces.
    virtual SignalId add_signal(SignalKind kind, const std::string& name) = 0;

    /// The time from which changes count; every signal's first value follows.
    virtual void start(Picoseconds time_ps) = 0;
    virtual void set_time(Picoseconds time_ps) = 0;
    virtual void change(SignalId signal, bool value) = 0;
    virtual void change(SignalId signal, std::string_view value) = 0;
    virtual void change(SignalId signal, double value) = 0;
    /// The last values hold until `end_ps`. Throws InputError when not everything could be written.
    virtual void finish(Picoseconds end_ps) = 0;
};

/// By the file's ending: FST for `.fst`, else VCD. Throws InputError when the file cannot be written.
std::unique_ptr<WaveformWriter> make_waveform_writer(const std::string& file);

}  // namespace aqpim
