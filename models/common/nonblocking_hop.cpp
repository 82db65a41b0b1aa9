#include "models/common/nonblocking_hop.h"

#include <fmt/format.h>

#include <sstream>

namespace aqpim {

namespace {

std::string name_of(const tlm::tlm_phase& phase) {
    std::ostringstream text;
    text << phase;
    return text.str();
}

bool is_base_phase(const tlm::tlm_phase& phase) {
    return phase >= tlm::BEGIN_REQ && phase <= tlm::END_RESP;
}

}  // namespace

void NonblockingHop::call(const Payload& payload, Side caller, const Timing& timing) {
    if (!payload.has_mm()) {
        log_.add(ProtocolRule::memory_manager, payload, "nb_transport without a memory manager");
    } else if (payload.get_ref_count() <= 0) {
        log_.add(ProtocolRule::reference_count, payload, "nb_transport with a reference count of 0");
    }
    take_phase(payload, caller, timing.phase);
    take_time(payload, timing.delay);
}

void NonblockingHop::returned(const Payload& payload, Side callee, tlm::tlm_sync_enum status, const Timing& before,
                              const Timing& after) {
    switch (status) {
        case tlm::TLM_ACCEPTED:
            if (!(after == before)) {
                log_.add(ProtocolRule::accepted, payload, "TLM_ACCEPTED with another phase or delay");
            }
            if (Flight* const flight = find(payload)) {
                flight->watch.look(payload, log_);
            }
            return;
        case tlm::TLM_UPDATED:
            take_time(payload, after.delay);
            take_phase(payload, callee, after.phase);
            return;
        case tlm::TLM_COMPLETED:
            take_time(payload, after.delay);
            completed(payload, before.phase);
            return;
    }
}

void NonblockingHop::completed(const Payload& payload, const tlm::tlm_phase& called_with) {
    if (called_with != tlm::BEGIN_REQ && called_with != tlm::BEGIN_RESP && called_with != tlm::END_RESP) {
        log_.add(ProtocolRule::completion, payload, fmt::format("TLM_COMPLETED for {}", name_of(called_with)));
    }
    Flight* const flight = find(payload);
    if (flight == nullptr) {
        return;
    }
    flight->watch.look(payload, log_);
    if (called_with == tlm::BEGIN_REQ) {
        send_response(payload, *flight);
    }
    end(payload);
}

void NonblockingHop::take_phase(const Payload& payload, Side sender, const tlm::tlm_phase& phase) {
    if (!is_base_phase(phase)) {
        if (!is_in_flight(payload) || phase == tlm::UNINITIALIZED_PHASE) {
            log_.add(ProtocolRule::ignorable_phase, payload, fmt::format("{} where it may not be", name_of(phase)));
        }
        return;
    }
    const bool downwards = phase == tlm::BEGIN_REQ || phase == tlm::END_RESP;
    if (downwards != (sender == Side::initiator)) {
        log_.add(ProtocolRule::phase_path, payload,
                 fmt::format("{} from the {}", name_of(phase), sender == Side::initiator ? "initiator" : "target"));
        return;
    }
    switch (phase) {
        case tlm::BEGIN_REQ:
            return begin_request(payload);
        case tlm::END_REQ:
            return end_request(payload);
        case tlm::BEGIN_RESP:
            return begin_response(payload);
        default:
            return end_response(payload);
    }
}

void NonblockingHop::take_time(const Payload& payload, const sc_core::sc_time& delay) {
    Flight* const flight = find(payload);
    if (!log_.check_range(payload, delay) || flight == nullptr) {
        return;
    }
    const sc_core::sc_time local_time = sc_core::sc_time_stamp() + delay;
    if (local_time < flight->local_time) {
        log_.add(ProtocolRule::time_order, payload, fmt::format("was at {} before", flight->local_time.to_string()));
    }
    flight->local_time = local_time;
}

void NonblockingHop::begin_request(const Payload& payload) {
    ++requests_;
    if (is_in_flight(payload)) {
        log_.add(ProtocolRule::phase_order, payload, "BEGIN_REQ of a payload that has not had its END_RESP");
        end(payload);
    }
    if (request_ != nullptr) {
        log_.add(ProtocolRule::request_exclusion, payload, "BEGIN_REQ before the END_REQ of the last request");
    }
    check_request(payload, log_);
    flights_.emplace(&payload, Flight{PayloadWatch(payload, downstream_), Phase::request, {}});
    request_ = &payload;
}

void NonblockingHop::end_request(const Payload& payload) {
    Flight* const flight = find(payload);
    if (flight == nullptr || flight->phase != Phase::request) {
        log_.add(ProtocolRule::phase_order, payload, "END_REQ without a BEGIN_REQ just before it");
        return;
    }
    flight->watch.look(payload, log_);
    flight->phase = Phase::request_ended;
    request_ = request_ == &payload ? nullptr : request_;
}

void NonblockingHop::begin_response(const Payload& payload) {
    Flight* const flight = find(payload);
    if (flight == nullptr || flight->phase == Phase::response) {
        log_.add(ProtocolRule::phase_order, payload, "BEGIN_RESP without a request before it");
        return;
    }
    flight->watch.look(payload, log_);
    send_response(payload, *flight);
    response_ = &payload;
}

/// BEGIN_RESP, or TLM_COMPLETED in its place. It implies an END_REQ that was left out.
void NonblockingHop::send_response(const Payload& payload, Flight& flight) {
    if (response_ != nullptr) {
        log_.add(ProtocolRule::response_exclusion, payload, "a response before the END_RESP of the last one");
    }
    flight.phase = Phase::response;
    flight.watch.respond(payload, log_);
    request_ = request_ == &payload ? nullptr : request_;
}

void NonblockingHop::end_response(const Payload& payload) {
    Flight* const flight = find(payload);
    if (flight == nullptr || flight->phase != Phase::response) {
        log_.add(ProtocolRule::phase_order, payload, "END_RESP without a BEGIN_RESP before it");
        return;
    }
    flight->watch.look(payload, log_);
    end(payload);
}

void NonblockingHop::end(const Payload& payload) {
    request_ = request_ == &payload ? nullptr : request_;
    response_ = response_ == &payload ? nullptr : response_;
    flights_.erase(&payload);
}

NonblockingHop::Flight* NonblockingHop::find(const Payload& payload) {
    const auto found = flights_.find(&payload);
    return found == flights_.end() ? nullptr : &found->second;
}

}  // namespace aqpim
