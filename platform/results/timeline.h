#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "models/common/recorder.h"

namespace aqpim {

/// How busy each of some tracks was, in equal bins of time from `start_ps` on. Bins double their width as time goes on,
/// so that there are never more than `most_bins`.
class BusyBins {
 public:
    static constexpr std::size_t most_bins = 240;

    BusyBins(Picoseconds start_ps, unsigned width_bits) : start_ps_(start_ps), width_bits_(width_bits) {}

    /// Stretches before the start and, once it is set, behind the end are cut off.
    void add(std::size_t track, Picoseconds start_ps, Picoseconds end_ps);
    void set_end(Picoseconds end_ps);

    Picoseconds start_ps() const { return start_ps_; }
    Picoseconds end_ps() const { return end_ps_; }
    Picoseconds bin_ps() const { return Picoseconds{1} << width_bits_; }
    unsigned width_bits() const { return width_bits_; }
    /// Shares, 0 to 1, of the bins up to the end; the last one's of the part that is before it.
    std::vector<double> shares(std::size_t track) const;

 private:
    void reach(Picoseconds length_ps);
    void widen();

    Picoseconds start_ps_;
    Picoseconds end_ps_ = std::numeric_limits<Picoseconds>::max();
    unsigned width_bits_;
    std::vector<std::vector<Picoseconds>> busy_;  // by track and bin
};

/// Keeps, in bounded memory, what `timeline.json` tells (docs/formats.md): how busy each track was over the whole run
/// and, in finer bins, over the last decode step, and the counters called `power.*`.
///
/// Slices of one track that overlap count once where they come in order of their start. Of those that come later than
/// what they hold (phases of the firmware) a bin may count some time twice, but never as more than its width. `.banks`
/// tracks are left out: a row is open while the bank engines work.
class Timeline : public RecorderSink {
 public:
    static constexpr std::size_t most_channels = 16;

    /// Of PIM devices that have more than `most_channels` channels it keeps every n-th.
    explicit Timeline(std::size_t channels_per_pim_device = most_channels);

    bool wants(const std::string& path) const override;
    void on_track(TrackId track, const std::string& path) override;
    void on_slice(const Slice& slice) override;
    void on_begin(TrackId track, std::string_view name, Picoseconds start_ps) override;
    void on_counter(const CounterSample& sample) override;

    /// The file's content, of a run that ended at `end_ps`. To be called once.
    nlohmann::ordered_json finish(Picoseconds end_ps);

 private:
    struct Track {
        std::string path;
        // The last stretch, which the next slice may make longer.
        Picoseconds start_ps = 0;
        Picoseconds end_ps = 0;
    };
    /// Values from their times on.
    using Steps = std::vector<std::pair<Picoseconds, double>>;

    void add(std::size_t track, Picoseconds start_ps, Picoseconds end_ps);
    nlohmann::ordered_json window(const std::string& name, const BusyBins& bins) const;
    nlohmann::ordered_json power(const BusyBins& bins) const;

    std::size_t channel_step_;
    std::vector<std::size_t> places_;  // in tracks_, by TrackId
    std::vector<Track> tracks_;
    BusyBins run_;
    BusyBins step_;
    bool has_step_ = false;
    std::map<std::string, Steps> power_;
};

}  // namespace aqpim
