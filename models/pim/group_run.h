#pragma once

#include <cstdint>
#include <list>
#include <utility>
#include <vector>

#include "models/pim/lane_run.h"

namespace aqpim {

/// A program and the channels that carry it out: those of one group, or one that several groups share.
struct GroupProgram {
    const LaneProgram* program;
    std::uint32_t first_channel;
    std::uint32_t channels;
};

/// The different programs of one command: groups with the same work share theirs.
template <class Work>
class ProgramSet {
 public:
    /// The program for `work`; `make` writes it when it is the first with this work.
    template <class Make>
    const LaneProgram* get(const Work& work, Make make) {
        for (const auto& [known, program] : programs_) {
            if (known == work) {
                return &program;
            }
        }
        return &programs_.emplace_back(work, make(work)).second;
    }

 private:
    std::list<std::pair<Work, LaneProgram>> programs_;
};

/// A group program under way. Steps that join the group wait for those that they depend on, on all of its channels.
class GroupRun {
 public:
    GroupRun(const GroupProgram& group, std::vector<LaneRun> runs) : group_(group), runs_(std::move(runs)) {}

    bool done() const { return next_ == group_.program->size(); }
    const LaneStep& step() const { return (*group_.program)[next_]; }
    std::uint32_t first_channel() const { return group_.first_channel; }

    /// Issues the next step on every channel, not before `now`; `visit` gets each channel and when the step went.
    template <class Visit>
    void issue(Ticks now, Visit visit) {
        const LaneStep& step = this->step();
        Ticks joined = now;
        for (const LaneRun& run : runs_) {
            joined = step.joins_group ? std::max(joined, run.earliest(step)) : joined;
        }
        Ticks last = 0;
        for (std::uint32_t k = 0; k < runs_.size(); ++k) {
            const LaneRun::Span& span = runs_[k].issue(step, joined);
            visit(group_.first_channel + k, span);
            last = std::max(last, span.last);
        }
        if (step.unit == PimUnit::bank_engines) {
            front_ = std::max(front_, last);
        }
        ++next_;
    }

    /// When the banks' latest command went: what follows comes after it, so that accesses of the host may go before.
    Ticks front() const { return front_; }
    Ticks last_move_in() const;
    Ticks end() const;

 private:
    GroupProgram group_;
    std::vector<LaneRun> runs_;
    std::size_t next_ = 0;
    Ticks front_ = 0;
};

}  // namespace aqpim
