// What a function notes about an error, and what it sends: PCIe Base Specification 6.2.5, figure 6-2.
#include "models/pcie/config_space.h"

namespace aqpim {

namespace {

using namespace aer_register;

constexpr std::uint16_t aer_id = 0x0001;

constexpr std::uint32_t bit_of(UncorrectableError error) {
    return 1u << static_cast<unsigned>(error);
}
constexpr std::uint32_t bit_of(CorrectableError error) {
    return 1u << static_cast<unsigned>(error);
}

// Bits of errors that a function cannot detect are reserved. There is no ECRC.
constexpr std::uint32_t errors_everywhere =
    bit_of(UncorrectableError::data_link_protocol) | bit_of(UncorrectableError::poisoned_tlp) |
    bit_of(UncorrectableError::flow_control_protocol) | bit_of(UncorrectableError::completer_abort) |
    bit_of(UncorrectableError::unexpected_completion) | bit_of(UncorrectableError::receiver_overflow) |
    bit_of(UncorrectableError::malformed_tlp) | bit_of(UncorrectableError::unsupported_request);
constexpr std::uint32_t errors_of_requesters = bit_of(UncorrectableError::completion_timeout);
constexpr std::uint32_t errors_of_downstream_ports =
    bit_of(UncorrectableError::surprise_down) | bit_of(UncorrectableError::acs_violation);
constexpr std::uint32_t correctable_errors =
    bit_of(CorrectableError::receiver_error) | bit_of(CorrectableError::bad_tlp) | bit_of(CorrectableError::bad_dllp) |
    bit_of(CorrectableError::replay_num_rollover) | bit_of(CorrectableError::replay_timer_timeout) |
    bit_of(CorrectableError::advisory_nonfatal);
/// Fatal at reset (7.8.4.4).
constexpr std::uint32_t fatal_errors =
    bit_of(UncorrectableError::data_link_protocol) | bit_of(UncorrectableError::surprise_down) |
    bit_of(UncorrectableError::flow_control_protocol) | bit_of(UncorrectableError::receiver_overflow) |
    bit_of(UncorrectableError::malformed_tlp);
/// Masked at reset (7.8.4.6).
constexpr std::uint32_t masked_correctable_errors = bit_of(CorrectableError::advisory_nonfatal);

constexpr std::uint32_t first_error_pointer = 0x1f;

// Device status, and by the same bits what device control lets the function send.
constexpr std::uint32_t correctable_bit = 0x1;
constexpr std::uint32_t nonfatal_bit = 0x2;
constexpr std::uint32_t fatal_bit = 0x4;
constexpr std::uint32_t unsupported_request_bit = 0x8;

bool is_completion(const HeaderLog& header) {
    constexpr std::uint32_t type_mask = 0x1f;
    constexpr std::uint32_t completion = 0x0a;
    return (header[0] >> 24 & type_mask) == completion;
}

}  // namespace

void ConfigSpace::add_aer_capability(PciePortType type) {
    const bool root = type == PciePortType::root_port;
    const std::uint32_t errors = errors_everywhere |
                                 (root || type == PciePortType::endpoint ? errors_of_requesters : 0) |
                                 (is_downstream_port(type) ? errors_of_downstream_ports : 0);
    const Register registers[] = {
        {uncorrectable_status, 4, 0, 0, errors, errors},
        {uncorrectable_mask, 4, 0, errors, 0, errors},
        {uncorrectable_severity, 4, fatal_errors & errors, errors, 0, errors},
        {correctable_status, 4, 0, 0, correctable_errors, correctable_errors},
        {correctable_mask, 4, masked_correctable_errors, correctable_errors, 0, correctable_errors},
        {aer_register::control, 4, 0, 0, 0, first_error_pointer},
        {header_log, 4, 0, 0, 0, 0xffffffff},
        {header_log + 4, 4, 0, 0, 0, 0xffffffff},
        {header_log + 8, 4, 0, 0, 0, 0xffffffff},
        {header_log + 12, 4, 0, 0, 0, 0xffffffff},
    };
    aer_ = add_extended_capability(aer_id, 2, root ? 0x38 : 0x2c, registers);
    if (root) {
        const Register root_registers[] = {
            {root_command, 4, 0, 0x7},
            {root_status, 4, 0, 0, 0x7f, 0x7f},
            {error_source, 4, 0, 0, 0, 0xffffffff},
        };
        set_at(aer_, root_registers);
    }
}

ErrorMessage ConfigSpace::report(UncorrectableError error, const HeaderLog& header, Advisory advisory) {
    const auto bit = static_cast<unsigned>(error);
    note_in_header(error, header);
    if (error == UncorrectableError::unsupported_request) {
        note_in_device_status(unsupported_request_bit);
    }
    const bool fatal = is_aer_set(uncorrectable_severity, bit, fatal_errors);
    if (advisory == Advisory::yes && !fatal) {
        return report_advisory(error, header);
    }
    note_in_device_status(fatal ? fatal_bit : nonfatal_bit);
    log(error, header);
    return is_aer_set(uncorrectable_mask, bit, 0) ? ErrorMessage::none : message_for(error, fatal);
}

ErrorMessage ConfigSpace::report(CorrectableError error) {
    note_in_device_status(correctable_bit);
    if (aer_ != 0) {
        set_bits(aer_ + correctable_status, 4, bit_of(error));
    }
    return is_aer_set(correctable_mask, static_cast<unsigned>(error), 0) ? ErrorMessage::none : correctable_message();
}

/// 6.2.4.3: masked, nothing but the advisory error itself is noted. Functions without AER send nothing.
ErrorMessage ConfigSpace::report_advisory(UncorrectableError error, const HeaderLog& header) {
    note_in_device_status(correctable_bit);
    if (aer_ == 0) {
        return ErrorMessage::none;
    }
    set_bits(aer_ + correctable_status, 4, bit_of(CorrectableError::advisory_nonfatal));
    if (is_aer_set(correctable_mask, static_cast<unsigned>(CorrectableError::advisory_nonfatal), 0)) {
        return ErrorMessage::none;
    }
    log(error, header);
    return is_unreported(error) ? ErrorMessage::none : correctable_message();
}

void ConfigSpace::received_unsupported_request() {
    set_link_side_status(pci_status_received_master_abort);
}

void ConfigSpace::received_completer_abort() {
    set_link_side_status(pci_status_received_target_abort);
}

void ConfigSpace::set_link_side_status(std::uint32_t bits) {
    set_bits(link_is_secondary_ ? pci_register::secondary_status : pci_register::status, 2, bits);
}

bool ConfigSpace::is_aer_set(unsigned offset, unsigned bit, std::uint32_t otherwise) const {
    return ((aer_ == 0 ? otherwise : read(aer_ + offset, 4)) >> bit & 1) != 0;
}

/// The bits that PCI functions had before there was PCIe (7.5.1.1.4, 7.5.1.3.7).
void ConfigSpace::note_in_header(UncorrectableError error, const HeaderLog& header) {
    if (error == UncorrectableError::completer_abort) {
        set_link_side_status(pci_status_signaled_target_abort);
    }
    if (error == UncorrectableError::poisoned_tlp) {
        const bool responds = link_is_secondary_ ? is_set(pci_register::bridge_control, pci_bridge_parity_response)
                                                 : is_set(pci_register::command, pci_command_parity_response);
        set_link_side_status(pci_status_detected_parity_error);
        set_link_side_status(responds && is_completion(header) ? pci_status_master_data_parity_error : 0);
    }
}

void ConfigSpace::note_in_device_status(std::uint32_t bits) {
    if (pcie_ != 0) {
        set_bits(pcie_ + pcie_register::device_status, 2, bits);
    }
}

/// The first unmasked error keeps pointer and header log until software clears its status bit.
void ConfigSpace::log(UncorrectableError error, const HeaderLog& header) {
    const auto bit = static_cast<unsigned>(error);
    if (aer_ == 0 || (writable_bits(aer_ + uncorrectable_mask) & bit_of(error)) == 0) {
        return;
    }
    set_bits(aer_ + uncorrectable_status, 4, bit_of(error));
    const std::uint32_t control = read(aer_ + aer_register::control, 4);
    const bool occupied = (control & first_error_pointer) != 0;
    if (occupied || is_aer_set(uncorrectable_mask, bit, 0)) {
        return;
    }
    poke(aer_ + aer_register::control, 4, control | bit);
    for (unsigned i = 0; i < header.size(); ++i) {
        poke(aer_ + header_log + 4 * i, 4, header[i]);
    }
}

/// The pointer is valid while it names a status bit that is set; bit 0 never is.
void ConfigSpace::forget_cleared_first_error() {
    if (aer_ == 0) {
        return;
    }
    const std::uint32_t control = read(aer_ + aer_register::control, 4);
    if (!is_aer_set(uncorrectable_status, control & first_error_pointer, 0)) {
        poke(aer_ + aer_register::control, 4, control & ~first_error_pointer);
    }
}

ErrorMessage ConfigSpace::message_for(UncorrectableError error, bool fatal) {
    const bool serr = is_set(pci_register::command, pci_command_serr);
    const std::uint32_t enabled = device_control_bits();
    if (!serr && ((enabled & (fatal ? fatal_bit : nonfatal_bit)) == 0 || is_unreported(error))) {
        return ErrorMessage::none;
    }
    if (serr) {
        set_bits(pci_register::status, 2, pci_status_system_error);
    }
    return fatal ? ErrorMessage::fatal : ErrorMessage::nonfatal;
}

bool ConfigSpace::is_unreported(UncorrectableError error) const {
    return error == UncorrectableError::unsupported_request && (device_control_bits() & unsupported_request_bit) == 0;
}

ErrorMessage ConfigSpace::correctable_message() const {
    return (device_control_bits() & correctable_bit) != 0 ? ErrorMessage::correctable : ErrorMessage::none;
}

}  // namespace aqpim
