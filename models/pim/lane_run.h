#pragma once

#include <array>
#include <vector>

#include "models/dram/dram_parameters.h"
#include "models/dram/lockstep_channels.h"
#include "models/pim/lane_program.h"

namespace aqpim {

/// One channel's run of a lane program: which step's commands went when. Ticks are the channel's.
class LaneRun {
 public:
    /// When a step's commands went, and when the last of them is complete.
    struct Span {
        Ticks start = 0;  ///< the unit was free, and nothing held the first one back but the timing table
        Ticks last = 0;
        Ticks end = 0;
    };

    /// Nothing goes before `start`; `barrier` ticks lie between a command and one that depends on it.
    LaneRun(dram::LockstepChannels& channels, std::uint32_t channel, const dram::DramParameters& dram, Ticks barrier,
            Ticks start)
        : channels_(channels),
          channel_(channel),
          dram_(dram),
          barrier_(barrier),
          start_(start),
          busy_until_{start, start, start},
          last_move_in_(start),
          end_(start) {}

    /// The first tick at which `step` may go as far as its dependencies on this channel are concerned.
    Ticks earliest(const LaneStep& step) const;
    /// Issues `step`, the next of its program, not before `not_before`.
    const Span& issue(const LaneStep& step, Ticks not_before);

    /// The latest tick at which something was moved into the buffer engine.
    Ticks last_move_in() const { return last_move_in_; }
    Ticks end() const { return end_; }

 private:
    /// From a command to what Channel::issue returns for it.
    Ticks latency(const dram::PimCommand& command) const;

    dram::LockstepChannels& channels_;
    std::uint32_t channel_;
    const dram::DramParameters& dram_;
    Ticks barrier_;
    Ticks start_;
    std::vector<Span> spans_;                       // by step
    std::array<Ticks, pim_unit_count> busy_until_;  // by unit
    Ticks last_move_in_;
    Ticks end_;
};

}  // namespace aqpim
