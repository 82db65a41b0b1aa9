#include <algorithm>

#include "reference_controller.h"

namespace aqpim::dram {

namespace {

constexpr std::size_t index_of_level(Level level) {
    return static_cast<std::size_t>(level);
}

std::uint32_t nodes_at(Level level, const Organization& o) {
    std::uint32_t nodes = 1;
    nodes *= level >= Level::pseudo_channel ? o.pseudo_channels : 1;
    nodes *= level >= Level::rank ? o.ranks : 1;
    nodes *= level >= Level::bank_group ? o.bank_groups : 1;
    return level >= Level::bank ? nodes * o.banks : nodes;
}

}  // namespace

ReferenceDevice::ReferenceDevice(const DramParameters& parameters)
    : timing_(parameters.timing),
      organization_(parameters.organization()),
      split_bus_(parameters.standard_table().split_command_bus),
      open_rows_(organization_.banks_per_channel(), -1),
      last_columns_(organization_.banks_per_channel(), 0) {
    for (const Constraint& row : parameters.constraints()) {
        for (const Command following : row.following) {
            rows_[index_of(following)].push_back(row);
        }
    }
    for (std::size_t level = 0; level < level_count; ++level) {
        past_[level].resize(nodes_at(static_cast<Level>(level), organization_));
    }
}

std::size_t ReferenceDevice::node(Level level, const Location& location) const {
    std::size_t node = 0;
    if (level >= Level::pseudo_channel) {
        node = location.pseudo_channel;
    }
    if (level >= Level::rank) {
        node = node * organization_.ranks + location.rank;
    }
    if (level >= Level::bank_group) {
        node = node * organization_.bank_groups + location.bank_group;
    }
    return level >= Level::bank ? node * organization_.banks + location.bank : node;
}

bool ReferenceDevice::ready(Command command, const Location& location, Ticks at) const {
    const Wire wire = wire_of(command);
    if (wire.bus >= 0 && (at % wire.grid != 0 || at < bus_taken_until_[static_cast<std::size_t>(wire.bus)])) {
        return false;
    }
    const ConstraintTable& rows = rows_[index_of(command)];
    return std::all_of(rows.begin(), rows.end(), [&](const Constraint& row) { return row_allows(row, location, at); });
}

bool ReferenceDevice::row_allows(const Constraint& row, const Location& location, Ticks at) const {
    const std::size_t own = node(row.level, location);
    if (!row.sibling) {
        return node_allows(row, own, at);
    }
    const std::size_t siblings = row.level == Level::rank ? organization_.ranks : organization_.pseudo_channels;
    for (std::size_t other = own / siblings * siblings; other < (own / siblings + 1) * siblings; ++other) {
        if (other != own && !node_allows(row, other, at)) {
            return false;
        }
    }
    return true;
}

bool ReferenceDevice::node_allows(const Constraint& row, std::size_t node, Ticks at) const {
    std::vector<Ticks> latest;  // of all preceding commands together
    for (const Command preceding : row.preceding) {
        const std::vector<Ticks>& ticks = past_[index_of_level(row.level)][node][index_of(preceding)];
        const std::size_t count = std::min<std::size_t>(ticks.size(), row.window);
        latest.insert(latest.end(), ticks.end() - static_cast<std::ptrdiff_t>(count), ticks.end());
    }
    if (latest.size() < row.window) {
        return true;
    }
    std::sort(latest.begin(), latest.end());
    return at >= latest[latest.size() - row.window] + row.latency;
}

ReferenceDevice::Wire ReferenceDevice::wire_of(Command command) const {
    const Ticks cycle = timing_.ticks_per_cycle;
    switch (command) {
        case Command::ACT:
            return {0, timing_.activate_ticks, cycle};
        case Command::PRE:
        case Command::PREA:
            return {0, timing_.row_ticks, 1};
        case Command::REFab:
        case Command::REFpb:
            return {0, timing_.row_ticks, cycle};
        default:
            return {split_bus_ ? 1 : 0, timing_.column_ticks, cycle};
    }
}

void ReferenceDevice::issue(Command command, const Location& location, Ticks at) {
    const Wire wire = wire_of(command);
    if (wire.bus >= 0) {
        bus_taken_until_[static_cast<std::size_t>(wire.bus)] = at + wire.ticks;
    }
    for (std::size_t level = 0; level <= index_of_level(info(command).scope); ++level) {
        past_[level][node(static_cast<Level>(level), location)][index_of(command)].push_back(at);
    }
    change_state(command, location, at);

    Location named = location;
    const bool whole_rank = info(command).scope == Level::rank;
    named.channel = 0;
    named.bank_group = whole_rank ? 0 : location.bank_group;
    named.bank = whole_rank ? 0 : location.bank;
    const bool column = info(command).bus == CommandBus::column;
    named.row = column || command == Command::ACT ? location.row : 0;
    named.column = column ? location.column : 0;
    commands_.push_back({at, command, named});
}

void ReferenceDevice::change_state(Command command, const Location& location, Ticks at) {
    const std::size_t bank = node(Level::bank, location);
    if (info(command).bus == CommandBus::column) {
        last_columns_[bank] = at;
    }
    if (command == Command::ACT) {
        open_rows_[bank] = location.row;
    } else if (command == Command::PRE || command == Command::RDA || command == Command::WRA) {
        open_rows_[bank] = -1;
    } else if (command == Command::PREA) {
        const std::size_t banks = std::size_t{organization_.bank_groups} * organization_.banks;
        const auto first = open_rows_.begin() + static_cast<std::ptrdiff_t>(node(Level::rank, location) * banks);
        std::fill(first, first + static_cast<std::ptrdiff_t>(banks), -1);
    }
}

bool ReferenceDevice::has_open_bank(std::uint32_t pseudo_channel, std::uint32_t rank) const {
    Location bank;
    bank.pseudo_channel = pseudo_channel;
    bank.rank = rank;
    bool open = false;
    for (bank.bank_group = 0; bank.bank_group < organization_.bank_groups; ++bank.bank_group) {
        for (bank.bank = 0; bank.bank < organization_.banks; ++bank.bank) {
            open |= open_row(bank) >= 0;
        }
    }
    return open;
}

}  // namespace aqpim::dram
