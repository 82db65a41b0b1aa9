#include "platform/results/vcd_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <map>
#include <tuple>

namespace aqpim {

namespace {

constexpr std::uint32_t idle_name = 0;

std::string top_of(const std::string& path) {
    return path.substr(0, path.find('.'));
}

std::vector<std::string> scopes_of(const std::string& path) {
    std::vector<std::string> scopes;
    std::size_t begin = 0;
    for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
        end = path.find('.', begin);
        scopes.push_back(path.substr(begin, end - begin));
    }
    return scopes;
}

/// VCD's words end at white space.
std::string as_word(std::string_view text) {
    std::string word(text);
    std::replace_if(
        word.begin(), word.end(), [](unsigned char c) { return std::isgraph(c) == 0; }, '_');
    return word.empty() ? "_" : word;
}

/// IEEE 1364 clause 18: identifiers are made of the characters ! to ~.
std::string identifier(std::size_t number) {
    constexpr std::size_t first = '!';
    constexpr std::size_t letters = '~' - '!' + 1;
    std::string text;
    do {
        text += static_cast<char>(first + number % letters);
        number /= letters;
    } while (number != 0);
    return text;
}

std::string busy_identifier(std::size_t position) {
    return identifier(2 * position);
}
std::string operation_identifier(std::size_t position) {
    return identifier(2 * position + 1);
}

}  // namespace

VcdSink::VcdSink(const std::string& file) : name_(file), file_(file), save_file_(file + ".gtkw") {
    intern("-");
}

void VcdSink::on_track(TrackId track, const std::string& path) {
    tracks_.resize(std::max<std::size_t>(tracks_.size(), track + 1));
    tracks_[track] = as_word(path);
}

void VcdSink::on_slice(const Slice& slice) {
    if (slice.end_ps > slice.start_ps) {
        stretches_.push_back({slice.start_ps, slice.end_ps, slice.track, intern(slice.name)});
    }
}

void VcdSink::close() {
    const std::vector<TrackId> tracks = used_tracks();
    write_header(tracks);
    write_changes(tracks);
    write_save_file(tracks);
    file_.commit();
    save_file_.commit();
}

VcdSink::NameId VcdSink::intern(std::string_view name) {
    const auto [entry, is_new] = name_ids_.try_emplace(as_word(name), static_cast<NameId>(names_.size()));
    if (is_new) {
        names_.push_back(entry->first);
    }
    return entry->second;
}

std::vector<TrackId> VcdSink::used_tracks() const {
    std::vector<bool> used(tracks_.size());
    for (const Stretch& stretch : stretches_) {
        used[stretch.track] = true;
    }
    std::vector<TrackId> result;
    for (TrackId track = 0; track < tracks_.size(); ++track) {
        if (used[track]) {
            result.push_back(track);
        }
    }
    // Scopes in the order in which the models added them, each in one piece.
    std::map<std::string, TrackId> first_in_scope;
    std::vector<std::vector<TrackId>> keys(tracks_.size());
    for (TrackId track = 0; track < tracks_.size(); ++track) {
        std::string scope;
        for (const std::string& part : scopes_of(tracks_[track])) {
            scope += '.' + part;
            keys[track].push_back(first_in_scope.try_emplace(scope, track).first->second);
        }
    }
    std::stable_sort(result.begin(), result.end(), [&](TrackId a, TrackId b) { return keys[a] < keys[b]; });
    return result;
}

void VcdSink::write_header(const std::vector<TrackId>& tracks) {
    std::ostream& out = file_.stream();
    out << "$version aqpim-vp $end\n$timescale 1 ps $end\n";
    std::vector<std::string> open;
    for (std::size_t position = 0; position < tracks.size(); ++position) {
        const std::vector<std::string> scopes = scopes_of(tracks_[tracks[position]]);
        const auto shared = std::mismatch(open.begin(), open.end(), scopes.begin(), scopes.end());
        for (auto scope = shared.first; scope != open.end(); ++scope) {
            out << "$upscope $end\n";
        }
        for (auto scope = shared.second; scope != scopes.end(); ++scope) {
            out << fmt::format("$scope module {} $end\n", *scope);
        }
        out << fmt::format("$var wire 1 {} busy $end\n$var string 1 {} operation $end\n", busy_identifier(position),
                           operation_identifier(position));
        open = scopes;
    }
    for (std::size_t i = 0; i < open.size(); ++i) {
        out << "$upscope $end\n";
    }
    out << "$enddefinitions $end\n#0\n$dumpvars\n";
    for (std::size_t position = 0; position < tracks.size(); ++position) {
        out << fmt::format("0{}\ns{} {}\n", busy_identifier(position), names_[idle_name],
                           operation_identifier(position));
    }
    out << "$end\n";
}

std::vector<VcdSink::Change> VcdSink::changes() {
    // Of stretches that start together the longest is the outermost.
    std::stable_sort(stretches_.begin(), stretches_.end(), [](const Stretch& a, const Stretch& b) {
        return std::tie(a.track, a.start_ps, b.end_ps) < std::tie(b.track, b.start_ps, a.end_ps);
    });
    std::vector<Change> changes;
    std::vector<Stretch> open;  // of the current track, the innermost last
    const auto close_until = [&](Picoseconds time_ps) {
        while (!open.empty() && open.back().end_ps <= time_ps) {
            const Stretch ended = open.back();
            open.pop_back();
            std::erase_if(open, [&](const Stretch& outer) { return outer.end_ps <= ended.end_ps; });
            changes.push_back({ended.end_ps, ended.track, open.empty() ? idle_name : open.back().name});
        }
    };
    for (std::size_t i = 0; i < stretches_.size(); ++i) {
        const Stretch& stretch = stretches_[i];
        const bool same_track = !open.empty() && open.back().track == stretch.track;
        close_until(same_track ? stretch.start_ps : ~Picoseconds{0});
        changes.push_back({stretch.start_ps, stretch.track, stretch.name});
        open.push_back(stretch);
    }
    close_until(~Picoseconds{0});
    std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
        return std::tie(a.time_ps, a.track) < std::tie(b.time_ps, b.track);
    });
    return changes;
}

void VcdSink::write_changes(const std::vector<TrackId>& tracks) {
    std::vector<std::size_t> positions(tracks_.size());
    for (std::size_t position = 0; position < tracks.size(); ++position) {
        positions[tracks[position]] = position;
    }
    std::vector<NameId> shown(tracks_.size(), idle_name);
    const std::vector<Change> sorted = changes();
    Picoseconds time_ps = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const Change& change = sorted[i];
        const bool overtaken =
            i + 1 < sorted.size() && sorted[i + 1].time_ps == change.time_ps && sorted[i + 1].track == change.track;
        const NameId before = shown[change.track];
        if (overtaken || before == change.name) {
            continue;
        }
        if (change.time_ps != time_ps) {
            time_ps = change.time_ps;
            file_.stream() << '#' << time_ps << '\n';
        }
        const std::size_t position = positions[change.track];
        if (before == idle_name || change.name == idle_name) {
            file_.stream() << (change.name == idle_name ? '0' : '1') << busy_identifier(position) << '\n';
        }
        file_.stream() << 's' << names_[change.name] << ' ' << operation_identifier(position) << '\n';
        shown[change.track] = change.name;
    }
}

void VcdSink::write_save_file(const std::vector<TrackId>& tracks) {
    // GTKWave's trace flags: a group's begin and end, binary, and text, the latter two right-justified.
    constexpr std::string_view group_begin = "@800200";
    constexpr std::string_view group_end = "@1000200";
    constexpr std::string_view binary = "@28";
    constexpr std::string_view text = "@820";
    // At zoom z a picosecond takes 200 * 2^z pixels; without the line GTKWave opens on the run's first few.
    Picoseconds end_ps = 1;
    for (const Stretch& stretch : stretches_) {
        end_ps = std::max(end_ps, stretch.end_ps);
    }
    constexpr double pixels_at_zoom_0 = 200;
    constexpr double pixels = 1000;
    const double zoom = std::log2(pixels / pixels_at_zoom_0 / static_cast<double>(end_ps));
    std::ostream& out = save_file_.stream();
    out << fmt::format("[dumpfile] \"{}\"\n*{:.6f} -1\n[timestart] 0\n[signals_width] 260\n",
                       std::filesystem::absolute(name_).string(), zoom);
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const std::string& path = tracks_[tracks[i]];
        const std::string device = top_of(path);
        if (i == 0 || top_of(tracks_[tracks[i - 1]]) != device) {
            out << fmt::format("{}\n-{}\n", group_begin, device);
        }
        // GTKWave shows of a name, an alias too, only what follows its last dot.
        std::string label = path == device ? path : path.substr(device.size() + 1);
        std::replace(label.begin(), label.end(), '.', ' ');
        out << fmt::format("{0}\n+{{{1} busy}} {2}.busy\n{3}\n+{{{1} operation}} {2}.operation\n", binary, label, path,
                           text);
        if (i + 1 == tracks.size() || top_of(tracks_[tracks[i + 1]]) != device) {
            out << fmt::format("{}\n-{}\n", group_end, device);
        }
    }
}

}  // namespace aqpim
