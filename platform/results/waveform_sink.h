#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/common/recorder.h"
#include "platform/results/save_files.h"
#include "platform/results/waveform_writer.h"

namespace aqpim {

/// Collects what is recorded and writes it as waveforms, VCD or FST, and beside them the save files of GTKWave and
/// Surfer (save_files.h). A track's path is its scope; in it are `busy` (1 bit) and `operation` (a text: the name of
/// the innermost slice, "-" when there is none). A counter's path is the scope of a real number, which its unit names.
/// Tracks without slices are left out.
///
/// Slices come ahead of simulated time and not in order between tracks, so they are kept (24 bytes each) and written
/// by close().
class WaveformSink : public RecorderSink {
 public:
    /// Throws InputError when the files cannot be written.
    explicit WaveformSink(const std::string& file);

    void on_track(TrackId track, const std::string& path) override;
    void on_slice(const Slice& slice) override;
    void on_counter(const CounterSample& sample) override;
    /// Writes all files, of [start_ps, end_ps), and puts them in place; without it nothing remains.
    void close(Picoseconds start_ps, Picoseconds end_ps);

 private:
    using NameId = std::uint32_t;
    using SourceId = std::uint32_t;
    /// A track or a counter.
    struct Source {
        std::string path;
        std::string unit;                    ///< empty: a track
        Activity activity = Activity::none;  ///< the first that is one
        bool is_used = false;
        SignalId busy = 0;
        SignalId value = 0;  ///< operation or number
        NameId shown = 0;
        double number = 0;
    };
    struct Stretch {
        Picoseconds start_ps;
        Picoseconds end_ps;
        SourceId source;
        NameId name;
    };
    /// From `time_ps` on, a track does `name`, or a counter is `number`.
    struct Change {
        Picoseconds time_ps;
        SourceId source;
        NameId name;
        double number;
    };
    NameId intern(std::string_view name);
    SourceId add_source(const std::string& path, const std::string& unit);
    std::vector<SourceId> used_sources() const;
    void declare(const std::vector<SourceId>& sources);
    /// Of how many changes these are.
    std::size_t write_first_values(const std::vector<SourceId>& sources, Picoseconds start_ps);
    void sort_changes();
    void write_changes(std::size_t first, Picoseconds end_ps);
    void write_change(const Change& change);

    std::unique_ptr<WaveformWriter> writer_;
    SaveFiles save_files_;
    std::vector<Source> sources_;
    std::vector<SourceId> source_of_track_;
    std::unordered_map<std::string, SourceId> source_of_counter_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, NameId> name_ids_;
    std::vector<Stretch> stretches_;
    std::vector<Change> changes_;
};

}  // namespace aqpim
