#include "platform/results/save_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "platform/results/scopes.h"

namespace aqpim {

namespace {

/// One colour in both viewers: GTKWave's number, and the name in Surfer's default theme.
struct Colour {
    unsigned gtkwave;
    std::string_view surfer;
};

Colour colour_of(Activity activity) {
    switch (activity) {
        case Activity::host:
            return {3, "Yellow"};
        case Activity::pcie:
            return {2, "Orange"};
        case Activity::gpu:
            return {5, "Blue"};
        case Activity::pim_quantize:
            return {7, "Violet"};
        case Activity::pim_attention:
            return {4, "Green"};
        case Activity::none:
            break;
    }
    return {6, "Gray"};
}

/// The groups that a track is in: its device, and within it a part that has several tracks (pim.channel0).
std::vector<std::string> groups_of(const std::string& path) {
    std::vector<std::string> groups = scopes_of(path);
    groups.resize(std::clamp<std::size_t>(groups.size() - 1, 1, 2));
    return groups;
}

std::vector<std::string> signals_of(const ShownTrack& track) {
    return track.unit.empty() ? std::vector<std::string>{"busy", "operation"} : std::vector{track.unit};
}

/// What is left of a track's name in its groups, with the signal's.
std::string label_of(const ShownTrack& track, const std::string& signal) {
    const std::vector<std::string> scopes = scopes_of(track.path);
    const std::size_t shared = std::min(groups_of(track.path).size(), scopes.size() - 1);
    // GTKWave shows of a name, an alias too, only what follows its last dot.
    return fmt::format("{} {}", fmt::join(scopes.begin() + static_cast<std::ptrdiff_t>(shared), scopes.end(), " "),
                       signal);
}

/// GTKWave 3.3 (analyzer.h): flags of a line, hexadecimal.
namespace gtkwave_flags {
constexpr unsigned binary = 0x28;           // TR_BIN | TR_RJUSTIFY
constexpr unsigned text = 0x820;            // TR_ASCII | TR_RJUSTIFY
constexpr unsigned steps = 0x8420;          // TR_ANALOG_STEP | TR_REAL | TR_RJUSTIFY
constexpr unsigned taller = 0x20000;        // TR_ANALOG_BLANK_STRETCH: room for the curve above
constexpr unsigned group_begin = 0x800200;  // TR_GRP_BEGIN | TR_BLANK
constexpr unsigned group_end = 0x1000200;   // TR_GRP_END | TR_BLANK
}  // namespace gtkwave_flags

void write_gtkwave_track(std::ostream& out, const ShownTrack& track) {
    for (const std::string& signal : signals_of(track)) {
        const unsigned flags = !track.unit.empty() ? gtkwave_flags::steps
                               : signal == "busy"  ? gtkwave_flags::binary
                                                   : gtkwave_flags::text;
        out << fmt::format("@{:x}\n[color] {}\n+{{{}}} {}.{}\n", flags, colour_of(track.activity).gtkwave,
                           label_of(track, signal), track.path, signal);
    }
    if (!track.unit.empty()) {
        out << fmt::format("@{:x}\n-\n", gtkwave_flags::taller);
    }
}

/// Ends the groups of `open` that are not among `next`'s, and begins those that `next` has more.
void change_groups(std::ostream& out, std::vector<std::string>& open, const std::vector<std::string>& next) {
    const auto shared = std::mismatch(open.begin(), open.end(), next.begin(), next.end());
    for (auto group = open.end(); group != shared.first; --group) {
        out << fmt::format("@{:x}\n-{}\n", gtkwave_flags::group_end, *std::prev(group));
    }
    for (auto group = shared.second; group != next.end(); ++group) {
        out << fmt::format("@{:x}\n-{}\n", gtkwave_flags::group_begin, *group);
    }
    open = next;
}

void write_gtkwave(std::ostream& out, const std::string& file, const std::vector<ShownTrack>& tracks,
                   Picoseconds start_ps, Picoseconds end_ps) {
    // At zoom z a picosecond takes 200 * 2^z pixels; without the line GTKWave opens on the run's first few.
    constexpr double pixels_at_zoom_0 = 200;
    constexpr double pixels = 1000;
    const auto shown_ps = static_cast<double>(std::max<Picoseconds>(end_ps - std::min(start_ps, end_ps), 1));
    out << fmt::format("[dumpfile] \"{}\"\n[timestart] {}\n*{:.6f} -1\n[signals_width] 260\n",
                       std::filesystem::absolute(file).string(), start_ps,
                       std::log2(pixels / pixels_at_zoom_0 / shown_ps));
    std::vector<std::string> open;
    for (const ShownTrack& track : tracks) {
        change_groups(out, open, groups_of(track.path));
        write_gtkwave_track(out, track);
    }
    change_groups(out, open, {});
}

/// Surfer names the lines of its list by their number in the letters a to p, each four bits.
std::string surfer_line(std::size_t number) {
    std::string letters;
    do {
        letters.insert(letters.begin(), static_cast<char>('a' + number % 16));
        number /= 16;
    } while (number != 0);
    return letters;
}

/// A line is added behind that which has the focus, or last.
class SurferList {
 public:
    explicit SurferList(std::ostream& out) : out_(out) {}

    void add(std::string_view command, const std::string& name, std::string_view colour) {
        out_ << fmt::format("{} {}\nitem_focus {}_\nitem_set_color {}\n", command, name, surfer_line(lines_++), colour);
    }

 private:
    std::ostream& out_;
    std::size_t lines_ = 0;
};

void write_surfer(std::ostream& out, const std::string& file, const std::vector<ShownTrack>& tracks) {
    const std::string name = std::filesystem::path(file).filename().string();
    out << fmt::format("# surfer {0} --command-file {0}.sucl\n", name);
    SurferList list(out);
    std::vector<std::string> group;
    for (const ShownTrack& track : tracks) {
        if (groups_of(track.path) != group) {
            group = groups_of(track.path);
            list.add("divider_add", fmt::format("{}", fmt::join(group, ".")), "Gray");
        }
        for (const std::string& signal : signals_of(track)) {
            list.add("variable_add", fmt::format("{}.{}", track.path, signal), colour_of(track.activity).surfer);
        }
    }
    out << "item_unfocus\nzoom_fit\n";
}

}  // namespace

SaveFiles::SaveFiles(const std::string& waveforms)
    : waveforms_(waveforms), gtkwave_(waveforms + ".gtkw"), surfer_(waveforms + ".sucl") {}

void SaveFiles::write(const std::vector<ShownTrack>& tracks, Picoseconds start_ps, Picoseconds end_ps) {
    write_gtkwave(gtkwave_.stream(), waveforms_, tracks, start_ps, end_ps);
    write_surfer(surfer_.stream(), waveforms_, tracks);
}

void SaveFiles::commit() {
    gtkwave_.commit();
    surfer_.commit();
}

}  // namespace aqpim
