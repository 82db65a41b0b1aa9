// The devices' side of the root complex: what comes up through its port.
#include <algorithm>
#include <utility>

#include "models/pcie/read_ahead.h"
#include "models/pcie/root_complex.h"
#include "models/pcie/root_ids.h"
#include "models/pcie/served_payload.h"
#include "models/pcie/tlp_header.h"

namespace aqpim {

bool PcieRootComplex::passes_up(std::uint64_t address, std::uint64_t bytes) const {
    return root_port_.bus_master_enabled() && !root_port_.claims(address, bytes);
}

bool PcieRootComplex::goes_down_again(std::uint64_t address, std::uint64_t bytes) const {
    return root_port_.bus_master_enabled() && root_port_.claims(address, bytes);
}

void PcieRootComplex::from_device(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension& tlp = tlp_of(payload);
    delay += latency_;
    if (tlp.kind == TlpKind::message) {
        root_port_.receive_error_message(tlp.message, tlp.requester);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    } else if (tlp.kind == TlpKind::memory && goes_down_again(payload.get_address(), payload.get_data_length())) {
        port_initiator->b_transport(payload, delay);
        delay += latency_;
    } else if (tlp.kind == TlpKind::memory && passes_up(payload.get_address(), payload.get_data_length())) {
        to_host(payload, delay);
    } else {
        report(UncorrectableError::unsupported_request, header_log(payload, tlp),
               completer_advisory(payload.is_write()));
        payload.set_response_status(unsupported_request);
    }
}

void PcieRootComplex::to_host(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension& tlp = tlp_of(payload);
    if (!payload.is_write()) {
        read_ahead(payload, tlp, delay, parameters_.max_read_request,
                   [this](auto& part, auto& part_delay) { memory->b_transport(part, part_delay); });
        delay += latency_;
        return;
    }
    const Picoseconds first = local_time_ps(delay);
    delay += from_ps(std::exchange(tlp.tail_lag, 0));
    const Picoseconds last = local_time_ps(delay);
    flights_.add(tlp.sent, last);
    memory->b_transport(payload, delay);
    tlp.stalled +=
        posted_room_.stall(payload.get_data_length(), tlp.room_on_the_way, {first, last}, local_time_ps(delay));
    delay += latency_;
}

unsigned PcieRootComplex::debug_from_device(tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    const std::uint64_t bytes = payload.get_data_length();
    if (tlp_of(payload).kind != TlpKind::memory) {
        return 0;
    }
    if (goes_down_again(address, bytes)) {
        return port_initiator->transport_dbg(payload);
    }
    return passes_up(address, bytes) ? memory->transport_dbg(payload) : 0;
}

pcie::CompleterTarget::Served PcieRootComplex::serve(const pcie::Tlp& request, std::uint8_t* data, Picoseconds at) {
    if (request.type == pcie::TlpType::message) {
        root_port_.receive_error_message(message_of(request.message_code), request.requester);
        return {pcie::CompletionStatus::success, at};
    }
    const bool is_memory = request.type == pcie::TlpType::memory_read || request.type == pcie::TlpType::memory_write;
    const bool posted = request.flow() == pcie::FlowClass::posted;
    if (!is_memory || !passes_up(request.address, request.bytes)) {
        report(UncorrectableError::unsupported_request, header_log(request), completer_advisory(posted));
        return {pcie::CompletionStatus::unsupported_request, at};
    }
    if (request.poisoned) {
        report(UncorrectableError::poisoned_tlp, header_log(request), Advisory::no);
        return {pcie::CompletionStatus::success, at};
    }
    flights_.add(request.transaction->sent, at);
    return served_.serve(request, data, at,
                         [this](auto& payload, auto& delay) { memory->b_transport(payload, delay); });
}

RoutingId PcieRootComplex::completer_id(const pcie::Tlp&) const {
    return host_bridge_id;
}

/// What devices ask of each other, and the answers, where a switch has sent both up.
bool PcieRootComplex::reflects(const pcie::Tlp& tlp) const {
    if (!root_port_.claims_bus(bus_of(tlp.requester)) || tlp.type == pcie::TlpType::message) {
        return false;
    }
    return tlp.flow() == pcie::FlowClass::completion || goes_down_again(tlp.address, tlp.bytes);
}

void PcieRootComplex::timed_out(const pcie::Transaction&) {
    report(UncorrectableError::completion_timeout, {}, Advisory::yes);
}

void PcieRootComplex::link_error(CorrectableError error) {
    root_port_.note_root_error(root_port_.report(error), root_port_id);
}

void PcieRootComplex::unexpected_completion(const pcie::Tlp& completion) {
    report(UncorrectableError::unexpected_completion, header_log(completion), Advisory::yes);
}

void PcieRootComplex::poisoned_completion(const pcie::Tlp& completion) {
    report(UncorrectableError::poisoned_tlp, header_log(completion), Advisory::no);
}

void PcieRootComplex::report(UncorrectableError error, const HeaderLog& header, Advisory advisory) {
    root_port_.note_root_error(root_port_.report(error, header, advisory), root_port_id);
}

void PcieRootComplex::follow_controls() {
    if (link_ != nullptr) {
        link_->hold(root_port_.link_disabled() || root_port_.secondary_bus_reset());
    }
}

void PcieRootComplex::link_changed(bool up, LinkChange why) {
    root_port_.set_link_up(up);
    if (up) {
        return;
    }
    port_.link_down(to_ps(sc_core::sc_time_stamp()));
    if (why == LinkChange::surprise) {
        report(UncorrectableError::surprise_down, {}, Advisory::no);
    }
}

}  // namespace aqpim
