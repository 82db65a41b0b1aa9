#pragma once

#include <tlm>

#include <array>
#include <cstdint>

#include "models/common/no_contents.h"
#include "models/pcie/detailed/completer.h"
#include "models/pcie/tlp_extension.h"
#include "models/pcie/tlp_scheduler.h"

namespace aqpim {

/// The payload by which TLPs reach a completer's sockets: one, used again and again, as a payload is costly to make.
class ServedPayload {
 public:
    ServedPayload() { payload_.set_extension(&tlp_); }
    ~ServedPayload() {
        payload_.clear_extension(&tlp_);
        payload_.clear_extension(&no_contents_);
    }
    ServedPayload(const ServedPayload&) = delete;
    ServedPayload& operator=(const ServedPayload&) = delete;

    /// Has `access(payload, delay)` carry out a memory request.
    template <class Access>
    pcie::CompleterTarget::Served serve(const pcie::Tlp& request, std::uint8_t* data, Picoseconds at, Access access) {
        prepare(request, data);
        sc_core::sc_time delay = delay_until(at);
        access(payload_, delay);
        return {status(), local_time_ps(delay)};
    }

 private:
    void prepare(const pcie::Tlp& request, std::uint8_t* data);
    pcie::CompletionStatus status() const;

    tlm::tlm_generic_payload payload_;
    TlpExtension tlp_;
    NoContents no_contents_;
    std::array<std::uint8_t, 4096> nothing_{};  // data that does not matter
};

}  // namespace aqpim
