#include "models/dram/controller.h"

#include <algorithm>

#include "models/dram/bank_scan.h"

namespace aqpim::dram {

Controller::Controller(Channel& channel, const DramParameters& parameters, CompletionSink& completions)
    : channel_(channel),
      device_(channel.device_),
      refreshes_(channel.refreshes_),
      completions_(completions),
      scheduler_(make_scheduler(parameters)),
      page_policy_(make_page_policy(parameters)),
      drain_(parameters.controller),
      read_capacity_(parameters.controller.read_queue),
      write_capacity_(parameters.controller.write_queue),
      banks_per_rank_(device_.banks_per_rank()),
      split_bus_(parameters.standard_table().split_command_bus),
      precharges_automatically_(page_policy_->precharges_automatically()),
      closes_idle_rows_(!precharges_automatically_ && page_policy_->closes_from(0) != never),
      keeps_choices_(scheduler_->only_oldest_from(0) == never && page_policy_->closes_from(0) == never),
      read_latency_(parameters.timing.ticks(parameters.timing.nCL + parameters.timing.nBL)),
      write_latency_(parameters.timing.ticks(parameters.timing.nCWL + parameters.timing.nBL)),
      reads_(pool_, device_.banks()),
      writes_(pool_, device_.banks()),
      promoted_(device_.banks(), Entry::none),
      promoted_banks_(device_.banks()),
      waiting_for_rank_(device_.ranks()),
      cycle_(parameters.timing.ticks_per_cycle) {
    pool_.reserve(std::size_t{read_capacity_} + write_capacity_ + device_.banks());
}

void Controller::wait_for_room(bool write) {
    if (now_ < port_free_) {
        advance(port_free_);
    }
    while (is_full(write)) {
        issue_next(never);
    }
}

void Controller::enqueue(const Request& request) {
    port_free_ = now_ + cycle_;
    const std::uint32_t bank = device_.bank_of(request.location);
    if (is_waiting_to_be_written(bank, request)) {
        ++(request.write ? merged_ : forwarded_);
        completions_.completed(request, now_ + 1);
        return;
    }
    floor_ = std::max(floor_, channel_.change_mode(Channel::Mode::access, now_));
    const std::uint32_t index = take_entry();
    Entry& entry = pool_[index];
    entry = Entry{};
    entry.request = request;
    entry.sequence = arrivals_++;
    entry.arrival = now_;
    entry.bank = bank;
    const bool hit = device_.open_row(bank) == request.location.row;
    queue(request.write).add(index, hit);
    ++waiting_;
    if (waiting_for_rank_[rank_of(bank)]++ == 0 || !keeps_choices_) {
        forget_choices();  // a refresh may have to stand back
    } else if (request.write == drain_.draining()) {
        hit ? consider_hits(column_, bank) : consider_new_other(bank);
    }
}

bool Controller::is_waiting_to_be_written(std::uint32_t bank, const Request& request) const {
    const std::uint32_t activated = promoted_[bank];
    if (activated != Entry::none && pool_[activated].request.write && covers(pool_[activated], request)) {
        return true;
    }
    return writes_.find_covering(bank, request) != Entry::none;
}

std::uint32_t Controller::take_entry() {
    if (free_.empty()) {
        pool_.emplace_back();
        return static_cast<std::uint32_t>(pool_.size() - 1);
    }
    const std::uint32_t entry = free_.back();
    free_.pop_back();
    return entry;
}

Ticks Controller::next_command() {
    update_drain();
    return choose(never);
}

void Controller::advance(Ticks end) {
    while (now_ < end && issue_next(end)) {
        if (waiting_ == 0 && !device_.has_open_bank()) {
            channel_.skip_idle_refreshes(end);
            forget_choices();
        }
    }
    now_ = std::max(now_, end);
}

bool Controller::step() {
    return waiting_ != 0 && issue_next(never);
}

bool Controller::issue_next(Ticks end) {
    update_drain();
    const Ticks tick = choose(end);
    if (tick >= end) {
        return false;
    }
    now_ = tick;
    if (!split_bus_) {
        issue(column_ < row_ ? column_ : row_);
    } else {
        if (column_.at == tick) {
            issue(column_);
            update_drain();
            choose_row(tick);
        }
        if (row_.at == tick) {
            issue(row_);
        }
    }
    update_drain();
    now_ = tick + 1;
    if (device_.traced()) {
        device_.settle(now_);
    }
    return true;
}

void Controller::update_drain() {
    const bool before = drain_.draining();
    drain_.update(reads_.size(), writes_.size());
    if (drain_.draining() != before) {
        forget_choices();
    }
}

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
    const bool closes =
        page_policy_->precharges_automatically() && e.issued + 1 == e.request.bursts && !row_is_wanted(e.bank, entry);
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

void Controller::issue(Choice choice) {
    channel_.last_bank_tick_ = std::max(channel_.last_bank_tick_, choice.at);
    if (info(choice.command).bus == CommandBus::column) {
        issue_column(choice);
    } else {
        issue_row(choice);
    }
}

void Controller::issue_column(const Choice& choice) {
    Entry& e = pool_[choice.entry];
    count(choice.entry, choice.command);
    device_.issue(choice.command, choice.bank, e.request.location.row, e.request.location.column + e.issued, choice.at);
    channel_.last_column_[choice.bank] = choice.at;
    ++(e.request.write ? device_.counters().writes : device_.counters().reads);
    column_known_ = false;
    if (++e.issued == e.request.bursts) {
        if (choice.priority == promoted) {
            promoted_[choice.bank] = Entry::none;
            promoted_banks_.erase(choice.bank);
            // A refresh may have waited for it, too.
            row_known_ = row_known_ && row_.at < refreshes_.first_deadline();
            consider_new_other(choice.bank);
        } else {
            queue(e.request.write).remove(choice.entry, true);
        }
        complete(choice.entry, choice.at);
    }
    if (device_.open_row(choice.bank) == ChannelDevice::closed) {
        row_closed(choice.bank);
    }
}

void Controller::complete(std::uint32_t entry, Ticks column_at) {
    const Request request = pool_[entry].request;
    if (--waiting_for_rank_[rank_of(pool_[entry].bank)] == 0) {
        row_known_ = false;  // a refresh may come forward
    }
    --waiting_;
    free_.push_back(entry);
    const Ticks end = channel_.complete(column_at + (request.write ? write_latency_ : read_latency_));
    completions_.completed(request, end);
}

void Controller::issue_row(const Choice& choice) {
    if (choice.entry != Entry::none) {
        count(choice.entry, choice.command);
    }
    if (choice.command == Command::ACT) {
        activate(choice);
        return;
    }
    const std::uint32_t rank = rank_of(choice.bank);
    device_.issue(choice.command, choice.bank, 0, 0, choice.at);
    row_known_ = precharge_known_ = false;
    activate_known_ = activate_known_ && choice.command == Command::PRE;
    column_known_ = column_known_ && choice.command == Command::PRE && column_.bank != choice.bank;
    switch (choice.command) {
        case Command::REFab:
        case Command::REFpb:
            ++device_.counters().refreshes;
            refreshes_.made(rank);
            break;
        case Command::PREA:
            for (std::uint32_t bank = rank * banks_per_rank_; bank < (rank + 1) * banks_per_rank_; ++bank) {
                row_closed(bank);
            }
            break;
        default:
            row_closed(choice.bank);
            consider_others(activate_, choice.bank);
    }
}

void Controller::activate(const Choice& choice) {
    Entry& e = pool_[choice.entry];
    const std::uint32_t row = e.request.location.row;
    device_.issue(Command::ACT, choice.bank, row, 0, choice.at);
    ++device_.counters().activates;
    queue(e.request.write).remove(choice.entry, false);
    promoted_[choice.bank] = choice.entry;
    promoted_banks_.insert(choice.bank);
    reads_.row_opened(choice.bank, row);
    writes_.row_opened(choice.bank, row);
    row_known_ = activate_known_ = false;
    consider(column_, promoted, column_command(choice.entry), choice.bank, choice.entry);
    consider_hits(column_, choice.bank);
}

void Controller::row_closed(std::uint32_t bank) {
    reads_.row_closed(bank);
    writes_.row_closed(bank);
}

void Controller::count(std::uint32_t entry, Command command) {
    Entry& e = pool_[entry];
    if (e.counted) {
        return;
    }
    e.counted = true;
    Counters& counters = device_.counters();
    ++(command == Command::ACT   ? counters.row_misses
       : command == Command::PRE ? counters.row_conflicts
                                 : counters.row_hits);
    counters.row_hits += e.request.bursts - 1;
}

}  // namespace aqpim::dram
