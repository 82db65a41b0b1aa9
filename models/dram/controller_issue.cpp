// What a command that a controller issues changes.
#include <algorithm>

#include "models/dram/controller.h"

namespace aqpim::dram {

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
