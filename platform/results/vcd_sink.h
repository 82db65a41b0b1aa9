#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/common/recorder.h"
#include "platform/results/atomic_file.h"

namespace aqpim {

/// Writes what is recorded as waveforms (VCD, timescale 1 ps), and beside them a GTKWave save file, FILE.gtkw, that
/// shows every signal grouped by device. A track's path is its scope; in it are `busy` (1 bit) and `operation` (a
/// string: the name of the innermost slice, "-" when there is none). Tracks without slices are left out.
///
/// Slices come ahead of simulated time and not in order between tracks, so they are kept (24 bytes each) and written
/// by close().
class VcdSink : public RecorderSink {
 public:
    /// Throws InputError when the files cannot be written.
    explicit VcdSink(const std::string& file);

    void on_track(TrackId track, const std::string& path) override;
    void on_slice(const Slice& slice) override;
    /// Writes both files and puts them in place; without it nothing remains.
    void close();

 private:
    using NameId = std::uint32_t;
    struct Stretch {
        Picoseconds start_ps;
        Picoseconds end_ps;
        TrackId track;
        NameId name;
    };
    /// From `time_ps` on, `track` does `name`.
    struct Change {
        Picoseconds time_ps;
        TrackId track;
        NameId name;
    };
    NameId intern(std::string_view name);
    std::vector<TrackId> used_tracks() const;
    std::vector<Change> changes();
    void write_header(const std::vector<TrackId>& tracks);
    void write_changes(const std::vector<TrackId>& tracks);
    void write_save_file(const std::vector<TrackId>& tracks);

    std::string name_;
    AtomicFile file_;
    AtomicFile save_file_;
    std::vector<std::string> tracks_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, NameId> name_ids_;
    std::vector<Stretch> stretches_;
};

}  // namespace aqpim
