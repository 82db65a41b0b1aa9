#pragma once

#include "models/common/sockets.h"
#include "models/pcie/bridge_config.h"
#include "models/pcie/flight_log.h"
#include "models/pcie/tlp_extension.h"

namespace aqpim {

/// The host's PCIe root complex. Bus 0: device 0 is the host bridge, device 1 the root port, behind which the link is.
///
/// As a host sees it, nothing fails: configuration reads that no function answers give all ones and writes are dropped;
/// memory reads that end as unsupported requests give all ones, such writes vanish, and both are counted. A posted
/// write returns as soon as the link can take it; configuration requests and reads wait for their completion. Each
/// traversal takes `root_latency`, of completions too.
///
/// Devices reach all of the host's bus but the windows of the root port (no peer to peer above a switch), as long as
/// the root port is a bus master.
class PcieRootComplex : public sc_core::sc_module {
 public:
    /// Offset = bus << 20 | device << 15 | function << 12 | register; 1, 2 or 4 bytes, naturally aligned.
    TargetSocket<PcieRootComplex> ecam;
    TargetSocket<PcieRootComplex> mmio;               ///< bus addresses, not offsets
    InitiatorSocket<PcieRootComplex> memory;          ///< what devices ask of the host: data and MSI; bus addresses
    InitiatorSocket<PcieRootComplex> port_initiator;  ///< to the link
    TargetSocket<PcieRootComplex> port_target;        ///< from the link

    /// Records `pcie.<name>`: requests of the host, and those that reach it, in flight.
    PcieRootComplex(sc_core::sc_module_name name, const PcieParameters& parameters, Recorder& recorder);

    /// Configuration of host bridge and root port as at power-on.
    void reset();

    /// Completes what is recorded, at the end of the simulation.
    void finish() { flights_.flush(); }

    /// Memory requests of the host that ended in anything but success.
    std::uint64_t unsupported_requests() const { return unsupported_requests_; }

 private:
    void configure(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned debug_configure(tlm::tlm_generic_payload& payload);
    ConfigSpace* own_function(RoutingId target);
    /// The TLP that reaches `target` behind the root port; false: there is no way.
    bool route_configuration(RoutingId target, TlpExtension& tlp) const;

    void from_host(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void read(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void post(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned debug_from_host(tlm::tlm_generic_payload& payload);

    bool passes_up(const tlm::tlm_generic_payload& payload) const;
    void from_device(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned debug_from_device(tlm::tlm_generic_payload& payload);

    sc_core::sc_time latency_;
    HostBridgeConfig host_bridge_;
    BridgeConfig root_port_;
    FlightLog flights_;
    std::uint64_t unsupported_requests_ = 0;
};

}  // namespace aqpim
