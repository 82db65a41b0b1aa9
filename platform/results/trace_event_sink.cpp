#include "platform/results/trace_event_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "platform/results/scopes.h"

namespace aqpim {

namespace {

constexpr Picoseconds ps_per_us = 1'000'000;

/// In quotes and escaped; bytes that are not UTF-8 become U+FFFD.
std::string json_text(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string microseconds(Picoseconds ps) {
    return fmt::format("{}.{:06}", ps / ps_per_us, ps % ps_per_us);
}

std::string metadata(std::string_view what, unsigned process, unsigned thread, std::string_view value) {
    const std::string_view argument = what.ends_with("_name") ? "name" : "sort_index";
    return fmt::format(R"({{"ph":"M","name":"{}","pid":{},"tid":{},"args":{{"{}":{}}}}})", what, process, thread,
                       argument, value);
}

std::string arguments_json(const Slice& slice) {
    std::string json;
    for (std::size_t i = 0; i < slice.argument_count; ++i) {
        const SliceArgument& argument = slice.arguments[i];
        const auto* number = std::get_if<std::uint64_t>(&argument.value);
        const std::string value =
            number != nullptr ? fmt::to_string(*number) : json_text(std::get<std::string_view>(argument.value));
        json += fmt::format("{}{}:{}", i == 0 ? "" : ",", json_text(argument.name), value);
    }
    return json;
}

}  // namespace

TraceEventSink::TraceEventSink(const std::string& file) : file_(file) {
    file_.stream() << R"({"displayTimeUnit":"ns","traceEvents":[)";
}

void TraceEventSink::on_track(TrackId track, const std::string& path) {
    tracks_.resize(std::max<std::size_t>(tracks_.size(), track + 1));
    tracks_[track] = {path, 0, {}};
    add_process(path);
}

void TraceEventSink::on_counter(const CounterSample& sample) {
    const std::string path(sample.path);
    add_process(path);
    const unsigned process = process_of(path);
    write_event(fmt::format(R"({{"ph":"C","name":{},"pid":{},"ts":{},"args":{{{}:{}}}}})", json_text(path), process,
                            microseconds(sample.time_ps), json_text(sample.unit), nlohmann::json(sample.value).dump()));
}

void TraceEventSink::on_slice(const Slice& slice) {
    const Picoseconds end_ps = std::max(slice.start_ps, slice.end_ps);
    const unsigned thread = thread_for(slice.track, slice.start_ps, end_ps);
    write_event(fmt::format(R"({{"ph":"X","name":{},"pid":{},"tid":{},"ts":{},"dur":{},"args":{{{}}}}})",
                            json_text(slice.name), tracks_[slice.track].process, thread, microseconds(slice.start_ps),
                            microseconds(end_ps - slice.start_ps), arguments_json(slice)));
}

void TraceEventSink::close() {
    file_.stream() << "\n]}\n";
    file_.commit();
}

unsigned TraceEventSink::thread_for(TrackId id, Picoseconds start_ps, Picoseconds end_ps) {
    for (Lane& lane : tracks_[id].lanes) {
        if (lane.slices.insert(start_ps, end_ps)) {
            return lane.thread;
        }
    }
    Lane& lane = add_lane(id);
    lane.slices.insert(start_ps, end_ps);
    return lane.thread;
}

TraceEventSink::Lane& TraceEventSink::add_lane(TrackId id) {
    Track& track = tracks_[id];
    if (track.lanes.empty()) {
        track.process = process_of(track.path);
    }
    const unsigned thread = ++threads_;
    track.lanes.push_back({thread, {}});
    const std::size_t number = track.lanes.size();
    const std::string name = number == 1 ? track.path : fmt::format("{} ({})", track.path, number);
    write_event(metadata("thread_name", track.process, thread, json_text(name)));
    // Tracks in the order in which the models added them, a track's further threads right below it.
    write_event(metadata("thread_sort_index", track.process, thread, fmt::to_string(id)));
    return track.lanes.back();
}

void TraceEventSink::add_process(const std::string& path) {
    processes_.try_emplace(device_of(path), Process{static_cast<unsigned>(processes_.size() + 1), false});
}

unsigned TraceEventSink::process_of(const std::string& path) {
    const std::string device = device_of(path);
    Process& process = processes_.at(device);
    if (!process.named) {
        process.named = true;
        write_event(metadata("process_name", process.number, 0, json_text(device)));
        write_event(metadata("process_sort_index", process.number, 0, fmt::to_string(process.number)));
    }
    return process.number;
}

void TraceEventSink::write_event(const std::string& json) {
    file_.stream() << (any_event_ ? ",\n" : "\n") << json;
    any_event_ = true;
}

}  // namespace aqpim
