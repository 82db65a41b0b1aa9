#include "models/common/payload_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace aqpim {

namespace {

bool has_data(const tlm::tlm_generic_payload& payload) {
    return payload.get_command() != tlm::TLM_IGNORE_COMMAND;
}

std::size_t hash_of(const unsigned char* bytes, unsigned length) {
    return bytes == nullptr ? 0 : std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes), length});
}

void check_byte_enables(const tlm::tlm_generic_payload& payload, ViolationLog& log) {
    const unsigned char* const enables = payload.get_byte_enable_ptr();
    if (enables == nullptr) {
        return;
    }
    const unsigned length = payload.get_byte_enable_length();
    if (length == 0) {
        log.add(ProtocolRule::byte_enable_length, payload, "byte enables of length 0");
    }
    const auto* const odd = std::find_if(enables, enables + length, [](unsigned char enable) {
        return enable != TLM_BYTE_ENABLED && enable != TLM_BYTE_DISABLED;
    });
    if (odd != enables + length) {
        log.add(ProtocolRule::byte_enable_values, payload, fmt::format("byte enable {} is {:#x}", odd - enables, *odd));
    }
}

void check_data(const tlm::tlm_generic_payload& payload, ViolationLog& log) {
    if (payload.get_data_ptr() == nullptr) {
        log.add(ProtocolRule::data_pointer, payload, "no data pointer");
    }
    if (payload.get_data_length() == 0) {
        log.add(ProtocolRule::data_length, payload, "data length 0");
    }
    if (payload.get_streaming_width() == 0) {
        log.add(ProtocolRule::streaming_width, payload, "streaming width 0");
    }
    check_byte_enables(payload, log);
}

}  // namespace

void check_request(const tlm::tlm_generic_payload& payload, ViolationLog& log) {
    if (has_data(payload)) {
        check_data(payload, log);
    }
    if (payload.get_gp_option() != tlm::TLM_MIN_PAYLOAD) {
        log.add(ProtocolRule::option, payload, "a request with another option");
    }
    if (payload.is_dmi_allowed()) {
        log.add(ProtocolRule::dmi_hint, payload, "a request with the hint set");
    }
    if (payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE) {
        log.add(ProtocolRule::response_at_start, payload,
                fmt::format("a request starts as {}", payload.get_response_string()));
    }
}

PayloadWatch::PayloadWatch(const tlm::tlm_generic_payload& payload, Downstream downstream)
    : downstream_(downstream),
      attributes_(attributes_of(payload)),
      address_(payload.get_address()),
      option_(payload.get_gp_option()),
      written_(hash_of_written()),
      byte_enables_(hash_of_byte_enables()) {}

void PayloadWatch::look(const tlm::tlm_generic_payload& payload, ViolationLog& log) {
    const Attributes attributes = attributes_of(payload);
    if (attributes != attributes_) {
        log.add(ProtocolRule::constant_attributes, payload, "an attribute has changed");
        *this = PayloadWatch(payload, downstream_);
        return;
    }
    look_at_arrays(payload, log);
    if (downstream_ == Downstream::target && payload.get_address() != address_) {
        log.add(ProtocolRule::constant_address, payload, fmt::format("the address was {:#x}", address_));
        address_ = payload.get_address();
    }
    if (payload.get_gp_option() != option_) {
        log.add(ProtocolRule::option, payload, "the option has changed");
        option_ = payload.get_gp_option();
    }
    if (responded_ && (payload.get_response_status() != status_ || payload.is_dmi_allowed() != dmi_hint_)) {
        log.add(ProtocolRule::response_final, payload,
                fmt::format("the response has become {}", payload.get_response_string()));
        responded_ = false;
    }
}

void PayloadWatch::look_at_arrays(const tlm::tlm_generic_payload& payload, ViolationLog& log) {
    if (const std::size_t hash = hash_of_written(); hash != written_) {
        log.add(ProtocolRule::constant_write_data, payload, "the data has changed");
        written_ = hash;
    }
    if (const std::size_t hash = hash_of_byte_enables(); hash != byte_enables_) {
        log.add(ProtocolRule::constant_byte_enables, payload, "a byte enable has changed");
        byte_enables_ = hash;
    }
}

void PayloadWatch::respond(const tlm::tlm_generic_payload& payload, ViolationLog& log) {
    responded_ = true;
    status_ = payload.get_response_status();
    dmi_hint_ = payload.is_dmi_allowed();
    if (status_ == tlm::TLM_INCOMPLETE_RESPONSE) {
        log.add(ProtocolRule::response_set, payload, "a response without a status");
    }
}

PayloadWatch::Attributes PayloadWatch::attributes_of(const tlm::tlm_generic_payload& payload) {
    return {payload.get_command(),         payload.get_data_ptr(),           payload.get_data_length(),
            payload.get_byte_enable_ptr(), payload.get_byte_enable_length(), payload.get_streaming_width()};
}

std::size_t PayloadWatch::hash_of_written() const {
    return attributes_.command == tlm::TLM_WRITE_COMMAND ? hash_of(attributes_.data, attributes_.length) : 0;
}

std::size_t PayloadWatch::hash_of_byte_enables() const {
    return hash_of(attributes_.byte_enables, attributes_.byte_enable_length);
}

}  // namespace aqpim
