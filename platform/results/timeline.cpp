#include "platform/results/timeline.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "platform/results/scopes.h"

namespace aqpim {

namespace {

// 66 ns: a step of 16 us has all bins.
constexpr unsigned first_width_bits = 16;
constexpr std::string_view power_prefix = "power.";

double with_decimals(double value) {
    constexpr double thousand = 1000;
    return std::round(value * thousand) / thousand;
}

/// The mean of what `steps` say over [start_ps, end_ps).
double mean(const std::vector<std::pair<Picoseconds, double>>& steps, Picoseconds start_ps, Picoseconds end_ps) {
    auto step = std::upper_bound(steps.begin(), steps.end(), start_ps,
                                 [](Picoseconds time, const auto& entry) { return time < entry.first; });
    double sum = 0;
    double value = step == steps.begin() ? 0 : std::prev(step)->second;
    for (Picoseconds time = start_ps; time < end_ps; ++step) {
        const Picoseconds until = step == steps.end() ? end_ps : std::min(end_ps, step->first);
        sum += value * static_cast<double>(until - time);
        time = until;
        if (step == steps.end()) {
            break;
        }
        value = step->second;
    }
    return sum / static_cast<double>(end_ps - start_ps);
}

}  // namespace

void BusyBins::add(std::size_t track, Picoseconds start_ps, Picoseconds end_ps) {
    if (end_ps <= start_ps_ || start_ps >= end_ps_) {
        return;
    }
    Picoseconds from = std::max(start_ps, start_ps_) - start_ps_;
    const Picoseconds until = std::min(end_ps, end_ps_) - start_ps_;
    reach(until);
    if (track >= busy_.size()) {
        busy_.resize(track + 1);
    }
    std::vector<Picoseconds>& bins = busy_[track];
    bins.resize(most_bins);
    while (from < until) {
        const std::size_t bin = from >> width_bits_;
        const Picoseconds bin_end = (Picoseconds{bin} + 1) << width_bits_;
        bins[bin] = std::min(bin_ps(), bins[bin] + std::min(until, bin_end) - from);
        from = bin_end;
    }
}

void BusyBins::set_end(Picoseconds end_ps) {
    end_ps_ = end_ps;
    reach(end_ps - start_ps_);
}

void BusyBins::reach(Picoseconds length_ps) {
    while (length_ps > Picoseconds{most_bins} << width_bits_) {
        widen();
    }
}

void BusyBins::widen() {
    for (std::vector<Picoseconds>& bins : busy_) {
        for (std::size_t i = 0; i < bins.size() / 2; ++i) {
            bins[i] = bins[2 * i] + bins[2 * i + 1];
        }
        std::fill(bins.begin() + static_cast<std::ptrdiff_t>(bins.size() / 2), bins.end(), 0);
    }
    ++width_bits_;
}

std::vector<double> BusyBins::shares(std::size_t track) const {
    std::vector<double> result;
    for (Picoseconds at = 0; at < end_ps_ - start_ps_; at += bin_ps()) {
        const Picoseconds width = std::min(bin_ps(), end_ps_ - start_ps_ - at);
        const bool any = track < busy_.size() && !busy_[track].empty();
        const Picoseconds busy = any ? busy_[track][result.size()] : 0;
        result.push_back(with_decimals(std::min(1.0, static_cast<double>(busy) / static_cast<double>(width))));
    }
    return result;
}

Timeline::Timeline(std::size_t channels_per_pim_device)
    : channel_step_((std::max<std::size_t>(channels_per_pim_device, 1) + most_channels - 1) / most_channels),
      run_(0, first_width_bits),
      step_(0, first_width_bits) {}

bool Timeline::wants(const std::string& path) const {
    if (path.ends_with(".banks")) {
        return false;
    }
    constexpr std::string_view channel = ".channel";
    const std::size_t found = path.find(channel);
    return found == std::string::npos ||
           std::strtoul(path.c_str() + found + channel.size(), nullptr, 10) % channel_step_ == 0;
}

void Timeline::on_track(TrackId track, const std::string& path) {
    places_.resize(std::max<std::size_t>(places_.size(), track + 1));
    places_[track] = tracks_.size();
    tracks_.push_back({path});
}

void Timeline::on_slice(const Slice& slice) {
    const std::size_t place = places_[slice.track];
    Track& track = tracks_[place];
    if (slice.start_ps >= track.start_ps && slice.start_ps <= track.end_ps) {
        track.end_ps = std::max(track.end_ps, slice.end_ps);
    } else {
        add(place, track.start_ps, track.end_ps);
        track.start_ps = slice.start_ps;
        track.end_ps = slice.end_ps;
    }
    if (has_step_ && slice.start_ps == step_.start_ps() && slice.name.starts_with("decode")) {
        step_.set_end(slice.end_ps);
    }
}

void Timeline::add(std::size_t track, Picoseconds start_ps, Picoseconds end_ps) {
    run_.add(track, start_ps, end_ps);
    if (has_step_) {
        step_.add(track, start_ps, end_ps);
    }
}

void Timeline::on_begin(TrackId, std::string_view name, Picoseconds start_ps) {
    if (name.starts_with("decode")) {
        // Steps are much alike: bins that are a quarter of the last one's widths are widened twice.
        const unsigned bits = has_step_ ? std::max(first_width_bits, step_.width_bits() - 2) : first_width_bits;
        step_ = BusyBins(start_ps, bits);
        has_step_ = true;
    }
}

void Timeline::on_counter(const CounterSample& sample) {
    if (sample.path.starts_with(power_prefix)) {
        power_[std::string(sample.path.substr(power_prefix.size()))].emplace_back(sample.time_ps, sample.value);
    }
}

nlohmann::ordered_json Timeline::finish(Picoseconds end_ps) {
    for (std::size_t place = 0; place < tracks_.size(); ++place) {
        add(place, tracks_[place].start_ps, tracks_[place].end_ps);
        tracks_[place].start_ps = tracks_[place].end_ps = 0;
    }
    nlohmann::ordered_json windows = nlohmann::ordered_json::array();
    run_.set_end(end_ps);
    windows.push_back(window("run", run_));
    if (has_step_) {
        step_.set_end(std::min(step_.end_ps(), end_ps));
        windows.push_back(window("last decode step", step_));
    }
    return {{"schema", 1}, {"windows", std::move(windows)}};
}

nlohmann::ordered_json Timeline::window(const std::string& name, const BusyBins& bins) const {
    nlohmann::ordered_json tracks = nlohmann::ordered_json::array();
    for (std::size_t place = 0; place < tracks_.size(); ++place) {
        const std::string& path = tracks_[place].path;
        const std::vector<double> shares = bins.shares(place);
        if (std::any_of(shares.begin(), shares.end(), [](double share) { return share != 0; })) {
            tracks.push_back({{"path", path}, {"group", device_of(path)}, {"busy", shares}});
        }
    }
    nlohmann::ordered_json result = {{"name", name},
                                     {"start_ps", bins.start_ps()},
                                     {"end_ps", bins.end_ps()},
                                     {"bin_ps", bins.bin_ps()},
                                     {"tracks", std::move(tracks)}};
    if (!power_.empty()) {
        result["power_mw"] = power(bins);
    }
    return result;
}

nlohmann::ordered_json Timeline::power(const BusyBins& bins) const {
    std::vector<Picoseconds> times = {bins.start_ps()};
    for (const auto& [name, steps] : power_) {
        for (const auto& step : steps) {
            if (step.first > bins.start_ps() && step.first < bins.end_ps()) {
                times.push_back(step.first);
            }
        }
    }
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    if (times.size() > BusyBins::most_bins) {
        times.clear();
        for (Picoseconds time = bins.start_ps(); time < bins.end_ps(); time += bins.bin_ps()) {
            times.push_back(time);
        }
    }
    times.push_back(bins.end_ps());
    nlohmann::ordered_json components = nlohmann::ordered_json::object();
    for (const auto& [name, steps] : power_) {
        std::vector<double> means;
        for (std::size_t i = 0; i + 1 < times.size(); ++i) {
            means.push_back(with_decimals(mean(steps, times[i], times[i + 1])));
        }
        components[name] = means;
    }
    return {{"time_ps", times}, {"components", std::move(components)}};
}

}  // namespace aqpim
