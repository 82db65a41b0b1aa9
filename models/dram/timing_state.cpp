#include "models/dram/timing_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace aqpim::dram {

namespace {

constexpr std::size_t index_of(Level level) {
    return static_cast<std::size_t>(level);
}

void require_scope(const Constraint& row, const std::vector<Command>& among) {
    for (const Command command : among) {
        if (info(command).scope < row.level) {
            throw std::logic_error(
                fmt::format("{} addresses more than one node of its row's level", info(command).name));
        }
    }
}

}  // namespace

TimingState::TimingState(const ConstraintTable& table, const Organization& organization)
    : fan_out_{1, organization.pseudo_channels, organization.ranks, organization.bank_groups, organization.banks} {
    std::uint32_t nodes = 0;
    std::uint32_t of_level = 1;
    for (std::size_t level = 0; level < level_count; ++level) {
        of_level *= fan_out_[level];
        first_node_[level] = nodes;
        nodes += of_level;
    }
    allowed_.assign(std::size_t{nodes} * command_count, 0);
    for (const Constraint& row : table) {
        require_scope(row, row.preceding);
        require_scope(row, row.following);
        add(row);
    }
}

void TimingState::add(const Constraint& row) {
    if (row.window > 1) {
        for (const Command preceding : row.preceding) {
            windows_of_[index_of(preceding)].push_back(windows_.size());
        }
        const std::size_t nodes = allowed_.size() / command_count;
        windows_.push_back({row.level, row.following, row.latency, row.window, std::vector<Ticks>(nodes * row.window),
                            std::vector<std::uint32_t>(nodes)});
        return;
    }
    for (const Command preceding : row.preceding) {
        for (const Command following : row.following) {
            effects_[index_of(preceding)].push_back({row.level, following, row.latency, row.sibling});
        }
    }
}

NodePath TimingState::path_to(const Location& location) const {
    const std::array within = {std::uint32_t{0}, location.pseudo_channel, location.rank, location.bank_group,
                               location.bank};
    NodePath path;
    std::uint32_t in_level = 0;
    for (std::size_t level = 0; level < level_count; ++level) {
        in_level = in_level * fan_out_[level] + within[level];
        path[level] = first_node_[level] + in_level;
    }
    return path;
}

Ticks TimingState::earliest(Command command, const NodePath& path) const {
    Ticks tick = 0;
    for (std::size_t level = 0; level <= index_of(info(command).scope); ++level) {
        tick = std::max(tick, allowed_[path[level] * command_count + index_of(command)]);
    }
    return tick;
}

void TimingState::issue(Command command, const NodePath& path, Ticks at) {
    for (const Effect& effect : effects_[index_of(command)]) {
        if (effect.sibling) {
            forbid_siblings(path, effect, at + effect.latency);
        } else {
            forbid(path[index_of(effect.level)], effect.following, at + effect.latency);
        }
    }
    for (const std::size_t window : windows_of_[index_of(command)]) {
        slide(windows_[window], path[index_of(windows_[window].level)], at);
    }
}

void TimingState::forbid(std::uint32_t node, Command command, Ticks until) {
    Ticks& allowed = allowed_[node * command_count + index_of(command)];
    allowed = std::max(allowed, until);
}

void TimingState::forbid_siblings(const NodePath& path, const Effect& effect, Ticks until) {
    const std::size_t level = index_of(effect.level);
    const std::uint32_t node = path[level];
    const std::uint32_t first = node - (node - first_node_[level]) % fan_out_[level];
    for (std::uint32_t sibling = first; sibling < first + fan_out_[level]; ++sibling) {
        if (sibling != node) {
            forbid(sibling, effect.following, until);
        }
    }
}

void TimingState::slide(Window& window, std::uint32_t node, Ticks at) {
    const std::size_t ring = std::size_t{node} * window.size;
    std::uint32_t& issued = window.issued[node];
    window.rings[ring + issued % window.size] = at;
    ++issued;
    if (issued >= window.size) {
        const Ticks oldest = window.rings[ring + issued % window.size];
        for (const Command following : window.following) {
            forbid(node, following, oldest + window.latency);
        }
    }
}

Ticks TimingState::spacing(Command command) const {
    Ticks spacing = 1;
    for (const Effect& effect : effects_[index_of(command)]) {
        if (effect.following == command && effect.level == Level::channel) {
            spacing = std::max(spacing, effect.latency);
        }
    }
    return spacing;
}

}  // namespace aqpim::dram
