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
/// One process fetches descriptors, up to `prefetch` ahead; another executes them in order, writes a completion for
/// each, and raises the MSI-X vector where the descriptor asks for it.
class CommandQueue : public sc_core::sc_module {
 public:
    static constexpr std::size_t descriptor_bytes = 128;
    static constexpr std::uint64_t most_entries = 4096;
    using Descriptor = std::array<std::uint8_t, descriptor_bytes>;

    /// A descriptor in execution.
    struct Command {
        Descriptor descriptor;
        Picoseconds fetched_ps = 0;           ///< when it had arrived in the device
        const CommandQueue* queue = nullptr;  ///< which it is of; null: nobody can cancel it
        std::uint64_t generation = 0;         ///< of the queue, when it was fetched

        /// One of the structs of firmware/include/aqpim.
        template <class T>
        T as() const {
            return CommandQueue::as<T>(descriptor);
        }
        /// True once its queue has been disabled or reset: nobody waits for it any more.
        bool is_cancelled() const { return queue != nullptr && generation != queue->generation_; }
        /// Waits for `event`, or until it is cancelled.
        void wait(const sc_core::sc_event& event) const;
        /// Waits for `time`, or until it is cancelled.
        void wait(const sc_core::sc_time& time) const;
    };
    struct Outcome {
        aqpim_completion_status status = AQPIM_DONE;
        std::uint64_t failed_address = 0;  ///< first byte of the access that failed, if one did
    };
    /// Carries out one command, waiting as long as it takes. Of a cancelled one the outcome does not matter.
    using Execute = std::function<Outcome(const Command&)>;

    struct Ports {
        BusMaster bus;
        RaiseInterrupt raise;
        Execute execute;
    };

    /// `track` is where the interrupts are recorded ("gpu.copy0.interrupt"); `vector` the MSI-X vector at power-on.
    CommandQueue(sc_core::sc_module_name name, Ports ports, unsigned prefetch, Recorder& recorder,
                 const std::string& track, std::uint64_t vector = 0);

    /// Adds this queue's registers to its device's.
    void add_registers(RegisterFile& registers, std::uint64_t offset);

    /// Registers as at power-on. The command in execution is cancelled: neither completed nor counted.
    void reset();

    /// Descriptors that did not end in AQPIM_DONE, and stops.
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
    /// What the error registers show.
    struct ErrorRecord {
        std::uint64_t count = 0;
        std::uint64_t status_and_cookie = 0;
        std::uint64_t index = 0;
        std::uint64_t address = 0;
    };

    void add_error_registers(RegisterFile& registers, std::uint64_t offset);
    void write_control(std::uint64_t value, const sc_core::sc_time& delay);
    void ring_doorbell(std::uint64_t tail, const sc_core::sc_time& delay);
    void cancel();
    void stop(aqpim_queue_status why);

    void fetch_ahead();
    bool has_room_to_fetch() const;
    void fetch();

    void execute_all();
    void execute_one();
    void record(const aqpim_descriptor_header& header, const Outcome& outcome);
    bool complete(const aqpim_completion& completion);
    void interrupt();

    Ports ports_;
    unsigned prefetch_;
    Recorder& recorder_;
    TrackId interrupt_track_;
    std::uint64_t power_on_vector_;

    aqpim_queue_status status_ = AQPIM_QUEUE_DISABLED;
    std::uint64_t entries_ = 0;
    std::uint64_t submit_base_ = 0;
    std::uint64_t complete_base_ = 0;
    std::uint64_t vector_;
    std::uint64_t tail_ = 0;
    std::uint64_t head_ = 0;
    std::uint64_t completed_in_ring_ = 0;
    ErrorRecord error_;
    std::uint64_t generation_ = 0;  // of the ring set-up: what an earlier one fetched is dropped

    std::deque<Command> fetched_;
    sc_core::sc_event to_fetch_;
    sc_core::sc_event to_execute_;
    sc_core::sc_event cancelled_;
    std::uint64_t completed_ = 0;
    std::uint64_t errors_ = 0;
};

}  // namespace aqpim
