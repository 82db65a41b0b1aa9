#include "models/pim/pim_device.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/pim/engine_commands.h"

namespace aqpim {

PimDevice::PimDevice(sc_core::sc_module_name name, const PimParameters& parameters, const dram::DramParameters& dram,
                     dram::DramMemory& memory, Recorder& recorder)
    : sc_module(name),
      registers("registers"),
      bus("bus"),
      parameters_(parameters),
      dram_(dram),
      memory_(memory),
      recorder_(recorder),
      check_(memory.organization()),
      queue_("queue",
             {[this](auto command, auto address, auto* data, auto bytes, auto& delay) {
                  return access(bus, command, address, data, bytes, delay);
              },
              [this](unsigned vector, sc_core::sc_time& delay) { raise_interrupt(vector, delay); },
              [this](const auto& descriptor) { return execute(descriptor); }},
             parameters.queue_prefetch, recorder, "pim.interrupt"),
      command_track_(recorder.add_track("pim.command")) {
    registers.register_b_transport(this, &PimDevice::register_transport);
    registers.register_transport_dbg(this, &PimDevice::register_debug);

    const dram::Organization& organization = memory.organization();
    registers_.add("ID", AQPIM_PIM_ID, 8, [] { return AQPIM_PIM_MAGIC; });
    registers_.add("MEMORY_BYTES", AQPIM_PIM_MEMORY_BYTES, 8,
                   [&organization] { return organization.capacity_bytes(); });
    registers_.add("CHANNELS", AQPIM_PIM_CHANNELS, 8, [&organization] { return organization.channels; });
    registers_.add("BANKS_PER_CHANNEL", AQPIM_PIM_BANKS_PER_CHANNEL, 8,
                   [&organization] { return organization.banks_per_channel(); });
    registers_.add("COLUMNS", AQPIM_PIM_COLUMNS, 8, [&organization] { return organization.columns; });
    registers_.add("ERRORS", AQPIM_PIM_ERRORS, 8, [this] { return errors(); });
    registers_.add("MAX_CENTROIDS", AQPIM_PIM_MAX_CENTROIDS, 8, [this] { return check_.most_centroids(); });
    queue_.add_registers(registers_, AQPIM_QUEUE_BASE + AQPIM_PIM_QUEUE * AQPIM_QUEUE_STRIDE);

    for (std::uint32_t channel = 0; channel < organization.channels; ++channel) {
        const auto track = [&](std::string_view unit) {
            return recorder.add_track(fmt::format("pim.channel{}.{}", channel, unit));
        };
        channel_tracks_.push_back({track("banks"), track("bank_engines"), track("moves"), track("buffer_engine")});
    }
}

void PimDevice::register_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    registers_.transport(transaction, delay);
}

aqpim_completion_status PimDevice::execute(const CommandQueue::Descriptor& descriptor) {
    switch (CommandQueue::as<aqpim_descriptor_header>(descriptor).opcode) {
        case AQPIM_PIM_NOP:
            return AQPIM_DONE;
        case AQPIM_PIM_CLUSTER:
            return carry_out<aqpim_pim_cluster>(descriptor,
                                                {"CLUSTER", cluster_program, compute_cluster, Activity::pim_quantize});
        case AQPIM_PIM_APPEND:
            return carry_out<aqpim_pim_append>(descriptor,
                                               {"APPEND", append_program, compute_append, Activity::pim_quantize});
        case AQPIM_PIM_ATTEND:
            return attend(descriptor);
        case AQPIM_PIM_ATTEND_FP16:
            return attend_fp16(descriptor);
        default:
            return AQPIM_BAD_OPCODE;
    }
}

ProgramContext PimDevice::context(const aqpim_pim_shape& shape) const {
    const dram::Organization& organization = memory_.organization();
    return {parameters_,
            aqpim_make_layout(organization.channels, organization.banks_per_channel(), shape.group_channels,
                              shape.subvectors, shape.head_dim),
            organization.columns, organization.bank_groups};
}

template <class T>
aqpim_completion_status PimDevice::carry_out(const CommandQueue::Descriptor& descriptor, const MacroCommand<T>& macro) {
    const T command = CommandQueue::as<T>(descriptor);
    if (const auto status = check_(command); status != AQPIM_DONE) {
        return status;
    }
    const ProgramContext program_context = context(command.shape);
    run(macro.name, macro.program(program_context, command), command.shape, macro.activity);
    macro.compute(memory_.store(), program_context.layout, command);
    return AQPIM_DONE;
}

aqpim_completion_status PimDevice::attend(const CommandQueue::Descriptor& descriptor) {
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    const auto status =
        carry_out<aqpim_pim_attend>(descriptor, {"ATTEND", attend_program, compute_attend, Activity::pim_attention});
    if (status == AQPIM_DONE) {
        const Clock& clock = memory_.clock();
        attention_cycles_ = clock.first_tick_at(to_ps(sc_core::sc_time_stamp())) - clock.first_tick_at(start_ps);
    }
    return status;
}

void PimDevice::run(std::string_view name, const PimProgram& program, const aqpim_pim_shape& shape, Activity activity) {
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    settle_channels();
    for (const PimStage& stage : program) {
        wait_until(issue(stage, shape, now(), activity));
    }
    close_rows(shape);
    recorder_.slice(command_track_, name, start_ps, to_ps(sc_core::sc_time_stamp()), activity,
                    {{"heads", shape.heads}, {"subvectors", shape.subvectors}, {"centroids", shape.centroids}});
}

Ticks PimDevice::issue(const PimStage& stage, const aqpim_pim_shape& shape, Ticks start, Activity activity) {
    Ticks last = start;
    for (std::uint32_t head = 0; head < shape.heads; ++head) {
        for (std::uint32_t k = 0; k < stage.channels; ++k) {
            const std::uint32_t channel = head * shape.group_channels + stage.first_channel + k;
            const Ticks end = issue_on_channel(stage, channel, start);
            record_unit(channel, stage.unit, stage.name, start, end, activity);
            last = std::max(last, end);
        }
    }
    return last;
}

Ticks PimDevice::issue_on_channel(const PimStage& stage, std::uint32_t channel_index, Ticks start) {
    dram::Channel& channel = memory_.channel(channel_index);
    const std::uint64_t banks = memory_.organization().banks_per_channel();
    Ticks end = start;
    std::uint64_t macs = 0;
    OpenRow open_row;
    for (const dram::PimCommand& command : stage.commands) {
        if (command.command == dram::Command::PIM_ACT_AB) {
            record_row(channel_index, open_row, end);
            open_row = {end, command.row, true};
        }
        end = channel.issue(command, end);
        if (command.command == dram::Command::PIM_MAC_AB) {
            macs += command.count * parameters_.lanes * banks;
        }
    }
    record_row(channel_index, open_row, end);
    channel.add_engine_work(macs, stage.lookups * banks);
    return end;
}

Ticks PimDevice::now() const {
    return memory_.clock().first_tick_at(to_ps(sc_core::sc_time_stamp()));
}

void PimDevice::wait_until(Ticks tick) {
    const Picoseconds now_ps = to_ps(sc_core::sc_time_stamp());
    const Picoseconds at_ps = memory_.clock().at(tick);
    if (at_ps > now_ps) {
        wait(from_ps(at_ps - now_ps));
    }
}

void PimDevice::settle_channels() {
    for (std::uint32_t channel = 0; channel < memory_.organization().channels; ++channel) {
        memory_.channel(channel).settle(now());
    }
}

/// Back to the host with closed rows: a channel that idles can refresh.
void PimDevice::close_rows(const aqpim_pim_shape& shape) {
    for (std::uint32_t channel = 0; channel < std::uint32_t{shape.heads} * shape.group_channels; ++channel) {
        memory_.channel(channel).precharge_all(now());
    }
}

void PimDevice::record_unit(std::uint32_t channel, PimUnit unit, std::string_view name, Ticks start, Ticks end,
                            Activity activity) {
    const Clock& clock = memory_.clock();
    const Tracks& tracks = channel_tracks_[channel];
    const TrackId track = unit == PimUnit::bank_engines ? tracks.bank_engines
                          : unit == PimUnit::moves      ? tracks.moves
                                                        : tracks.buffer_engine;
    recorder_.slice(track, name, clock.at(start), clock.at(end), activity);
}

void PimDevice::record_row(std::uint32_t channel, const OpenRow& row, Ticks end) {
    if (row.open && recorder_.enabled()) {
        const Clock& clock = memory_.clock();
        recorder_.slice(channel_tracks_[channel].banks, "row open", clock.at(row.since), clock.at(end), Activity::none,
                        {{"row", row.row}});
    }
}

}  // namespace aqpim
