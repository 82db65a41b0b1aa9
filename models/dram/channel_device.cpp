#include "models/dram/channel_device.h"

#include <algorithm>

namespace aqpim::dram {

namespace {

/// The rules among commands that can come: per-bank refreshes only where they are chosen.
ConstraintTable constraints_in_use(const DramParameters& parameters) {
    ConstraintTable table = parameters.constraints();
    if (parameters.refresh_kind() != RefreshKind::per_bank) {
        for (Constraint& row : table) {
            std::erase(row.preceding, Command::REFpb);
            std::erase(row.following, Command::REFpb);
        }
    }
    return table;
}

}  // namespace

ChannelDevice::ChannelDevice(const DramParameters& parameters, std::uint32_t channel, CommandSink* trace)
    : organization_(parameters.organization()),
      timing_(parameters.timing),
      state_(constraints_in_use(parameters), organization_),
      banks_per_rank_(organization_.bank_groups * organization_.banks),
      open_rows_(organization_.banks_per_channel(), closed),
      open_set_(organization_.banks_per_channel()),
      closed_set_(organization_.banks_per_channel()),
      open_in_rank_(organization_.pseudo_channels * organization_.ranks),
      active_since_(open_in_rank_.size()) {
    for (std::uint32_t bank = 0; bank < banks(); ++bank) {
        closed_set_.insert(bank);
    }
    for (std::size_t command = 0; command < command_count; ++command) {
        wires_[command] = wire_of(static_cast<Command>(command), parameters);
    }
    if (trace != nullptr) {
        trace_.emplace(*trace, timing_.tick_clock(), channel);
    }
}

ChannelDevice::Wire ChannelDevice::wire_of(Command command, const DramParameters& parameters) const {
    const bool moves_apart = is_register_move(command) && !parameters.moves_share_bus;
    const CommandBus bus = moves_apart ? CommandBus::none : info(command).bus;
    if (bus == CommandBus::none) {
        return {};
    }
    if (bus == CommandBus::column) {
        return {parameters.standard_table().split_command_bus ? column_bus : row_bus, timing_.column_ticks,
                timing_.ticks_per_cycle};
    }
    const bool activates = command == Command::ACT || command == Command::PIM_ACT_AB;
    const bool precharges = command == Command::PRE || command == Command::PREA || command == Command::PIM_PREA;
    // Of the row commands only precharges may start on the clock's falling edge (JESD238).
    return {row_bus, activates ? timing_.activate_ticks : timing_.row_ticks, precharges ? 1 : timing_.ticks_per_cycle};
}

Ticks ChannelDevice::spacing(Command command) const {
    const Wire& wire = wires_[index_of(command)];
    return std::max(state_.spacing(command), wire.bus == no_bus ? 1 : wire.ticks);
}

Ticks ChannelDevice::issue_run(Command command, std::uint32_t bank, std::uint32_t row, std::uint32_t column, Run run,
                               Ticks at) {
    const Ticks last = at + (run.count - 1) * run.spacing;
    const Wire& wire = wires_[index_of(command)];
    if (wire.bus != no_bus) {
        take_bus(command, run, at);
    }
    state_.issue(command, state_.path_to_bank(bank), last);
    change_state(command, bank, row, at);
    counters_.commands[index_of(command)] += run.count;
    if (trace_) {
        trace(command, bank, row, column, run, at);
    }
    return last;
}

void ChannelDevice::take_bus(Command command, Run run, Ticks at) {
    const Wire& wire = wires_[index_of(command)];
    SlotCalendar& bus = buses_[wire.bus];
    if (run.count > 1 && info(command).scope == Level::channel) {
        bus.take_until(at + (run.count - 1) * run.spacing + wire.ticks);
        return;
    }
    for (std::uint32_t i = 0; i < run.count; ++i, at += run.spacing) {
        bus.take(at, wire.ticks);
    }
}

std::uint32_t ChannelDevice::free_run(Command command, Ticks at, Run run) const {
    std::uint32_t count = 1;
    while (count < run.count && bus_free(command, at + count * run.spacing) == at + count * run.spacing) {
        ++count;
    }
    return count;
}

void ChannelDevice::change_state(Command command, std::uint32_t bank, std::uint32_t row, Ticks at) {
    switch (command) {
        case Command::ACT:
            open(bank, row, at);
            break;
        case Command::PRE:
        case Command::RDA:
        case Command::WRA:
            close_banks(bank, 1, at);
            break;
        case Command::PREA:
            close_banks(bank / banks_per_rank_ * banks_per_rank_, banks_per_rank_, at);
            break;
        case Command::PIM_PREA:
            close_all(at);
            break;
        case Command::PIM_ACT_AB:
            open_all(row, at);
            break;
        default:
            break;
    }
}

void ChannelDevice::open_all(std::int64_t row, Ticks at) {
    all_bank_row_ = row;
    all_open_since_ = at;
}

void ChannelDevice::close_all(Ticks at) {
    if (all_bank_row_ == closed) {
        close_banks(0, banks(), at);
        return;
    }
    counters_.active_rank_ticks += ranks() * (at - all_open_since_);
    all_bank_row_ = closed;
}

/// What concerns one bank ends the time in which one figure stands for all.
void ChannelDevice::spell_out_all_banks() {
    if (all_bank_row_ == closed) {
        return;
    }
    const std::int64_t row = all_bank_row_;
    all_bank_row_ = closed;
    for (std::uint32_t bank = 0; bank < banks(); ++bank) {
        open(bank, row, all_open_since_);
    }
}

void ChannelDevice::open(std::uint32_t bank, std::int64_t row, Ticks at) {
    const std::uint32_t rank = bank / banks_per_rank_;
    open_rows_[bank] = row;
    open_set_.insert(bank);
    closed_set_.erase(bank);
    ++open_banks_;
    if (open_in_rank_[rank]++ == 0) {
        active_since_[rank] = at;
    }
}

void ChannelDevice::close(std::uint32_t bank, Ticks at) {
    if (open_rows_[bank] == closed) {
        return;
    }
    const std::uint32_t rank = bank / banks_per_rank_;
    open_rows_[bank] = closed;
    open_set_.erase(bank);
    closed_set_.insert(bank);
    --open_banks_;
    if (--open_in_rank_[rank] == 0) {
        counters_.active_rank_ticks += at - std::min(at, active_since_[rank]);
    }
}

void ChannelDevice::close_banks(std::uint32_t first, std::uint32_t count, Ticks at) {
    spell_out_all_banks();
    for (std::uint32_t bank = first; bank < first + count; ++bank) {
        close(bank, at);
    }
}

void ChannelDevice::trace(Command command, std::uint32_t bank, std::uint32_t row, std::uint32_t column, Run run,
                          Ticks at) {
    Location location = location_of(bank);
    location.row = row;
    for (std::uint32_t i = 0; i < run.count; ++i) {
        location.column = (column + i) % organization_.columns;
        trace_->add(command, location, at + i * run.spacing);
    }
}

Location ChannelDevice::location_of(std::uint32_t bank) const {
    Location location;
    location.bank = bank % organization_.banks;
    bank /= organization_.banks;
    location.bank_group = bank % organization_.bank_groups;
    bank /= organization_.bank_groups;
    location.rank = bank % organization_.ranks;
    location.pseudo_channel = bank / organization_.ranks;
    return location;
}

void ChannelDevice::settle(Ticks now) {
    settled_ = std::max(settled_, now);
    if (trace_) {
        trace_->release(settled_);
    }
}

Ticks ChannelDevice::open_ticks(Ticks now) const {
    if (all_bank_row_ != closed) {
        return ranks() * (now - std::min(now, all_open_since_));
    }
    Ticks sum = 0;
    for (std::uint32_t rank = 0; rank < ranks(); ++rank) {
        sum += open_in_rank_[rank] != 0 ? now - std::min(now, active_since_[rank]) : 0;
    }
    return sum;
}

void ChannelDevice::finish(Ticks end) {
    counters_.active_rank_ticks += open_ticks(end);
    all_open_since_ = end;
    std::fill(active_since_.begin(), active_since_.end(), end);
    if (trace_) {
        trace_->release_all();
    }
}

void ChannelDevice::copy_state(const ChannelDevice& other) {
    state_.copy_ticks(other.state_);
    buses_ = other.buses_;
    all_bank_row_ = other.all_bank_row_;
    all_open_since_ = other.all_open_since_;
    open_rows_ = other.open_rows_;
    open_set_ = other.open_set_;
    closed_set_ = other.closed_set_;
    open_in_rank_ = other.open_in_rank_;
    active_since_ = other.active_since_;
    open_banks_ = other.open_banks_;
    settled_ = other.settled_;
    counters_ = other.counters_;
}

bool ChannelDevice::behaves_as(const ChannelDevice& other, Ticks now) const {
    return !has_open_bank() && !other.has_open_bank() && std::max(settled_, now) == std::max(other.settled_, now) &&
           buses_[row_bus].is_free_as(other.buses_[row_bus], now) &&
           buses_[column_bus].is_free_as(other.buses_[column_bus], now) && state_.allows_as(other.state_, now);
}

}  // namespace aqpim::dram
