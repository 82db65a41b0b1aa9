#pragma once

#include <cstdint>
#include <vector>

#include "models/common/register_file.h"
#include "models/common/sockets.h"
#include "models/dram/dram_memory.h"
#include "models/pim/descriptors.h"
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

    PimDevice(sc_core::sc_module_name name, const PimParameters& parameters, dram::DramMemory& memory,
              Recorder& recorder);

    /// Its queue as at power-on; the memory keeps its contents.
    void reset() { queue_.reset(); }

    std::uint64_t errors() const { return queue_.errors(); }
    /// First command to last completion of the latest attention command, in cycles of the channel clock; 0 before.
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

    ProgramContext context(const aqpim_pim_shape& shape) const;
    void run(std::string_view name, const PimProgram& program, const aqpim_pim_shape& shape, Activity activity);
    /// Issues one stage on all channels that take part; returns the tick at which the last has finished.
    Ticks issue(const PimStage& stage, const aqpim_pim_shape& shape, Ticks start, Activity activity);
    Ticks issue_on_channel(const PimStage& stage, std::uint32_t channel, Ticks start);
    void record_row(std::uint32_t channel, const OpenRow& row, Ticks end);

    const PimParameters& parameters_;
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
