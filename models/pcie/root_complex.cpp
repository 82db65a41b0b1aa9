#include "models/pcie/root_complex.h"

#include <cstring>

#include "aqpim/pci_ids.h"

namespace aqpim {

namespace {

constexpr unsigned register_bits = 12;
constexpr std::uint64_t register_mask = (1u << register_bits) - 1;
constexpr RoutingId host_bridge = routing_id(0, 0, 0);
constexpr RoutingId root_port = routing_id(0, 1, 0);

void fill_with_ones(tlm::tlm_generic_payload& payload) {
    if (payload.is_read()) {
        std::memset(payload.get_data_ptr(), 0xff, payload.get_data_length());
    }
}

/// True if the host's bus has led a device's request back here, where no way goes down again.
bool is_from_device(const tlm::tlm_generic_payload& payload) {
    return payload.get_extension<TlpExtension>() != nullptr;
}

RoutingId ecam_target(std::uint64_t offset) {
    return static_cast<RoutingId>(offset >> register_bits);
}

}  // namespace

PcieRootComplex::PcieRootComplex(sc_core::sc_module_name name, const PcieParameters& parameters, Recorder& recorder)
    : sc_module(name),
      ecam("ecam"),
      mmio("mmio"),
      memory("memory"),
      port_initiator("port_initiator"),
      port_target("port_target"),
      latency_(from_ps(parameters.root_latency_ps)),
      root_port_(AQPIM_PCI_DEVICE_ROOT_PORT, PciePortType::root_port, parameters),
      flights_(recorder, std::string("pcie.") + basename()) {
    ecam.register_b_transport(this, &PcieRootComplex::configure);
    ecam.register_transport_dbg(this, &PcieRootComplex::debug_configure);
    mmio.register_b_transport(this, &PcieRootComplex::from_host);
    mmio.register_transport_dbg(this, &PcieRootComplex::debug_from_host);
    port_target.register_b_transport(this, &PcieRootComplex::from_device);
    port_target.register_transport_dbg(this, &PcieRootComplex::debug_from_device);
}

void PcieRootComplex::reset() {
    host_bridge_.reset();
    root_port_.reset();
}

void PcieRootComplex::configure(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (!is_plain_burst(payload)) {
        return;
    }
    const std::uint64_t offset = payload.get_address();
    if (is_from_device(payload)) {
        payload.set_response_status(unsupported_request);
        return;
    }
    if (!ConfigSpace::is_access(offset & register_mask, payload.get_data_length())) {
        payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return;
    }
    delay += latency_;
    payload.set_address(offset & register_mask);
    TlpExtension tlp;
    if (ConfigSpace* const function = own_function(ecam_target(offset))) {
        serve_configuration(*function, payload);
    } else if (route_configuration(ecam_target(offset), tlp)) {
        const TlpLoan loan(payload, tlp);
        tlp.sent = local_time_ps(delay);
        port_initiator->b_transport(payload, delay);
        delay += latency_;
        flights_.add(tlp.sent, local_time_ps(delay));
    } else {
        payload.set_response_status(unsupported_request);
    }
    if (!payload.is_response_ok()) {
        fill_with_ones(payload);
    }
    payload.set_address(offset);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned PcieRootComplex::debug_configure(tlm::tlm_generic_payload& payload) {
    const std::uint64_t offset = payload.get_address();
    unsigned bytes = 0;
    TlpExtension tlp;
    payload.set_address(offset & register_mask);
    if (const ConfigSpace* const function = own_function(ecam_target(offset))) {
        bytes = debug_configuration(*function, payload);
    } else if (route_configuration(ecam_target(offset), tlp)) {
        const TlpLoan loan(payload, tlp);
        bytes = port_initiator->transport_dbg(payload);
    }
    payload.set_address(offset);
    return bytes;
}

ConfigSpace* PcieRootComplex::own_function(RoutingId target) {
    switch (target) {
        case host_bridge:
            return &host_bridge_;
        case root_port:
            return &root_port_;
        default:
            return nullptr;
    }
}

bool PcieRootComplex::route_configuration(RoutingId target, TlpExtension& tlp) const {
    const unsigned bus = bus_of(target);
    if (!root_port_.claims_bus(bus)) {
        return false;
    }
    const bool on_link = bus == root_port_.secondary_bus();
    tlp.kind = on_link ? TlpKind::configuration_0 : TlpKind::configuration_1;
    tlp.requester = host_bridge;
    tlp.target = target;
    return !on_link || device_of(target) == 0;
}

void PcieRootComplex::from_host(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (!is_plain_burst(payload)) {
        return;
    }
    if (is_from_device(payload)) {
        payload.set_response_status(unsupported_request);
        return;
    }
    if (root_port_.claims(payload.get_address(), payload.get_data_length())) {
        payload.is_write() ? post(payload, delay) : read(payload, delay);
    } else {
        delay += latency_;
        payload.set_response_status(unsupported_request);
    }
    if (!payload.is_response_ok()) {
        ++unsupported_requests_;
        fill_with_ones(payload);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
}

void PcieRootComplex::read(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension tlp;
    tlp.requester = host_bridge;
    const TlpLoan loan(payload, tlp);
    tlp.sent = local_time_ps(delay);
    delay += latency_;
    port_initiator->b_transport(payload, delay);
    delay += from_ps(tlp.tail_lag) + latency_;
    flights_.add(tlp.sent, local_time_ps(delay));
}

void PcieRootComplex::post(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension tlp;
    tlp.requester = host_bridge;
    const TlpLoan loan(payload, tlp);
    tlp.sent = local_time_ps(delay);
    // The way to the link is a pipeline: the host may go on one traversal before the write has left on the link.
    sc_core::sc_time sent = delay + latency_;
    port_initiator->b_transport(payload, sent);
    delay = sent - latency_;
}

unsigned PcieRootComplex::debug_from_host(tlm::tlm_generic_payload& payload) {
    if (is_from_device(payload) || !root_port_.claims(payload.get_address(), payload.get_data_length())) {
        return 0;
    }
    TlpExtension tlp;
    const TlpLoan loan(payload, tlp);
    return port_initiator->transport_dbg(payload);
}

bool PcieRootComplex::passes_up(const tlm::tlm_generic_payload& payload) const {
    return tlp_of(payload).kind == TlpKind::memory && root_port_.bus_master_enabled() &&
           !root_port_.claims(payload.get_address(), payload.get_data_length());
}

void PcieRootComplex::from_device(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension& tlp = tlp_of(payload);
    delay += latency_;
    if (!passes_up(payload)) {
        payload.set_response_status(unsupported_request);
        return;
    }
    if (payload.is_write()) {
        delay += from_ps(tlp.tail_lag);
        tlp.tail_lag = 0;
        flights_.add(tlp.sent, local_time_ps(delay));
    }
    memory->b_transport(payload, delay);
    delay += latency_;
}

unsigned PcieRootComplex::debug_from_device(tlm::tlm_generic_payload& payload) {
    return passes_up(payload) ? memory->transport_dbg(payload) : 0;
}

}  // namespace aqpim
