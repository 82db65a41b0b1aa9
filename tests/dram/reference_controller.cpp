#include "reference_controller.h"

#include <algorithm>

namespace aqpim::dram {

namespace {

bool same_bank(const Location& a, const Location& b) {
    return a.pseudo_channel == b.pseudo_channel && a.rank == b.rank && a.bank_group == b.bank_group && a.bank == b.bank;
}

Ticks refresh_interval(const DramParameters& parameters) {
    const TimingParameters& t = parameters.timing;
    return t.ticks(parameters.refresh_kind() == RefreshKind::per_bank ? t.nREFIpb : t.nREFI);
}

}  // namespace

ReferenceController::ReferenceController(const DramParameters& parameters)
    : parameters_(parameters), organization_(parameters.organization()), device_(parameters) {
    if (parameters.refresh_kind() == RefreshKind::off) {
        return;
    }
    for (std::uint32_t pseudo_channel = 0; pseudo_channel < organization_.pseudo_channels; ++pseudo_channel) {
        for (std::uint32_t rank = 0; rank < organization_.ranks; ++rank) {
            ranks_.push_back({pseudo_channel, rank, refresh_interval(parameters)});
        }
    }
}

bool ReferenceController::has_room(bool write) const {
    const auto queued = std::count_if(entries_.begin(), entries_.end(), [write](const Entry& entry) {
        return entry.request.write == write && !entry.promoted;
    });
    const ControllerParameters& controller = parameters_.controller;
    return now_ >= port_free_ &&
           static_cast<std::uint32_t>(queued) < (write ? controller.write_queue : controller.read_queue);
}

void ReferenceController::enqueue(const Request& request) {
    port_free_ = now_ + parameters_.timing.ticks_per_cycle;
    if (is_covered(request)) {
        completions_.push_back({request.id, now_ + 1});
        return;
    }
    entries_.push_back({request, now_});
}

bool ReferenceController::is_covered(const Request& request) const {
    const Location& wanted = request.location;
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        const Location& there = entry.request.location;
        return entry.request.write && same_bank(there, wanted) && there.row == wanted.row &&
               there.column + entry.issued <= wanted.column &&
               wanted.column + request.bursts <= there.column + entry.request.bursts;
    });
}

void ReferenceController::tick() {
    if (parameters_.standard_table().split_command_bus) {
        fill(Slot::column);
        fill(Slot::row);
    } else {
        fill(Slot::any);
    }
    update_drain();
    ++now_;
}

void ReferenceController::fill(Slot slot) {
    update_drain();
    if (slot != Slot::row && serve_promoted()) {
        return;
    }
    if (slot != Slot::column && refresh()) {
        return;
    }
    if (serve_queue(slot)) {
        return;
    }
    if (slot != Slot::column) {
        close_idle_bank();
    }
}

void ReferenceController::update_drain() {
    std::size_t reads = 0;
    std::size_t writes = 0;
    for (const Entry& entry : entries_) {
        if (!entry.promoted) {
            ++(entry.request.write ? writes : reads);
        }
    }
    const ControllerParameters& controller = parameters_.controller;
    const auto count = static_cast<double>(writes);
    if (!draining_) {
        draining_ = reads == 0 || count > controller.write_high * controller.write_queue;
    } else if (reads > 0) {
        draining_ = writes > 0 && count >= controller.write_low * controller.write_queue;
    }
}

bool ReferenceController::serve_promoted() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const Command command = column_command(entries_[i]);
        if (entries_[i].promoted && device_.ready(command, entries_[i].request.location, now_)) {
            issue_column(i, command);
            return true;
        }
    }
    return false;
}

bool ReferenceController::refresh() {
    return std::any_of(ranks_.begin(), ranks_.end(), [this](Rank& rank) {
        const bool may_wait = waits_for_rank(rank);
        return now_ >= (may_wait ? deadline(rank) : rank.due) && refresh_rank(rank);
    });
}

Ticks ReferenceController::deadline(const Rank& rank) const {
    const std::uint32_t postponed = parameters_.refresh_postpone;
    return rank.due + (postponed == 0 ? 0 : postponed - 1) * refresh_interval(parameters_);
}

Location ReferenceController::refreshed(const Rank& rank) const {
    Location location;
    location.pseudo_channel = rank.pseudo_channel;
    location.rank = rank.rank;
    if (parameters_.refresh_kind() == RefreshKind::per_bank) {
        location.bank_group = rank.next_bank / organization_.banks;
        location.bank = rank.next_bank % organization_.banks;
    }
    return location;
}

bool ReferenceController::refresh_rank(Rank& rank) {
    const bool all_bank = parameters_.refresh_kind() == RefreshKind::all_bank;
    const Location location = refreshed(rank);
    const bool open =
        all_bank ? device_.has_open_bank(rank.pseudo_channel, rank.rank) : device_.open_row(location) >= 0;
    const Command closes = all_bank ? Command::PREA : Command::PRE;
    const Command command = open ? closes : all_bank ? Command::REFab : Command::REFpb;
    const bool held = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        const Location& there = entry.request.location;
        const bool here = all_bank ? there.pseudo_channel == rank.pseudo_channel && there.rank == rank.rank
                                   : same_bank(there, location);
        return entry.promoted && here;
    });
    if ((open && held) || !device_.ready(command, location, now_)) {
        return false;
    }
    device_.issue(command, location, now_);
    if (!open) {
        rank.due += refresh_interval(parameters_);
        rank.next_bank = (rank.next_bank + 1) % (organization_.bank_groups * organization_.banks);
    }
    return true;
}

bool ReferenceController::waits_for_rank(const Rank& rank) const {
    return std::any_of(entries_.begin(), entries_.end(), [&rank](const Entry& entry) {
        return entry.request.location.pseudo_channel == rank.pseudo_channel && entry.request.location.rank == rank.rank;
    });
}

bool ReferenceController::past_deadline(const Location& location) const {
    return std::any_of(ranks_.begin(), ranks_.end(), [&](const Rank& rank) {
        const bool here = location.pseudo_channel == rank.pseudo_channel && location.rank == rank.rank;
        const bool whole_rank = parameters_.refresh_kind() == RefreshKind::all_bank;
        return here && (whole_rank || same_bank(location, refreshed(rank))) && now_ >= deadline(rank);
    });
}

bool ReferenceController::serve_queue(Slot slot) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (!competes(entries_[i])) {
            continue;
        }
        if (serve(i, slot)) {
            return true;
        }
        const std::uint32_t cap = parameters_.controller.age_cap;
        const bool only_oldest = parameters_.controller.scheduler_kind() == SchedulerKind::fcfs ||
                                 (cap != 0 && now_ - entries_[i].arrival > parameters_.timing.ticks(cap));
        if (only_oldest) {  // the first that competes is the oldest
            return false;
        }
    }
    return false;
}

bool ReferenceController::competes(const Entry& entry) const {
    return !entry.promoted && entry.request.write == draining_;
}

bool ReferenceController::serve(std::size_t index, Slot slot) {
    Entry& entry = entries_[index];
    const Location& location = entry.request.location;
    const std::int64_t open = device_.open_row(location);
    const bool hit = open == location.row;
    if (past_deadline(location) || (slot == Slot::column && !hit) || (slot == Slot::row && hit)) {
        return false;
    }
    const Command command = hit ? column_command(entry) : open < 0 ? Command::ACT : Command::PRE;
    if ((command == Command::PRE && is_promoted(location)) || !device_.ready(command, location, now_)) {
        return false;
    }
    if (hit) {
        issue_column(index, command);
        return true;
    }
    device_.issue(command, location, now_);
    entry.promoted = command == Command::ACT;
    return true;
}

bool ReferenceController::close_idle_bank() {
    if (parameters_.controller.page_policy_kind() != PagePolicyKind::timeout) {
        return false;
    }
    const Ticks timeout = parameters_.timing.ticks(parameters_.controller.page_timeout);
    Location bank;
    for (std::uint32_t i = 0; i < organization_.banks_per_channel(); ++i) {
        bank.bank = i % organization_.banks;
        bank.bank_group = i / organization_.banks % organization_.bank_groups;
        bank.rank = i / organization_.banks / organization_.bank_groups % organization_.ranks;
        bank.pseudo_channel = i / organization_.banks / organization_.bank_groups / organization_.ranks;
        const std::int64_t row = device_.open_row(bank);
        if (row >= 0 && now_ >= device_.last_column(bank) + timeout && !row_is_wanted(bank, row, nullptr) &&
            !past_deadline(bank) && device_.ready(Command::PRE, bank, now_)) {
            device_.issue(Command::PRE, bank, now_);
            return true;
        }
    }
    return false;
}

bool ReferenceController::is_promoted(const Location& bank) const {
    return std::any_of(entries_.begin(), entries_.end(), [&bank](const Entry& entry) {
        return entry.promoted && same_bank(entry.request.location, bank);
    });
}

bool ReferenceController::row_is_wanted(const Location& bank, std::int64_t row, const Entry* but) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return &entry != but && same_bank(entry.request.location, bank) && entry.request.location.row == row;
    });
}

Command ReferenceController::column_command(const Entry& entry) const {
    const Location& location = entry.request.location;
    const bool closes = parameters_.controller.page_policy_kind() == PagePolicyKind::closed &&
                        entry.issued + 1 == entry.request.bursts && !row_is_wanted(location, location.row, &entry);
    if (entry.request.write) {
        return closes ? Command::WRA : Command::WR;
    }
    return closes ? Command::RDA : Command::RD;
}

void ReferenceController::issue_column(std::size_t index, Command command) {
    Entry& entry = entries_[index];
    Location location = entry.request.location;
    location.column += entry.issued;
    device_.issue(command, location, now_);
    if (++entry.issued == entry.request.bursts) {
        const TimingParameters& t = parameters_.timing;
        completions_.push_back({entry.request.id, now_ + t.ticks((entry.request.write ? t.nCWL : t.nCL) + t.nBL)});
        entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
    }
}

}  // namespace aqpim::dram
