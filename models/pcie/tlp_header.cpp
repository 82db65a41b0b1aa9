#include "models/pcie/tlp_header.h"

namespace aqpim {

namespace {

constexpr std::uint32_t fmt_type_memory = 0x00;
constexpr std::uint32_t fmt_type_configuration_0 = 0x04;
constexpr std::uint32_t fmt_type_message_to_root = 0x30;
constexpr std::uint32_t fmt_type_completion = 0x0a;
constexpr std::uint32_t fmt_4_double_words = 0x20;
constexpr std::uint32_t fmt_with_data = 0x40;
constexpr std::uint8_t error_correctable = 0x30;
constexpr std::uint8_t error_nonfatal = 0x31;
constexpr std::uint8_t error_fatal = 0x33;

struct Fields {
    std::uint32_t fmt_type;
    bool has_data;
    bool poisoned;
    std::uint64_t address;
    std::uint64_t bytes;
    RoutingId requester;
    RoutingId target;
    std::uint16_t tag;
};

std::uint32_t first_double_word(const Fields& f, bool wide) {
    const std::uint32_t fmt_type = f.fmt_type | (wide ? fmt_4_double_words : 0) | (f.has_data ? fmt_with_data : 0);
    const std::uint32_t length = static_cast<std::uint32_t>(double_word_bytes(f.address, f.bytes) / 4) & 0x3ff;
    return fmt_type << 24 | (f.poisoned ? 0x4000u : 0u) | length;
}

/// Byte enables of the first and the last double word.
std::uint32_t byte_enables(const Fields& f) {
    const auto first_byte = static_cast<unsigned>(f.address % 4);
    const auto end_byte = static_cast<unsigned>((f.address + f.bytes + 3) % 4) + 1;
    const bool one = double_word_bytes(f.address, f.bytes) <= 4;
    const std::uint32_t first = 0xfu << first_byte & 0xf;
    const std::uint32_t last = (1u << end_byte) - 1;
    return one ? (first & last) : first | last << 4;
}

HeaderLog memory_header(const Fields& f) {
    const bool wide = f.address >> 32 != 0;
    const std::uint32_t second = std::uint32_t{f.requester} << 16 | (f.tag & 0xffu) << 8 | byte_enables(f);
    const auto low = static_cast<std::uint32_t>(f.address) & ~3u;
    if (!wide) {
        return {first_double_word(f, false), second, low, 0};
    }
    return {first_double_word(f, true), second, static_cast<std::uint32_t>(f.address >> 32), low};
}

HeaderLog configuration_header(const Fields& f) {
    const std::uint32_t second = std::uint32_t{f.requester} << 16 | (f.tag & 0xffu) << 8 | byte_enables(f);
    const auto register_number = static_cast<std::uint32_t>(f.address) & 0xffc;
    return {first_double_word(f, false), second, std::uint32_t{f.target} << 16 | register_number, 0};
}

}  // namespace

HeaderLog header_log(const pcie::Tlp& tlp) {
    Fields fields{fmt_type_memory, tlp.has_data(), tlp.poisoned, tlp.address,
                  tlp.bytes,       tlp.requester,  tlp.target,   tlp.tag};
    switch (tlp.type) {
        case pcie::TlpType::memory_read:
        case pcie::TlpType::memory_write:
            return memory_header(fields);
        case pcie::TlpType::configuration_read:
        case pcie::TlpType::configuration_write:
            fields.fmt_type = fmt_type_configuration_0 | (tlp.type_1 ? 1 : 0);
            return configuration_header(fields);
        case pcie::TlpType::message:
            return {(fmt_type_message_to_root | fmt_4_double_words) << 24,
                    std::uint32_t{tlp.requester} << 16 | tlp.message_code, 0, 0};
        default:
            fields.fmt_type = fmt_type_completion;
            return {first_double_word(fields, false), std::uint32_t{tlp.target} << 16 | tlp.byte_count,
                    std::uint32_t{tlp.requester} << 16 | (tlp.tag & 0xffu) << 8, 0};
    }
}

HeaderLog header_log(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
    Fields fields{fmt_type_memory,           payload.is_write(), false,      payload.get_address(),
                  payload.get_data_length(), tlp.requester,      tlp.target, 0};
    if (tlp.kind == TlpKind::memory) {
        return memory_header(fields);
    }
    fields.fmt_type = fmt_type_configuration_0 | (tlp.kind == TlpKind::configuration_1 ? 1 : 0);
    return configuration_header(fields);
}

std::uint8_t message_code(ErrorMessage message) {
    switch (message) {
        case ErrorMessage::correctable:
            return error_correctable;
        case ErrorMessage::nonfatal:
            return error_nonfatal;
        default:
            return error_fatal;
    }
}

ErrorMessage message_of(std::uint8_t code) {
    switch (code) {
        case error_correctable:
            return ErrorMessage::correctable;
        case error_nonfatal:
            return ErrorMessage::nonfatal;
        case error_fatal:
            return ErrorMessage::fatal;
        default:
            return ErrorMessage::none;
    }
}

}  // namespace aqpim
