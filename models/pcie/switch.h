#pragma once

#include <vector>

#include "models/common/sockets.h"
#include "models/pcie/bridge_config.h"
#include "models/pcie/detailed/forwarder.h"
#include "models/pcie/link.h"
#include "models/pcie/tlp_extension.h"
#include "models/pcie/tlp_scheduler.h"

namespace aqpim {

/// A PCIe switch: an upstream port and downstream ports, each a type 1 function. The upstream port is device 0 on the
/// bus of its link; the downstream ports are devices 0, 1, ... on its secondary bus. Switches may be cascaded.
///
/// Configuration requests go by bus number, memory requests by the ports' windows: from above to the port whose window
/// holds them; from below to another downstream port's window (peer to peer, unless the port's access control redirects
/// it upstream), or upstream when the upstream port does not claim them. Completions go by their requester's bus. A
/// port takes requests from above with memory space enabled and its link up, and from below as a bus master. What
/// nobody takes is an unsupported request, which the port by which it came reports. Each traversal takes
/// `switch_latency`, of completions too.
///
/// Link disable and secondary bus reset of a downstream port take its link down. When the link above goes down, all
/// ports and what is behind them are reset.
class PcieSwitch : public sc_core::sc_module, private pcie::Router {
 public:
    TargetSocket<PcieSwitch> upstream_target;
    InitiatorSocket<PcieSwitch> upstream_initiator;
    sc_core::sc_vector<InitiatorSocket<PcieSwitch>> downstream_initiator;
    sc_core::sc_vector<TaggedTargetSocket<PcieSwitch>> downstream_target;

    /// `downstream_ports`: 1 to 32.
    PcieSwitch(sc_core::sc_module_name name, const PcieParameters& parameters, unsigned downstream_ports,
               TlpScheduler& scheduler, Recorder& recorder);
    ~PcieSwitch() override;

    /// What a link is attached to (models/pcie/connect.h).
    PcieLink::End upstream_end();
    PcieLink::End downstream_end(unsigned port, PcieLink& link);

    /// Conventional reset of every port's configuration.
    void reset();

    /// Memory requests that nobody took.
    std::uint64_t unsupported_requests() const { return unsupported_requests_; }

 private:
    static constexpr unsigned upstream_port = 0;  ///< downstream port p is port p + 1
    static constexpr unsigned no_port = ~0u;

    /// What decides where a request goes.
    struct Request {
        TlpKind kind;
        std::uint64_t address;
        std::uint64_t bytes;
        RoutingId target;
    };
    /// Where it goes: to a port's own registers, out by a port, or (neither) nowhere.
    struct Route {
        ConfigSpace* registers;
        unsigned port;
        TlpKind kind;  ///< as which it leaves
    };
    struct Downstream {
        BridgeConfig config;
        PcieLink* link = nullptr;
    };
    static Request request_of(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp);
    static Request request_of(const pcie::Tlp& tlp);
    Route find_route(unsigned in_port, const Request& request);
    Route route_down(const Request& request);
    Route route_type_1(const Request& request);
    Route route_up(unsigned port, const Request& request);
    unsigned port_for(const Request& request, unsigned except);
    unsigned port_for_bus(unsigned bus, unsigned except);
    bool is_up(unsigned port) const;
    unsigned ports() const { return static_cast<unsigned>(downstream_.size()) + 1; }
    BridgeConfig& config(unsigned port);

    // Fast fidelity.
    void from_upstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void from_downstream(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void transport(unsigned in_port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void pass_on(const Route& route, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void pass_message(unsigned in_port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned debug_from_upstream(tlm::tlm_generic_payload& payload);
    unsigned debug_from_downstream(int port, tlm::tlm_generic_payload& payload);
    unsigned debug(unsigned in_port, tlm::tlm_generic_payload& payload);

    // Detailed fidelity.
    pcie::TlpRoute route(unsigned in_port, pcie::Tlp& tlp) override;
    pcie::TlpRoute route_completion(unsigned in_port, const pcie::Tlp& tlp);
    pcie::TlpRoute route_message(unsigned in_port, pcie::Tlp& tlp);
    pcie::CompletionStatus serve(const pcie::Tlp& request, std::uint8_t* data) override;
    RoutingId port_id(unsigned port) const override;
    void refused(unsigned in_port, const pcie::Tlp& tlp) override;
    void link_error(unsigned port, CorrectableError error) override;

    /// What goes upstream of a message from below.
    ErrorMessage filter(unsigned in_port, ErrorMessage message);
    void report_unsupported(unsigned in_port, const HeaderLog& header, bool posted, const sc_core::sc_time& delay);
    void send_message(unsigned port, ErrorMessage message, sc_core::sc_time delay);
    void follow_controls();
    void upstream_changed(bool up);
    void downstream_changed(unsigned port, bool up, LinkChange why);

    const PcieParameters parameters_;
    sc_core::sc_time latency_;
    TlpScheduler& scheduler_;
    BridgeConfig upstream_;
    std::vector<Downstream> downstream_;
    pcie::Forwarder forwarder_;
    std::uint64_t unsupported_requests_ = 0;
};

}  // namespace aqpim
