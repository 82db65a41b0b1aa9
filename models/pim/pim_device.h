#pragma once

#include <cstdint>
#include <vector>

#include "models/common/register_file.h"
#include "models/common/sockets.h"
#include "models/dram/dram_memory.h"
#include "models/pim/descriptors.h"
#include "models/pim/lane_run.h"
#include "models/pim/pim_parameters.h"
#include "models/pim/programs.h"
#include "models/queue/command_queue.h"

namespace aqpim {

/// PIM device: one queue of macro commands (firmware/include/aqpim/pim.h) that work on the banks of a PIM memory. Each
/// becomes a program of channel commands, which gives its time, and arithmetic on the rows' contents, which gives its
/// result. All channel groups run the same program side by side.
class PimDevice : public sc_core::sc_module {
 public:
    TargetSocket<PimDevice> registers;  ///< BAR0, offset addresses
    InitiatorSocket<PimDevice> bus;     ///< PCIe bus addresses
    RaiseInterrupt raise_interrupt;     ///< set before the simulation starts

    /// `dram`: the memory's parameters.
    PimDevice(sc_core::sc_module_name name, const PimParameters& parameters, const dram::DramParameters& dram,
              dram::DramMemory& memory, Recorder& recorder);

    /// Its queue as at power-on; the memory keeps its contents.
    void reset() { queue_.reset(); }

    std::uint64_t errors() const { return queue_.errors(); }
    /// Of the latest attention command, in cycles of the channel clock: first command to last completion, of fp16
    /// attention first command to last move into the buffer engine. 0 before.
    Ticks attention_cycles() const { return attention_cycles_; }

 private:
    struct Tracks {
        TrackId banks;
        TrackId bank_engines;
        TrackId moves;
        TrackId buffer_engine;
    };
    /// What a macro command with descriptor T is made of: its time, and what it computes.
    template <class T>
    struct MacroCommand {
        std::string_view name;
        PimProgram (*program)(const ProgramContext&, const T&);
        void (*compute)(SparseMemory&, const aqpim_layout&, const T&);
        Activity activity;
    };
    /// The row that the stage in hand has opened in every bank of a channel.
    struct OpenRow {
        Ticks since = 0;
        std::uint32_t row = 0;
        bool open = false;
    };

    void register_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned register_debug(tlm::tlm_generic_payload& transaction) { return registers_.debug_read(transaction); }
    aqpim_completion_status execute(const CommandQueue::Descriptor& descriptor);

    template <class T>
    aqpim_completion_status carry_out(const CommandQueue::Descriptor& descriptor, const MacroCommand<T>& macro);
    aqpim_completion_status attend(const CommandQueue::Descriptor& descriptor);
    aqpim_completion_status attend_fp16(const CommandQueue::Descriptor& descriptor);

    ProgramContext context(const aqpim_pim_shape& shape) const;
    void run(std::string_view name, const PimProgram& program, const aqpim_pim_shape& shape, Activity activity);
    /// Issues one stage on all channels that take part; returns the tick at which the last has finished.
    Ticks issue(const PimStage& stage, const aqpim_pim_shape& shape, Ticks start, Activity activity);
    Ticks issue_on_channel(const PimStage& stage, std::uint32_t channel, Ticks start);
    void settle_channels();
    void close_rows(const aqpim_pim_shape& shape);
    void record_unit(std::uint32_t channel, PimUnit unit, std::string_view name, Ticks start, Ticks end,
                     Activity activity);
    Ticks now() const;
    void wait_until(Ticks tick);

    /// Runs fp16 attention; returns the ticks from its first command to its last move into the buffer engine.
    Ticks run_lanes(const LaneProgram& program, const aqpim_pim_attend_fp16& attend);
    /// Waits until the channels of `shape` are quiet, their engines' mode is set and, with `pim.refresh_first`, they
    /// are refreshed; returns that tick.
    Ticks prepare(const aqpim_pim_shape& shape);
    /// Issues a step on every channel with a head in its set; returns the first of the ticks of their last commands.
    Ticks issue_lanes(const LaneStep& step, const aqpim_pim_attend_fp16& attend, std::vector<LaneRun>& runs);

    void record_row(std::uint32_t channel, const OpenRow& row, Ticks end);

    const PimParameters& parameters_;
    const dram::DramParameters& dram_;
    dram::DramMemory& memory_;
    Recorder& recorder_;
    DescriptorCheck check_;
    CommandQueue queue_;
    RegisterFile registers_;
    TrackId command_track_;
    std::vector<Tracks> channel_tracks_;
    Ticks attention_cycles_ = 0;
};

}  // namespace aqpim
