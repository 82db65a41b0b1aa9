#include <algorithm>
#include <limits>

#include "models/pim/engine_commands.h"
#include "models/pim/pim_device.h"

namespace aqpim {

namespace {

using Runs = std::vector<LaneRun>::const_iterator;

/// When what `step` depends on has gone on all of these channels.
Ticks latest_of(const LaneStep& step, Runs first, Runs last) {
    Ticks latest = 0;
    for (; first != last; ++first) {
        latest = std::max(latest, first->earliest(step));
    }
    return latest;
}

}  // namespace

aqpim_completion_status PimDevice::attend_fp16(const CommandQueue::Descriptor& descriptor) {
    const auto attend = CommandQueue::as<aqpim_pim_attend_fp16>(descriptor);
    if (const auto status = check_(attend); status != AQPIM_DONE) {
        return status;
    }
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    const ProgramContext program_context = context(attend.shape);
    const Ticks ticks = run_lanes(attend_fp16_program(program_context, attend), attend);
    attention_cycles_ = ticks / dram_.timing.ticks(1);
    compute_attend_fp16(memory_.store(), program_context.layout, attend);
    recorder_.slice(command_track_, "ATTEND_FP16", start_ps, to_ps(sc_core::sc_time_stamp()), Activity::pim_attention,
                    {{"heads", attend.kv_heads}, {"tokens", attend.tokens}});
    return AQPIM_DONE;
}

Ticks PimDevice::run_lanes(const LaneProgram& program, const aqpim_pim_attend_fp16& attend) {
    const Ticks start = prepare(attend.shape);
    const Ticks barrier = dram_.timing.ticks(parameters_.barrier_cycles);
    std::vector<LaneRun> runs;
    for (std::uint32_t channel = 0; channel < std::uint32_t{attend.shape.heads} * attend.shape.group_channels;
         ++channel) {
        runs.emplace_back(memory_.channel(channel), dram_, barrier, start);
    }
    for (const LaneStep& step : program) {
        const Ticks last = issue_lanes(step, attend, runs);
        // All that follows goes after this step: accesses of the host may come in between.
        if (step.unit == PimUnit::bank_engines) {
            wait_until(last);
        }
    }
    Ticks last_move_in = start;
    for (const LaneRun& run : runs) {
        last_move_in = std::max(last_move_in, run.last_move_in());
        wait_until(run.end());
    }
    close_rows(attend.shape);
    return last_move_in - start;
}

Ticks PimDevice::prepare(const aqpim_pim_shape& shape) {
    const std::uint32_t channels = std::uint32_t{shape.heads} * shape.group_channels;
    settle_channels();
    Ticks quiet = now();
    for (std::uint32_t index = 0; index < channels; ++index) {
        quiet = std::max(quiet, memory_.channel(index).ready());
    }
    wait_until(quiet);
    for (std::uint32_t index = 0; index < channels; ++index) {
        dram::Channel& channel = memory_.channel(index);
        quiet = std::max(quiet, channel.issue({dram::Command::PIM_SET_CONFIG}, now()));
        if (parameters_.refresh_first) {
            quiet = std::max(quiet, channel.issue({dram::Command::REFab}, now()));
        }
    }
    wait_until(quiet);
    return now();
}

Ticks PimDevice::issue_lanes(const LaneStep& step, const aqpim_pim_attend_fp16& attend, std::vector<LaneRun>& runs) {
    const std::uint32_t group = attend.shape.group_channels;
    const std::uint32_t first_head = step.set * attend.shape.heads;
    const std::uint32_t heads = std::min<std::uint32_t>(attend.shape.heads, attend.kv_heads - first_head);
    const std::uint64_t banks = memory_.organization().banks_per_channel();
    Ticks first = std::numeric_limits<Ticks>::max();
    for (std::uint32_t channel = 0; channel < runs.size(); ++channel) {
        if (channel >= heads * group) {
            runs[channel].skip();
            continue;
        }
        const auto first_of_group = runs.begin() + channel / group * group;
        const Ticks joined = step.joins_group ? latest_of(step, first_of_group, first_of_group + group) : 0;
        const LaneRun::Span& span = runs[channel].issue(step, std::max(now(), joined));
        record_unit(channel, step.unit, step.name, span.start, span.end, Activity::pim_attention);
        first = std::min(first, span.last);
        for (const dram::PimCommand& command : step.commands) {
            if (command.command == dram::Command::PIM_MAC_AB) {
                memory_.channel(channel).add_engine_work(command.count * parameters_.lanes * banks, 0);
            }
        }
    }
    return first;
}

}  // namespace aqpim
