#pragma once

#include <systemc>
#include <tlm>

#include <cstddef>
#include <cstdint>

#include "models/common/violation_log.h"

namespace aqpim {

/// Who may change a payload's address behind a checker.
enum class Downstream : std::uint8_t { target, interconnect };

/// Logs what an initiator has not set in `payload` as a request to transport needs it.
void check_request(const tlm::tlm_generic_payload& payload, ViolationLog& log);

/// Remembers of a payload under way what nobody may change (clause 14.7), contents of arrays by their hash.
class PayloadWatch {
 public:
    PayloadWatch(const tlm::tlm_generic_payload& payload, Downstream downstream);

    /// Logs what has changed since the last look, and takes it as given from then on.
    void look(const tlm::tlm_generic_payload& payload, ViolationLog& log);
    /// The response goes upstream: it has to have a status, and the status stays.
    void respond(const tlm::tlm_generic_payload& payload, ViolationLog& log);

 private:
    struct Attributes {
        tlm::tlm_command command;
        const unsigned char* data;
        unsigned length;
        const unsigned char* byte_enables;
        unsigned byte_enable_length;
        unsigned streaming_width;
        bool operator==(const Attributes&) const = default;
    };
    static Attributes attributes_of(const tlm::tlm_generic_payload& payload);
    std::size_t hash_of_written() const;
    std::size_t hash_of_byte_enables() const;
    void look_at_arrays(const tlm::tlm_generic_payload& payload, ViolationLog& log);

    Downstream downstream_;
    Attributes attributes_;
    std::uint64_t address_;
    tlm::tlm_gp_option option_;
    std::size_t written_;
    std::size_t byte_enables_;
    bool responded_ = false;
    tlm::tlm_response_status status_ = tlm::TLM_INCOMPLETE_RESPONSE;
    bool dmi_hint_ = false;
};

}  // namespace aqpim
