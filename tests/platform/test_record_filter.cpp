#include <catch2/catch.hpp>
#include <tuple>
#include <vector>

#include "models/common/error.h"
#include "models/common/recorder.h"
#include "platform/results/record_filter.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;

namespace {

struct Listing : RecorderSink {
    using Entry = std::tuple<std::string, Picoseconds, Picoseconds>;
    void on_track(TrackId, const std::string& path) override { tracks.push_back(path); }
    void on_slice(const Slice& slice) override {
        slices.emplace_back(std::string(slice.name), slice.start_ps, slice.end_ps);
    }
    void on_counter(const CounterSample& sample) override {
        samples.emplace_back(std::string(sample.path), sample.time_ps, static_cast<Picoseconds>(sample.value));
    }
    std::vector<std::string> tracks;
    std::vector<Entry> slices;
    std::vector<Entry> samples;
};

using Entries = std::vector<Listing::Entry>;

}  // namespace

TEST_CASE("a window cuts slices at its ends and keeps nothing outside") {
    Listing sink;
    const SignalSelection all;
    const TimeWindow window{100, 200, {}};
    RecordFilter filter(sink, all, window);
    Recorder recorder;
    recorder.attach(filter);
    const TrackId track = recorder.add_track("gpu.copy");
    for (const auto& [start, end] : {std::pair{50, 100}, {60, 110}, {120, 130}, {190, 250}, {200, 210}, {0, 300}}) {
        recorder.slice(track, "x", Picoseconds(start), Picoseconds(end));
    }
    recorder.slice(track, "instant", 99, 99);
    recorder.slice(track, "instant", 100, 100);
    recorder.slice(track, "instant", 200, 200);
    CHECK(sink.slices ==
          Entries{{"x", 100, 110}, {"x", 120, 130}, {"x", 190, 200}, {"x", 100, 200}, {"instant", 100, 100}});
}

TEST_CASE("a counter begins in a window with the value that it had") {
    Listing sink;
    const SignalSelection selection({"!power.gpu"});
    const TimeWindow window{100, 200, {}};
    RecordFilter filter(sink, selection, window);
    for (const auto& [path, time, value] : Entries{{"power.pcie", 10, 1},
                                                   {"power.host", 20, 5},
                                                   {"power.gpu", 20, 5},
                                                   {"power.pcie", 90, 2},
                                                   {"power.pcie", 150, 3},
                                                   {"power.pcie", 200, 4}}) {
        filter.on_counter({path, "mW", time, static_cast<double>(value)});
    }
    filter.finish();
    CHECK(sink.samples == Entries{{"power.pcie", 100, 2}, {"power.pcie", 150, 3}, {"power.host", 100, 5}});
}

TEST_CASE("a window named by a phase is the first phase of that name") {
    Listing sink;
    const SignalSelection selection({"gpu.*"});
    PhaseWindow phase(parse_time_window("decode0"));
    RecordFilter filter(sink, selection, phase.window());
    Recorder recorder;
    recorder.attach(phase);
    recorder.attach(filter);
    const TrackId firmware = recorder.add_track("host.firmware");
    const TrackId copy = recorder.add_track("gpu.copy");
    CHECK(sink.tracks == std::vector<std::string>{"gpu.copy"});
    recorder.slice(copy, "before", 10, 20);
    CHECK(!phase.has_begun());
    recorder.begin(firmware, "decode 0", 100);
    CHECK(phase.has_begun());
    recorder.slice(copy, "spans", 50, 150);
    recorder.slice(copy, "ahead", 190, 290);
    recorder.slice(firmware, "decode 0", 100, 200);
    recorder.slice(copy, "over", 180, 230);
    recorder.begin(firmware, "decode 0", 300);
    recorder.slice(copy, "after", 310, 320);
    CHECK(sink.slices == Entries{{"spans", 100, 150}, {"ahead", 190, 290}, {"over", 180, 200}});
}

TEST_CASE("patterns take tracks by their paths and leave others out") {
    CHECK(SignalSelection().selects("pim.channel40.moves"));
    const SignalSelection some({"pim.channel0.*", "gpu.*", "!*.interrupt"});
    CHECK(some.selects("pim.channel0.moves"));
    CHECK(!some.selects("pim.channel01.moves"));
    CHECK(some.selects("gpu.copy"));
    CHECK(!some.selects("gpu.stream0.interrupt"));
    CHECK(!some.selects("gpu"));
    CHECK(SignalSelection({"!pim.*"}).selects("gpu.copy"));
    CHECK(message_of<InputError>([] { SignalSelection({"!"}); }) ==
          "--signals: '!' found; a pattern such as pim.channel0.* is allowed");
    CHECK(message_of<InputError>([] {
              SignalSelection({"gpu.*", "pin.*"}).check({"gpu.copy", "pim.command"});
          }) == "--signals: 'pin.*' found, which matches no track; there are gpu.*, pim.*");
    CHECK_NOTHROW(SignalSelection({"gpu.*", "!power.*"}).check({"gpu.copy"}));
}

TEST_CASE("by default a device of many channels shows channels 0 and 1") {
    const SignalSelection few = default_selection(16);
    CHECK(few.selects("pim.channel15.moves"));
    const SignalSelection many = default_selection(64);
    for (const char* path : {"pim.channel0.moves", "pim1.channel1.banks", "gpu.compute", "pim.command"}) {
        CHECK(many.selects(path));
    }
    for (const char* path : {"pim.channel2.moves", "pim.channel10.moves", "pim1.channel63.banks"}) {
        CHECK(!many.selects(path));
    }
}

TEST_CASE("a window is two times of which one may be left out or a phase") {
    const TimeWindow both = parse_time_window("10ms..20.5ms");
    CHECK(both.start_ps == 10'000'000'000);
    CHECK(both.end_ps == 20'500'000'000);
    CHECK(parse_time_window("..1us").start_ps == 0);
    CHECK(parse_time_window("..1us").end_ps == 1'000'000);
    CHECK(parse_time_window("1us..").end_ps == TimeWindow::never_ps);
    CHECK(parse_time_window("prefill").phase == "prefill");
    CHECK(parse_time_window("decode0").phase == "decode 0");
    CHECK(parse_time_window("layer 12").phase == "layer 12");
}

TEST_CASE("a window that is none is refused") {
    const std::string allowed =
        "; START..END with times such as 10ms..20ms, of which one may be left out, or a phase of the firmware such as "
        "'decode 0' is allowed";
    CHECK(message_of<InputError>([] { parse_time_window("soon"); }) == "--window: 'soon' found" + allowed);
    CHECK(message_of<InputError>([] { parse_time_window("2ms..1ms"); }) ==
          "--window: '2ms..1ms' found, which ends before it starts" + allowed);
    for (const char* text : {"", "10..20ms", "1ms..2ms..3ms", "1ms...2ms", "decode", "layer x", "-1ms.."}) {
        CHECK(message_of<InputError>([&] { parse_time_window(text); }).ends_with(allowed));
    }
}

TEST_CASE("a track that no sink wants is not handed on") {
    struct Picky : Listing {
        bool wants(const std::string& path) const override { return path == "b"; }
    } sink;
    Recorder recorder;
    recorder.attach(sink);
    const TrackId a = recorder.add_track("a");
    const TrackId b = recorder.add_track("b");
    recorder.slice(a, "x", 1, 2);
    recorder.slice(b, "y", 3, 4);
    CHECK(sink.tracks == std::vector<std::string>{"b"});
    CHECK(sink.slices == Entries{{"y", 3, 4}});
    CHECK(recorder.paths() == std::vector<std::string>{"a", "b"});
}
