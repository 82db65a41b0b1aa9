#pragma once

#include <systemc>
#include <tlm>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/transfer.h"
#include "models/dram/transfer_engine.h"

namespace aqpim::dram {

/// The memory's side of nb_transport, in the four phases of the base protocol:
///   BEGIN_REQ   accepted; data moves in the call, time counts from the annotated one
///   END_REQ     all of the transfer has found room in the queues; until then no other request may come
///   BEGIN_RESP  its last burst has left the data bus
///   END_RESP    or TLM_COMPLETED; at its annotated time the next response may go
/// One process, which runs when something is due: an arrival, room, a response, or the earliest tick at which a
/// controller can complete something.
class MemoryPort : public sc_core::sc_module, private TransferSink {
 public:
    using Payload = tlm::tlm_generic_payload;
    struct Hooks {
        /// Sets the response status and moves the data. Nothing to transfer: an error, or an ignored command.
        std::function<std::optional<Transfer>(Payload&)> accept;
        std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&, sc_core::sc_time&)> backward;
    };

    MemoryPort(sc_core::sc_module_name name, const Clock& clock, Picoseconds controller_latency, Hooks hooks);
    /// To be called once, before the simulation starts.
    void connect(TransferEngine& engine) { engine_ = &engine; }
    TransferSink& sink() { return *this; }

    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
    /// The tick at which what arrives at `time_ps` can have its first command.
    Ticks arrival_tick(Picoseconds time_ps) const { return clock_.first_tick_at(time_ps + controller_latency_); }
    /// Payloads between BEGIN_REQ and END_RESP.
    std::uint64_t in_flight() const { return in_flight_; }

 private:
    static constexpr Picoseconds never = ~Picoseconds{0};
    struct Arrival {
        Picoseconds at;
        Payload* payload;
        std::optional<Transfer> transfer;
    };
    /// A payload and when a phase is due to it.
    struct Due {
        Picoseconds at;
        std::uint64_t number;  ///< in the order in which they became known
        Payload* payload;
        bool operator>(const Due& other) const { return at != other.at ? at > other.at : number > other.number; }
    };

    void work();
    void take_requests(Picoseconds now);
    void take(const Arrival& arrival, Picoseconds now);
    void end_requests(Picoseconds now);
    void send_responses(Picoseconds now);
    void end_response(Picoseconds at);
    void transfer_done(std::uint64_t id, Ticks at) override;
    void add_response(Payload& payload, Picoseconds at);
    void wake_at(Picoseconds time_ps);
    Picoseconds next_due();

    Clock clock_;
    Picoseconds controller_latency_;
    Hooks hooks_;
    TransferEngine* engine_ = nullptr;
    sc_core::sc_event wake_;
    std::deque<Arrival> requests_;  ///< whose time has not come
    std::deque<Due> endings_;       ///< before END_REQ
    std::priority_queue<Due, std::vector<Due>, std::greater<>> responses_;
    Payload* responding_ = nullptr;  ///< between BEGIN_RESP and END_RESP
    Picoseconds response_free_ = 0;  ///< when the next response may go
    std::uint64_t in_flight_ = 0;
    std::uint64_t responses_so_far_ = 0;
};

}  // namespace aqpim::dram
