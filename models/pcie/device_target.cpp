// What reaches a device: requests for its BARs and configuration spaces, resets, errors.
#include <algorithm>
#include <utility>

#include "models/pcie/device.h"
#include "models/pcie/read_ahead.h"
#include "models/pcie/tlp_header.h"

namespace aqpim {

void PcieDevice::reset() {
    bus_ = 0;
    for (unsigned function = 0; function < functions_.size(); ++function) {
        reset_function(function, ResetKind::conventional);
    }
}

void PcieDevice::reset_function(unsigned function, ResetKind kind) {
    Function& of = *functions_[function];
    of.config.reset(kind);
    if (of.msix) {
        of.msix->reset();
    }
    configured(function, id(function), sc_core::SC_ZERO_TIME);
    if (on_reset) {
        on_reset(function);
    }
}

void PcieDevice::from_link(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    delay += latency_;
    tlp_of(payload).kind == TlpKind::memory ? access_memory(payload, delay) : configure(payload, delay);
}

void PcieDevice::configure(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension& tlp = tlp_of(payload);
    delay += from_ps(std::exchange(tlp.tail_lag, 0));
    const auto function = addressed_function(tlp.kind == TlpKind::configuration_0, tlp.target);
    if (!function) {
        payload.set_response_status(unsupported_request);
        return;
    }
    serve_configuration(functions_[*function]->config, payload);
    if (payload.is_write()) {
        configured(*function, tlp.target, delay);
    }
}

std::optional<unsigned> PcieDevice::addressed_function(bool type_0, RoutingId target) const {
    const bool here = type_0 && device_of(target) == 0 && function_of(target) < functions_.size();
    return here ? std::optional(function_of(target)) : std::nullopt;
}

/// What follows from a write to a function's configuration.
void PcieDevice::configured(unsigned function, RoutingId target, const sc_core::sc_time& delay) {
    Function& of = *functions_[function];
    bus_ = bus_of(target);
    if (of.config.take_function_level_reset()) {
        reset_function(function, ResetKind::function_level);
        return;
    }
    PcieParameters sizes = parameters_;
    sizes.max_payload = of.config.max_payload();
    sizes.max_read_request = of.config.max_read_request();
    of.format = TlpFormat(sizes);
    if (function == 0) {
        port_.requester().set_sizes(sizes.max_payload, sizes.max_read_request);
        port_.requester().set_tags(of.config.tags());
        tags_.set_capacity(of.config.tags());
        port_.requester().set_timeout(of.config.completion_timeout());
        port_.completer().set_max_payload(sizes.max_payload);
    }
    if (of.msix) {
        of.msix->send_pending(delay);
    }
}

void PcieDevice::access_memory(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension& tlp = tlp_of(payload);
    const Picoseconds first = local_time_ps(delay);
    delay += from_ps(std::exchange(tlp.tail_lag, 0));
    const Picoseconds last = local_time_ps(delay);
    if (payload.is_write()) {
        flights_.add(tlp.sent, last);
    }
    if (const auto target = find_target(payload.get_address(), payload.get_data_length())) {
        deliver_transfer(*target, payload, tlp, delay);
        if (payload.get_response_status() == tlm::TLM_GENERIC_ERROR_RESPONSE) {
            report(target->function, UncorrectableError::completer_abort, header_log(payload, tlp),
                   completer_advisory(payload.is_write()), delay);
        }
    } else {
        ++unsupported_requests_;
        payload.set_response_status(unsupported_request);
        report(0, UncorrectableError::unsupported_request, header_log(payload, tlp),
               completer_advisory(payload.is_write()), delay);
    }
    if (payload.is_write()) {
        tlp.stalled +=
            posted_room_.stall(payload.get_data_length(), tlp.room_on_the_way, {first, last}, local_time_ps(delay));
    }
}

void PcieDevice::deliver_transfer(const Target& target, tlm::tlm_generic_payload& payload, TlpExtension& tlp,
                                  sc_core::sc_time& delay) {
    if (payload.is_write()) {
        deliver(target, payload, delay);
        return;
    }
    const std::uint64_t base = payload.get_address() - target.hit.offset;
    read_ahead(payload, tlp, delay, parameters_.max_read_request, [&](auto& part, auto& part_delay) {
        deliver({target.function, {target.hit.index, part.get_address() - base}}, part, part_delay);
    });
}

std::optional<PcieDevice::Target> PcieDevice::find_target(std::uint64_t address, std::uint64_t bytes) const {
    for (unsigned function = 0; function < functions_.size(); ++function) {
        if (const auto hit = functions_[function]->config.find_bar(address, bytes)) {
            return Target{function, *hit};
        }
    }
    return std::nullopt;
}

void PcieDevice::deliver(const Target& target, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const std::uint64_t address = payload.get_address();
    Function& function = *functions_[target.function];
    payload.set_address(target.hit.offset);
    const auto core = function.bars.find(target.hit.index);
    if (core == function.bars.end()) {
        function.msix->transport(payload, delay);
    } else {
        (*core->second)->b_transport(payload, delay);
    }
    payload.set_address(address);
}

unsigned PcieDevice::debug_from_link(tlm::tlm_generic_payload& payload) {
    const TlpExtension& tlp = tlp_of(payload);
    if (tlp.kind != TlpKind::memory) {
        const auto function = addressed_function(tlp.kind == TlpKind::configuration_0, tlp.target);
        return function ? debug_configuration(functions_[*function]->config, payload) : 0;
    }
    const auto target = find_target(payload.get_address(), payload.get_data_length());
    return target ? debug_deliver(*target, payload) : 0;
}

unsigned PcieDevice::debug_deliver(const Target& target, tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    Function& function = *functions_[target.function];
    payload.set_address(target.hit.offset);
    const auto core = function.bars.find(target.hit.index);
    const unsigned bytes =
        core == function.bars.end() ? function.msix->debug_read(payload) : (*core->second)->transport_dbg(payload);
    payload.set_address(address);
    return bytes;
}

pcie::CompleterTarget::Served PcieDevice::serve(const pcie::Tlp& request, std::uint8_t* data, Picoseconds at) {
    const bool is_memory = request.type == pcie::TlpType::memory_read || request.type == pcie::TlpType::memory_write;
    return is_memory ? serve_memory_tlp(request, data, at) : serve_configuration_tlp(request, data, at);
}

pcie::CompleterTarget::Served PcieDevice::serve_configuration_tlp(const pcie::Tlp& request, std::uint8_t* data,
                                                                  Picoseconds at) {
    const auto function = addressed_function(!request.type_1, request.target);
    if (function) {
        functions_[*function]->config.set_transactions_pending(port_.requester().is_busy());
    }
    const bool served = function && serve_configuration(functions_[*function]->config, request, data);
    if (served && request.type == pcie::TlpType::configuration_write) {
        configured(*function, request.target, delay_until(at));
    }
    return {served ? pcie::CompletionStatus::success : pcie::CompletionStatus::unsupported_request, at};
}

pcie::CompleterTarget::Served PcieDevice::serve_memory_tlp(const pcie::Tlp& request, std::uint8_t* data,
                                                           Picoseconds at) {
    const auto target = find_target(request.address, request.bytes);
    const Advisory advisory = completer_advisory(request.flow() == pcie::FlowClass::posted);
    if (!target) {
        ++unsupported_requests_;
        report(0, UncorrectableError::unsupported_request, header_log(request), advisory, delay_until(at));
        return {pcie::CompletionStatus::unsupported_request, at};
    }
    if (request.poisoned) {
        report(target->function, UncorrectableError::poisoned_tlp, header_log(request), Advisory::no, delay_until(at));
        return {pcie::CompletionStatus::success, at};
    }
    flights_.add(request.transaction->sent, at);
    const Served served =
        served_.serve(request, data, at, [&](auto& payload, auto& delay) { deliver(*target, payload, delay); });
    if (served.status == pcie::CompletionStatus::completer_abort) {
        report(target->function, UncorrectableError::completer_abort, header_log(request), advisory, delay_until(at));
    }
    return served;
}

RoutingId PcieDevice::completer_id(const pcie::Tlp& request) const {
    const auto target = find_target(request.address, request.bytes);
    return id(target ? target->function : 0);
}

void PcieDevice::note_failure(unsigned function, tlm::tlm_response_status status) {
    if (status == tlm::TLM_OK_RESPONSE) {
        return;
    }
    ++failed_requests_;
    if (status == unsupported_request) {
        functions_[function]->config.received_unsupported_request();
    } else if (status == tlm::TLM_GENERIC_ERROR_RESPONSE) {
        functions_[function]->config.received_completer_abort();
    }
}

void PcieDevice::report(unsigned function, UncorrectableError error, const HeaderLog& header, Advisory advisory,
                        const sc_core::sc_time& delay) {
    send_error_message(function, functions_[function]->config.report(error, header, advisory), delay);
}

void PcieDevice::send_error_message(unsigned function, ErrorMessage message, sc_core::sc_time delay) {
    if (message == ErrorMessage::none) {
        return;
    }
    if (parameters_.is_detailed()) {
        tlps_.send_message(id(function), message_code(message), delay);
        return;
    }
    TlpExtension tlp = extension_of(function, delay);
    tlp.kind = TlpKind::message;
    tlp.message = message;
    MessagePayload payload(tlp);
    link_initiator->b_transport(payload.get(), delay);
}

void PcieDevice::timed_out(const pcie::Transaction& transaction) {
    report(function_of(transaction.requester), UncorrectableError::completion_timeout, {}, Advisory::yes,
           delay_until(scheduler_.events().now()));
}

void PcieDevice::link_error(CorrectableError error) {
    send_error_message(0, functions_[0]->config.report(error), delay_until(scheduler_.events().now()));
}

void PcieDevice::poisoned_completion(const pcie::Tlp& completion) {
    report(function_of(completion.requester), UncorrectableError::poisoned_tlp, header_log(completion), Advisory::no,
           delay_until(scheduler_.events().now()));
}

void PcieDevice::unexpected_completion(const pcie::Tlp& completion) {
    report(0, UncorrectableError::unexpected_completion, header_log(completion), Advisory::yes,
           delay_until(scheduler_.events().now()));
}

/// Going down is a hot reset for what is below.
void PcieDevice::link_changed(bool up) {
    if (!up) {
        port_.link_down(to_ps(sc_core::sc_time_stamp()));
        reset();
    }
}

}  // namespace aqpim
