#pragma once

#include <array>
#include <cstdint>

namespace aqpim {

/// Values: bit numbers in the uncorrectable error status register (PCIe Base Specification 7.8.4.2).
enum class UncorrectableError : std::uint8_t {
    data_link_protocol = 4,
    surprise_down = 5,
    poisoned_tlp = 12,
    flow_control_protocol = 13,
    completion_timeout = 14,
    completer_abort = 15,
    unexpected_completion = 16,
    receiver_overflow = 17,
    malformed_tlp = 18,
    ecrc = 19,
    unsupported_request = 20,
    acs_violation = 21,
};

/// Values: bit numbers in the correctable error status register (PCIe Base Specification 7.8.4.5).
enum class CorrectableError : std::uint8_t {
    receiver_error = 0,
    bad_tlp = 6,
    bad_dllp = 7,
    replay_num_rollover = 8,
    replay_timer_timeout = 12,
    advisory_nonfatal = 13,
};

/// What a function sends to the root complex about an error.
enum class ErrorMessage : std::uint8_t { none, correctable, nonfatal, fatal };

/// The first four double words of a TLP's header as the header log shows them: the header's byte 0 in bits 31 to 24 of
/// the first one.
using HeaderLog = std::array<std::uint32_t, 4>;

/// Whether the detector may report a non-fatal error as an advisory one, by ERR_COR (PCIe Base Specification
/// 6.2.3.2.4): a completer that answers with status UR or CA, a requester that copes with a completion timeout, an
/// unexpected completion, a poisoned TLP passed on.
enum class Advisory : bool { no, yes };

/// A completer tells the requester of a non-posted request by its completion; of a posted one only a message tells.
constexpr Advisory completer_advisory(bool posted) {
    return posted ? Advisory::no : Advisory::yes;
}

}  // namespace aqpim
