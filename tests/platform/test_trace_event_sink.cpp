#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "models/common/error.h"
#include "models/common/recorder.h"
#include "platform/results/trace_event_sink.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;

namespace {

using nlohmann::json;

/// The events of kind `phase` ("X", "M") called `name` (any if empty).
std::vector<json> events(const json& trace, const std::string& phase, const std::string& name = "") {
    std::vector<json> found;
    for (const json& event : trace.at("traceEvents")) {
        if (event.at("ph") == phase && (name.empty() || event.at("name") == name)) {
            found.push_back(event);
        }
    }
    return found;
}

std::string thread_name(const json& trace, const json& slice) {
    for (const json& event : events(trace, "M", "thread_name")) {
        if (event.at("tid") == slice.at("tid") && event.at("pid") == slice.at("pid")) {
            return event.at("args").at("name");
        }
    }
    return {};
}

bool partly_overlap(Picoseconds a_start, Picoseconds a_end, Picoseconds b_start, Picoseconds b_end) {
    return (a_start < b_start && b_start < a_end && a_end < b_end) ||
           (b_start < a_start && a_start < b_end && b_end < a_end);
}

}  // namespace

TEST_CASE("a trace has a process for each device, a thread for each track, a complete event for each slice") {
    const TemporaryDirectory directory;
    TraceEventSink sink(directory.path("t.json"));
    Recorder recorder;
    recorder.attach(sink);
    const TrackId copy = recorder.add_track("gpu.copy");
    const TrackId channel = recorder.add_track("pim.channel0");
    recorder.add_track("pim.channel1");
    recorder.slice(copy, "read", 1'500'001, 3'000'000, Activity::gpu, {{"bytes", std::uint64_t{4096}}, {"to", "pim"}});
    recorder.slice(channel, "ACT", 1, 2);
    sink.close();

    const json trace = json::parse(directory.read("t.json"));
    CHECK(events(trace, "X").size() == 2);
    const json read = events(trace, "X", "read").at(0);
    CHECK(read.at("args") == json{{"bytes", 4096}, {"to", "pim"}});
    CHECK(thread_name(trace, read) == "gpu.copy");
    CHECK(thread_name(trace, events(trace, "X", "ACT").at(0)) == "pim.channel0");
    CHECK(events(trace, "M", "process_name").size() == 2);
    CHECK(events(trace, "M", "process_name").at(0).at("args").at("name") == "gpu");
    CHECK(events(trace, "M", "thread_name").size() == 2);
}

TEST_CASE("a trace's times are exact picoseconds") {
    const TemporaryDirectory directory;
    TraceEventSink sink(directory.path("t.json"));
    sink.on_track(0, "a");
    constexpr Picoseconds late = 9'007'199'254'740'993;  // 2^53 + 1: no double holds it
    sink.on_slice({0, "x", late, late + 7, Activity::none, nullptr, 0});
    sink.close();
    CHECK(directory.read("t.json").find(R"("ts":9007199254.740993,"dur":0.000007)") != std::string::npos);
}

TEST_CASE("a trace escapes what models and users name") {
    const TemporaryDirectory directory;
    TraceEventSink sink(directory.path("t.json"));
    sink.on_track(0, "a.\"b\"\\");
    const SliceArgument arguments[] = {{"k\"", std::string_view("v\n\x01\xff")}};
    sink.on_slice({0, "x\"\\\t", 0, 1, Activity::none, arguments, 1});
    sink.close();
    const json trace = json::parse(directory.read("t.json"));
    CHECK(events(trace, "X").at(0).at("name") == "x\"\\\t");
    CHECK(events(trace, "X").at(0).at("args").at("k\"") == "v\n\x01\uFFFD");
}

TEST_CASE("slices that nest share a thread, whichever comes first") {
    const TemporaryDirectory directory;
    TraceEventSink sink(directory.path("t.json"));
    sink.on_track(0, "host.phases");
    for (const auto& [start, end] : {std::pair{2, 4}, {4, 8}, {2, 8}, {0, 10}, {5, 6}, {10, 12}, {4, 4}}) {
        sink.on_slice({0, "x", Picoseconds(start), Picoseconds(end), Activity::none, nullptr, 0});
    }
    sink.close();
    CHECK(events(json::parse(directory.read("t.json")), "M", "thread_name").size() == 1);
}

TEST_CASE("a slice that partly overlaps an earlier one of its track goes to a further thread") {
    const TemporaryDirectory directory;
    TraceEventSink sink(directory.path("t.json"));
    sink.on_track(0, "gpu.copy");
    sink.on_slice({0, "first", 0, 10, Activity::none, nullptr, 0});
    sink.on_slice({0, "second", 5, 15, Activity::none, nullptr, 0});
    sink.on_slice({0, "third", 12, 20, Activity::none, nullptr, 0});
    sink.close();
    const json trace = json::parse(directory.read("t.json"));
    CHECK(thread_name(trace, events(trace, "X", "first").at(0)) == "gpu.copy");
    CHECK(thread_name(trace, events(trace, "X", "second").at(0)) == "gpu.copy (2)");
    CHECK(thread_name(trace, events(trace, "X", "third").at(0)) == "gpu.copy");
}

TEST_CASE("an empty trace is a valid one") {
    const TemporaryDirectory directory;
    TraceEventSink sink(directory.path("t.json"));
    sink.close();
    CHECK(json::parse(directory.read("t.json")).at("traceEvents").empty());
}

TEST_CASE("a trace that is not completed leaves what was there") {
    const TemporaryDirectory directory;
    directory.write("t.json", "earlier");
    {
        TraceEventSink sink(directory.path("t.json"));
        sink.on_track(0, "a");
        sink.on_slice({0, "x", 0, 1, Activity::none, nullptr, 0});
    }
    CHECK(directory.read("t.json") == "earlier");
    CHECK(directory.files() == std::set<std::string>{"t.json"});
}

TEST_CASE("a trace that cannot be written is refused before the run") {
    const TemporaryDirectory directory;
    CHECK(message_of<InputError>([&] { TraceEventSink(directory.path("none/t.json")); }) ==
          directory.path("none/t.json") + ": cannot be written: No such file or directory");
    CHECK(message_of<InputError>([&] { TraceEventSink sink(directory.path()); }) ==
          directory.path() + ": cannot be written: it is no regular file");
}

TEST_CASE("nesting takes a stretch exactly when it partly overlaps none that is there") {
    std::mt19937 random(2);
    for (int round = 0; round < 300; ++round) {
        SliceNesting nesting;
        std::vector<std::pair<Picoseconds, Picoseconds>> taken;
        for (int i = 0; i < 40; ++i) {
            const Picoseconds start = random() % 40;
            const Picoseconds end = start + random() % 15;
            const bool fits = std::none_of(taken.begin(), taken.end(), [&](const auto& other) {
                return partly_overlap(other.first, other.second, start, end);
            });
            REQUIRE(nesting.insert(start, end) == fits);
            if (fits) {
                taken.emplace_back(start, end);
            }
        }
    }
}
