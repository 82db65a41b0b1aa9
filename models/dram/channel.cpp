#include "models/dram/channel.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace aqpim::dram {

namespace {

/// Any bank stands for all in a command to the whole channel.
constexpr std::uint32_t any_bank = 0;

}  // namespace

Channel::Channel(const DramParameters& parameters, std::uint32_t index, CommandSink* trace)
    : timing_(parameters.timing),
      page_policy_(make_page_policy(parameters)),
      mode_change_(timing_.ticks(parameters.mode_change)),
      device_(parameters, index, trace),
      refreshes_(parameters),
      last_column_(device_.banks()) {}

Ticks Channel::access(const Location& location, std::uint32_t bursts, bool write, Ticks not_before) {
    refresh_while_idle(not_before);
    not_before = change_mode(Mode::access, not_before);
    const std::uint32_t bank = device_.bank_of(location);
    count_access(device_.open_row(bank), location.row);
    device_.counters().row_hits += bursts - 1;

    const Command command = write ? Command::WR : Command::RD;
    const Ticks spacing = device_.spacing(command);
    Ticks last = 0;
    for (std::uint32_t done = 0; done < bursts;) {
        if (device_.open_row(bank) != location.row) {
            open_row(bank, location.row, not_before);
        }
        const Ticks first = device_.earliest_in_bank(command, bank, not_before);
        if (refresh_before(first, false)) {
            continue;
        }
        const std::uint32_t run =
            device_.free_run(command, first, {run_before_refresh(bursts - done, spacing, first), spacing});
        last = device_.issue_run(command, bank, location.row, location.column + done, {run, spacing}, first);
        done += run;
    }
    last_column_[bank] = last;
    last_bank_tick_ = std::max(last_bank_tick_, last);
    (write ? device_.counters().writes : device_.counters().reads) += bursts;
    return complete(last + timing_.ticks((write ? timing_.nCWL : timing_.nCL) + timing_.nBL));
}

void Channel::count_access(std::int64_t found, std::uint32_t row) {
    Counters& counters = device_.counters();
    ++(found == row                     ? counters.row_hits
       : found == ChannelDevice::closed ? counters.row_misses
                                        : counters.row_conflicts);
}

void Channel::open_row(std::uint32_t bank, std::uint32_t row, Ticks not_before) {
    for (;;) {
        const bool closed = device_.open_row(bank) == ChannelDevice::closed;
        const Command next = closed ? Command::ACT : Command::PRE;
        const Ticks from = closed ? not_before : precharge_not_before(bank, not_before);
        const Ticks at = device_.earliest_in_bank(next, bank, from);
        if (refresh_before(at, true)) {
            continue;
        }
        issue_at(next, bank, row, at);
        if (closed) {
            break;
        }
    }
    ++device_.counters().activates;
}

Ticks Channel::change_mode(Mode mode, Ticks not_before) {
    if (mode != mode_) {
        mode_ = mode;
        mode_since_ = mode_change_ == 0 ? 0 : last_bank_tick_ + mode_change_;
    }
    return std::max(not_before, mode_since_);
}

Ticks Channel::issue(const PimCommand& command, Ticks not_before) {
    if (command.count == 0) {
        throw std::invalid_argument("a run of PIM commands has no command");
    }
    switch (command.command) {
        case Command::PIM_ACT_AB:
            refresh_while_idle(not_before);
            open_all_banks(command.row, not_before);
            return complete(last_bank_tick_ + timing_.ticks(timing_.nRCDRD));
        case Command::REFab:
            return refresh_ahead(not_before);
        case Command::PIM_PREA:
            refresh_while_idle(not_before);
            close_all_banks(not_before);
            return complete(last_bank_tick_ + timing_.ticks(timing_.nRP));
        case Command::PIM_MAC_AB:
        case Command::PIM_RET:
        case Command::PIM_LDC:
        case Command::PIM_MV_BA_ROW:
        case Command::PIM_MV_BF_ROW:
            refresh_while_idle(not_before);
            return run_on_open_row(command, not_before);
        case Command::PIM_WR:
        case Command::PIM_RD:
        case Command::PIM_MV_BA:
        case Command::PIM_MV_BF:
            return run_register_moves(command, not_before);
        case Command::PIM_SFM:
            return run_softmax(command, not_before);
        case Command::PIM_SET_CONFIG:
            return complete(device_.issue_run(command.command, any_bank, 0, 0, {command.count, 1},
                                              device_.earliest(command.command, any_bank, not_before)) +
                            1);
        default:
            throw std::invalid_argument(fmt::format("{} is no PIM command", info(command.command).name));
    }
}

void Channel::open_all_banks(std::uint32_t row, Ticks not_before) {
    not_before = change_mode(Mode::all_bank, not_before);
    for (;;) {
        const Command next = device_.has_open_bank() ? Command::PIM_PREA : Command::PIM_ACT_AB;
        const Ticks at = device_.earliest(next, any_bank, not_before);
        if (refresh_before(at, true)) {
            continue;
        }
        issue_at(next, any_bank, row, at);
        if (next == Command::PIM_ACT_AB) {
            break;
        }
    }
    device_.counters().activates += device_.banks();
}

void Channel::close_all_banks(Ticks not_before) {
    issue_to_bank(Command::PIM_PREA, any_bank, not_before);
}

Ticks Channel::run_on_open_row(const PimCommand& command, Ticks not_before) {
    not_before = change_mode(Mode::all_bank, not_before);
    const Ticks spacing = device_.spacing(command.command);
    const std::uint32_t slots = slots_of(command);
    for (std::uint32_t done = 0; done < slots;) {
        if (device_.all_bank_row() != command.row) {
            open_all_banks(command.row, not_before);
        }
        const Ticks first = device_.earliest(command.command, any_bank, not_before);
        if (refresh_before(first, false)) {
            continue;
        }
        const std::uint32_t run = run_before_refresh(slots - done, spacing, first);
        last_bank_tick_ =
            device_.issue_run(command.command, any_bank, command.row, command.column + done, {run, spacing}, first);
        done += run;
    }
    count(command);
    return complete(last_bank_tick_ + spacing);
}

std::uint32_t Channel::run_before_refresh(std::uint32_t count, Ticks spacing, Ticks first) const {
    const Ticks deadline = refresh_deadline(false);
    if (first + (count - 1) * spacing < deadline) {
        return count;
    }
    return static_cast<std::uint32_t>((deadline - 1 - first) / spacing + 1);
}

Ticks Channel::run_register_moves(const PimCommand& command, Ticks not_before) {
    const Ticks spacing = device_.spacing(command.command);
    const Ticks first = device_.earliest(command.command, any_bank, not_before);
    const Ticks last = device_.issue_run(command.command, any_bank, 0, 0, {slots_of(command), spacing}, first);
    count(command);
    switch (command.command) {
        case Command::PIM_WR:
            return complete(last + timing_.ticks(timing_.nCWL + timing_.nBL));
        case Command::PIM_RD:
            return complete(last + timing_.ticks(timing_.nCL + timing_.nBL));
        default:
            return complete(last + spacing);
    }
}

std::uint32_t Channel::slots_of(const PimCommand& command) const {
    if (is_sweep(command.command) || command.command == Command::PIM_WR) {
        return command.count;
    }
    const std::uint32_t pseudo_channels = device_.organization().pseudo_channels;
    return (command.count + pseudo_channels - 1) / pseudo_channels;
}

void Channel::count(const PimCommand& command) {
    Counters& counters = device_.counters();
    if (is_sweep(command.command)) {
        const std::uint64_t in_banks = std::uint64_t{command.count} * device_.banks();
        (command.command == Command::PIM_RET ? counters.lookup_slots : counters.pim_columns) += in_banks;
        return;
    }
    counters.moved_bursts[index_of(command.command)] += command.count;
    counters.moved_bits += std::uint64_t{command.count} * device_.organization().burst_bytes * 8;
    counters.pim_columns += is_row_move(command.command) ? command.count : 0;
}

Ticks Channel::run_softmax(const PimCommand& command, Ticks not_before) {
    const Ticks start = std::max(not_before, softmax_free_);
    const Ticks duration = command.duration * timing_.ticks_per_cycle;
    const Ticks first = device_.earliest(command.command, any_bank, start);
    const Ticks last = device_.issue_run(command.command, any_bank, 0, 0, {command.count, duration}, first);
    softmax_free_ = last + duration;
    device_.counters().softmax_ticks += command.count * duration;
    return complete(softmax_free_);
}

void Channel::add_engine_work(std::uint64_t macs, std::uint64_t lookups) {
    device_.counters().macs += macs;
    device_.counters().lookups += lookups;
}

void Channel::settle(Ticks now) {
    refresh_while_idle(now);
    device_.settle(now);
}

void Channel::issue_to_bank(Command command, std::uint32_t bank, Ticks not_before) {
    issue_at(command, bank, 0, device_.earliest(command, bank, not_before));
}

void Channel::issue_at(Command command, std::uint32_t bank, std::uint32_t row, Ticks at) {
    device_.issue(command, bank, row, 0, at);
    last_bank_tick_ = std::max(last_bank_tick_, at);
}

Ticks Channel::complete(Ticks tick) {
    ready_ = std::max(ready_, tick);
    return tick;
}

void Channel::copy_state(const Channel& other) {
    device_.copy_state(other.device_);
    refreshes_ = other.refreshes_;
    mode_ = other.mode_;
    mode_since_ = other.mode_since_;
    last_column_ = other.last_column_;
    last_bank_tick_ = other.last_bank_tick_;
    softmax_free_ = other.softmax_free_;
    ready_ = other.ready_;
}

bool Channel::behaves_as(const Channel& other, Ticks now) const {
    const auto same = [now](Ticks a, Ticks b) { return std::max(a, now) == std::max(b, now); };
    // The latest command to a bank counts for a refresh that is due already, and for a change of mode.
    const Ticks last = std::max(last_bank_tick_, other.last_bank_tick_);
    const bool forgotten = last < refreshes_.first_due() && last + mode_change_ <= now;
    return mode_ == other.mode_ && same(mode_since_, other.mode_since_) && same(softmax_free_, other.softmax_free_) &&
           same(ready_, other.ready_) && (forgotten || last_bank_tick_ == other.last_bank_tick_) &&
           refreshes_ == other.refreshes_ && device_.behaves_as(other.device_, now);
}

}  // namespace aqpim::dram
