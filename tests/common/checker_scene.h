#pragma once

#include <array>
#include <functional>
#include <vector>

#include "models/common/base_protocol_checker.h"

// A checker between an initiator and a target that do as the test says.
namespace aqpim {

using Payload = tlm::tlm_generic_payload;
using Rules = std::vector<ProtocolRule>;
using Rule = ProtocolRule;
using NonblockingCall = std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&, sc_core::sc_time&)>;

inline tlm::tlm_sync_enum accept(Payload&, tlm::tlm_phase&, sc_core::sc_time&) {
    return tlm::TLM_ACCEPTED;
}

inline sc_core::sc_time ns(double count) {
    return {count, sc_core::SC_NS};
}

struct Initiator : sc_core::sc_module {
    explicit Initiator(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
        socket.register_nb_transport_bw(this, &Initiator::nb_transport_bw);
    }
    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        return answer(payload, phase, delay);
    }
    InitiatorSocket<Initiator> socket;
    NonblockingCall answer = accept;
};

struct Target : sc_core::sc_module {
    explicit Target(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
        socket.register_b_transport(this, &Target::b_transport);
        socket.register_nb_transport_fw(this, &Target::nb_transport_fw);
        socket.register_transport_dbg(this, &Target::transport_dbg);
        socket.register_get_direct_mem_ptr(this, &Target::get_direct_mem_ptr);
    }
    void b_transport(Payload& payload, sc_core::sc_time& delay) { serve(payload, delay); }
    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        return answer(payload, phase, delay);
    }
    unsigned transport_dbg(Payload& payload) { return debug(payload); }
    bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) { return grant(payload, dmi); }

    tlm_utils::passthrough_target_socket<Target, bus_width_bits> socket;
    NonblockingCall answer = accept;
    std::function<void(Payload&, sc_core::sc_time&)> serve = [](Payload& payload, sc_core::sc_time&) {
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    };
    std::function<unsigned(Payload&)> debug = [](Payload& payload) { return payload.get_data_length(); };
    std::function<bool(Payload&, tlm::tlm_dmi&)> grant = [](Payload&, tlm::tlm_dmi&) { return false; };
};

struct Rig : tlm::tlm_mm_interface {
    explicit Rig(Downstream downstream = Downstream::target) : checker("checker", downstream) {
        initiator.socket.bind(checker.target);
        checker.initiator.bind(target.socket);
        for (Payload& payload : payloads) {
            prepare(payload);
            payload.set_mm(this);
            payload.acquire();
        }
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
    void free(Payload*) override {}

    /// A write of eight bytes at 0x40.
    void prepare(Payload& payload) {
        payload.set_command(tlm::TLM_WRITE_COMMAND);
        payload.set_address(0x40);
        payload.set_data_ptr(data.data());
        payload.set_data_length(8);
        payload.set_streaming_width(8);
        payload.set_byte_enable_ptr(nullptr);
        payload.set_dmi_allowed(false);
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    }
    void send(Payload& payload, tlm::tlm_phase phase, sc_core::sc_time delay = {}) {
        initiator.socket->nb_transport_fw(payload, phase, delay);
    }
    void reply(Payload& payload, tlm::tlm_phase phase, sc_core::sc_time delay = {}) {
        target.socket->nb_transport_bw(payload, phase, delay);
    }
    void respond(Payload& payload, sc_core::sc_time delay = {}) {
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        reply(payload, tlm::BEGIN_RESP, delay);
    }
    void transport(Payload& payload) {
        sc_core::sc_time delay;
        initiator.socket->b_transport(payload, delay);
    }
    /// Lets the kernel carry `action` out.
    void run_process(const std::function<void()>& action, const sc_core::sc_spawn_options* options = nullptr) {
        sc_core::sc_spawn(action, sc_core::sc_gen_unique_name("process"), options);
        sc_core::sc_start(ns(10));
    }

    /// The rules that `action` breaks, each as often as it does.
    Rules broken_by(const std::function<void()>& action) {
        std::array<std::uint64_t, protocol_rule_count> before{};
        for (const ProtocolRuleInfo& rule : protocol_rules) {
            before[index_of(rule.rule)] = checker.violations().count(rule.rule);
        }
        action();
        Rules broken;
        for (const ProtocolRuleInfo& rule : protocol_rules) {
            broken.insert(broken.end(), checker.violations().count(rule.rule) - before[index_of(rule.rule)], rule.rule);
        }
        return broken;
    }

    std::array<std::uint8_t, 64> data{};
    std::array<std::uint8_t, 4> enables{TLM_BYTE_ENABLED, TLM_BYTE_DISABLED, TLM_BYTE_ENABLED, TLM_BYTE_ENABLED};
    std::array<Payload, 3> payloads;
    Payload& payload = payloads[0];
    Payload& other = payloads[1];
    Payload& third = payloads[2];
    Initiator initiator{"initiator"};
    BaseProtocolChecker checker;
    Target target{"target"};
};

/// Answers with TLM_COMPLETED, and a status.
inline tlm::tlm_sync_enum complete(Payload& payload, tlm::tlm_phase&, sc_core::sc_time&) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    return tlm::TLM_COMPLETED;
}

/// Answers with TLM_UPDATED, that phase and, for BEGIN_RESP, a status.
inline NonblockingCall update(tlm::tlm_phase_enum to) {
    return [to](Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
        if (to == tlm::BEGIN_RESP) {
            payload.set_response_status(tlm::TLM_OK_RESPONSE);
        }
        phase = to;
        return tlm::TLM_UPDATED;
    };
}

inline const Rules none;

}  // namespace aqpim
