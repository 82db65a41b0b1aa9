#include "models/common/base_protocol_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace aqpim {

namespace {

bool is_default(const tlm::tlm_dmi& dmi) {
    return dmi.get_dmi_ptr() == nullptr && dmi.get_start_address() == 0 &&
           dmi.get_end_address() == std::numeric_limits<sc_dt::uint64>::max() && dmi.is_none_allowed() &&
           dmi.get_read_latency() == sc_core::SC_ZERO_TIME && dmi.get_write_latency() == sc_core::SC_ZERO_TIME;
}

}  // namespace

/// Logs a call during which the kernel has run on.
class BaseProtocolChecker::Standstill {
 public:
    Standstill(ViolationLog& log, const Payload& payload) : log_(log), payload_(payload) {}
    ~Standstill() {
        if (sc_core::sc_delta_count() != delta_count_ || sc_core::sc_time_stamp() != time_) {
            log_.add(ProtocolRule::no_wait, payload_, "the callee has waited");
        }
    }
    Standstill(const Standstill&) = delete;
    Standstill& operator=(const Standstill&) = delete;

 private:
    ViolationLog& log_;
    const Payload& payload_;
    std::uint64_t delta_count_ = sc_core::sc_delta_count();
    sc_core::sc_time time_ = sc_core::sc_time_stamp();
};

/// Keeps a payload alive during a call that may end its life.
class BaseProtocolChecker::Hold {
 public:
    explicit Hold(Payload& payload) : payload_(payload), held_(payload.has_mm()) {
        if (held_) {
            payload_.acquire();
        }
    }
    ~Hold() {
        if (held_) {
            payload_.release();
        }
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

 private:
    Payload& payload_;
    bool held_;
};

BaseProtocolChecker::BaseProtocolChecker(sc_core::sc_module_name name, Downstream downstream)
    : sc_module(name),
      target("target"),
      initiator("initiator"),
      downstream_(downstream),
      log_(this->name()),
      hop_(downstream, log_) {
    target.register_b_transport(this, &BaseProtocolChecker::b_transport);
    target.register_nb_transport_fw(this, &BaseProtocolChecker::nb_transport_fw);
    target.register_transport_dbg(this, &BaseProtocolChecker::transport_dbg);
    target.register_get_direct_mem_ptr(this, &BaseProtocolChecker::get_direct_mem_ptr);
    initiator.register_nb_transport_bw(this, &BaseProtocolChecker::nb_transport_bw);
    initiator.register_invalidate_direct_mem_ptr(this, &BaseProtocolChecker::invalidate_direct_mem_ptr);
}

BaseProtocolChecker::~BaseProtocolChecker() = default;

void BaseProtocolChecker::b_transport(Payload& payload, sc_core::sc_time& delay) {
    ++blocking_calls_;
    check_b_transport(payload);
    const bool in_range = log_.check_range(payload, delay);
    const sc_core::sc_time start = sc_core::sc_time_stamp() + delay;
    PayloadWatch watch(payload, downstream_);
    blocking_.push_back(&payload);

    initiator->b_transport(payload, delay);

    blocking_.erase(std::find(blocking_.begin(), blocking_.end(), &payload));
    watch.look(payload, log_);
    watch.respond(payload, log_);
    if (log_.check_range(payload, delay) && in_range && sc_core::sc_time_stamp() + delay < start) {
        log_.add(ProtocolRule::time_order, payload, fmt::format("b_transport began at {}", start.to_string()));
    }
}

void BaseProtocolChecker::check_b_transport(const Payload& payload) {
    if (is_in_b_transport(payload) || hop_.is_in_flight(payload)) {
        log_.add(ProtocolRule::payload_in_use, payload, "b_transport with a payload that is under way");
    }
    if (sc_core::sc_get_current_process_handle().proc_kind() == sc_core::SC_METHOD_PROC_) {
        log_.add(ProtocolRule::method_process, payload, "b_transport from a method process");
    }
    check_request(payload, log_);
}

bool BaseProtocolChecker::is_in_b_transport(const Payload& payload) const {
    return std::find(blocking_.begin(), blocking_.end(), &payload) != blocking_.end();
}

tlm::tlm_sync_enum BaseProtocolChecker::nb_transport_fw(Payload& payload, tlm::tlm_phase& phase,
                                                        sc_core::sc_time& delay) {
    if (backward_calls_ != 0) {
        log_.add(ProtocolRule::call_direction, payload, "nb_transport_fw from within nb_transport_bw");
    }
    if (phase == tlm::BEGIN_REQ && is_in_b_transport(payload)) {
        log_.add(ProtocolRule::payload_in_use, payload, "BEGIN_REQ of a payload that is in b_transport");
    }
    ++forward_calls_;
    const tlm::tlm_sync_enum status = pass_on(payload, phase, delay, NonblockingHop::Side::initiator,
                                              [&] { return initiator->nb_transport_fw(payload, phase, delay); });
    --forward_calls_;
    return status;
}

tlm::tlm_sync_enum BaseProtocolChecker::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase,
                                                        sc_core::sc_time& delay) {
    if (forward_calls_ != 0) {
        log_.add(ProtocolRule::call_direction, payload, "nb_transport_bw from within nb_transport_fw");
    }
    ++backward_calls_;
    const tlm::tlm_sync_enum status = pass_on(payload, phase, delay, NonblockingHop::Side::target,
                                              [&] { return target->nb_transport_bw(payload, phase, delay); });
    --backward_calls_;
    return status;
}

template <class Transport>
tlm::tlm_sync_enum BaseProtocolChecker::pass_on(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay,
                                                NonblockingHop::Side caller, Transport transport) {
    using Side = NonblockingHop::Side;
    const NonblockingHop::Timing before{phase, delay};
    hop_.call(payload, caller, before);
    const Hold hold(payload);
    const tlm::tlm_sync_enum status = [&] {
        const Standstill standstill(log_, payload);
        return transport();
    }();
    hop_.returned(payload, caller == Side::initiator ? Side::target : Side::initiator, status, before, {phase, delay});
    return status;
}

unsigned BaseProtocolChecker::transport_dbg(Payload& payload) {
    const Standstill standstill(log_, payload);
    const Payload& seen = payload;
    const auto command = seen.get_command();
    const auto address = seen.get_address();
    const auto* const data = seen.get_data_ptr();
    const unsigned length = seen.get_data_length();
    const auto status = seen.get_response_status();
    const bool minimal = seen.get_gp_option() == tlm::TLM_MIN_PAYLOAD;

    const unsigned bytes = initiator->transport_dbg(payload);

    const bool address_kept = downstream_ == Downstream::interconnect || seen.get_address() == address;
    if (seen.get_command() != command || !address_kept || seen.get_data_ptr() != data ||
        seen.get_data_length() != length) {
        log_.add(ProtocolRule::debug_attributes, payload, "an attribute has changed");
    }
    if (minimal && (seen.get_response_status() != status || seen.get_gp_option() != tlm::TLM_MIN_PAYLOAD)) {
        log_.add(ProtocolRule::debug_attributes, payload, "a response to a payload of the minimal option");
    }
    if (bytes > length) {
        log_.add(ProtocolRule::debug_bytes, payload, fmt::format("{} bytes reached", bytes));
    }
    return bytes;
}

bool BaseProtocolChecker::get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) {
    const Standstill standstill(log_, payload);
    if (payload.get_command() == tlm::TLM_IGNORE_COMMAND || !is_default(dmi)) {
        log_.add(ProtocolRule::dmi_request, payload, "another command, or a descriptor that has been used");
    }
    const std::uint64_t address = payload.get_address();
    const bool granted = initiator->get_direct_mem_ptr(payload, dmi);
    if (granted) {
        check_dmi_grant(payload, address, dmi);
    }
    return granted;
}

void BaseProtocolChecker::check_dmi_grant(const Payload& payload, std::uint64_t address, const tlm::tlm_dmi& dmi) {
    const bool holds = dmi.get_start_address() <= address && address <= dmi.get_end_address();
    if (dmi.get_dmi_ptr() == nullptr || !holds) {
        log_.add(ProtocolRule::dmi_region, payload,
                 fmt::format("granted from {:#x} to {:#x}", dmi.get_start_address(), dmi.get_end_address()));
    }
    if (payload.is_read() ? !dmi.is_read_allowed() : !dmi.is_write_allowed()) {
        log_.add(ProtocolRule::dmi_access, payload, "another access is granted");
    }
}

void BaseProtocolChecker::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
    if (start > end) {
        log_.add(ProtocolRule::dmi_invalidation, fmt::format("from {:#x} to {:#x}", start, end));
    }
    target->invalidate_direct_mem_ptr(start, end);
}

}  // namespace aqpim
