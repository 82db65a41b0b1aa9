#pragma once

#include <systemc>
#include <tlm>

#include <cstdint>
#include <unordered_map>

#include "models/common/payload_watch.h"
#include "models/common/violation_log.h"

namespace aqpim {

/// The transactions of nb_transport over one hop, each in its phase: checks every call and return against the base
/// protocol (clauses 14.5, 15.2.3 to 15.2.7).
class NonblockingHop {
 public:
    using Payload = tlm::tlm_generic_payload;
    enum class Side : std::uint8_t { initiator, target };
    /// The arguments that a call takes and may change.
    struct Timing {
        tlm::tlm_phase phase;
        sc_core::sc_time delay;
        bool operator==(const Timing&) const = default;
    };

    NonblockingHop(Downstream downstream, ViolationLog& log) : downstream_(downstream), log_(log) {}

    /// `caller` calls nb_transport.
    void call(const Payload& payload, Side caller, const Timing& timing);
    /// `callee` returns `status` from a call with `before`.
    void returned(const Payload& payload, Side callee, tlm::tlm_sync_enum status, const Timing& before,
                  const Timing& after);

    bool is_in_flight(const Payload& payload) const { return flights_.count(&payload) != 0; }
    std::size_t in_flight() const { return flights_.size(); }
    std::uint64_t requests() const { return requests_; }

 private:
    enum class Phase : std::uint8_t { request, request_ended, response };
    /// A transaction from BEGIN_REQ to its end.
    struct Flight {
        PayloadWatch watch;
        Phase phase = Phase::request;
        sc_core::sc_time local_time;
    };

    void completed(const Payload& payload, const tlm::tlm_phase& called_with);
    void take_phase(const Payload& payload, Side sender, const tlm::tlm_phase& phase);
    void take_time(const Payload& payload, const sc_core::sc_time& delay);
    void begin_request(const Payload& payload);
    void end_request(const Payload& payload);
    void begin_response(const Payload& payload);
    void end_response(const Payload& payload);
    void send_response(const Payload& payload, Flight& flight);
    void end(const Payload& payload);
    Flight* find(const Payload& payload);

    Downstream downstream_;
    ViolationLog& log_;
    std::unordered_map<const Payload*, Flight> flights_;
    const Payload* request_ = nullptr;   ///< between BEGIN_REQ and END_REQ
    const Payload* response_ = nullptr;  ///< between BEGIN_RESP and END_RESP
    std::uint64_t requests_ = 0;
};

}  // namespace aqpim
