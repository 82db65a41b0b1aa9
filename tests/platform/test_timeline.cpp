#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "models/common/recorder.h"
#include "platform/results/timeline.h"

using namespace aqpim;

namespace {

using nlohmann::json;

json track_of(const json& window, const std::string& path) {
    for (const json& track : window.at("tracks")) {
        if (track.at("path") == path) {
            return track;
        }
    }
    return {};
}

/// The time that the shares of a track's bins stand for.
double busy_ps(const json& window, const std::string& path) {
    const Picoseconds start = window.at("start_ps");
    const Picoseconds end = window.at("end_ps");
    const Picoseconds bin = window.at("bin_ps");
    double sum = 0;
    Picoseconds at = start;
    const json shares = track_of(window, path).at("busy");
    for (const double share : shares) {
        sum += share * static_cast<double>(std::min(bin, end - at));
        at += bin;
    }
    return sum;
}

}  // namespace

TEST_CASE("a timeline's bins say which share of them a track was busy") {
    Timeline timeline;
    Recorder recorder;
    recorder.attach(timeline);
    const TrackId copy = recorder.add_track("gpu.copy");
    const TrackId banks = recorder.add_track("pim.channel0.banks");
    recorder.add_track("gpu.idle");
    recorder.slice(copy, "a", 0, 16'384);
    recorder.slice(copy, "b", 65'536, 196'608);
    recorder.slice(banks, "row open", 0, 65'536);
    const json result = timeline.finish(229'376);
    CHECK(result.at("schema") == 1);
    REQUIRE(result.at("windows").size() == 1);
    const json& window = result.at("windows").at(0);
    CHECK(window.at("name") == "run");
    CHECK(window.at("bin_ps") == 65'536);
    CHECK(window.at("end_ps") == 229'376);
    CHECK(window.at("tracks").size() == 1);
    CHECK(track_of(window, "gpu.copy").at("group") == "gpu");
    CHECK(track_of(window, "gpu.copy").at("busy") == json{0.25, 1, 1, 0});
}

TEST_CASE("a timeline of a device with many channels keeps at most 16 of them") {
    const auto kept = [](std::size_t channels) {
        const Timeline timeline(channels);
        std::vector<std::size_t> numbers;
        for (std::size_t channel = 0; channel < channels; ++channel) {
            if (timeline.wants("pim1.channel" + std::to_string(channel) + ".moves")) {
                numbers.push_back(channel);
            }
        }
        return numbers;
    };
    CHECK(kept(16).size() == 16);
    CHECK(kept(17) == std::vector<std::size_t>{0, 2, 4, 6, 8, 10, 12, 14, 16});
    CHECK(kept(64) == std::vector<std::size_t>{0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60});
    CHECK(Timeline(64).wants("gpu.compute"));
}

TEST_CASE("a timeline keeps at most 240 bins and every busy picosecond") {
    Timeline timeline;
    Recorder recorder;
    recorder.attach(timeline);
    const TrackId track = recorder.add_track("pim.command");
    std::mt19937_64 random(7);
    Picoseconds time = 0;
    Picoseconds busy = 0;
    for (int i = 0; i < 3000; ++i) {
        time += random() % 3'000'000;
        const Picoseconds length = random() % 2'000'000;
        recorder.slice(track, "x", time, time + length);
        busy += length;
        time += length;
    }
    const json window = timeline.finish(time).at("windows").at(0);
    const std::size_t bins = track_of(window, "pim.command").at("busy").size();
    CHECK(bins <= 240);
    CHECK(bins > 120);
    // Shares have three decimals: each bin is out by at most half of a thousandth.
    CHECK(busy_ps(window, "pim.command") == Approx(static_cast<double>(busy)).epsilon(0.001));
}

TEST_CASE("slices that overlap or are told after what they hold count once in a timeline") {
    Timeline timeline;
    Recorder recorder;
    recorder.attach(timeline);
    const TrackId port = recorder.add_track("pim.memory_port");
    recorder.slice(port, "a", 0, 65'536);
    recorder.slice(port, "b", 32'768, 98'304);
    recorder.slice(port, "c", 40'000, 50'000);
    const TrackId firmware = recorder.add_track("host.firmware");
    recorder.slice(firmware, "layer 0", 0, 65'536);
    recorder.slice(firmware, "layer 1", 131'072, 196'608);
    recorder.slice(firmware, "decode 0", 0, 196'608);
    const json window = timeline.finish(196'608).at("windows").at(0);
    CHECK(track_of(window, "pim.memory_port").at("busy") == json{1, 0.5, 0});
    CHECK(track_of(window, "host.firmware").at("busy") == json{1, 1, 1});
}

TEST_CASE("a timeline shows the last decode step alone and in bins of its own") {
    Timeline timeline;
    Recorder recorder;
    recorder.attach(timeline);
    const TrackId firmware = recorder.add_track("host.firmware");
    const TrackId track = recorder.add_track("pim.command");
    constexpr Picoseconds step_ps = 1'000'000'000;
    for (Picoseconds step = 0; step < 50; ++step) {
        const Picoseconds start = (step + 1) * step_ps;
        recorder.begin(firmware, "decode " + std::to_string(step), start);
        recorder.slice(track, "before the step", start - 1000, start + 1000);
        recorder.slice(track, "attend", start + step_ps / 2, start + step_ps / 4 * 3);
        recorder.slice(firmware, "decode " + std::to_string(step), start, start + step_ps - 5'000'000);
    }
    recorder.slice(track, "after it", 51 * step_ps, 59 * step_ps);
    const json windows = timeline.finish(60 * step_ps).at("windows");
    REQUIRE(windows.size() == 2);
    const json& window = windows.at(1);
    CHECK(window.at("name") == "last decode step");
    CHECK(window.at("start_ps") == 50 * step_ps);
    CHECK(window.at("end_ps") == 51 * step_ps - 5'000'000);
    CHECK(window.at("bin_ps") == 4'194'304);  // 2^22: the smallest of which 240 reach to the end, 995 us
    CHECK(busy_ps(window, "pim.command") == Approx(static_cast<double>(step_ps) / 4 + 1000).epsilon(0.001));
    CHECK(busy_ps(windows.at(0), "pim.command") == Approx(20.5 * static_cast<double>(step_ps)).epsilon(0.001));
}

TEST_CASE("a timeline holds power as steps whose means it keeps") {
    Timeline timeline;
    Recorder recorder;
    recorder.attach(timeline);
    const TrackId firmware = recorder.add_track("host.firmware");
    recorder.begin(firmware, "decode 0", 150);
    recorder.slice(firmware, "decode 0", 150, 300);
    recorder.counter({"power.pcie", "mW", 0, 10});
    recorder.counter({"power.pcie", "mW", 100, 20});
    recorder.counter({"power.gpu", "mW", 200, 4.5});
    recorder.counter({"memory.used", "B", 200, 7});
    const json windows = timeline.finish(400).at("windows");
    CHECK(windows.at(0).at("power_mw") ==
          json{{"time_ps", {0, 100, 200, 400}}, {"components", {{"pcie", {10, 20, 20}}, {"gpu", {0, 0, 4.5}}}}});
    CHECK(windows.at(1).at("power_mw") ==
          json{{"time_ps", {150, 200, 300}}, {"components", {{"pcie", {20, 20}}, {"gpu", {0, 4.5}}}}});
}

TEST_CASE("a timeline of more power steps than bins keeps the energy") {
    Timeline timeline;
    std::mt19937 random(3);
    double energy = 0;
    constexpr Picoseconds step_ps = 1'000'000;
    for (Picoseconds step = 0; step < 1000; ++step) {
        const double mw = static_cast<double>(random() % 1000);
        timeline.on_counter({"power.total", "mW", step * step_ps, mw});
        energy += mw * static_cast<double>(step_ps);
    }
    timeline.on_track(0, "a");
    timeline.on_slice({0, "x", 0, 1000 * step_ps, Activity::none, nullptr, 0});
    const json power = timeline.finish(1000 * step_ps).at("windows").at(0).at("power_mw");
    const json& times = power.at("time_ps");
    const json& values = power.at("components").at("total");
    REQUIRE(times.size() == values.size() + 1);
    CHECK(values.size() <= 240);
    double kept = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        kept += values.at(i).get<double>() * (times.at(i + 1).get<double>() - times.at(i).get<double>());
    }
    CHECK(kept == Approx(energy).epsilon(1e-5));
}
