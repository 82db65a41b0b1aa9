#include "models/dram/channel.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace aqpim::dram {

namespace {

constexpr Ticks never = std::numeric_limits<Ticks>::max();

/// JEDEC lets eight refreshes be postponed; the eighth is left for the commands under way when it falls due.
constexpr Ticks postponable_refreshes = 7;

}  // namespace

Channel::Channel(const DramParameters& parameters, std::uint32_t index, CommandSink* trace)
    : organization_(parameters.organization()),
      timing_(parameters.timing),
      policy_(parameters.refresh_policy()),
      issuer_(parameters, index, trace),
      open_rows_(organization_.banks_per_channel(), closed),
      refresh_due_(timing_.nREFI) {}

Ticks Channel::access(const Location& location, bool write, Ticks not_before) {
    refresh_while_idle(not_before);
    const std::int64_t row = location.row;
    const std::int64_t found = open_row_of(location);
    ++(found == row ? counters_.row_hits : found == closed ? counters_.row_misses : counters_.row_conflicts);

    const Command command = write ? Command::WR : Command::RD;
    do {
        if (open_row_of(location) != row) {
            open_row(location, not_before);
        }
    } while (refresh_before(issuer_.earliest(command, location, not_before), false));
    const Ticks at = issue_to_bank(command, location, not_before);

    ++(write ? counters_.writes : counters_.reads);
    return complete(at + (write ? timing_.nCWL : timing_.nCL) + timing_.nBL);
}

void Channel::open_row(const Location& location, Ticks not_before) {
    std::int64_t& row = open_row_of(location);
    for (;;) {
        const Command next = row == closed ? Command::ACT : Command::PRE;
        if (refresh_before(issuer_.earliest(next, location, not_before), true)) {
            continue;
        }
        issue_to_bank(next, location, not_before);
        if (next == Command::ACT) {
            break;
        }
        row = closed;
        --open_banks_;
        all_bank_row_ = closed;
    }
    row = location.row;
    ++open_banks_;
    ++counters_.activates;
}

Ticks Channel::issue(const PimCommand& command, Ticks not_before) {
    if (command.count == 0) {
        throw std::invalid_argument("a run of PIM commands has no command");
    }
    switch (command.command) {
        case Command::PIM_ACT_AB:
            refresh_while_idle(not_before);
            open_all_banks(command.row, not_before);
            return complete(last_bank_tick_ + timing_.nRCDRD);
        case Command::PREA:
            refresh_while_idle(not_before);
            close_all_banks(not_before);
            return complete(last_bank_tick_ + timing_.nRP);
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
            return complete(issuer_.issue_run(command.command, channel_wide(), command.count, 1, not_before) + 1);
        default:
            throw std::invalid_argument(fmt::format("{} is no PIM command", info(command.command).name));
    }
}

void Channel::open_all_banks(std::uint32_t row, Ticks not_before) {
    const Location location = channel_wide(row);
    for (;;) {
        const Command next = open_banks_ == 0 ? Command::PIM_ACT_AB : Command::PREA;
        if (refresh_before(issuer_.earliest(next, location, not_before), true)) {
            continue;
        }
        if (next == Command::PIM_ACT_AB) {
            break;
        }
        close_all_banks(not_before);
    }
    issue_to_bank(Command::PIM_ACT_AB, location, not_before);
    std::fill(open_rows_.begin(), open_rows_.end(), row);
    open_banks_ = organization_.banks_per_channel();
    all_bank_row_ = row;
    counters_.activates += open_banks_;
}

void Channel::close_all_banks(Ticks not_before) {
    issue_to_bank(Command::PREA, channel_wide(), not_before);
    std::fill(open_rows_.begin(), open_rows_.end(), closed);
    open_banks_ = 0;
    all_bank_row_ = closed;
}

Ticks Channel::run_on_open_row(const PimCommand& command, Ticks not_before) {
    const Ticks spacing = issuer_.spacing(command.command);
    const std::uint32_t slots = slots_of(command);
    for (std::uint32_t done = 0; done < slots;) {
        if (all_bank_row_ != command.row) {
            open_all_banks(command.row, not_before);
        }
        const Location location = channel_wide(command.row, (command.column + done) % organization_.columns);
        const Ticks first = issuer_.earliest(command.command, location, not_before);
        if (refresh_before(first, false)) {
            continue;
        }
        const Ticks fit = (refresh_deadline(false) - 1 - first) / spacing + 1;
        const auto run = static_cast<std::uint32_t>(std::min<Ticks>(slots - done, fit));
        last_bank_tick_ = issuer_.issue_run(command.command, location, run, spacing, not_before);
        done += run;
    }
    count(command);
    return complete(last_bank_tick_ + spacing);
}

Ticks Channel::run_register_moves(const PimCommand& command, Ticks not_before) {
    const Ticks spacing = issuer_.spacing(command.command);
    const Ticks last = issuer_.issue_run(command.command, channel_wide(), slots_of(command), spacing, not_before);
    count(command);
    switch (command.command) {
        case Command::PIM_WR:
            return complete(last + timing_.nCWL + timing_.nBL);
        case Command::PIM_RD:
            return complete(last + timing_.nCL + timing_.nBL);
        default:
            return complete(last + spacing);
    }
}

std::uint32_t Channel::slots_of(const PimCommand& command) const {
    if (is_sweep(command.command) || command.command == Command::PIM_WR) {
        return command.count;
    }
    return (command.count + organization_.pseudo_channels - 1) / organization_.pseudo_channels;
}

void Channel::count(const PimCommand& command) {
    if (is_sweep(command.command)) {
        const std::uint64_t in_banks = std::uint64_t{command.count} * organization_.banks_per_channel();
        (command.command == Command::PIM_RET ? counters_.lookup_slots : counters_.pim_columns) += in_banks;
        return;
    }
    counters_.moved_bits += std::uint64_t{command.count} * organization_.burst_bytes * 8;
    counters_.pim_columns += is_row_move(command.command) ? command.count : 0;
}

Ticks Channel::run_softmax(const PimCommand& command, Ticks not_before) {
    const Ticks start = std::max(not_before, softmax_free_);
    const Ticks last = issuer_.issue_run(command.command, channel_wide(), command.count, command.duration, start);
    softmax_free_ = last + command.duration;
    counters_.softmax_ticks += command.count * command.duration;
    return complete(softmax_free_);
}

void Channel::refresh_while_idle(Ticks until) {
    for (;;) {
        // A row open in every bank is work in progress: a pause in it is no idle time.
        const Ticks at = std::max(refresh_deadline(all_bank_row_ == closed), last_bank_tick_);
        if (at >= until) {
            return;
        }
        refresh(at);
        skip_idle_refreshes(until);
    }
}

/// A long idle time costs one refresh less than it holds, unless the trace wants to see each; the last one decides what
/// the timing allows afterwards.
void Channel::skip_idle_refreshes(Ticks until) {
    if (!issuer_.traced() && refresh_due_ > last_bank_tick_ && refresh_due_ < until) {
        const Ticks skipped = (until - 1 - refresh_due_) / timing_.nREFI;
        refresh_due_ += skipped * timing_.nREFI;
        counters_.refreshes += skipped * refresh_groups();
    }
}

bool Channel::refresh_before(Ticks at, bool boundary) {
    if (at < refresh_deadline(boundary)) {
        return false;
    }
    refresh(at);
    return true;
}

Ticks Channel::refresh_deadline(bool boundary) const {
    switch (policy_) {
        case RefreshPolicy::off:
            return never;
        case RefreshPolicy::row_boundary:
            return boundary ? refresh_due_ : refresh_due_ + postponable_refreshes * timing_.nREFI;
        case RefreshPolicy::immediate:
            break;
    }
    return refresh_due_;
}

void Channel::refresh(Ticks not_before) {
    if (open_banks_ != 0) {
        close_all_banks(not_before);
    }
    Location location = channel_wide();
    for (location.pseudo_channel = 0; location.pseudo_channel < organization_.pseudo_channels;
         ++location.pseudo_channel) {
        for (location.rank = 0; location.rank < organization_.ranks; ++location.rank) {
            issue_to_bank(Command::REFab, location, not_before);
        }
    }
    complete(last_bank_tick_ + timing_.nRFC);
    counters_.refreshes += refresh_groups();
    refresh_due_ += timing_.nREFI;
}

void Channel::add_engine_work(std::uint64_t macs, std::uint64_t lookups) {
    counters_.macs += macs;
    counters_.lookups += lookups;
}

void Channel::settle(Ticks now) {
    refresh_while_idle(now);
    issuer_.settle(now);
}

Ticks Channel::issue_to_bank(Command command, const Location& location, Ticks not_before) {
    const Ticks at = issuer_.issue(command, location, not_before);
    last_bank_tick_ = std::max(last_bank_tick_, at);
    return at;
}

Ticks Channel::complete(Ticks tick) {
    ready_ = std::max(ready_, tick);
    return tick;
}

Location Channel::channel_wide(std::uint32_t row, std::uint32_t column) {
    Location location;
    location.row = row;
    location.column = column;
    return location;
}

std::int64_t& Channel::open_row_of(const Location& location) {
    const std::uint32_t rank = location.pseudo_channel * organization_.ranks + location.rank;
    const std::uint32_t group = rank * organization_.bank_groups + location.bank_group;
    return open_rows_[group * organization_.banks + location.bank];
}

}  // namespace aqpim::dram
