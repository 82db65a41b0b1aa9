#pragma once

#include "models/common/register_file.h"
#include "models/common/sockets.h"
#include "models/gpu/compute_unit.h"
#include "models/gpu/copy_engine.h"
#include "models/gpu/gpu_parameters.h"
#include "models/queue/command_queue.h"

namespace aqpim {

/// GPU: a copy queue and a compute queue (firmware/include/aqpim/gpu.h) over a memory of its own.
class Gpu : public sc_core::sc_module {
 public:
    TargetSocket<Gpu> registers;     ///< BAR0, offset addresses
    InitiatorSocket<Gpu> memory;     ///< its own memory, from address 0
    InitiatorSocket<Gpu> bus;        ///< PCIe bus addresses
    RaiseInterrupt raise_interrupt;  ///< set before the simulation starts

    Gpu(sc_core::sc_module_name name, const GpuParameters& parameters, Recorder& recorder);

    /// Both queues as at power-on.
    void reset();

    std::uint64_t errors() const { return copy_queue_.errors() + compute_queue_.errors(); }
    const CopyEngine& copy_engine() const { return copy_engine_; }
    const ComputeUnit& compute_unit() const { return compute_unit_; }

 private:
    void register_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned register_debug(tlm::tlm_generic_payload& transaction) { return registers_.debug_read(transaction); }
    aqpim_completion_status execute_copy(const CommandQueue::Descriptor& descriptor);
    aqpim_completion_status execute_compute(const CommandQueue::Descriptor& descriptor);
    bool access_contents(tlm::tlm_command command, std::uint64_t address, void* data, std::uint64_t bytes);
    CommandQueue::Ports queue_ports(CommandQueue::Execute execute);

    const GpuParameters& parameters_;
    CopyEngine copy_engine_;
    ComputeUnit compute_unit_;
    CommandQueue copy_queue_;
    CommandQueue compute_queue_;
    RegisterFile registers_;
};

}  // namespace aqpim
