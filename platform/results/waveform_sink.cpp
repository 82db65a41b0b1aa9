#include "platform/results/waveform_sink.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <tuple>

#include "platform/results/fst_writer.h"
#include "platform/results/scopes.h"
#include "platform/results/vcd_writer.h"

namespace aqpim {

namespace {

constexpr std::uint32_t idle_name = 0;
constexpr Picoseconds end_of_time = std::numeric_limits<Picoseconds>::max();

}  // namespace

std::unique_ptr<WaveformWriter> make_waveform_writer(const std::string& file) {
    if (std::filesystem::path(file).extension() == ".fst") {
        return std::make_unique<FstWriter>(file);
    }
    return std::make_unique<VcdWriter>(file);
}

WaveformSink::WaveformSink(const std::string& file) : writer_(make_waveform_writer(file)), save_files_(file) {
    intern("-");
}

WaveformSink::SourceId WaveformSink::add_source(const std::string& path, const std::string& unit) {
    sources_.push_back({as_word(path), unit});
    return static_cast<SourceId>(sources_.size() - 1);
}

void WaveformSink::on_track(TrackId track, const std::string& path) {
    source_of_track_.resize(std::max<std::size_t>(source_of_track_.size(), track + 1));
    source_of_track_[track] = add_source(path, "");
}

void WaveformSink::on_slice(const Slice& slice) {
    if (slice.end_ps <= slice.start_ps) {
        return;
    }
    const SourceId id = source_of_track_[slice.track];
    Source& source = sources_[id];
    source.is_used = true;
    source.activity = source.activity == Activity::none ? slice.activity : source.activity;
    stretches_.push_back({slice.start_ps, slice.end_ps, id, intern(slice.name)});
}

void WaveformSink::on_counter(const CounterSample& sample) {
    const auto [entry, is_new] = source_of_counter_.try_emplace(std::string(sample.path), 0);
    if (is_new) {
        entry->second = add_source(entry->first, as_word(sample.unit));
        sources_[entry->second].is_used = true;
    }
    changes_.push_back({sample.time_ps, entry->second, 0, sample.value});
}

void WaveformSink::close(Picoseconds start_ps, Picoseconds end_ps) {
    end_ps = std::max(start_ps, end_ps);
    const std::vector<SourceId> sources = used_sources();
    sort_changes();
    declare(sources);
    // Viewers refuse a file without signals.
    const std::optional<SignalId> nothing =
        sources.empty() ? std::optional(writer_->add_signal(SignalKind::bit, "nothing_recorded")) : std::nullopt;
    writer_->start(start_ps);
    if (nothing) {
        writer_->change(*nothing, false);
    }
    const std::size_t first_changes = write_first_values(sources, start_ps);
    write_changes(first_changes, end_ps);
    std::vector<ShownTrack> shown;
    for (const SourceId id : sources) {
        shown.push_back({sources_[id].path, sources_[id].activity, sources_[id].unit});
    }
    save_files_.write(shown, start_ps, end_ps);
    writer_->finish(end_ps);
    save_files_.commit();
}

WaveformSink::NameId WaveformSink::intern(std::string_view name) {
    const auto [entry, is_new] = name_ids_.try_emplace(as_word(name), static_cast<NameId>(names_.size()));
    if (is_new) {
        names_.push_back(entry->first);
    }
    return entry->second;
}

std::vector<WaveformSink::SourceId> WaveformSink::used_sources() const {
    std::vector<std::string> paths;
    for (const Source& source : sources_) {
        paths.push_back(source.path);
    }
    std::vector<SourceId> used;
    for (const std::size_t id : scope_order(paths)) {
        if (sources_[id].is_used) {
            used.push_back(static_cast<SourceId>(id));
        }
    }
    return used;
}

void WaveformSink::declare(const std::vector<SourceId>& sources) {
    std::vector<std::string> open;
    const auto leave_to = [&](std::size_t depth) {
        for (; open.size() > depth; open.pop_back()) {
            writer_->leave_scope();
        }
    };
    for (const SourceId id : sources) {
        Source& source = sources_[id];
        const std::vector<std::string> scopes = scopes_of(source.path);
        const auto shared = std::mismatch(open.begin(), open.end(), scopes.begin(), scopes.end());
        const auto depth = static_cast<std::size_t>(shared.first - open.begin());
        leave_to(depth);
        for (std::size_t i = depth; i < scopes.size(); ++i) {
            writer_->enter_scope(scopes[i]);
        }
        open = scopes;
        if (source.unit.empty()) {
            source.busy = writer_->add_signal(SignalKind::bit, "busy");
            source.value = writer_->add_signal(SignalKind::text, "operation");
        } else {
            source.value = writer_->add_signal(SignalKind::real, source.unit);
        }
    }
    leave_to(0);
}

std::size_t WaveformSink::write_first_values(const std::vector<SourceId>& sources, Picoseconds start_ps) {
    std::size_t changes = 0;
    for (; changes < changes_.size() && changes_[changes].time_ps <= start_ps; ++changes) {
        Source& source = sources_[changes_[changes].source];
        source.shown = changes_[changes].name;
        source.number = changes_[changes].number;
    }
    for (const SourceId id : sources) {
        const Source& source = sources_[id];
        if (source.unit.empty()) {
            writer_->change(source.busy, source.shown != idle_name);
            writer_->change(source.value, std::string_view(names_[source.shown]));
        } else {
            writer_->change(source.value, source.number);
        }
    }
    return changes;
}

void WaveformSink::sort_changes() {
    // Of stretches that start together the longest is the outermost.
    std::stable_sort(stretches_.begin(), stretches_.end(), [](const Stretch& a, const Stretch& b) {
        return std::tie(a.source, a.start_ps, b.end_ps) < std::tie(b.source, b.start_ps, a.end_ps);
    });
    std::vector<Stretch> open;  // of the current track, the innermost last
    const auto close_until = [&](Picoseconds time_ps) {
        while (!open.empty() && open.back().end_ps <= time_ps) {
            const Stretch ended = open.back();
            open.pop_back();
            std::erase_if(open, [&](const Stretch& outer) { return outer.end_ps <= ended.end_ps; });
            changes_.push_back({ended.end_ps, ended.source, open.empty() ? idle_name : open.back().name, 0});
        }
    };
    for (const Stretch& stretch : stretches_) {
        const bool same_track = !open.empty() && open.back().source == stretch.source;
        close_until(same_track ? stretch.start_ps : end_of_time);
        changes_.push_back({stretch.start_ps, stretch.source, stretch.name, 0});
        open.push_back(stretch);
    }
    close_until(end_of_time);
    std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
        return std::tie(a.time_ps, a.source) < std::tie(b.time_ps, b.source);
    });
}

void WaveformSink::write_changes(std::size_t first, Picoseconds end_ps) {
    for (std::size_t i = first; i < changes_.size(); ++i) {
        const Change& change = changes_[i];
        const bool is_overtaken = i + 1 < changes_.size() && changes_[i + 1].time_ps == change.time_ps &&
                                  changes_[i + 1].source == change.source;
        if (!is_overtaken && change.time_ps <= end_ps) {
            write_change(change);
        }
    }
}

void WaveformSink::write_change(const Change& change) {
    Source& source = sources_[change.source];
    if (!source.unit.empty()) {
        writer_->set_time(change.time_ps);
        writer_->change(source.value, change.number);
        return;
    }
    const NameId before = source.shown;
    if (before == change.name) {
        return;
    }
    writer_->set_time(change.time_ps);
    if (before == idle_name || change.name == idle_name) {
        writer_->change(source.busy, change.name != idle_name);
    }
    writer_->change(source.value, std::string_view(names_[change.name]));
    source.shown = change.name;
}

}  // namespace aqpim
