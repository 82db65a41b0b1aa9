#include "models/dram/refresh_schedule.h"

#include <algorithm>

namespace aqpim::dram {

namespace {

Ticks interval_of(const DramParameters& parameters, std::uint32_t banks_per_rank) {
    const TimingParameters& t = parameters.timing;
    if (parameters.refresh_kind() == RefreshKind::per_bank) {
        return t.nREFIpb != 0 ? t.ticks(t.nREFIpb) : t.ticks(t.nREFI) / banks_per_rank;
    }
    return t.ticks(t.nREFI);
}

}  // namespace

RefreshSchedule::RefreshSchedule(const DramParameters& parameters)
    : kind_(parameters.refresh_kind()),
      banks_per_rank_(parameters.bank_groups * parameters.banks),
      next_bank_(std::size_t{parameters.pseudo_channels} * parameters.ranks) {
    interval_ = interval_of(parameters, banks_per_rank_);
    // The last one that may be postponed is left for the commands under way when it falls due.
    grace_ = parameters.refresh_postpone == 0 ? 0 : (parameters.refresh_postpone - 1) * interval_;
    first_due_ = kind_ == RefreshKind::off ? never : interval_;
    due_.assign(next_bank_.size(), first_due_);
}

void RefreshSchedule::made(std::uint32_t rank) {
    due_[rank] += interval_;
    next_bank_[rank] = next_bank_[rank] + 1 == banks_per_rank_ ? 0 : next_bank_[rank] + 1;
    first_due_ = *std::min_element(due_.begin(), due_.end());
}

void RefreshSchedule::restart(Ticks now) {
    due_.assign(due_.size(), now + interval_);
    first_due_ = now + interval_;
}

void RefreshSchedule::skip(Ticks count) {
    for (std::uint32_t rank = 0; rank < ranks(); ++rank) {
        due_[rank] += count * interval_;
        next_bank_[rank] = static_cast<std::uint32_t>((next_bank_[rank] + count) % banks_per_rank_);
    }
    first_due_ += count * interval_;
}

}  // namespace aqpim::dram
