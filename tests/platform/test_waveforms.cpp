#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "models/common/error.h"
#include "models/common/recorder.h"
#include "platform/results/waveform_sink.h"
#include "tests/platform/temporary_directory.h"
#include "tests/platform/waveforms.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;
using test::Waveforms;

namespace {

void record(WaveformSink& sink, TrackId track, const char* name, Picoseconds start_ps, Picoseconds end_ps) {
    sink.on_slice({track, name, start_ps, end_ps, Activity::none, nullptr, 0});
}

}  // namespace

TEST_CASE("a waveform shows when a track was busy and with what") {
    const TemporaryDirectory directory;
    WaveformSink sink(directory.path("w.vcd"));
    sink.on_track(0, "gpu.copy");
    sink.on_track(1, "pim.channel0");
    sink.on_track(2, "pim.channel1");
    record(sink, 1, "ACT", 10, 20);
    record(sink, 1, "MAC", 20, 30);
    record(sink, 0, "read 4 KiB", 5, 25);
    sink.close(0, 1000);

    const Waveforms waves(directory.read("w.vcd"));
    CHECK(waves.signals.size() == 4);  // channel1 had no slices
    const std::map<Picoseconds, std::string> busy = {{0, "0"}, {10, "1"}, {30, "0"}};
    const std::map<Picoseconds, std::string> operation = {{0, "-"}, {10, "ACT"}, {20, "MAC"}, {30, "-"}};
    CHECK(waves.signals.at("pim.channel0.busy") == busy);
    CHECK(waves.signals.at("pim.channel0.operation") == operation);
    CHECK(waves.at("gpu.copy.operation", 5) == "read_4_KiB");
    CHECK(directory.read("w.vcd").find("$timescale 1 ps $end") != std::string::npos);
}

TEST_CASE("of nested slices a waveform shows the innermost") {
    const TemporaryDirectory directory;
    WaveformSink sink(directory.path("w.vcd"));
    sink.on_track(0, "host.phases");
    record(sink, 0, "layer", 2, 4);
    record(sink, 0, "kernel", 4, 8);
    record(sink, 0, "decode", 0, 8);
    record(sink, 0, "inner", 4, 5);
    sink.close(0, 1000);
    const Waveforms waves(directory.read("w.vcd"));
    const std::map<Picoseconds, std::string> operation = {
        {0, "decode"}, {2, "layer"}, {4, "inner"}, {5, "kernel"}, {8, "-"}};
    CHECK(waves.signals.at("host.phases.operation") == operation);
    const std::map<Picoseconds, std::string> busy = {{0, "1"}, {8, "0"}};
    CHECK(waves.signals.at("host.phases.busy") == busy);
}

TEST_CASE("a waveform's slices may partly overlap: the one begun last is shown, busy lasts to the last end") {
    const TemporaryDirectory directory;
    WaveformSink sink(directory.path("w.vcd"));
    sink.on_track(0, "gpu.copy");
    record(sink, 0, "first", 0, 10);
    record(sink, 0, "second", 5, 15);
    sink.close(0, 1000);
    const Waveforms waves(directory.read("w.vcd"));
    const std::map<Picoseconds, std::string> operation = {{0, "first"}, {5, "second"}, {15, "-"}};
    CHECK(waves.signals.at("gpu.copy.operation") == operation);
    const std::map<Picoseconds, std::string> busy = {{0, "1"}, {15, "0"}};
    CHECK(waves.signals.at("gpu.copy.busy") == busy);
}

TEST_CASE("a waveform's signals have unique identifiers and one scope for each device, whatever their order") {
    const TemporaryDirectory directory;
    WaveformSink sink(directory.path("w.vcd"));
    for (TrackId track = 0; track < 200; ++track) {
        sink.on_track(track, (track % 2 == 0 ? "pim.channel" : "gpu.bank") + std::to_string(track));
        record(sink, track, "x", track, track + 1);
    }
    sink.on_track(200, "pim");
    record(sink, 200, "x", 0, 1);
    sink.close(0, 1000);
    const std::string text = directory.read("w.vcd");
    CHECK(Waveforms(text).signals.size() == 402);
    const std::string scope = "$scope module pim $end";
    CHECK(text.find(scope) == text.rfind(scope));
}

namespace {

/// A record with nested and overlapping slices, names with spaces, and counters.
void record_all_kinds(WaveformSink& sink) {
    sink.on_track(0, "host.firmware");
    sink.on_track(1, "pim.channel0.moves");
    sink.on_track(2, "pim.channel1.moves");
    sink.on_track(3, "gpu.compute");
    for (Picoseconds time = 0; time < 500; time += 7) {
        record(sink, 1 + time % 3, time % 2 == 0 ? "load K" : "a rather longer name", 100 + time, 104 + time);
    }
    record(sink, 0, "layer 0", 120, 200);
    record(sink, 0, "decode 0", 110, 900);
    sink.on_counter({"power.pcie", "mW", 100, 12.5});
    sink.on_counter({"power.pcie", "mW", 333, 1e-3 / 3});
    sink.on_counter({"power.total", "mW", 200, 7e9});
}

/// The matches of a pattern's first group in a text.
std::multiset<std::string> all_matches(const std::string& text, const std::string& pattern) {
    std::multiset<std::string> found;
    const std::regex regex(pattern);
    for (auto match = std::sregex_iterator(text.begin(), text.end(), regex); match != std::sregex_iterator(); ++match) {
        found.insert((*match)[1].str());
    }
    return found;
}

}  // namespace

TEST_CASE("an FST has what the VCD of the same record has") {
    REQUIRE(std::system("command -v fst2vcd > /dev/null") == 0);
    const TemporaryDirectory directory;
    for (const char* name : {"w.vcd", "w.fst"}) {
        WaveformSink sink(directory.path(name));
        record_all_kinds(sink);
        sink.close(90, 1000);
    }
    const std::string command = "cd " + directory.path() + " && fst2vcd w.fst > again.vcd";
    REQUIRE(std::system(command.c_str()) == 0);
    const Waveforms vcd(directory.read("w.vcd"));
    const Waveforms fst(directory.read("again.vcd"));
    CHECK(vcd.signals.size() == 10);
    CHECK(vcd.signals.at("pim.channel1.moves.operation").size() > 20);
    CHECK(fst.signals == vcd.signals);
    CHECK(fst.at("power.pcie.mW", 332) == "12.5");
    CHECK(directory.read("again.vcd").find("#90\n") != std::string::npos);
    CHECK(directory.read("again.vcd").find("#1000\n") != std::string::npos);
}

TEST_CASE("an FST is the same each time it is written") {
    const TemporaryDirectory directory;
    for (const char* name : {"1.fst", "2.fst"}) {
        WaveformSink sink(directory.path(name));
        record_all_kinds(sink);
        sink.close(0, 1000);
    }
    CHECK(directory.read("1.fst") == directory.read("2.fst"));
    CHECK(directory.files() ==
          std::set<std::string>{"1.fst", "1.fst.gtkw", "1.fst.sucl", "2.fst", "2.fst.gtkw", "2.fst.sucl"});
}

TEST_CASE("waveforms of which nothing is recorded say so, as viewers open none without signals") {
    const TemporaryDirectory directory;
    for (const char* name : {"w.vcd", "w.fst"}) {
        WaveformSink sink(directory.path(name));
        sink.on_track(0, "gpu.copy");
        sink.close(0, 1000);
    }
    const std::string command = "cd " + directory.path() + " && fst2vcd w.fst > again.vcd";
    REQUIRE(std::system(command.c_str()) == 0);
    const Waveforms waves(directory.read("w.vcd"));
    CHECK(waves.at("nothing_recorded", 1000) == "0");
    CHECK(waves.signals == Waveforms(directory.read("again.vcd")).signals);
}

TEST_CASE("the save files name every signal once, grouped and coloured, and nothing else") {
    const TemporaryDirectory directory;
    WaveformSink sink(directory.path("w.vcd"));
    record_all_kinds(sink);
    sink.on_slice({1, "attend", 950, 960, Activity::pim_attention, nullptr, 0});
    sink.close(0, 1000);
    std::multiset<std::string> signals;
    for (const auto& [name, values] : Waveforms(directory.read("w.vcd")).signals) {
        signals.insert(name);
    }
    REQUIRE(signals.size() == 10);

    const std::string gtkwave = directory.read("w.vcd.gtkw");
    CHECK(all_matches(gtkwave, R"(\n\+\{[^}]*\} (\S+))") == signals);
    CHECK(all_matches(gtkwave, R"(@800200\n-(\S+))") == all_matches(gtkwave, R"(@1000200\n-(\S+))"));
    CHECK(all_matches(gtkwave, R"(@800200\n-(\S+))") ==
          std::multiset<std::string>{"host", "pim", "channel0", "channel1", "gpu", "power"});
    CHECK(gtkwave.find("@28\n[color] 4\n+{moves busy} pim.channel0.moves.busy\n") != std::string::npos);

    const std::string surfer = directory.read("w.vcd.sucl");
    CHECK(all_matches(surfer, R"(\nvariable_add (\S+))") == signals);
    CHECK(surfer.find("variable_add pim.channel0.moves.busy\nitem_focus e_\nitem_set_color Green\n") !=
          std::string::npos);
    CHECK(all_matches(surfer, R"(\n(?:(?:divider|variable)_add \S+\nitem_focus ([a-p]+)_\nitem_set_color [A-Z][a-z]+))")
              .size() == signals.size() + 5);
}

TEST_CASE("the GTKWave save file begins and is zoomed where the window is") {
    const TemporaryDirectory directory;
    WaveformSink sink(directory.path("w.vcd"));
    sink.on_track(0, "gpu.copy");
    record(sink, 0, "x", 100, 200);
    sink.close(100, 101);
    // 1000 pixels for one picosecond, of which one takes 200 * 2^zoom.
    CHECK(directory.read("w.vcd.gtkw").find("[timestart] 100\n*2.321928 -1\n") != std::string::npos);
}

TEST_CASE("what reaches beyond the end of a waveform lasts to it") {
    const TemporaryDirectory directory;
    WaveformSink sink(directory.path("w.vcd"));
    sink.on_track(0, "gpu.copy");
    record(sink, 0, "x", 100, 200);
    record(sink, 0, "y", 300, 400);
    sink.close(50, 150);
    const Waveforms waves(directory.read("w.vcd"));
    const std::map<Picoseconds, std::string> busy = {{50, "0"}, {100, "1"}};
    CHECK(waves.signals.at("gpu.copy.busy") == busy);
    const std::string text = directory.read("w.vcd");
    CHECK(text.ends_with("#150\n"));
}

TEST_CASE("an FST that finds no room is refused and leaves nothing") {
    const TemporaryDirectory directory;
    const std::string full = directory.path("full");
    std::filesystem::create_directory(full);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    const std::string message = message_of<InputError>([&] {
        WaveformSink sink(full + "/w.fst");
        record_all_kinds(sink);
        const rlimit limit{400, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
        sink.close(0, 1000);
    });
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK(message.starts_with(full + "/w.fst: cannot be written: "));
    CHECK(directory.files("full").empty());
}

TEST_CASE("waveforms that are not completed leave what was there") {
    const TemporaryDirectory directory;
    directory.write("w.vcd", "earlier");
    { WaveformSink sink(directory.path("w.vcd")); }
    CHECK(directory.read("w.vcd") == "earlier");
    CHECK(directory.files() == std::set<std::string>{"w.vcd"});
    for (const std::string file : {"none/w.vcd", "none/w.fst"}) {
        CHECK(message_of<InputError>([&] { WaveformSink(directory.path(file)); }) ==
              directory.path(file) + ": cannot be written: No such file or directory");
    }
}
