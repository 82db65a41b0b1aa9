// How channels leave a cohort and come together again.
#include <algorithm>
#include <iterator>

#include "models/dram/lockstep_channels.h"

namespace aqpim::dram {

void LockstepChannels::rebuild(const Cohort& cohort, std::size_t place, Channel& target) const {
    if (place == cohort.log.size()) {
        target.copy_state(channels_[cohort.front]);
        return;
    }
    target.copy_state(channels_[cohort.base]);
    for (std::size_t i = 0; i < place; ++i) {
        carry_out(target, cohort.log[i].call);
    }
}

const Channel& LockstepChannels::state_of(std::uint32_t channel) const {
    if (!is_shared_) {
        return channels_[channel];
    }
    const Cohort& cohort = cohorts_[seats_[channel].cohort];
    if (seats_[channel].place == cohort.log.size()) {
        return channels_[cohort.front];
    }
    rebuild(cohort, seats_[channel].place, scratch_[0]);
    return scratch_[0];
}

/// Another cohort that one left at the same place for the same call, or none.
std::uint32_t LockstepChannels::followed(std::uint32_t channel, const Call& call) const {
    const Seat& seat = seats_[channel];
    for (std::uint32_t index = 0; index < cohorts_.size(); ++index) {
        const Cohort& cohort = cohorts_[index];
        if (!cohort.members.empty() && cohort.left == seat.cohort && cohort.left_at == seat.place &&
            cohort.left_cuts == cohorts_[seat.cohort].cuts && !cohort.log.empty() && cohort.log[0].call == call) {
            return index;
        }
    }
    return none;
}

void LockstepChannels::leave_for(std::uint32_t channel, const Call& call) {
    if (const std::uint32_t other = followed(channel, call); other != none) {
        follow(channel, other);
    } else {
        leave({channel});
    }
}

/// Those at one place of a cohort that has others too.
void LockstepChannels::leave(const std::vector<std::uint32_t>& leavers) {
    const Seat from = seats_[leavers.front()];
    rebuild(cohorts_[from.cohort], from.place, scratch_[0]);
    vacate(from.cohort, leavers);
    const std::uint32_t index = free_cohort();
    Cohort& apart = cohorts_[index];
    apart.members = leavers;
    apart.front = leavers[0];
    apart.base = leavers.size() > 1 ? leavers[1] : none;
    apart.at_end = leavers.size();
    apart.left = from.cohort;
    apart.left_at = from.place;
    apart.left_cuts = cohorts_[from.cohort].cuts;
    for (const std::uint32_t object : {apart.front, apart.base}) {
        if (object != none) {
            channels_[object].copy_state(scratch_[0]);
        }
    }
    for (const std::uint32_t leaver : leavers) {
        seats_[leaver] = {index, 0};
    }
}

void LockstepChannels::follow(std::uint32_t channel, std::uint32_t index) {
    const Seat from = seats_[channel];
    const bool gives_base = cohorts_[index].base == none;
    if (gives_base) {
        rebuild(cohorts_[from.cohort], from.place, scratch_[0]);
    }
    vacate(from.cohort, {channel});
    Cohort& cohort = cohorts_[index];
    cohort.members.push_back(channel);
    seats_[channel] = {index, 0};
    if (gives_base) {
        cohort.base = channel;
        channels_[channel].copy_state(scratch_[0]);
    }
}

/// The objects of those that go no longer hold anything of the cohort's.
void LockstepChannels::vacate(std::uint32_t index, const std::vector<std::uint32_t>& leavers) {
    Cohort& cohort = cohorts_[index];
    const auto leaves = [&](std::uint32_t channel) {
        return std::find(leavers.begin(), leavers.end(), channel) != leavers.end();
    };
    cohort.at_end -= seats_[leavers.front()].place == cohort.log.size() ? leavers.size() : 0;
    std::erase_if(cohort.members, leaves);
    if (cohort.members.size() == 1) {
        const std::uint32_t last = cohort.members.front();
        rebuild(cohort, seats_[last].place, scratch_[1]);
        channels_[last].copy_state(scratch_[1]);
        cohort.front = last;
        cohort.base = none;
        cut_log(index);
        return;
    }
    const auto hand_on = [&](std::uint32_t& object, std::uint32_t other) {
        if (leaves(object)) {
            const std::uint32_t heir = cohort.members[cohort.members[0] == other ? 1 : 0];
            channels_[heir].copy_state(channels_[object]);
            object = heir;
        }
    };
    hand_on(cohort.front, cohort.base);
    hand_on(cohort.base, cohort.front);
}

/// Those that are behind leave, each with all that are where it is; the rest is at the log's end.
void LockstepChannels::level(std::uint32_t index) {
    if (cohorts_[index].members.empty()) {
        return;
    }
    for (;;) {
        const Cohort& cohort = cohorts_[index];
        const std::vector<std::uint32_t>& members = cohort.members;
        const auto behind = std::find_if(members.begin(), members.end(), [&](std::uint32_t member) {
            return seats_[member].place != cohort.log.size();
        });
        if (behind == members.end()) {
            break;
        }
        const std::size_t place = seats_[*behind].place;
        std::vector<std::uint32_t> leavers;
        std::copy_if(members.begin(), members.end(), std::back_inserter(leavers),
                     [&](std::uint32_t member) { return seats_[member].place == place; });
        if (leavers.size() == members.size()) {
            go_back(index, place);
            break;
        }
        leave(leavers);
    }
    cut_log(index);
}

/// Those that had gone on have left.
void LockstepChannels::go_back(std::uint32_t index, std::size_t place) {
    Cohort& cohort = cohorts_[index];
    rebuild(cohort, place, scratch_[0]);
    channels_[cohort.front].copy_state(scratch_[0]);
    cohort.log.erase(cohort.log.begin() + static_cast<std::ptrdiff_t>(place), cohort.log.end());
}

/// Whether the two, whose members are level, could be made one.
bool LockstepChannels::join(std::uint32_t index, std::uint32_t other_index, Ticks now) {
    Cohort& cohort = cohorts_[index];
    Cohort& other = cohorts_[other_index];
    if (cohort.members.empty() || other.members.empty() ||
        !channels_[cohort.front].behaves_as(channels_[other.front], now)) {
        return false;
    }
    Counters difference = channels_[other.front].counters();
    difference -= channels_[cohort.front].counters();
    for (const std::uint32_t member : other.members) {
        apart_[member] += difference;
        seats_[member] = {index, 0};
        cohort.members.push_back(member);
    }
    if (cohort.base == none) {
        cohort.base = other.front;
        channels_[cohort.base].copy_state(channels_[cohort.front]);
    }
    cohort.at_end = cohort.members.size();
    other.members.clear();
    other.front = other.base = other.left = none;
    return true;
}

std::uint32_t LockstepChannels::free_cohort() {
    const auto free = std::find_if(cohorts_.begin(), cohorts_.end(), [](const Cohort& c) { return c.members.empty(); });
    if (free != cohorts_.end()) {
        free->log.clear();
        ++free->cuts;
        return static_cast<std::uint32_t>(free - cohorts_.begin());
    }
    cohorts_.emplace_back();
    return static_cast<std::uint32_t>(cohorts_.size() - 1);
}

}  // namespace aqpim::dram
