#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aqpim {

/// The rules of the TLM-2.0 base protocol that a BaseProtocolChecker watches over.
enum class ProtocolRule : std::uint8_t {
    phase_path,
    phase_order,
    ignorable_phase,
    completion,
    accepted,
    request_exclusion,
    response_exclusion,
    call_direction,
    no_wait,
    method_process,
    payload_in_use,
    memory_manager,
    reference_count,
    option,
    data_pointer,
    data_length,
    byte_enable_values,
    byte_enable_length,
    streaming_width,
    dmi_hint,
    response_at_start,
    response_set,
    response_final,
    constant_attributes,
    constant_address,
    constant_write_data,
    constant_byte_enables,
    time_range,
    time_order,
    debug_bytes,
    debug_attributes,
    dmi_request,
    dmi_region,
    dmi_access,
    dmi_invalidation,
};
inline constexpr std::size_t protocol_rule_count = 35;

struct ProtocolRuleInfo {
    ProtocolRule rule;
    std::string_view clause;  ///< of IEEE Std 1666-2011
    std::string_view text;
};

inline constexpr std::array<ProtocolRuleInfo, protocol_rule_count> protocol_rules = {{
    {ProtocolRule::phase_path, "15.2.3", "BEGIN_REQ and END_RESP go downstream, END_REQ and BEGIN_RESP upstream"},
    {ProtocolRule::phase_order, "15.2.4", "BEGIN_REQ, END_REQ, BEGIN_RESP, END_RESP follow each other in this order"},
    {ProtocolRule::ignorable_phase, "15.2.5", "a phase beyond the four comes between BEGIN_REQ and END_RESP"},
    {ProtocolRule::completion, "15.2.3", "TLM_COMPLETED answers BEGIN_REQ, BEGIN_RESP or END_RESP"},
    {ProtocolRule::accepted, "11.1.2.7", "TLM_ACCEPTED leaves phase and delay as they were"},
    {ProtocolRule::request_exclusion, "15.2.6", "one request at a time, until END_REQ"},
    {ProtocolRule::response_exclusion, "15.2.6", "one response at a time, until END_RESP"},
    {ProtocolRule::call_direction, "11.1.2.4", "nb_transport of one path does not call that of the other"},
    {ProtocolRule::no_wait, "11.1.2.4", "nb_transport, transport_dbg and get_direct_mem_ptr do not wait"},
    {ProtocolRule::method_process, "11.1.1.4", "b_transport is not called from a method process"},
    {ProtocolRule::payload_in_use, "15.2.8", "a payload is in one transaction at a time"},
    {ProtocolRule::memory_manager, "14.5", "a payload of nb_transport has a memory manager"},
    {ProtocolRule::reference_count, "14.5", "a payload under way has a reference count above zero"},
    {ProtocolRule::option, "14.8", "transport leaves the option at TLM_MIN_PAYLOAD"},
    {ProtocolRule::data_pointer, "14.11", "a read or write has a data pointer"},
    {ProtocolRule::data_length, "14.12", "a read or write has at least one byte"},
    {ProtocolRule::byte_enable_values, "14.13", "a byte enable is 0 or 0xff"},
    {ProtocolRule::byte_enable_length, "14.14", "byte enables have a length above zero"},
    {ProtocolRule::streaming_width, "14.15", "the streaming width is above zero"},
    {ProtocolRule::dmi_hint, "14.16", "the DMI hint is false in a request"},
    {ProtocolRule::response_at_start, "14.17", "a request starts as TLM_INCOMPLETE_RESPONSE"},
    {ProtocolRule::response_set, "14.17", "a response has a status"},
    {ProtocolRule::response_final, "14.7", "response status and DMI hint stay as they were sent"},
    {ProtocolRule::constant_attributes, "14.7", "command, data, byte enables and streaming width are the initiator's"},
    {ProtocolRule::constant_address, "14.10", "a target does not change the address"},
    {ProtocolRule::constant_write_data, "14.11", "what a write carries does not change"},
    {ProtocolRule::constant_byte_enables, "14.13", "byte enables do not change"},
    {ProtocolRule::time_range, "11.1.3", "a delay is not negative"},
    {ProtocolRule::time_order, "15.2.7", "the local time of a transaction does not go back"},
    {ProtocolRule::debug_bytes, "11.3", "transport_dbg reaches at most the bytes asked for"},
    {ProtocolRule::debug_attributes, "11.3", "transport_dbg leaves the attributes as they were"},
    {ProtocolRule::dmi_request, "11.2", "a DMI request is a read or write with a descriptor in its default state"},
    {ProtocolRule::dmi_region, "11.2", "a DMI region that is granted has a pointer and holds the address asked for"},
    {ProtocolRule::dmi_access, "11.2", "a DMI grant covers the access asked for"},
    {ProtocolRule::dmi_invalidation, "11.2", "a DMI invalidation starts at or before its end"},
}};

constexpr std::size_t index_of(ProtocolRule rule) {
    return static_cast<std::size_t>(rule);
}
constexpr const ProtocolRuleInfo& info(ProtocolRule rule) {
    return protocol_rules[index_of(rule)];
}

constexpr bool in_order_of_rule() {
    for (std::size_t i = 0; i < protocol_rule_count; ++i) {
        if (index_of(protocol_rules[i].rule) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order_of_rule());

}  // namespace aqpim
