#include "models/pim/pim_device.h"

#include <fmt/format.h>

#include <algorithm>

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
      arithmetic_(parameters.engine_arithmetic()),
      check_(memory.organization(), parameters),
      queue_("queue",
             {[this](auto command, auto address, auto* data, auto bytes, auto& delay) {
                  return access(bus, command, address, data, bytes, delay);
              },
              [this](unsigned vector, sc_core::sc_time& delay) { raise_interrupt(vector, delay); },
              [this](const auto& command) { return CommandQueue::Outcome{execute(command.descriptor)}; }},
             parameters.queue_prefetch, recorder, fmt::format("{}.interrupt", basename())),
      command_track_(recorder.add_track(fmt::format("{}.command", basename()))) {
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
            return recorder.add_track(fmt::format("{}.channel{}.{}", basename(), channel, unit));
        };
        channel_tracks_.push_back({track("banks"), track("bank_engines"), track("moves"), track("buffer_engine")});
    }
}

PimDevice::~PimDevice() = default;

void PimDevice::register_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    registers_.transport(transaction, delay);
}

aqpim_completion_status PimDevice::execute(const CommandQueue::Descriptor& descriptor) {
    switch (CommandQueue::as<aqpim_descriptor_header>(descriptor).opcode) {
        case AQPIM_PIM_NOP:
            return AQPIM_DONE;
        case AQPIM_PIM_CLUSTER:
            return execute_cluster(CommandQueue::as<aqpim_pim_cluster>(descriptor));
        case AQPIM_PIM_APPEND:
            return execute_append(CommandQueue::as<aqpim_pim_append>(descriptor));
        case AQPIM_PIM_ATTEND:
            return execute_attend(CommandQueue::as<aqpim_pim_attend>(descriptor));
        case AQPIM_PIM_QUANTIZE:
            return execute_quantize(CommandQueue::as<aqpim_pim_quantize>(descriptor));
        case AQPIM_PIM_ATTEND_FP16:
        case AQPIM_PIM_ATTEND_UNIFORM:
            return execute_attend_whole(CommandQueue::as<aqpim_pim_attend_whole>(descriptor));
        default:
            return AQPIM_BAD_OPCODE;
    }
}

ProgramContext PimDevice::context(const aqpim_pim_shape& shape) const {
    const dram::Organization& organization = memory_.organization();
    return {parameters_,
            aqpim_make_layout(organization.channels, organization.banks_per_channel(), shape.group_banks,
                              shape.subvectors, shape.head_dim),
            organization.columns, organization.bank_groups};
}

PimDevice::Sequences PimDevice::read_sequences(std::uint64_t table, std::uint32_t count) const {
    Sequences sequences(count);
    memory_.store().read(table, reinterpret_cast<std::uint8_t*>(sequences.data()),
                         sequences.size() * sizeof(aqpim_pim_sequence));
    return sequences;
}

CodeColumns PimDevice::read_pages(const aqpim_pim_pages& pages) const {
    const dram::Organization& organization = memory_.organization();
    return {memory_.store(), pages, std::uint64_t{organization.rows} * organization.columns};
}

PimDevice::Outcome PimDevice::run(std::string_view name, const std::vector<GroupProgram>& groups, Activity activity,
                                  std::uint64_t table_bytes) {
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    Outcome outcome{prepare(groups, table_bytes, parameters_.refresh_first && activity == Activity::pim_attention), 0};
    const Ticks barrier = dram_.timing.ticks(parameters_.barrier_cycles);
    std::vector<GroupRun> runs;
    for (const GroupProgram& group : groups) {
        std::vector<LaneRun> channels;
        for (std::uint32_t k = 0; k < group.channels; ++k) {
            channels.emplace_back(memory_.channels(), group.first_channel + k, dram_, barrier, outcome.start);
        }
        runs.emplace_back(group, std::move(channels));
    }
    std::vector<GroupRun*> left;
    for (GroupRun& run : runs) {
        left.push_back(&run);
    }
    // The group that is furthest behind goes next; of equals, the first.
    const auto later = [](const GroupRun* a, const GroupRun* b) {
        return a->front() != b->front() ? a->front() > b->front() : a->first_channel() > b->first_channel();
    };
    std::make_heap(left.begin(), left.end(), later);
    while (!left.empty()) {
        std::pop_heap(left.begin(), left.end(), later);
        GroupRun& group = *left.back();
        wait_until(group.front());
        issue(group, activity);
        if (group.done()) {
            left.pop_back();
        } else {
            std::push_heap(left.begin(), left.end(), later);
        }
    }
    for (const GroupRun& group : runs) {
        outcome.last_move_in = std::max(outcome.last_move_in, group.last_move_in());
        wait_until(group.end());
    }
    // Back to the host with closed rows: a channel that idles can refresh.
    memory_.serve_waiting();
    for (const GroupProgram& group : groups) {
        for (std::uint32_t k = 0; k < group.channels; ++k) {
            memory_.channels().issue(group.first_channel + k, {dram::Command::PIM_PREA}, now());
        }
    }
    recorder_.slice(command_track_, name, start_ps, to_ps(sc_core::sc_time_stamp()), activity,
                    {{"groups", groups.size()}});
    return outcome;
}

Ticks PimDevice::prepare(const std::vector<GroupProgram>& groups, std::uint64_t table_bytes, bool refresh_first) {
    memory_.serve_waiting();
    dram::LockstepChannels& channels = memory_.channels();
    channels.settle(now());
    Ticks quiet = now();
    const auto for_each_channel = [&](const auto& visit) {
        for (const GroupProgram& group : groups) {
            for (std::uint32_t k = 0; k < group.channels; ++k) {
                visit(group.first_channel + k);
            }
        }
    };
    for_each_channel([&](std::uint32_t channel) { quiet = std::max(quiet, channels.ready(channel)); });
    wait_until(quiet);
    // Linear addresses visit every channel before they come to the next column.
    const std::uint64_t in_channel = table_bytes / AQPIM_BURST_BYTES / channels.size() + 1;
    for_each_channel([&](std::uint32_t channel) {
        const dram::PimCommand tables{dram::Command::PIM_RD, static_cast<std::uint32_t>(in_channel)};
        quiet = std::max(quiet, channels.issue(channel, tables, now()));
        quiet = std::max(quiet, channels.issue(channel, {dram::Command::PIM_SET_CONFIG}, now()));
        if (refresh_first) {
            quiet = std::max(quiet, channels.issue(channel, {dram::Command::REFab}, now()));
        }
    });
    wait_until(quiet);
    return now();
}

/// Up to the banks' next step.
void PimDevice::issue(GroupRun& group, Activity activity) {
    bool bank_step = false;
    while (!group.done() && !bank_step) {
        const LaneStep& step = group.step();
        bank_step = step.unit == PimUnit::bank_engines;
        group.issue(now(), [&](std::uint32_t channel, const LaneRun::Span& span) {
            record(channel, step, span, activity);
            count_work(channel, step);
        });
    }
}

void PimDevice::count_work(std::uint32_t channel, const LaneStep& step) {
    const std::uint64_t banks = memory_.organization().banks_per_channel();
    std::uint64_t macs = 0;
    for (const dram::PimCommand& command : step.commands) {
        macs += command.command == dram::Command::PIM_MAC_AB ? command.count * parameters_.lanes * banks * step.products
                                                             : 0;
    }
    if (macs != 0 || step.lookups != 0) {
        memory_.channels().add_engine_work(channel, macs, step.lookups * banks);
    }
}

void PimDevice::record(std::uint32_t channel, const LaneStep& step, const LaneRun::Span& span, Activity activity) {
    if (!recorder_.enabled() || step.commands.empty()) {
        return;
    }
    const Clock& clock = memory_.clock();
    const Tracks& tracks = channel_tracks_[channel];
    const Picoseconds start_ps = clock.at(span.start);
    const Picoseconds end_ps = clock.at(std::max(span.start, span.end));
    switch (step.unit) {
        case PimUnit::bank_engines:
            recorder_.slice(tracks.banks, "row open", start_ps, end_ps, Activity::none,
                            {{"row", step.commands.back().row}});
            recorder_.slice(tracks.bank_engines, step.name, start_ps, end_ps, activity);
            break;
        case PimUnit::moves:
            recorder_.slice(tracks.moves, step.name, start_ps, end_ps, activity);
            break;
        case PimUnit::buffer_engine:
            recorder_.slice(tracks.buffer_engine, step.name, start_ps, end_ps, activity);
            break;
    }
}

void PimDevice::record_attention(const Outcome& outcome) {
    attention_cycles_ = (outcome.last_move_in - outcome.start) / dram_.timing.ticks(1);
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

}  // namespace aqpim
