#pragma once

#include <cstdint>
#include <vector>

#include "models/common/register_file.h"
#include "models/common/sockets.h"
#include "models/dram/dram_memory.h"
#include "models/pim/arithmetic.h"
#include "models/pim/descriptors.h"
#include "models/pim/group_run.h"
#include "models/pim/pim_parameters.h"
#include "models/pim/programs.h"
#include "models/queue/command_queue.h"

namespace aqpim {

/// PIM device: one queue of macro commands (firmware/include/aqpim/pim.h) that work on the banks of a PIM memory. Each
/// becomes programs of channel commands, which give its time, and arithmetic on the rows' contents, which gives its
/// result. Groups work side by side, each as long as its sequence is.
class PimDevice : public sc_core::sc_module {
 public:
    TargetSocket<PimDevice> registers;  ///< BAR0, offset addresses
    InitiatorSocket<PimDevice> bus;     ///< PCIe bus addresses
    RaiseInterrupt raise_interrupt;     ///< set before the simulation starts

    /// `dram`: the memory's parameters.
    PimDevice(sc_core::sc_module_name name, const PimParameters& parameters, const dram::DramParameters& dram,
              dram::DramMemory& memory, Recorder& recorder);
    ~PimDevice() override;

    /// Its queue as at power-on; the memory keeps its contents.
    void reset() { queue_.reset(); }

    std::uint64_t errors() const { return queue_.errors(); }
    /// Of the latest attention command, in cycles of the channel clock: first command to last move into the buffer
    /// engine. 0 before.
    Ticks attention_cycles() const { return attention_cycles_; }

 private:
    struct Tracks {
        TrackId banks;
        TrackId bank_engines;
        TrackId moves;
        TrackId buffer_engine;
    };
    using Sequences = std::vector<aqpim_pim_sequence>;

    void register_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned register_debug(tlm::tlm_generic_payload& transaction) { return registers_.debug_read(transaction); }
    aqpim_completion_status execute(const CommandQueue::Descriptor& descriptor);

    // One for each macro command: reads its tables, checks, takes the time, computes.
    aqpim_completion_status execute_cluster(const aqpim_pim_cluster& cluster);
    aqpim_completion_status execute_append(const aqpim_pim_append& append);
    aqpim_completion_status execute_append_uniform(const aqpim_pim_append& append, const Sequences& sequences);
    aqpim_completion_status execute_attend(const aqpim_pim_attend& attend);
    aqpim_completion_status execute_attend_whole(const aqpim_pim_attend_whole& attend);
    aqpim_completion_status execute_quantize(const aqpim_pim_quantize& quantize);

    ProgramContext context(const aqpim_pim_shape& shape) const;
    Sequences read_sequences(std::uint64_t table, std::uint32_t count) const;
    CodeColumns read_pages(const aqpim_pim_pages& pages) const;

    /// Runs `groups` side by side; what happens is recorded under `name`.
    struct Outcome {
        Ticks start;
        Ticks last_move_in;
    };
    /// `table_bytes`: what the device reads of tables before it begins.
    Outcome run(std::string_view name, const std::vector<GroupProgram>& groups, Activity activity,
                std::uint64_t table_bytes);
    /// Waits until all these channels are quiet, tables are read, engines are set up and, with `refresh_first`, the
    /// channels are refreshed; returns that tick.
    Ticks prepare(const std::vector<GroupProgram>& groups, std::uint64_t table_bytes, bool refresh_first);
    void issue(GroupRun& group, Activity activity);
    void count_work(std::uint32_t channel, const LaneStep& step);
    void record(std::uint32_t channel, const LaneStep& step, const LaneRun::Span& span, Activity activity);
    void record_attention(const Outcome& outcome);

    Ticks now() const;
    void wait_until(Ticks tick);

    const PimParameters& parameters_;
    const dram::DramParameters& dram_;
    dram::DramMemory& memory_;
    Recorder& recorder_;
    Arithmetic arithmetic_;
    DescriptorCheck check_;
    CommandQueue queue_;
    RegisterFile registers_;
    TrackId command_track_;
    std::vector<Tracks> channel_tracks_;
    Ticks attention_cycles_ = 0;
};

}  // namespace aqpim
