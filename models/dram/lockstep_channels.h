#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/dram/channel.h"
#include "models/dram/counters.h"

namespace aqpim::dram {

/// The channels of a memory in closed form. Linear addresses and PIM programs ask the same of many channels; of those
/// that are in the same state, the first to be asked computes what the others then look up. Every figure is the one
/// that separate channels give.
///
/// Channels that have been in the same state are a cohort: one state, and a log of what it was asked since the last of
/// them was there. A channel that is asked for something else than the log has at its place leaves its cohort, with a
/// state of its own. settle() brings those together whose states no longer differ in anything that matters.
///
/// With a command trace every channel is on its own, since each tells its commands.
class LockstepChannels {
 public:
    /// `trace` may be null; it outlives the channels' use.
    LockstepChannels(const DramParameters& parameters, CommandSink* trace);

    std::uint32_t size() const { return static_cast<std::uint32_t>(channels_.size()); }

    /// Channel::access and Channel::issue of one channel.
    Ticks access(std::uint32_t channel, const Location& location, std::uint32_t bursts, bool write, Ticks not_before);
    Ticks issue(std::uint32_t channel, const PimCommand& command, Ticks not_before);
    /// Channel::access of all channels, one after the other; returns the last tick.
    Ticks access_all(const Location& location, std::uint32_t bursts, bool write, Ticks not_before);
    /// Channel::settle of every channel.
    void settle(Ticks now);

    /// Channel::ready and Channel::counters; engine work included.
    Ticks ready(std::uint32_t channel) const { return state_of(channel).ready(); }
    Counters counters(std::uint32_t channel) const;
    /// Channel::counters_until.
    Counters counters_until(std::uint32_t channel, Ticks now) const;
    /// What the engines of one channel did, for the energy.
    void add_engine_work(std::uint32_t channel, std::uint64_t macs, std::uint64_t lookups);

    /// The channel, which leaves its cohort: until the next settle() whatever is done with it concerns it alone.
    Channel& alone(std::uint32_t channel);
    /// The same object, which may hold another channel's state. For those that keep a reference.
    Channel& place(std::uint32_t channel) { return channels_[channel]; }
    void finish_trace();

    /// How many states there are.
    std::size_t cohorts() const;

 private:
    /// An access (RD or WR) or a PIM command, whose row and column are in `location`.
    struct Call {
        Command command;
        std::uint32_t count = 0;
        Location location;
        Ticks duration = 0;
        Ticks not_before = 0;

        bool operator==(const Call& other) const;
    };
    struct Entry {
        Call call;
        Ticks result;
    };
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    /// Channels that share a state. Two of their objects hold it, where there are two; the others' are idle.
    struct Cohort {
        std::vector<std::uint32_t> members;  ///< none: the cohort is free
        std::uint32_t front = none;          ///< the channel whose object has the state at the log's end
        std::uint32_t base = none;           ///< the one whose object has that at its beginning
        std::vector<Entry> log;
        std::size_t at_end = 0;     ///< members that have come to the log's end
        std::uint64_t cuts = 0;     ///< how often the log has been cut
        std::uint32_t left = none;  ///< the cohort that this one's first member left, while its log goes back to there,
        std::size_t left_at = 0;    ///< at which place,
        std::uint64_t left_cuts = 0;  ///< and how often that log had been cut: others may follow
    };
    /// Where a channel is.
    struct Seat {
        std::uint32_t cohort = 0;
        std::size_t place = 0;  ///< the log's entry that comes next
    };

    Ticks ask(std::uint32_t channel, const Call& call);
    Ticks append(std::uint32_t channel, const Call& call);
    static Ticks carry_out(Channel& channel, const Call& call);
    void limit_log(std::uint32_t cohort);
    void cut_log(std::uint32_t cohort);

    /// The state of a cohort's members at `place`, in `target`.
    void rebuild(const Cohort& cohort, std::size_t place, Channel& target) const;
    const Channel& state_of(std::uint32_t channel) const;
    void leave_for(std::uint32_t channel, const Call& call);
    std::uint32_t followed(std::uint32_t channel, const Call& call) const;
    void leave(const std::vector<std::uint32_t>& leavers);
    void follow(std::uint32_t channel, std::uint32_t cohort);
    void vacate(std::uint32_t cohort, const std::vector<std::uint32_t>& leavers);
    void level(std::uint32_t cohort);
    void go_back(std::uint32_t cohort, std::size_t place);
    bool join(std::uint32_t cohort, std::uint32_t other, Ticks now);
    std::uint32_t free_cohort();

    bool is_shared_;
    std::vector<Channel> channels_;
    mutable std::vector<Channel> scratch_;  ///< one to rebuild a state in, one for the last member left behind
    std::vector<Cohort> cohorts_;
    std::vector<Seat> seats_;      ///< by channel
    std::vector<Counters> apart_;  ///< by channel: its counters less its cohort's, modulo 2^64
};

}  // namespace aqpim::dram
