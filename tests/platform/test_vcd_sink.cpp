#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <sstream>

#include "models/common/error.h"
#include "models/common/recorder.h"
#include "platform/results/vcd_sink.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;

namespace {

/// A VCD read again: for each signal ("pim.channel0.busy") its value from each time on.
struct Waveforms {
    std::map<std::string, std::map<Picoseconds, std::string>> signals;

    explicit Waveforms(const std::string& text) {
        std::istringstream in(text);
        std::vector<std::string> scopes;
        std::map<std::string, std::string> names;
        Picoseconds now = 0;
        for (std::string word; in >> word;) {
            if (word == "$scope") {
                std::string kind;
                std::string name;
                in >> kind >> name;
                scopes.push_back(name);
            } else if (word == "$upscope") {
                scopes.pop_back();
            } else if (word == "$var") {
                std::string type;
                std::string size;
                std::string id;
                std::string name;
                in >> type >> size >> id >> name;
                std::string path;
                for (const std::string& scope : scopes) {
                    path += scope + ".";
                }
                REQUIRE(names.emplace(id, path + name).second);
            } else if (word[0] == '#') {
                const Picoseconds time = std::stoull(word.substr(1));
                REQUIRE((time > now || (time == 0 && signals.empty())));
                now = time;
            } else if (word[0] == 's') {
                std::string id;
                in >> id;
                signals[names.at(id)][now] = word.substr(1);
            } else if (word[0] == '0' || word[0] == '1') {
                if (names.contains(word.substr(1))) {
                    signals[names.at(word.substr(1))][now] = word.substr(0, 1);
                }
            }
        }
        REQUIRE(scopes.empty());
    }

    std::string at(const std::string& signal, Picoseconds time) const {
        return std::prev(signals.at(signal).upper_bound(time))->second;
    }
};

void record(VcdSink& sink, TrackId track, const char* name, Picoseconds start_ps, Picoseconds end_ps) {
    sink.on_slice({track, name, start_ps, end_ps, Activity::none, nullptr, 0});
}

}  // namespace

TEST_CASE("a waveform shows when a track was busy and with what") {
    const TemporaryDirectory directory;
    VcdSink sink(directory.path("w.vcd"));
    sink.on_track(0, "gpu.copy");
    sink.on_track(1, "pim.channel0");
    sink.on_track(2, "pim.channel1");
    record(sink, 1, "ACT", 10, 20);
    record(sink, 1, "MAC", 20, 30);
    record(sink, 0, "read 4 KiB", 5, 25);
    sink.close();

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
    VcdSink sink(directory.path("w.vcd"));
    sink.on_track(0, "host.phases");
    record(sink, 0, "layer", 2, 4);
    record(sink, 0, "kernel", 4, 8);
    record(sink, 0, "decode", 0, 8);
    record(sink, 0, "inner", 4, 5);
    sink.close();
    const Waveforms waves(directory.read("w.vcd"));
    const std::map<Picoseconds, std::string> operation = {
        {0, "decode"}, {2, "layer"}, {4, "inner"}, {5, "kernel"}, {8, "-"}};
    CHECK(waves.signals.at("host.phases.operation") == operation);
    const std::map<Picoseconds, std::string> busy = {{0, "1"}, {8, "0"}};
    CHECK(waves.signals.at("host.phases.busy") == busy);
}

TEST_CASE("a waveform's slices may partly overlap: the one begun last is shown, busy lasts to the last end") {
    const TemporaryDirectory directory;
    VcdSink sink(directory.path("w.vcd"));
    sink.on_track(0, "gpu.copy");
    record(sink, 0, "first", 0, 10);
    record(sink, 0, "second", 5, 15);
    sink.close();
    const Waveforms waves(directory.read("w.vcd"));
    const std::map<Picoseconds, std::string> operation = {{0, "first"}, {5, "second"}, {15, "-"}};
    CHECK(waves.signals.at("gpu.copy.operation") == operation);
    const std::map<Picoseconds, std::string> busy = {{0, "1"}, {15, "0"}};
    CHECK(waves.signals.at("gpu.copy.busy") == busy);
}

TEST_CASE("a waveform's signals have unique identifiers and one scope for each device, whatever their order") {
    const TemporaryDirectory directory;
    VcdSink sink(directory.path("w.vcd"));
    for (TrackId track = 0; track < 200; ++track) {
        sink.on_track(track, (track % 2 == 0 ? "pim.channel" : "gpu.bank") + std::to_string(track));
        record(sink, track, "x", track, track + 1);
    }
    sink.on_track(200, "pim");
    record(sink, 200, "x", 0, 1);
    sink.close();
    const std::string text = directory.read("w.vcd");
    CHECK(Waveforms(text).signals.size() == 402);
    const std::string scope = "$scope module pim $end";
    CHECK(text.find(scope) == text.rfind(scope));
}

TEST_CASE("the GTKWave save file names every signal, grouped by device") {
    const TemporaryDirectory directory;
    VcdSink sink(directory.path("w.vcd"));
    sink.on_track(0, "gpu.copy");
    sink.on_track(1, "pim.channel0");
    record(sink, 0, "x", 0, 1);
    record(sink, 1, "y", 0, 1);
    sink.close();
    CHECK(directory.read("w.vcd.gtkw") ==
          "[dumpfile] \"" + directory.path("w.vcd") + "\"\n*2.321928 -1\n[timestart] 0\n[signals_width] 260\n" +
              "@800200\n-gpu\n@28\n+{copy busy} gpu.copy.busy\n@820\n+{copy operation} gpu.copy.operation\n"
              "@1000200\n-gpu\n"
              "@800200\n-pim\n@28\n+{channel0 busy} pim.channel0.busy\n@820\n"
              "+{channel0 operation} pim.channel0.operation\n@1000200\n-pim\n");
}

TEST_CASE("vcd2fst takes the waveforms and keeps them") {
    if (std::system("command -v vcd2fst fst2vcd > /dev/null") != 0) {
        WARN("vcd2fst is not installed");
        return;
    }
    const TemporaryDirectory directory;
    VcdSink sink(directory.path("w.vcd"));
    sink.on_track(0, "pim.channel0");
    record(sink, 0, "PIM_MAC_AB", 10, 20);
    record(sink, 0, "PIM_RD", 25, 30);
    sink.close();
    const std::string command = "cd " + directory.path() + " && vcd2fst w.vcd w.fst && fst2vcd w.fst > again.vcd";
    REQUIRE(std::system(command.c_str()) == 0);
    CHECK(Waveforms(directory.read("again.vcd")).signals == Waveforms(directory.read("w.vcd")).signals);
}

TEST_CASE("waveforms that are not completed leave what was there") {
    const TemporaryDirectory directory;
    directory.write("w.vcd", "earlier");
    { VcdSink sink(directory.path("w.vcd")); }
    CHECK(directory.read("w.vcd") == "earlier");
    CHECK(directory.files() == std::set<std::string>{"w.vcd"});
    CHECK(message_of<InputError>([&] { VcdSink(directory.path("none/w.vcd")); }) ==
          directory.path("none/w.vcd") + ": cannot be written: No such file or directory");
}
