#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>

#include "aqpim/queue.h"
#include "models/common/recorder.h"
#include "models/common/register_file.h"
#include "models/queue/bus_master.h"

namespace aqpim {

/// A ring of 128-byte descriptors in memory, a doorbell and a ring of completions (firmware/include/aqpim/queue.h).
/// Fetches descriptors up to `prefetch` at a time, executes them in order in its own process, writes a completion for
/// each, and raises the MSI-X vector where the descriptor asks for it.
class CommandQueue : public sc_core::sc_module {
 public:
    static constexpr std::size_t descriptor_bytes = 128;
    static constexpr std::uint64_t most_entries = 4096;
    using Descriptor = std::array<std::uint8_t, descriptor_bytes>;
    /// Carries out one descriptor, waiting as long as it takes; returns an aqpim_completion_status.
    using Execute = std::function<aqpim_completion_status(const Descriptor&)>;

    struct Ports {
        BusMaster bus;
        RaiseInterrupt raise;
        Execute execute;
    };

    /// `track` is where the interrupts are recorded ("gpu.copy.interrupt").
    CommandQueue(sc_core::sc_module_name name, Ports ports, unsigned prefetch, Recorder& recorder,
                 const std::string& track);

    /// Adds this queue's registers to its device's.
    void add_registers(RegisterFile& registers, std::uint64_t offset);

    /// Registers as at power-on. A command in execution comes to its end, but is neither completed nor counted.
    void reset();

    /// Descriptors that did not end in AQPIM_DONE.
    std::uint64_t errors() const { return errors_; }
    std::uint64_t completed() const { return completed_; }
    aqpim_queue_status status() const { return status_; }

    /// A descriptor's bytes as one of the structs of firmware/include/aqpim.
    template <class T>
    static T as(const Descriptor& descriptor) {
        static_assert(sizeof(T) <= descriptor_bytes);
        T value;
        std::memcpy(&value, descriptor.data(), sizeof value);
        return value;
    }

 private:
    void write_control(std::uint64_t value, const sc_core::sc_time& delay);
    void ring_doorbell(std::uint64_t tail, const sc_core::sc_time& delay);
    void stop(aqpim_queue_status why);

    void run();
    bool fetch();
    void execute_one();
    bool complete(const aqpim_completion& completion);
    void interrupt();

    Ports ports_;
    unsigned prefetch_;
    Recorder& recorder_;
    TrackId interrupt_track_;

    aqpim_queue_status status_ = AQPIM_QUEUE_DISABLED;
    std::uint64_t entries_ = 0;
    std::uint64_t submit_base_ = 0;
    std::uint64_t complete_base_ = 0;
    std::uint64_t vector_ = 0;
    std::uint64_t tail_ = 0;
    std::uint64_t head_ = 0;
    std::uint64_t completed_in_ring_ = 0;
    std::uint64_t generation_ = 0;  // of the ring set-up: what an earlier one fetched is dropped

    std::deque<Descriptor> fetched_;
    sc_core::sc_event doorbell_;
    std::uint64_t completed_ = 0;
    std::uint64_t errors_ = 0;
};

}  // namespace aqpim
