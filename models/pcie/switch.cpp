#include "models/pcie/switch.h"

#include "aqpim/pci_ids.h"
#include "models/pcie/port_seed.h"
#include "models/pcie/tlp_header.h"

namespace aqpim {

PcieSwitch::PcieSwitch(sc_core::sc_module_name name, const PcieParameters& parameters, unsigned downstream_ports,
                       TlpScheduler& scheduler, Recorder& recorder)
    : sc_module(name),
      upstream_target("upstream_target"),
      upstream_initiator("upstream_initiator"),
      downstream_initiator("downstream_initiator", downstream_ports),
      downstream_target("downstream_target", downstream_ports),
      parameters_(parameters),
      latency_(from_ps(parameters.switch_latency_ps)),
      scheduler_(scheduler),
      upstream_(AQPIM_PCI_DEVICE_SWITCH_UPSTREAM, PciePortType::switch_upstream, parameters),
      forwarder_(scheduler.events(), parameters, *this,
                 {downstream_ports + 1, std::vector<std::string>(downstream_ports + 1),
                  port_seed(parameters.seed, this->name())},
                 recorder) {
    upstream_target.register_b_transport(this, &PcieSwitch::from_upstream);
    upstream_target.register_transport_dbg(this, &PcieSwitch::debug_from_upstream);
    for (unsigned port = 0; port < downstream_ports; ++port) {
        downstream_.push_back(
            {BridgeConfig(AQPIM_PCI_DEVICE_SWITCH_DOWNSTREAM, PciePortType::switch_downstream, parameters, port)});
        downstream_target[port].register_b_transport(this, &PcieSwitch::from_downstream, static_cast<int>(port));
        downstream_target[port].register_transport_dbg(this, &PcieSwitch::debug_from_downstream,
                                                       static_cast<int>(port));
    }
}

PcieSwitch::~PcieSwitch() = default;

PcieLink::End PcieSwitch::upstream_end() {
    return {{&forwarder_.transmitter(upstream_port), &forwarder_, upstream_port},
            [this](bool up, LinkChange) { upstream_changed(up); },
            switch_room(parameters_)};
}

PcieLink::End PcieSwitch::downstream_end(unsigned port, PcieLink& link) {
    downstream_.at(port).link = &link;
    return {{&forwarder_.transmitter(port + 1), &forwarder_, port + 1},
            [this, port](bool up, LinkChange why) { downstream_changed(port, up, why); },
            switch_room(parameters_)};
}

void PcieSwitch::reset() {
    upstream_.reset();
    for (Downstream& port : downstream_) {
        port.config.reset();
    }
    follow_controls();
}

BridgeConfig& PcieSwitch::config(unsigned port) {
    return port == upstream_port ? upstream_ : downstream_[port - 1].config;
}

PcieSwitch::Request PcieSwitch::request_of(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
    return {tlp.kind, payload.get_address(), payload.get_data_length(), tlp.target};
}

PcieSwitch::Route PcieSwitch::find_route(unsigned in_port, const Request& request) {
    return in_port == upstream_port ? route_down(request) : route_up(in_port, request);
}

PcieSwitch::Route PcieSwitch::route_down(const Request& request) {
    switch (request.kind) {
        case TlpKind::configuration_0: {
            const bool own = device_of(request.target) == 0 && function_of(request.target) == 0;
            return {own ? &upstream_ : nullptr, no_port, request.kind};
        }
        case TlpKind::configuration_1:
            return route_type_1(request);
        case TlpKind::memory:
            break;
        case TlpKind::message:
            return {nullptr, no_port, request.kind};
    }
    const bool claimed = upstream_.claims(request.address, request.bytes);
    return {nullptr, claimed ? port_for(request, upstream_port) : no_port, request.kind};
}

PcieSwitch::Route PcieSwitch::route_type_1(const Request& request) {
    const unsigned bus = bus_of(request.target);
    if (!upstream_.claims_bus(bus)) {
        return {nullptr, no_port, request.kind};
    }
    if (bus == upstream_.secondary_bus()) {
        const unsigned device = device_of(request.target);
        const bool exists = device < downstream_.size() && function_of(request.target) == 0;
        return {exists ? &downstream_[device].config : nullptr, no_port, request.kind};
    }
    const unsigned port = port_for_bus(bus, upstream_port);
    if (port == no_port || bus != config(port).secondary_bus()) {
        return {nullptr, port, TlpKind::configuration_1};
    }
    // One device on a link: others are answered for by the port (PCIe Base Specification 7.3.1).
    const bool exists = device_of(request.target) == 0;
    return {nullptr, exists ? port : no_port, TlpKind::configuration_0};
}

PcieSwitch::Route PcieSwitch::route_up(unsigned port, const Request& request) {
    if (request.kind != TlpKind::memory || !config(port).bus_master_enabled()) {
        return {nullptr, no_port, request.kind};
    }
    const bool redirected = config(port).acs().request_redirect;
    if (upstream_.claims(request.address, request.bytes) && !redirected) {
        return {nullptr, port_for(request, port), request.kind};
    }
    return {nullptr, upstream_.bus_master_enabled() ? upstream_port : no_port, request.kind};
}

unsigned PcieSwitch::port_for(const Request& request, unsigned except) {
    for (unsigned port = 1; port < ports(); ++port) {
        if (port != except && config(port).claims(request.address, request.bytes)) {
            return port;
        }
    }
    return no_port;
}

unsigned PcieSwitch::port_for_bus(unsigned bus, unsigned except) {
    for (unsigned port = 1; port < ports(); ++port) {
        if (port != except && config(port).claims_bus(bus)) {
            return port;
        }
    }
    return no_port;
}

bool PcieSwitch::is_up(unsigned port) const {
    return port == upstream_port || downstream_[port - 1].link == nullptr || downstream_[port - 1].link->is_up();
}

ErrorMessage PcieSwitch::filter(unsigned in_port, ErrorMessage message) {
    return in_port == upstream_port ? ErrorMessage::none
                                    : upstream_.forward_error_message(config(in_port).forward_error_message(message));
}

void PcieSwitch::report_unsupported(unsigned in_port, const HeaderLog& header, bool posted,
                                    const sc_core::sc_time& delay) {
    ++unsupported_requests_;
    send_message(in_port,
                 config(in_port).report(UncorrectableError::unsupported_request, header, completer_advisory(posted)),
                 delay);
}

void PcieSwitch::follow_controls() {
    for (Downstream& port : downstream_) {
        if (port.link != nullptr) {
            port.link->hold(port.config.link_disabled() || port.config.secondary_bus_reset() ||
                            upstream_.secondary_bus_reset());
        }
    }
}

/// A hot reset goes on downstream.
void PcieSwitch::upstream_changed(bool up) {
    if (!up) {
        upstream_.reset();
        for (Downstream& port : downstream_) {
            port.config.reset();
        }
    }
    for (Downstream& port : downstream_) {
        if (port.link != nullptr) {
            port.link->hold(!up);
        }
    }
}

void PcieSwitch::downstream_changed(unsigned port, bool up, LinkChange why) {
    BridgeConfig& config = downstream_[port].config;
    config.set_link_up(up);
    if (!up && why == LinkChange::surprise) {
        send_message(port + 1, config.report(UncorrectableError::surprise_down), sc_core::SC_ZERO_TIME);
    }
}

}  // namespace aqpim
