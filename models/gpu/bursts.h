#pragma once

#include <systemc>
#include <tlm>

#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "models/gpu/bus_requests.h"
#include "models/gpu/gpu_parameters.h"
#include "models/queue/command_queue.h"

namespace aqpim {

/// The bursts that a copy engine has in flight, up to `copy_outstanding`. Each is read, and when its data has arrived,
/// written; they overlap. All calls come from the process of the engine's queue, and wait in it; they return at once
/// when the command has been cancelled.
class Bursts {
 public:
    struct Ports {
        /// b_transport to GPU memory by local address.
        std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)> memory;
        BusRequests& bus;
    };
    struct Place {
        std::uint64_t address;
        bool on_bus;  ///< else in the GPU's memory
    };

    Bursts(const GpuParameters& parameters, Ports ports);

    /// The next command. `command` is valid until finish() returns.
    void begin(const CommandQueue::Command& command);
    /// True until an access fails or the command is cancelled: then nothing more need be started.
    bool is_going_on() const { return failure_.status == AQPIM_DONE && !command_->is_cancelled(); }

    /// Start one burst, after waiting for room.
    void copy(Place source, Place target, std::uint32_t bytes);
    /// `pattern` is the word that the first byte starts.
    void fill(Place target, std::uint64_t pattern, std::uint32_t bytes);
    /// A read whose data the engine wants itself; take_read() waits for it. One at a time.
    void read(Place source, std::uint32_t bytes);
    /// Empty if nothing could be read.
    std::vector<std::uint8_t> take_read();

    /// Waits until everything has been answered. Of several failures the outcome is the one that was started first.
    CommandQueue::Outcome finish();

    std::uint64_t bytes_written() const { return bytes_written_; }

 private:
    struct Burst {
        enum class Step : std::uint8_t { free, reading, writing };
        Step step = Step::free;
        bool keep = false;       // of read(): not to be written
        bool abandoned = false;  // of a cancelled command: nobody waits for it
        std::uint64_t number = 0;
        Place source{};
        Place target{};
        std::uint32_t bytes = 0;
        std::vector<std::uint8_t> data;
    };
    struct Answer {
        Picoseconds at_ps;
        std::uint64_t number;  // in the order in which they became known
        std::uint32_t id;
        tlm::tlm_response_status status;
        bool operator>(const Answer& other) const {
            return at_ps != other.at_ps ? at_ps > other.at_ps : number > other.number;
        }
    };
    struct Failure {
        aqpim_completion_status status = AQPIM_DONE;
        std::uint64_t address = 0;
        std::uint64_t burst = 0;
    };

    std::uint32_t take_burst();
    void start(std::uint32_t id, Burst::Step step);
    std::uint8_t* data_of(Burst& burst);
    void send(std::uint32_t id, const Place& place, tlm::tlm_command command);
    void answered(std::uint32_t id, tlm::tlm_response_status status, Picoseconds at_ps);
    void take_answers();
    void take(const Answer& answer);
    void end(std::uint32_t id);
    void abandon();
    template <class Condition>
    void wait_until(const Condition& condition);

    const GpuParameters& parameters_;
    Ports ports_;
    unsigned client_;
    PayloadPool payloads_;
    const CommandQueue::Command* command_ = nullptr;
    Failure failure_;

    std::deque<Burst> bursts_;
    std::vector<std::uint32_t> free_;
    std::uint32_t in_flight_ = 0;
    std::uint64_t started_ = 0;
    std::priority_queue<Answer, std::vector<Answer>, std::greater<>> answers_;
    std::uint64_t answers_so_far_ = 0;
    sc_core::sc_event answer_;

    bool reading_ = false;  // read() has not been answered
    std::vector<std::uint8_t> read_;
    std::deque<std::vector<std::uint8_t>> blanks_;  // what payloads without contents point to; the last is the largest
    std::uint64_t bytes_written_ = 0;
};

}  // namespace aqpim
