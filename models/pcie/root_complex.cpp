// The host's side of the root complex: what harts ask of configuration spaces and BARs.
#include "models/pcie/root_complex.h"

#include <cstring>

#include "aqpim/pci_ids.h"
#include "models/pcie/port_seed.h"
#include "models/pcie/root_ids.h"
#include "models/pcie/tlp_header.h"

namespace aqpim {

namespace {

constexpr unsigned register_bits = 12;
constexpr std::uint64_t register_mask = (1u << register_bits) - 1;
/// Posted writes of the host that may wait for the link before the host does. Open; depths are a chip's own.
constexpr unsigned most_posted = 64;

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

pcie::EndLatencies latencies(const PcieParameters& parameters) {
    const Picoseconds each = parameters.root_latency_ps;
    return {each, each, each, each};
}

}  // namespace

PcieRootComplex::PcieRootComplex(sc_core::sc_module_name name, const PcieParameters& parameters,
                                 TlpScheduler& scheduler, Recorder& recorder)
    : sc_module(name),
      ecam("ecam"),
      mmio("mmio"),
      memory("memory"),
      port_initiator("port_initiator"),
      port_target("port_target"),
      parameters_(parameters),
      latency_(from_ps(parameters.root_latency_ps)),
      scheduler_(scheduler),
      root_port_(AQPIM_PCI_DEVICE_ROOT_PORT, PciePortType::root_port, parameters),
      format_(parameters),
      port_(scheduler.events(), parameters, latencies(parameters), *this, recorder, {},
            port_seed(parameters.seed, this->name())),
      tlps_(port_),
      posted_room_(posted_room(parameters)),
      flights_(recorder, std::string("pcie.") + basename()) {
    ecam.register_b_transport(this, &PcieRootComplex::configure);
    ecam.register_transport_dbg(this, &PcieRootComplex::debug_configure);
    mmio.register_b_transport(this, &PcieRootComplex::from_host);
    mmio.register_transport_dbg(this, &PcieRootComplex::debug_from_host);
    port_target.register_b_transport(this, &PcieRootComplex::from_device);
    port_target.register_transport_dbg(this, &PcieRootComplex::debug_from_device);
}

PcieRootComplex::~PcieRootComplex() = default;

PcieLink::End PcieRootComplex::end(PcieLink& link) {
    link_ = &link;
    return {{&port_.transmitter(), &port_, 0},
            [this](bool up, LinkChange why) { link_changed(up, why); },
            end_room(parameters_, parameters_.root_latency_ps)};
}

void PcieRootComplex::reset() {
    host_bridge_.reset();
    root_port_.reset();
    follow_controls();
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
    payload.set_address(offset & register_mask);
    TlpExtension tlp;
    if (ConfigSpace* const function = own_function(ecam_target(offset))) {
        delay += latency_;
        serve_configuration(*function, payload);
        follow_controls();
    } else if (route_configuration(ecam_target(offset), tlp)) {
        send_configuration(payload, tlp, delay);
    } else {
        delay += latency_;
        payload.set_response_status(unsupported_request);
    }
    if (!payload.is_response_ok()) {
        fill_with_ones(payload);
    }
    payload.set_address(offset);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void PcieRootComplex::send_configuration(tlm::tlm_generic_payload& payload, TlpExtension& tlp,
                                         sc_core::sc_time& delay) {
    const Picoseconds sent = local_time_ps(delay);
    if (parameters_.is_detailed()) {
        tlps_.transport(payload, tlp, delay);
    } else {
        const TlpLoan loan(payload, tlp);
        delay += latency_;
        tlp.sent = local_time_ps(delay);
        port_initiator->b_transport(payload, delay);
        delay += from_ps(tlp.tail_lag) + latency_;
        report_spoilt(tlp.spoilt);
    }
    flights_.add(sent, local_time_ps(delay));
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
        case host_bridge_id:
            return &host_bridge_;
        case root_port_id:
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
    tlp.requester = host_bridge_id;
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
    const bool is_there = link_ == nullptr || link_->is_up();
    if (is_there && root_port_.claims(payload.get_address(), payload.get_data_length())) {
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
    tlp.requester = host_bridge_id;
    tlp.format = &format_;
    tlp.sent = local_time_ps(delay);
    if (parameters_.is_detailed()) {
        tlps_.transport(payload, tlp, delay);
    } else {
        const TlpLoan loan(payload, tlp);
        delay += latency_;
        port_initiator->b_transport(payload, delay);
        delay += from_ps(tlp.tail_lag) + latency_;
        report_spoilt(tlp.spoilt);
    }
    flights_.add(tlp.sent, local_time_ps(delay));
}

void PcieRootComplex::report_spoilt(Spoilt spoilt) {
    if (spoilt == Spoilt::lost) {
        report(UncorrectableError::completion_timeout, {}, Advisory::yes);
    } else if (spoilt == Spoilt::poisoned) {
        report(UncorrectableError::poisoned_tlp, {}, Advisory::no);
    }
}

void PcieRootComplex::post(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension tlp;
    tlp.requester = host_bridge_id;
    tlp.format = &format_;
    if (parameters_.is_detailed()) {
        post_tlps(payload, tlp, delay);
        return;
    }
    const TlpLoan loan(payload, tlp);
    tlp.sent = local_time_ps(delay);
    // The way to the link is a pipeline: the host may go on one traversal before the write has left on the link.
    sc_core::sc_time sent = delay + latency_;
    port_initiator->b_transport(payload, sent);
    delay = sent - latency_;
}

void PcieRootComplex::post_tlps(tlm::tlm_generic_payload& payload, const TlpExtension& tlp, sc_core::sc_time& delay) {
    if (tlps_.posting() >= most_posted) {
        sc_core::wait(delay);
        delay = sc_core::SC_ZERO_TIME;
        while (tlps_.posting() >= most_posted) {
            sc_core::wait(tlps_.posted());
        }
    }
    tlps_.post(payload, tlp, delay);
}

unsigned PcieRootComplex::debug_from_host(tlm::tlm_generic_payload& payload) {
    if (is_from_device(payload) || !root_port_.claims(payload.get_address(), payload.get_data_length())) {
        return 0;
    }
    TlpExtension tlp;
    const TlpLoan loan(payload, tlp);
    return port_initiator->transport_dbg(payload);
}

}  // namespace aqpim
