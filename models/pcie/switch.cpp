#include "models/pcie/switch.h"

#include "aqpim/pci_ids.h"

namespace aqpim {

PcieSwitch::PcieSwitch(sc_core::sc_module_name name, const PcieParameters& parameters, unsigned downstream_ports)
    : sc_module(name),
      upstream_target("upstream_target"),
      upstream_initiator("upstream_initiator"),
      downstream_initiator("downstream_initiator", downstream_ports),
      downstream_target("downstream_target", downstream_ports),
      latency_(from_ps(parameters.switch_latency_ps)),
      upstream_(AQPIM_PCI_DEVICE_SWITCH_UPSTREAM, PciePortType::switch_upstream, parameters),
      downstream_(downstream_ports,
                  BridgeConfig(AQPIM_PCI_DEVICE_SWITCH_DOWNSTREAM, PciePortType::switch_downstream, parameters)) {
    upstream_target.register_b_transport(this, &PcieSwitch::from_upstream);
    upstream_target.register_transport_dbg(this, &PcieSwitch::debug_from_upstream);
    for (unsigned port = 0; port < downstream_ports; ++port) {
        downstream_target[port].register_b_transport(this, &PcieSwitch::from_downstream, static_cast<int>(port));
        downstream_target[port].register_transport_dbg(this, &PcieSwitch::debug_from_downstream,
                                                       static_cast<int>(port));
    }
}

void PcieSwitch::from_upstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    transport(route_down(payload, tlp_of(payload)), payload, delay);
}

void PcieSwitch::from_downstream(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    transport(route_up(static_cast<unsigned>(port), payload, tlp_of(payload)), payload, delay);
}

void PcieSwitch::reset() {
    upstream_.reset();
    for (BridgeConfig& port : downstream_) {
        port.reset();
    }
}

PcieSwitch::Route PcieSwitch::route_down(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
    switch (tlp.kind) {
        case TlpKind::configuration_0: {
            const bool own = device_of(tlp.target) == 0 && function_of(tlp.target) == 0;
            return {own ? &upstream_ : nullptr, nullptr, tlp.kind};
        }
        case TlpKind::configuration_1:
            return route_type_1(tlp);
        case TlpKind::memory:
            break;
    }
    const bool claimed = upstream_.claims(payload.get_address(), payload.get_data_length());
    return {nullptr, claimed ? port_for(payload, ports()) : nullptr, tlp.kind};
}

PcieSwitch::Route PcieSwitch::route_type_1(const TlpExtension& tlp) {
    const unsigned bus = bus_of(tlp.target);
    if (!upstream_.claims_bus(bus)) {
        return {nullptr, nullptr, tlp.kind};
    }
    if (bus == upstream_.secondary_bus()) {
        const unsigned device = device_of(tlp.target);
        const bool exists = device < ports() && function_of(tlp.target) == 0;
        return {exists ? &downstream_[device] : nullptr, nullptr, tlp.kind};
    }
    for (unsigned port = 0; port < ports(); ++port) {
        const BridgeConfig& bridge = downstream_[port];
        if (!bridge.claims_bus(bus)) {
            continue;
        }
        if (bus != bridge.secondary_bus()) {
            return {nullptr, &downstream_initiator[port], TlpKind::configuration_1};
        }
        // One device on a link: others are answered for by the port (PCIe Base Specification 7.3.1).
        const bool exists = device_of(tlp.target) == 0;
        return {nullptr, exists ? &downstream_initiator[port] : nullptr, TlpKind::configuration_0};
    }
    return {nullptr, nullptr, tlp.kind};
}

PcieSwitch::Route PcieSwitch::route_up(unsigned port, const tlm::tlm_generic_payload& payload,
                                       const TlpExtension& tlp) {
    if (tlp.kind != TlpKind::memory || !downstream_[port].bus_master_enabled()) {
        return {nullptr, nullptr, tlp.kind};
    }
    if (upstream_.claims(payload.get_address(), payload.get_data_length())) {
        return {nullptr, port_for(payload, port), tlp.kind};
    }
    return {nullptr, upstream_.bus_master_enabled() ? &upstream_initiator : nullptr, tlp.kind};
}

InitiatorSocket<PcieSwitch>* PcieSwitch::port_for(const tlm::tlm_generic_payload& payload, unsigned except) {
    for (unsigned port = 0; port < ports(); ++port) {
        if (port != except && downstream_[port].claims(payload.get_address(), payload.get_data_length())) {
            return &downstream_initiator[port];
        }
    }
    return nullptr;
}

void PcieSwitch::transport(const Route& route, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    delay += latency_;
    if (route.registers != nullptr) {
        serve_configuration(*route.registers, payload);
        return;
    }
    if (route.exit == nullptr) {
        unsupported_requests_ += route.kind == TlpKind::memory ? 1 : 0;
        payload.set_response_status(unsupported_request);
        return;
    }
    tlp_of(payload).kind = route.kind;
    (*route.exit)->b_transport(payload, delay);
    delay += latency_;
}

unsigned PcieSwitch::debug_from_upstream(tlm::tlm_generic_payload& payload) {
    return debug(route_down(payload, tlp_of(payload)), payload);
}

unsigned PcieSwitch::debug_from_downstream(int port, tlm::tlm_generic_payload& payload) {
    return debug(route_up(static_cast<unsigned>(port), payload, tlp_of(payload)), payload);
}

unsigned PcieSwitch::debug(const Route& route, tlm::tlm_generic_payload& payload) {
    if (route.registers != nullptr) {
        return debug_configuration(*route.registers, payload);
    }
    if (route.exit == nullptr) {
        return 0;
    }
    tlp_of(payload).kind = route.kind;
    return (*route.exit)->transport_dbg(payload);
}

}  // namespace aqpim
