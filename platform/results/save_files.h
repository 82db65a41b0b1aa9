#pragma once

#include <string>
#include <vector>

#include "models/common/recorder.h"
#include "platform/results/atomic_file.h"

namespace aqpim {

/// What a waveform has of one track or counter, in the order in which it is shown.
struct ShownTrack {
    std::string path;
    Activity activity;
    std::string unit;  ///< of a counter, which has one signal of this name; empty: a track, with `busy` and `operation`
};

/// Beside a waveform file: FILE.gtkw, a save file of GTKWave 3.3, and FILE.sucl, a command file of Surfer 0.5.
/// They open all signals, grouped by device and channel, coloured by what the track's time counts for in
/// `decode.breakdown_ps`.
class SaveFiles {
 public:
    /// Throws InputError when they cannot be written.
    explicit SaveFiles(const std::string& waveforms);

    void write(const std::vector<ShownTrack>& tracks, Picoseconds start_ps, Picoseconds end_ps);
    /// Puts both in place.
    void commit();

 private:
    std::string waveforms_;
    AtomicFile gtkwave_;
    AtomicFile surfer_;
};

}  // namespace aqpim
