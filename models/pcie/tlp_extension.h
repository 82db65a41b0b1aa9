#pragma once

#include <tlm>

#include <cstdint>

#include "models/common/clock.h"
#include "models/pcie/config_space.h"

namespace aqpim {

/// Bus, device and function in the 16 bits that TLPs use.
using RoutingId = std::uint16_t;

constexpr RoutingId routing_id(unsigned bus, unsigned device, unsigned function) {
    return static_cast<RoutingId>(bus << 8 | device << 3 | function);
}
constexpr unsigned bus_of(RoutingId id) {
    return id >> 8;
}
constexpr unsigned device_of(RoutingId id) {
    return id >> 3 & 0x1f;
}
constexpr unsigned function_of(RoutingId id) {
    return id & 0x7;
}

enum class TlpKind : std::uint8_t {
    memory,           ///< address = PCIe bus address
    configuration_0,  ///< for a function on this link: address = register, target = whose
    configuration_1,  ///< for a bus further down
};

/// What a transaction between PCIe models carries beyond the payload. One transaction may stand for many TLPs: its
/// delay is that of the first one, and the last one follows `tail_lag` later (cut-through).
struct TlpExtension : tlm::tlm_extension<TlpExtension> {
    TlpKind kind = TlpKind::memory;
    RoutingId requester = 0;
    RoutingId target = 0;  ///< of configuration requests
    Picoseconds tail_lag = 0;
    Picoseconds sent = 0;  ///< when the requester sent it
    /// How long a posted write waited for links further on. Buffers are finite: its sender is held up as long.
    Picoseconds stalled = 0;

    tlm::tlm_extension_base* clone() const override { return new TlpExtension(*this); }
    void copy_from(const tlm::tlm_extension_base& other) override { *this = static_cast<const TlpExtension&>(other); }
};

/// Lends an extension to a payload for one call.
class TlpLoan {
 public:
    TlpLoan(tlm::tlm_generic_payload& payload, TlpExtension& tlp)
        : payload_(payload), previous_(payload.set_extension(&tlp)) {}
    ~TlpLoan() { payload_.set_extension(previous_); }
    TlpLoan(const TlpLoan&) = delete;
    TlpLoan& operator=(const TlpLoan&) = delete;

 private:
    tlm::tlm_generic_payload& payload_;
    TlpExtension* previous_;
};

/// "Unsupported request": nobody takes it.
inline constexpr tlm::tlm_response_status unsupported_request = tlm::TLM_ADDRESS_ERROR_RESPONSE;

/// The payload's extension. Without one the payload did not come through a PCIe model: a wiring error (SC_ERROR).
TlpExtension& tlp_of(const tlm::tlm_generic_payload& payload);

inline bool is_posted(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
    return tlp.kind == TlpKind::memory && payload.is_write();
}

/// Serves a configuration request of 1, 2 or 4 naturally aligned bytes from `space`; anything else is unsupported.
void serve_configuration(ConfigSpace& space, tlm::tlm_generic_payload& payload);
/// The same for transport_dbg: reads only. Returns the bytes read.
unsigned debug_configuration(const ConfigSpace& space, tlm::tlm_generic_payload& payload);

}  // namespace aqpim
