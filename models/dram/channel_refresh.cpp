// When a channel in closed form makes its refreshes.
#include <algorithm>

#include "models/dram/channel.h"

namespace aqpim::dram {

void Channel::make_idle_refreshes(Ticks until) {
    for (;;) {
        // A row open in every bank is work in progress: a pause in it is no idle time.
        const bool idle = device_.all_bank_row() == ChannelDevice::closed;
        const Ticks at = std::max(refresh_deadline(idle), last_bank_tick_);
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
    const Ticks due = refreshes_.first_due();
    if (device_.traced() || due <= last_bank_tick_ || due >= until) {
        return;
    }
    const Ticks skipped = (until - 1 - due) / refreshes_.interval();
    refreshes_.skip(skipped);
    Counters& counters = device_.counters();
    counters.refreshes += skipped * refreshes_.ranks();
    const bool all_bank = refreshes_.kind() == RefreshKind::all_bank;
    counters.commands[index_of(all_bank ? Command::REFab : Command::REFpb)] += skipped * refreshes_.ranks();
}

bool Channel::refresh_before(Ticks at, bool boundary) {
    if (at < refresh_deadline(boundary)) {
        return false;
    }
    refresh(at);
    return true;
}

void Channel::refresh(Ticks not_before) {
    const Ticks due = refreshes_.first_due();
    if (refreshes_.kind() == RefreshKind::all_bank && device_.all_bank_row() != ChannelDevice::closed) {
        close_all_banks(not_before);
    }
    for (std::uint32_t rank = 0; rank < refreshes_.ranks(); ++rank) {
        if (refreshes_.due(rank) == due) {
            refresh_rank(rank, not_before);
        }
    }
}

void Channel::refresh_rank(std::uint32_t rank, Ticks not_before) {
    const std::uint32_t first_bank = rank * device_.banks_per_rank();
    if (refreshes_.kind() == RefreshKind::all_bank) {
        if (device_.has_open_bank(rank)) {
            issue_to_bank(Command::PREA, first_bank, not_before);
        }
        issue_to_bank(Command::REFab, first_bank, not_before);
        complete(last_bank_tick_ + timing_.ticks(timing_.nRFC));
    } else {
        const std::uint32_t bank = first_bank + refreshes_.next_bank(rank);
        if (device_.open_row(bank) != ChannelDevice::closed) {
            issue_to_bank(Command::PRE, bank, not_before);
        }
        issue_to_bank(Command::REFpb, bank, not_before);
        complete(last_bank_tick_ + timing_.ticks(timing_.nRFCpb));
    }
    ++device_.counters().refreshes;
    refreshes_.made(rank);
}

Ticks Channel::refresh_ahead(Ticks not_before) {
    refresh_while_idle(not_before);
    if (refreshes_.kind() != RefreshKind::all_bank) {
        return not_before;
    }
    refresh(not_before);
    refreshes_.restart(ready_);
    return ready_;
}

}  // namespace aqpim::dram
