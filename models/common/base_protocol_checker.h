#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <systemc>
#include <tlm>

#include <cstdint>
#include <vector>

#include "models/common/nonblocking_hop.h"
#include "models/common/payload_watch.h"
#include "models/common/sockets.h"
#include "models/common/violation_log.h"

namespace aqpim {

/// Stands between an initiator and a target, passes every call on as it came, and checks both sides against the TLM-2.0
/// base protocol (IEEE Std 1666-2011, clauses 11, 14 and 15; the rules are listed in protocol_rules.h). What it finds
/// is counted; nothing is stopped or changed.
///
/// It cannot know whether a command was carried out rightly, nor what happens on other hops.
class BaseProtocolChecker : public sc_core::sc_module {
 public:
    using Payload = tlm::tlm_generic_payload;

    tlm_utils::passthrough_target_socket<BaseProtocolChecker, bus_width_bits> target;  ///< the initiator binds it
    InitiatorSocket<BaseProtocolChecker> initiator;                                    ///< bound to the target

    /// `downstream`: an interconnect may change addresses, a target may not.
    explicit BaseProtocolChecker(sc_core::sc_module_name name, Downstream downstream = Downstream::target);
    ~BaseProtocolChecker() override;

    /// Violations so far, and the words of the first.
    const ViolationLog& violations() const { return log_; }

    /// Calls of b_transport, and of nb_transport with BEGIN_REQ.
    std::uint64_t transactions() const { return blocking_calls_ + hop_.requests(); }
    /// Transactions of nb_transport that have not ended.
    std::size_t in_flight() const { return hop_.in_flight(); }

 private:
    class Standstill;
    class Hold;

    void b_transport(Payload& payload, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    unsigned transport_dbg(Payload& payload);
    bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi);
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);

    template <class Transport>
    tlm::tlm_sync_enum pass_on(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay,
                               NonblockingHop::Side caller, Transport transport);
    bool is_in_b_transport(const Payload& payload) const;
    void check_b_transport(const Payload& payload);
    void check_dmi_grant(const Payload& payload, std::uint64_t address, const tlm::tlm_dmi& dmi);

    Downstream downstream_;
    ViolationLog log_;
    NonblockingHop hop_;
    std::vector<const Payload*> blocking_;  ///< in b_transport
    std::uint64_t blocking_calls_ = 0;
    unsigned forward_calls_ = 0;  ///< of nb_transport, under way
    unsigned backward_calls_ = 0;
};

}  // namespace aqpim
