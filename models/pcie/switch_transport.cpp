// How transactions and TLPs pass a switch, in both fidelities.
#include "models/pcie/switch.h"
#include "models/pcie/tlp_header.h"

namespace aqpim {

namespace {

TlpKind kind_of(const pcie::Tlp& tlp) {
    switch (tlp.type) {
        case pcie::TlpType::configuration_read:
        case pcie::TlpType::configuration_write:
            return tlp.type_1 ? TlpKind::configuration_1 : TlpKind::configuration_0;
        case pcie::TlpType::message:
            return TlpKind::message;
        default:
            return TlpKind::memory;
    }
}

}  // namespace

void PcieSwitch::from_upstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    transport(upstream_port, payload, delay);
}

void PcieSwitch::from_downstream(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    transport(static_cast<unsigned>(port) + 1, payload, delay);
}

void PcieSwitch::transport(unsigned in_port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    delay += latency_;
    TlpExtension& tlp = tlp_of(payload);
    tlp.room_on_the_way += posted_room(parameters_);
    if (tlp.kind == TlpKind::message) {
        pass_message(in_port, payload, delay);
        return;
    }
    const Route route = find_route(in_port, request_of(payload, tlp));
    if (route.registers != nullptr) {
        tlp.tail_lag = 0;
        serve_configuration(*route.registers, payload);
        if (payload.is_write()) {
            follow_controls();
        }
    } else if (route.port == no_port || !is_up(route.port)) {
        if (tlp.kind == TlpKind::memory) {
            report_unsupported(in_port, header_log(payload, tlp), payload.is_write(), delay);
        }
        tlp.tail_lag = 0;
        payload.set_response_status(unsupported_request);
    } else {
        pass_on(route, payload, delay);
    }
}

void PcieSwitch::pass_on(const Route& route, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    tlp_of(payload).kind = route.kind;
    auto& exit = route.port == upstream_port ? upstream_initiator : downstream_initiator[route.port - 1];
    exit->b_transport(payload, delay);
    delay += latency_;
}

void PcieSwitch::pass_message(unsigned in_port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension& tlp = tlp_of(payload);
    tlp.message = filter(in_port, tlp.message);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if (tlp.message != ErrorMessage::none) {
        upstream_initiator->b_transport(payload, delay);
    }
}

void PcieSwitch::send_message(unsigned port, ErrorMessage message, sc_core::sc_time delay) {
    if (message == ErrorMessage::none) {
        return;
    }
    if (parameters_.is_detailed()) {
        forwarder_.send_message(port, message_code(message), local_time_ps(delay));
        return;
    }
    TlpExtension tlp;
    tlp.kind = TlpKind::message;
    tlp.message = message;
    tlp.requester = port_id(port);
    MessagePayload payload(tlp);
    upstream_initiator->b_transport(payload.get(), delay);
}

unsigned PcieSwitch::debug_from_upstream(tlm::tlm_generic_payload& payload) {
    return debug(upstream_port, payload);
}

unsigned PcieSwitch::debug_from_downstream(int port, tlm::tlm_generic_payload& payload) {
    return debug(static_cast<unsigned>(port) + 1, payload);
}

unsigned PcieSwitch::debug(unsigned in_port, tlm::tlm_generic_payload& payload) {
    TlpExtension& tlp = tlp_of(payload);
    const Route route = find_route(in_port, request_of(payload, tlp));
    if (route.registers != nullptr) {
        return debug_configuration(*route.registers, payload);
    }
    if (route.port == no_port) {
        return 0;
    }
    tlp.kind = route.kind;
    auto& exit = route.port == upstream_port ? upstream_initiator : downstream_initiator[route.port - 1];
    return exit->transport_dbg(payload);
}

PcieSwitch::Request PcieSwitch::request_of(const pcie::Tlp& tlp) {
    return {kind_of(tlp), tlp.address, tlp.bytes, tlp.target};
}

pcie::TlpRoute PcieSwitch::route(unsigned in_port, pcie::Tlp& tlp) {
    using Action = pcie::TlpRoute::Action;
    if (tlp.flow() == pcie::FlowClass::completion) {
        return route_completion(in_port, tlp);
    }
    if (tlp.type == pcie::TlpType::message) {
        return route_message(in_port, tlp);
    }
    const Route route = find_route(in_port, request_of(tlp));
    if (route.registers != nullptr) {
        return {Action::serve};
    }
    tlp.type_1 = route.kind == TlpKind::configuration_1;
    return route.port == no_port ? pcie::TlpRoute{Action::refuse} : pcie::TlpRoute{Action::forward, route.port};
}

pcie::TlpRoute PcieSwitch::route_completion(unsigned in_port, const pcie::Tlp& tlp) {
    const bool redirected = in_port != upstream_port && config(in_port).acs().completion_redirect;
    const unsigned port = redirected ? no_port : port_for_bus(bus_of(tlp.requester), in_port);
    if (port != no_port) {
        return {pcie::TlpRoute::Action::forward, port};
    }
    return in_port == upstream_port ? pcie::TlpRoute{pcie::TlpRoute::Action::discard}
                                    : pcie::TlpRoute{pcie::TlpRoute::Action::forward, upstream_port};
}

pcie::TlpRoute PcieSwitch::route_message(unsigned in_port, pcie::Tlp& tlp) {
    const ErrorMessage message = filter(in_port, message_of(tlp.message_code));
    if (message == ErrorMessage::none) {
        return {pcie::TlpRoute::Action::discard};
    }
    return {pcie::TlpRoute::Action::forward, upstream_port};
}

pcie::CompletionStatus PcieSwitch::serve(const pcie::Tlp& request, std::uint8_t* data) {
    const Route route = route_down(request_of(request));
    const bool served = serve_configuration(*route.registers, request, data);
    if (request.type == pcie::TlpType::configuration_write) {
        follow_controls();
    }
    return served ? pcie::CompletionStatus::success : pcie::CompletionStatus::unsupported_request;
}

RoutingId PcieSwitch::port_id(unsigned port) const {
    return port == upstream_port ? routing_id(upstream_.read(pci_register::primary_bus, 1), 0, 0)
                                 : routing_id(upstream_.secondary_bus(), port - 1, 0);
}

void PcieSwitch::refused(unsigned in_port, const pcie::Tlp& tlp) {
    const TlpKind kind = kind_of(tlp);
    if (tlp.flow() != pcie::FlowClass::completion && kind == TlpKind::memory) {
        report_unsupported(in_port, header_log(tlp), tlp.flow() == pcie::FlowClass::posted,
                           delay_until(scheduler_.events().now()));
    }
}

void PcieSwitch::link_error(unsigned port, CorrectableError error) {
    send_message(port, config(port).report(error), delay_until(scheduler_.events().now()));
}

}  // namespace aqpim
