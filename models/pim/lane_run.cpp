#include "models/pim/lane_run.h"

#include <algorithm>
#include <stdexcept>

namespace aqpim {

using dram::Command;

Ticks LaneRun::latency(const dram::PimCommand& command) const {
    const dram::TimingParameters& t = dram_.timing;
    switch (command.command) {
        case Command::PIM_MAC_AB:
            return t.ticks(dram_.mac_spacing);
        case Command::PIM_RET:
        case Command::PIM_LDC:
            return t.ticks(t.nCCDL);
        case Command::PIM_MV_BA:
        case Command::PIM_MV_BF:
        case Command::PIM_MV_BA_ROW:
        case Command::PIM_MV_BF_ROW:
            return t.ticks(t.nCCDS);
        case Command::PIM_WR:
            return t.ticks(t.nCWL) + t.ticks(t.nBL);
        case Command::PIM_RD:
            return t.ticks(t.nCL) + t.ticks(t.nBL);
        case Command::PIM_ACT_AB:
        case Command::PIM_SET_CONFIG:
        case Command::PIM_SFM:  // what depends on these waits for their completion
            return 0;
        default:
            throw std::logic_error("a command that no lane program has");
    }
}

Ticks LaneRun::earliest(const LaneStep& step) const {
    Ticks tick = start_;
    for (const std::size_t other : step.after) {
        tick = std::max(tick, spans_[other].last + barrier_);
    }
    return tick;
}

const LaneRun::Span& LaneRun::issue(const LaneStep& step, Ticks not_before) {
    const Ticks from = std::max(earliest(step), not_before);
    Ticks& busy_until = busy_until_[static_cast<std::size_t>(step.unit)];
    Span span{std::max(from, busy_until), from, from};
    for (const dram::PimCommand& command : step.commands) {
        span.end = channels_.issue(channel_, command, from);
        span.last = span.end - latency(command);
        if (command.command == Command::PIM_MV_BA) {
            last_move_in_ = span.last;
        }
    }
    busy_until = std::max(busy_until, span.end);
    end_ = std::max(end_, span.end);
    return spans_.emplace_back(span);
}

}  // namespace aqpim
