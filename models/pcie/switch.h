#pragma once

#include <vector>

#include "models/common/sockets.h"
#include "models/pcie/bridge_config.h"
#include "models/pcie/tlp_extension.h"

namespace aqpim {

/// A PCIe switch: an upstream port and downstream ports, each a type 1 function. The upstream port is device 0 on the
/// bus of its link; the downstream ports are devices 0, 1, ... on its secondary bus.
///
/// Configuration requests go by bus number, memory requests by the ports' windows: from above to the port whose window
/// holds them; from below to another downstream port's window (peer to peer), or upstream when the upstream port does
/// not claim them. A port takes requests from above with memory space enabled, and from below as a bus master. What
/// nobody takes is an unsupported request. Each traversal takes `switch_latency`, of completions too.
class PcieSwitch : public sc_core::sc_module {
 public:
    TargetSocket<PcieSwitch> upstream_target;
    InitiatorSocket<PcieSwitch> upstream_initiator;
    sc_core::sc_vector<InitiatorSocket<PcieSwitch>> downstream_initiator;
    sc_core::sc_vector<TaggedTargetSocket<PcieSwitch>> downstream_target;

    /// `downstream_ports`: 1 to 32.
    PcieSwitch(sc_core::sc_module_name name, const PcieParameters& parameters, unsigned downstream_ports);

    /// Conventional reset of every port's configuration.
    void reset();

    /// Memory requests that nobody took.
    std::uint64_t unsupported_requests() const { return unsupported_requests_; }

 private:
    /// Where a request goes: to a port's own registers, to a socket, or (neither) nowhere.
    struct Route {
        ConfigSpace* registers;
        InitiatorSocket<PcieSwitch>* exit;
        TlpKind kind;  ///< as which it leaves
    };
    Route route_down(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp);
    Route route_type_1(const TlpExtension& tlp);
    Route route_up(unsigned port, const tlm::tlm_generic_payload& payload, const TlpExtension& tlp);
    unsigned ports() const { return static_cast<unsigned>(downstream_.size()); }
    InitiatorSocket<PcieSwitch>* port_for(const tlm::tlm_generic_payload& payload, unsigned except);

    void from_upstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void from_downstream(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void transport(const Route& route, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned debug_from_upstream(tlm::tlm_generic_payload& payload);
    unsigned debug_from_downstream(int port, tlm::tlm_generic_payload& payload);
    unsigned debug(const Route& route, tlm::tlm_generic_payload& payload);

    sc_core::sc_time latency_;
    BridgeConfig upstream_;
    std::vector<BridgeConfig> downstream_;
    std::uint64_t unsupported_requests_ = 0;
};

}  // namespace aqpim
