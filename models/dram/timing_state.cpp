#include "models/dram/timing_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>

namespace aqpim::dram {

namespace {

constexpr std::uint32_t number_of(Level level) {
    return static_cast<std::uint32_t>(level);
}

void require_scope(const Constraint& row, const std::vector<Command>& among) {
    for (const Command command : among) {
        if (info(command).scope < row.level) {
            throw std::logic_error(
                fmt::format("{} addresses more than one node of its row's level", info(command).name));
        }
    }
}

/// Commands that come often: accesses, and the sweeps of all banks.
bool is_frequent(Command command) {
    switch (command) {
        case Command::ACT:
        case Command::PRE:
        case Command::RD:
        case Command::RDA:
        case Command::WR:
        case Command::WRA:
        case Command::PIM_ACT_AB:
        case Command::PIM_PREA:
            return true;
        default:
            return is_sweep(command);
    }
}

/// Whether a rule between two commands is looked up when the second comes, not noted when the first goes: where the
/// second is rare, or so much so against the first.
bool is_looked_up(Command preceding, Command following) {
    const bool all_after_one = info(preceding).scope == Level::bank && info(following).scope != Level::bank;
    return all_after_one || !is_frequent(following);
}

}  // namespace

TimingState::TimingState(const ConstraintTable& table, const Organization& organization)
    : fan_out_{1, organization.pseudo_channels, organization.ranks, organization.bank_groups, organization.banks} {
    number_nodes(organization);
    find_kinds(table);
    for (const Constraint& row : table) {
        require_scope(row, row.preceding);
        require_scope(row, row.following);
        add(row);
    }
    drop_weaker_effects();
    find_levels(table);
}

void TimingState::number_nodes(const Organization& organization) {
    std::array<std::uint32_t, level_count> of_level{};
    std::uint32_t count = 1;
    for (std::size_t level = 0; level < level_count; ++level) {
        count *= fan_out_[level];
        of_level[level] = count;
        first_node_[level] = nodes_;
        nodes_ += count;
    }
    const std::uint32_t banks = organization.banks_per_channel();
    paths_.resize(banks);
    for (std::uint32_t bank = 0; bank < banks; ++bank) {
        for (std::size_t level = 0; level < level_count; ++level) {
            paths_[bank][level] = first_node_[level] + bank / (banks / of_level[level]);
        }
    }
}

void TimingState::find_kinds(const ConstraintTable& table) {
    std::map<std::vector<bool>, std::uint32_t> kinds;
    for (std::size_t command = 0; command < command_count; ++command) {
        std::vector<bool> held_back_by{info(static_cast<Command>(command)).scope == Level::bank};
        for (const Constraint& row : table) {
            held_back_by.push_back(std::find(row.following.begin(), row.following.end(),
                                             static_cast<Command>(command)) != row.following.end());
        }
        kind_of_[command] = kinds.try_emplace(std::move(held_back_by), kinds.size()).first->second;
    }
    allowed_.assign(kinds.size() * nodes_, 0);
    since_.assign(command_count * nodes_, 0);
    for (std::size_t command = 0; command < command_count; ++command) {
        kinds_[command].allowed = &allowed_[std::size_t{kind_of_[command]} * nodes_];
    }
}

void TimingState::add(const Constraint& row) {
    const bool has_siblings = fan_out_[number_of(row.level)] > 1;
    if (row.latency == 0 || (row.sibling && !has_siblings)) {
        return;
    }
    if (row.window == 1) {
        for (const Command preceding : row.preceding) {
            for (const Command following : row.following) {
                add_effect(preceding, following, row);
            }
        }
        return;
    }
    for (const Command preceding : row.preceding) {
        windows_of_[index_of(preceding)].push_back(windows_.size());
    }
    std::set<Ticks*> following;
    for (const Command command : row.following) {
        following.insert(kinds_[index_of(command)].allowed);
    }
    windows_.push_back({number_of(row.level),
                        {following.begin(), following.end()},
                        row.latency,
                        row.window,
                        std::vector<Ticks>(std::size_t{nodes_} * row.window),
                        std::vector<std::uint32_t>(nodes_)});
}

void TimingState::add_cause(Command preceding, Command following, const Constraint& row) {
    Ticks* const since = &since_[index_of(preceding) * nodes_];
    const std::uint32_t level = number_of(row.level);
    std::vector<Cause>& causes = causes_[index_of(following)];
    const auto same = std::find_if(causes.begin(), causes.end(),
                                   [&](const Cause& cause) { return cause.since == since && cause.level == level; });
    if (same == causes.end()) {
        causes.push_back({since, level, row.latency});
    } else {
        same->latency = std::max(same->latency, row.latency);
    }
    std::vector<Mark>& marks = marks_[index_of(preceding)];
    if (std::none_of(marks.begin(), marks.end(), [&](const Mark& mark) { return mark.level == level; })) {
        marks.push_back({since, level});
    }
}

void TimingState::add_effect(Command preceding, Command following, const Constraint& row) {
    if (preceding == following && !row.sibling) {
        Ticks& spacing = spacing_[index_of(preceding)];
        spacing = std::max(spacing, row.latency);
    }
    if (!row.sibling && is_looked_up(preceding, following)) {
        add_cause(preceding, following, row);
        return;
    }
    const Effect effect{kinds_[index_of(following)].allowed, number_of(row.level), row.latency};
    (row.sibling ? sibling_effects_ : effects_)[index_of(preceding)].push_back(effect);
}

/// A rule that a longer one of the same node, or of a node above it, covers, is never the one that decides.
void TimingState::drop_weaker_effects() {
    for (std::size_t command = 0; command < command_count; ++command) {
        std::vector<Effect>& all = effects_[command];
        std::vector<Effect> kept;
        std::sort(all.begin(), all.end(), [](const Effect& a, const Effect& b) {
            return std::tuple(a.level, b.latency) < std::tuple(b.level, a.latency);
        });
        for (const Effect& effect : all) {
            const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Effect& stronger) {
                return stronger.allowed == effect.allowed && stronger.latency >= effect.latency;
            });
            if (!covered) {
                kept.push_back(effect);
            }
        }
        all = std::move(kept);
        spacing_[command] = std::max<Ticks>(spacing_[command], 1);
    }
}

void TimingState::find_levels(const ConstraintTable& table) {
    for (std::size_t command = 0; command < command_count; ++command) {
        std::set<std::uint8_t> levels;
        for (const Constraint& row : table) {
            if (std::find(row.following.begin(), row.following.end(), static_cast<Command>(command)) !=
                row.following.end()) {
                levels.insert(static_cast<std::uint8_t>(number_of(row.level)));
            }
        }
        Kind& kind = kinds_[command];
        for (const std::uint8_t level : levels) {
            kind.level[kind.levels++] = level;
        }
    }
}

void TimingState::issue(Command command, const NodePath& path, Ticks at) {
    for (const Effect& effect : effects_[index_of(command)]) {
        Ticks& allowed = effect.allowed[path[effect.level]];
        const Ticks until = at + effect.latency;
        allowed = until > allowed ? until : allowed;
    }
    for (const Mark& mark : marks_[index_of(command)]) {
        Ticks& since = mark.since[path[mark.level]];
        since = at + long_ago > since ? at + long_ago : since;
    }
    for (const Effect& effect : sibling_effects_[index_of(command)]) {
        forbid_siblings(path, effect, at + effect.latency);
    }
    for (const std::size_t window : windows_of_[index_of(command)]) {
        slide(windows_[window], path[windows_[window].level], at);
    }
}

void TimingState::forbid_siblings(const NodePath& path, const Effect& effect, Ticks until) {
    const std::uint32_t node = path[effect.level];
    const std::uint32_t fan_out = fan_out_[effect.level];
    const std::uint32_t first = node - ((node - first_node_[effect.level]) & (fan_out - 1));
    for (std::uint32_t sibling = first; sibling < first + fan_out; ++sibling) {
        if (sibling != node) {
            effect.allowed[sibling] = std::max(effect.allowed[sibling], until);
        }
    }
}

void TimingState::slide(Window& window, std::uint32_t node, Ticks at) {
    std::uint32_t& next = window.next[node];
    Ticks* const ring = &window.rings[std::size_t{node} * window.size];
    ring[next] = at + window.latency;
    next = next + 1 == window.size ? 0 : next + 1;
    for (Ticks* const allowed : window.following) {
        allowed[node] = std::max(allowed[node], ring[next]);
    }
}

void TimingState::copy_ticks(const TimingState& other) {
    std::copy(other.allowed_.begin(), other.allowed_.end(), allowed_.begin());
    std::copy(other.since_.begin(), other.since_.end(), since_.begin());
    for (std::size_t i = 0; i < windows_.size(); ++i) {
        windows_[i].rings = other.windows_[i].rings;
        windows_[i].next = other.windows_[i].next;
    }
}

bool TimingState::allows_as(const TimingState& other, Ticks now) const {
    const auto equal_from = [](const std::vector<Ticks>& a, const std::vector<Ticks>& b, Ticks floor) {
        return std::equal(a.begin(), a.end(), b.begin(),
                          [&](Ticks left, Ticks right) { return std::max(left, floor) == std::max(right, floor); });
    };
    Ticks longest = 0;
    for (const std::vector<Cause>& causes : causes_) {
        for (const Cause& cause : causes) {
            longest = std::max(longest, cause.latency);
        }
    }
    if (!equal_from(allowed_, other.allowed_, now) ||
        !equal_from(since_, other.since_, now + long_ago - std::min(longest, long_ago))) {
        return false;
    }
    for (std::size_t i = 0; i < windows_.size(); ++i) {
        if (!windows_[i].holds_back_as(other.windows_[i], nodes_, now)) {
            return false;
        }
    }
    return true;
}

/// From the oldest on, wherever in its ring it stands.
bool TimingState::Window::holds_back_as(const Window& other, std::uint32_t nodes, Ticks now) const {
    for (std::uint32_t node = 0; node < nodes; ++node) {
        const std::size_t ring = std::size_t{node} * size;
        for (std::uint32_t i = 0; i < size; ++i) {
            const Ticks left = rings[ring + (next[node] + i) % size];
            const Ticks right = other.rings[ring + (other.next[node] + i) % size];
            if (std::max(left, now) != std::max(right, now)) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace aqpim::dram
