#pragma once

#include <systemc>

#include <array>
#include <cstdint>
#include <optional>

#include "aqpim/gpu.h"
#include "models/gpu/gpu_parameters.h"
#include "models/queue/bus_master.h"
#include "models/queue/command_queue.h"

namespace aqpim {

/// The commands that every queue of the GPU takes: events between queues, semaphores and timestamps in memory. Each
/// runs in the process of its queue; those that wait hold only that, and end when they are cancelled.
class Synchronisation {
 public:
    using Command = CommandQueue::Command;
    using Outcome = CommandQueue::Outcome;
    struct Ports {
        BusMaster memory;  ///< GPU memory by local address
        BusMaster bus;     ///< PCIe bus addresses
    };
    Synchronisation(const GpuParameters& parameters, Ports ports);

    /// Nothing if it is another command.
    std::optional<Outcome> execute(const Command& command);

    std::uint64_t event(unsigned index) const { return events_.at(index).value; }
    /// The host's write. `delay`: how far it is ahead.
    void set_event(unsigned index, std::uint64_t value, const sc_core::sc_time& delay);
    /// Events as at power-on.
    void reset();

 private:
    struct Event {
        std::uint64_t value = 0;
        sc_core::sc_event changed;
    };

    Outcome signal(const aqpim_gpu_event& descriptor);
    Outcome wait(const Command& command);
    Outcome acquire(const Command& command);
    Outcome write(const aqpim_gpu_semaphore& semaphore, std::uint64_t word);
    bool is_valid(const aqpim_gpu_semaphore& semaphore) const;
    Outcome access_word(tlm::tlm_command command, const aqpim_gpu_semaphore& semaphore, std::uint64_t& word);

    const GpuParameters& parameters_;
    Ports ports_;
    std::array<Event, AQPIM_GPU_EVENTS> events_;
};

}  // namespace aqpim
