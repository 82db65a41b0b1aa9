#include "models/dram/lockstep_channels.h"

#include <algorithm>
#include <numeric>

namespace aqpim::dram {

namespace {

constexpr std::size_t log_kept = 1024;        ///< entries, where every member has come to the end
constexpr std::size_t log_longest = 1 << 16;  ///< then those behind leave

}  // namespace

LockstepChannels::LockstepChannels(const DramParameters& parameters, CommandSink* trace)
    : is_shared_(trace == nullptr && parameters.organization().channels > 1),
      seats_(parameters.organization().channels),
      apart_(seats_.size()) {
    channels_.reserve(seats_.size());  // others keep references to them
    for (std::uint32_t index = 0; index < seats_.size(); ++index) {
        channels_.emplace_back(parameters, index, trace);
    }
    if (!is_shared_) {
        return;
    }
    scratch_.emplace_back(parameters, 0, nullptr);
    scratch_.emplace_back(parameters, 0, nullptr);
    Cohort& all = cohorts_.emplace_back();
    all.members.resize(seats_.size());
    std::iota(all.members.begin(), all.members.end(), 0);
    all.front = 0;
    all.base = 1;
    all.at_end = all.members.size();
}

bool LockstepChannels::Call::operator==(const Call& other) const {
    return not_before == other.not_before && command == other.command && count == other.count &&
           location == other.location && duration == other.duration;
}

Ticks LockstepChannels::access(std::uint32_t channel, const Location& location, std::uint32_t bursts, bool write,
                               Ticks not_before) {
    if (!is_shared_) {
        return channels_[channel].access(location, bursts, write, not_before);
    }
    Call call{write ? Command::WR : Command::RD, bursts, location, 0, not_before};
    call.location.channel = 0;
    return ask(channel, call);
}

Ticks LockstepChannels::access_all(const Location& location, std::uint32_t bursts, bool write, Ticks not_before) {
    if (is_shared_ && cohorts_[seats_[0].cohort].at_end == seats_.size()) {
        const Ticks result = access(0, location, bursts, write, not_before);
        const Seat& first = seats_[0];
        for (Seat& seat : seats_) {
            seat.place = first.place;
        }
        cohorts_[first.cohort].at_end = seats_.size();
        limit_log(first.cohort);
        return result;
    }
    Ticks last = 0;
    for (std::uint32_t channel = 0; channel < size(); ++channel) {
        last = std::max(last, access(channel, location, bursts, write, not_before));
    }
    return last;
}

Ticks LockstepChannels::issue(std::uint32_t channel, const PimCommand& command, Ticks not_before) {
    if (!is_shared_) {
        return channels_[channel].issue(command, not_before);
    }
    Call call{command.command, command.count, {}, command.duration, not_before};
    call.location.row = command.row;
    call.location.column = command.column;
    return ask(channel, call);
}

Ticks LockstepChannels::carry_out(Channel& channel, const Call& call) {
    if (call.command == Command::WR || call.command == Command::RD) {
        return channel.access(call.location, call.count, call.command == Command::WR, call.not_before);
    }
    return channel.issue({call.command, call.count, call.location.row, call.location.column, call.duration},
                         call.not_before);
}

Ticks LockstepChannels::ask(std::uint32_t channel, const Call& call) {
    Seat& seat = seats_[channel];
    if (seat.place != cohorts_[seat.cohort].log.size() && !(cohorts_[seat.cohort].log[seat.place].call == call)) {
        leave_for(channel, call);
    }
    Cohort& cohort = cohorts_[seat.cohort];
    if (seat.place == cohort.log.size()) {
        return append(channel, call);
    }
    const Ticks result = cohort.log[seat.place].result;
    if (++seat.place == cohort.log.size()) {
        ++cohort.at_end;
        limit_log(seat.cohort);
    }
    return result;
}

Ticks LockstepChannels::append(std::uint32_t channel, const Call& call) {
    Seat& seat = seats_[channel];
    Cohort& cohort = cohorts_[seat.cohort];
    const Ticks result = carry_out(channels_[cohort.front], call);
    cohort.log.push_back({call, result});
    seat.place = cohort.log.size();
    cohort.at_end = 1;
    limit_log(seat.cohort);
    return result;
}

void LockstepChannels::limit_log(std::uint32_t cohort) {
    if (cohorts_[cohort].log.size() >= log_longest) {
        level(cohort);
    } else if (cohorts_[cohort].log.size() >= log_kept && cohorts_[cohort].at_end == cohorts_[cohort].members.size()) {
        cut_log(cohort);
    }
}

/// All members are at the end.
void LockstepChannels::cut_log(std::uint32_t index) {
    Cohort& cohort = cohorts_[index];
    if (cohort.base != none) {
        channels_[cohort.base].copy_state(channels_[cohort.front]);
    }
    cohort.log.clear();
    cohort.at_end = cohort.members.size();
    cohort.left = none;
    ++cohort.cuts;
    for (const std::uint32_t member : cohort.members) {
        seats_[member].place = 0;
    }
}

void LockstepChannels::settle(Ticks now) {
    if (!is_shared_) {
        for (Channel& channel : channels_) {
            channel.settle(now);
        }
        return;
    }
    // Those that leave go to cohorts behind, or to free ones before, whose members are level.
    for (std::uint32_t index = 0; index < cohorts_.size(); ++index) {
        level(index);
    }
    for (std::uint32_t index = 0; index < cohorts_.size(); ++index) {
        if (!cohorts_[index].members.empty()) {
            channels_[cohorts_[index].front].settle(now);
            cut_log(index);
        }
    }
    for (std::uint32_t index = 0; index < cohorts_.size(); ++index) {
        for (std::uint32_t other = index + 1; other < cohorts_.size(); ++other) {
            join(index, other, now);
        }
    }
}

Counters LockstepChannels::counters(std::uint32_t channel) const {
    Counters counters = state_of(channel).counters();
    counters += apart_[channel];
    return counters;
}

Counters LockstepChannels::counters_until(std::uint32_t channel, Ticks now) const {
    Counters counters = state_of(channel).counters_until(now);
    counters += apart_[channel];
    return counters;
}

void LockstepChannels::add_engine_work(std::uint32_t channel, std::uint64_t macs, std::uint64_t lookups) {
    apart_[channel].macs += macs;
    apart_[channel].lookups += lookups;
}

Channel& LockstepChannels::alone(std::uint32_t channel) {
    if (is_shared_) {
        if (cohorts_[seats_[channel].cohort].members.size() > 1) {
            leave({channel});
        }
        cut_log(seats_[channel].cohort);
    }
    return channels_[channel];
}

void LockstepChannels::finish_trace() {
    for (std::uint32_t channel = 0; channel < size(); ++channel) {
        alone(channel).finish_trace();
    }
}

std::size_t LockstepChannels::cohorts() const {
    std::size_t count = is_shared_ ? 0 : channels_.size();
    for (const Cohort& cohort : cohorts_) {
        count += cohort.members.empty() ? 0 : 1;
    }
    return count;
}

}  // namespace aqpim::dram
