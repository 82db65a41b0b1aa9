#include "models/dram/controller.h"

#include <algorithm>

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

}  // namespace aqpim::dram
