#pragma once

#include "models/common/sockets.h"
#include "models/pcie/bridge_config.h"
#include "models/pcie/flight_log.h"
#include "models/pcie/flight_window.h"
#include "models/pcie/link.h"
#include "models/pcie/served_payload.h"
#include "models/pcie/tlp_initiator.h"

namespace aqpim {

/// The host's PCIe root complex. Bus 0: device 0 is the host bridge, device 1 the root port, behind which the link is.
///
/// As a host sees it, nothing fails: configuration reads that no function answers give all ones and writes are dropped;
/// memory reads that end in an error give all ones, such writes vanish, and both are counted. A posted write returns as
/// soon as the link can take it; configuration requests and reads wait for their completion. Each traversal takes
/// `root_latency`, of completions too.
///
/// Devices reach all of the host's bus, as long as the root port is a bus master. What they ask of its own windows
/// (peer to peer that a switch has redirected) goes down again. Error messages end in the root port's registers.
///
/// Link disable and secondary bus reset of the root port take its link down.
class PcieRootComplex : public sc_core::sc_module, private pcie::EndPortOwner {
 public:
    /// Offset = bus << 20 | device << 15 | function << 12 | register; 1, 2 or 4 bytes, naturally aligned.
    TargetSocket<PcieRootComplex> ecam;
    TargetSocket<PcieRootComplex> mmio;               ///< bus addresses, not offsets
    InitiatorSocket<PcieRootComplex> memory;          ///< what devices ask of the host: data and MSI; bus addresses
    InitiatorSocket<PcieRootComplex> port_initiator;  ///< to the link
    TargetSocket<PcieRootComplex> port_target;        ///< from the link

    /// Records `pcie.<name>`: requests of the host, and those that reach it, in flight.
    PcieRootComplex(sc_core::sc_module_name name, const PcieParameters& parameters, TlpScheduler& scheduler,
                    Recorder& recorder);
    ~PcieRootComplex() override;

    /// What a link is attached to (models/pcie/connect.h).
    PcieLink::End end(PcieLink& link);

    /// Configuration of host bridge and root port as at power-on.
    void reset();

    /// Completes what is recorded, at the end of the simulation.
    void finish() { flights_.flush(); }

    /// Memory requests of the host that ended in anything but success.
    std::uint64_t unsupported_requests() const { return unsupported_requests_; }

 private:
    void configure(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void send_configuration(tlm::tlm_generic_payload& payload, TlpExtension& tlp, sc_core::sc_time& delay);
    unsigned debug_configure(tlm::tlm_generic_payload& payload);
    ConfigSpace* own_function(RoutingId target);
    /// The TLP that reaches `target` behind the root port; false: there is no way.
    bool route_configuration(RoutingId target, TlpExtension& tlp) const;

    void from_host(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void read(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void post(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void post_tlps(tlm::tlm_generic_payload& payload, const TlpExtension& tlp, sc_core::sc_time& delay);
    unsigned debug_from_host(tlm::tlm_generic_payload& payload);

    // What comes from devices, fast fidelity.
    bool passes_up(std::uint64_t address, std::uint64_t bytes) const;
    bool goes_down_again(std::uint64_t address, std::uint64_t bytes) const;
    void from_device(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void to_host(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned debug_from_device(tlm::tlm_generic_payload& payload);

    // The same, detailed.
    Served serve(const pcie::Tlp& request, std::uint8_t* data, Picoseconds at) override;
    RoutingId completer_id(const pcie::Tlp&) const override;
    bool reflects(const pcie::Tlp& tlp) const override;
    void timed_out(const pcie::Transaction& transaction) override;
    void link_error(CorrectableError error) override;
    void unexpected_completion(const pcie::Tlp& completion) override;
    void poisoned_completion(const pcie::Tlp& completion) override;

    void report_spoilt(Spoilt spoilt);
    void report(UncorrectableError error, const HeaderLog& header, Advisory advisory);
    void follow_controls();
    void link_changed(bool up, LinkChange why);

    const PcieParameters parameters_;
    sc_core::sc_time latency_;
    TlpScheduler& scheduler_;
    HostBridgeConfig host_bridge_;
    BridgeConfig root_port_;
    TlpFormat format_;
    PcieLink* link_ = nullptr;
    pcie::EndPort port_;
    TlpInitiator tlps_;
    DrainWindow posted_room_;
    FlightLog flights_;
    ServedPayload served_;
    std::uint64_t unsupported_requests_ = 0;
};

}  // namespace aqpim
