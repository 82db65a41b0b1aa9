// Which command gets the next free slot.
#include <algorithm>

#include "models/dram/bank_scan.h"
#include "models/dram/controller.h"

namespace aqpim::dram {

Ticks Controller::choose(Ticks end) {
    if (!keeps_choices_) {
        forget_choices();
    }
    for (;;) {
        if (!column_known_) {
            column_ = best_column();
            column_known_ = true;
        }
        if (!row_known_) {
            row_ = best_row();
            row_known_ = true;
        }
        const Ticks tick = std::min(column_.at, row_.at);
        if (tick >= end) {
            return tick;
        }
        column_known_ = column_.at != tick || stands(column_);
        if (row_.at == tick && !stands(row_)) {
            forget_row();
        }
        if (column_known_ && row_known_) {
            return tick;
        }
    }
}

void Controller::choose_row(Ticks tick) {
    if (!keeps_choices_ || (row_.at == tick && !stands(row_))) {
        forget_row();
    }
    if (!row_known_) {
        row_ = best_row();
        row_known_ = true;
    }
}

void Controller::forget_row() {
    row_known_ = false;
    activate_known_ = activate_known_ && row_.command != Command::ACT;
    precharge_known_ = precharge_known_ && row_.command != Command::PRE;
}

bool Controller::stands(const Choice& choice) const {
    if (choice.at < now_) {
        return false;
    }
    const bool of_bank = info(choice.command).scope == Level::bank;
    return choice.at == (of_bank ? device_.earliest_in_bank(choice.command, choice.bank, choice.at)
                                 : device_.earliest(choice.command, choice.bank, choice.at));
}

void Controller::consider(Choice& best, Priority priority, Command command, std::uint32_t bank,
                          std::uint32_t entry) const {
    const Ticks at = device_.earliest_in_bank(command, bank, std::max(now_, floor_));
    if (at > best.at) {
        return;
    }
    const Choice choice{at, priority, pool_[entry].sequence, command, bank, entry};
    const bool waits_for_refresh = priority != promoted && at >= refreshes_.first_deadline() && at >= deadline_of(bank);
    if (choice < best && !waits_for_refresh) {
        best = choice;
    }
}

void Controller::consider_leader(Leader& leader, Ticks at, std::uint32_t bank, std::uint32_t entry,
                                 Priority priority) const {
    if (at > leader.at) {
        return;
    }
    const std::uint64_t sequence = pool_[entry].sequence;
    const bool waits_for_refresh = priority != promoted && at >= refreshes_.first_deadline() && at >= deadline_of(bank);
    if ((at < leader.at || sequence < leader.sequence) && !waits_for_refresh) {
        leader = {at, sequence, bank, entry};
    }
}

void Controller::consider_hits(Choice& best, std::uint32_t bank) const {
    const std::uint32_t entry = queue(drain_.draining()).oldest_hit(bank);
    if (entry != Entry::none) {
        consider(best, queued, column_command(entry), bank, entry);
    }
}

void Controller::consider_others(Choice& best, std::uint32_t bank) const {
    const std::uint32_t entry = queue(drain_.draining()).oldest_other(bank);
    if (entry != Entry::none && !promoted_banks_.contains(bank)) {
        const bool closed = device_.open_row(bank) == ChannelDevice::closed;
        consider(best, queued, closed ? Command::ACT : Command::PRE, bank, entry);
    }
}

Controller::Choice Controller::best_column() const {
    Choice best;
    consider_all_promoted(best);
    consider_queue_columns(best);
    return best;
}

void Controller::consider_all_promoted(Choice& best) const {
    BankScan reads(device_, Command::RD, std::max(now_, floor_));
    BankScan writes(device_, Command::WR, std::max(now_, floor_));
    Leader leader;
    promoted_banks_.for_each([&](std::uint32_t bank) {
        const std::uint32_t entry = promoted_[bank];
        const Ticks at = pool_[entry].request.write ? writes.earliest(bank) : reads.earliest(bank);
        consider_leader(leader, at, bank, entry, promoted);
    });
    if (leader.entry == Entry::none) {
        return;
    }
    consider(best, promoted, column_command(leader.entry), leader.bank, leader.entry);
    if (best.at != leader.at) {
        promoted_banks_.for_each([&](std::uint32_t bank) {
            consider(best, promoted, column_command(promoted_[bank]), bank, promoted_[bank]);
        });
    }
}

void Controller::consider_queue_columns(Choice& best) const {
    const RequestQueue& requests = queue(drain_.draining());
    if (requests.size() == 0) {
        return;
    }
    const Ticks restricted = scheduler_->only_oldest_from(pool_[requests.oldest()].arrival);
    Choice any;
    if (restricted > now_) {
        requests.banks_with_hits().for_each([&](std::uint32_t bank) { consider_hits(any, bank); });
    }
    if (any.at >= restricted) {
        any = {};
        consider_only(any, requests.oldest(), restricted, true);
    }
    best = std::min(best, any);
}

void Controller::consider_only(Choice& best, std::uint32_t entry, Ticks from, bool column) const {
    const Entry& e = pool_[entry];
    const std::int64_t open = device_.open_row(e.bank);
    const bool hits = open == e.request.location.row;
    if (hits != column || (!hits && promoted_banks_.contains(e.bank))) {
        return;
    }
    const Command command = hits ? column_command(entry) : open == ChannelDevice::closed ? Command::ACT : Command::PRE;
    consider(best, queued, command, e.bank, entry);
    if (best.entry == entry && best.at < from) {
        best.at = device_.bus_free(command, from);
    }
}

Controller::Choice Controller::best_row() {
    Choice best;
    if (keeps_choices_) {
        best = best_of_queue_rows();
    } else {
        consider_queue_rows(best);
    }
    consider_refreshes(best);
    if (closes_idle_rows_) {
        consider_policy(best);
    }
    return best;
}

Controller::Choice Controller::best_of_queue_rows() {
    if (!activate_known_) {
        activate_ = {};
        scan_others(activate_, Command::ACT);
        activate_known_ = true;
    }
    if (!precharge_known_) {
        precharge_ = {};
        scan_others(precharge_, Command::PRE);
        precharge_known_ = true;
    }
    return std::min(activate_, precharge_);
}

void Controller::consider_new_other(std::uint32_t bank) {
    const bool closed = device_.open_row(bank) == ChannelDevice::closed;
    Choice& best = closed ? activate_ : precharge_;
    consider_others(best, bank);
    row_ = std::min(row_, best);
}

void Controller::scan_others(Choice& best, Command command) const {
    const RequestQueue& requests = queue(drain_.draining());
    if (device_.all_bank_row() != ChannelDevice::closed) {
        if (command == Command::PRE) {
            requests.banks_with_others().for_each([&](std::uint32_t bank) { consider_others(best, bank); });
        }
        return;
    }
    BankScan scan(device_, command, std::max(now_, floor_));
    Leader leader;
    const BankSet& banks = command == Command::PRE ? device_.open_set() : device_.closed_set();
    requests.banks_with_others().for_each(banks, promoted_banks_, [&](std::uint32_t bank) {
        consider_leader(leader, scan.earliest(bank), bank, requests.oldest_other(bank), queued);
    });
    if (leader.entry == Entry::none) {
        return;
    }
    consider(best, queued, command, leader.bank, leader.entry);
    if (best.at != leader.at) {
        requests.banks_with_others().for_each(banks, promoted_banks_,
                                              [&](std::uint32_t bank) { consider_others(best, bank); });
    }
}

void Controller::consider_queue_rows(Choice& best) const {
    const RequestQueue& requests = queue(drain_.draining());
    if (requests.size() == 0) {
        return;
    }
    const Ticks restricted = scheduler_->only_oldest_from(pool_[requests.oldest()].arrival);
    if (restricted > now_) {
        scan_others(best, Command::ACT);
        Choice precharge;
        scan_others(precharge, Command::PRE);
        best = std::min(best, precharge);
    }
    if (best.at >= restricted) {
        best = {};
        consider_only(best, requests.oldest(), restricted, false);
    }
}

Ticks Controller::deadline_of(std::uint32_t bank) const {
    const std::uint32_t rank = rank_of(bank);
    if (refreshes_.kind() == RefreshKind::per_bank && bank % banks_per_rank_ != refreshes_.next_bank(rank)) {
        return never;
    }
    return refreshes_.deadline(rank);
}

void Controller::consider_refreshes(Choice& best) const {
    if (refreshes_.kind() == RefreshKind::off || refreshes_.first_due() > best.at) {
        return;
    }
    const bool all_bank = refreshes_.kind() == RefreshKind::all_bank;
    for (std::uint32_t rank = 0; rank < refreshes_.ranks(); ++rank) {
        const Ticks from = waiting_for_rank_[rank] == 0 ? refreshes_.due(rank) : refreshes_.deadline(rank);
        const std::uint32_t bank = rank * banks_per_rank_ + (all_bank ? 0 : refreshes_.next_bank(rank));
        Command command = all_bank ? Command::REFab : Command::REFpb;
        if (all_bank && device_.has_open_bank(rank)) {
            command = Command::PREA;
        } else if (!all_bank && device_.open_row(bank) != ChannelDevice::closed) {
            command = Command::PRE;
        }
        const bool closes = command == Command::PREA || command == Command::PRE;
        if (from > best.at || (closes && is_promoted(rank, bank, all_bank))) {
            continue;
        }
        const Ticks at = device_.earliest(command, bank, std::max({now_, floor_, from}));
        const Choice choice{at, refresh, rank, command, bank, Entry::none};
        best = std::min(best, choice);
    }
}

bool Controller::is_promoted(std::uint32_t rank, std::uint32_t bank, bool any_bank) const {
    bool found = promoted_banks_.contains(bank);
    if (any_bank) {
        promoted_banks_.for_each([&](std::uint32_t each) { found |= rank_of(each) == rank; });
    }
    return found;
}

void Controller::consider_policy(Choice& best) const {
    for (std::uint32_t bank = 0; bank < device_.banks(); ++bank) {
        if (device_.open_row(bank) == ChannelDevice::closed || row_is_wanted(bank, Entry::none)) {
            continue;
        }
        const Ticks from = page_policy_->closes_from(channel_.last_column_[bank]);
        const Ticks at = device_.earliest(Command::PRE, bank, std::max({now_, floor_, from}));
        if (at < deadline_of(bank)) {
            best = std::min(best, Choice{at, policy, bank, Command::PRE, bank, Entry::none});
        }
    }
}

Command Controller::column_command(std::uint32_t entry) const {
    const Entry& e = pool_[entry];
    const bool closes = precharges_automatically_ && e.issued + 1 == e.request.bursts && !row_is_wanted(e.bank, entry);
    if (e.request.write) {
        return closes ? Command::WRA : Command::WR;
    }
    return closes ? Command::RDA : Command::RD;
}

bool Controller::row_is_wanted(std::uint32_t bank, std::uint32_t but) const {
    if (promoted_[bank] != Entry::none && promoted_[bank] != but) {
        return true;
    }
    for (const RequestQueue* requests : {&reads_, &writes_}) {
        const std::uint32_t hit = requests->oldest_hit(bank);
        if (hit != Entry::none && (hit != but || pool_[hit].younger_in_bank != Entry::none)) {
            return true;
        }
    }
    return false;
}

}  // namespace aqpim::dram
