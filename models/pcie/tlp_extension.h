#pragma once

#include <tlm>

#include <cstdint>

#include "models/common/clock.h"
#include "models/pcie/config_space.h"
#include "models/pcie/detailed/packet.h"
#include "models/pcie/routing_id.h"
#include "models/pcie/tlp.h"

namespace aqpim {

enum class TlpKind : std::uint8_t {
    memory,           ///< address = PCIe bus address
    configuration_0,  ///< for a function on this link: address = register, target = whose
    configuration_1,  ///< for a bus further down
    message,          ///< of an error, to the root
};

/// What a fault on a link has done to a read's completion.
enum class Spoilt : std::uint8_t { no, lost, poisoned };

/// What a transaction between PCIe models carries beyond the payload. One transaction may stand for many TLPs: its
/// delay is that of the first one, and the last one follows `tail_lag` later (cut-through).
struct TlpExtension : tlm::tlm_extension<TlpExtension> {
    TlpKind kind = TlpKind::memory;
    RoutingId requester = 0;
    RoutingId target = 0;  ///< of configuration requests
    ErrorMessage message = ErrorMessage::none;
    bool relaxed_ordering = false;
    bool no_snoop = false;
    Spoilt spoilt = Spoilt::no;
    /// Sizes as software has set them for the requester; null: the links' own.
    const TlpFormat* format = nullptr;
    Picoseconds tail_lag = 0;
    Picoseconds sent = 0;  ///< when the requester sent it
    /// How long a posted write waited for links further on. Buffers are finite: its sender is held up as long.
    Picoseconds stalled = 0;
    /// Bytes that the switches on a posted write's way have room for.
    std::uint64_t room_on_the_way = 0;

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
    return tlp.kind == TlpKind::message || (tlp.kind == TlpKind::memory && payload.is_write());
}

/// An error message as a transaction of fast fidelity.
class MessagePayload {
 public:
    explicit MessagePayload(TlpExtension& tlp);

    tlm::tlm_generic_payload& get() { return payload_; }

 private:
    std::uint32_t data_ = 0;
    tlm::tlm_generic_payload payload_;
    TlpLoan loan_;
};

/// Serves a configuration request of 1, 2 or 4 naturally aligned bytes from `space`; anything else is unsupported.
void serve_configuration(ConfigSpace& space, tlm::tlm_generic_payload& payload);
/// The same for a TLP; false: unsupported.
bool serve_configuration(ConfigSpace& space, const pcie::Tlp& request, std::uint8_t* data);
/// The same for transport_dbg: reads only. Returns the bytes read.
unsigned debug_configuration(const ConfigSpace& space, tlm::tlm_generic_payload& payload);

}  // namespace aqpim
