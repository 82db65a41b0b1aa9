#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "models/common/register_file.h"
#include "models/common/sockets.h"
#include "models/gpu/bus_requests.h"
#include "models/gpu/compute_unit.h"
#include "models/gpu/copy_engine.h"
#include "models/gpu/gpu_parameters.h"
#include "models/gpu/synchronisation.h"
#include "models/queue/command_queue.h"

namespace aqpim {

/// GPU: copy engines, each with its queue, and streams, queues that share one compute unit (firmware/include/aqpim/
/// gpu.h), over a memory of its own. What does not come from copy engines' bursts goes to the bus by b_transport.
class Gpu : public sc_core::sc_module {
 public:
    TargetSocket<Gpu> registers;     ///< BAR0, offset addresses
    InitiatorSocket<Gpu> memory;     ///< its own memory, from address 0
    InitiatorSocket<Gpu> bus;        ///< PCIe bus addresses
    RaiseInterrupt raise_interrupt;  ///< set before the simulation starts

    Gpu(sc_core::sc_module_name name, const GpuParameters& parameters, Recorder& recorder);
    ~Gpu() override;

    /// All queues and events as at power-on; the memory keeps its contents.
    void reset();
    void function_level_reset() { reset(); }

    std::uint64_t errors() const;
    const CopyEngine& copy_engine(unsigned index) const { return *copy_engines_.at(index); }
    /// Of all copy engines.
    std::uint64_t bytes_copied() const;
    const ComputeUnit& compute_unit() const { return compute_unit_; }

 private:
    using Queue = std::unique_ptr<CommandQueue>;

    void add_copy_engine(unsigned index, Recorder& recorder);
    void add_stream(unsigned index, Recorder& recorder);
    Queue make_queue(unsigned number, const std::string& unit, CommandQueue::Execute execute, Recorder& recorder);
    void add_registers();
    void add_queue_registers(unsigned number);

    void register_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned register_debug(tlm::tlm_generic_payload& transaction);
    tlm::tlm_sync_enum bus_backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    bool access_contents(tlm::tlm_command command, std::uint64_t address, void* data, std::uint64_t bytes);
    BusMaster bus_master();

    const GpuParameters& parameters_;
    std::string name_;  // that tracks start with
    BusRequests requests_;
    Synchronisation synchronisation_;
    ComputeUnit compute_unit_;
    std::vector<std::unique_ptr<CopyEngine>> copy_engines_;
    std::array<Queue, AQPIM_GPU_QUEUES> queues_;  // null where this GPU has none
    RegisterFile registers_;
    Picoseconds access_ps_ = 0;  // when the register access that is served arrived
};

}  // namespace aqpim
