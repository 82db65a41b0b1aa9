#pragma once

#include <systemc>
#include <tlm>

#include <cstdint>
#include <functional>
#include <vector>

#include "models/common/register_file.h"
#include "models/pcie/endpoint_config.h"

namespace aqpim {

/// How a device's core asks for an interrupt.
struct MsixIf : virtual sc_core::sc_interface {
    /// Sends the message of `vector` or, masked, leaves it pending. Adds the time until the message has left to
    /// `delay`. Vectors that the table does not have are ignored.
    virtual void raise(unsigned vector, sc_core::sc_time& delay) = 0;
};

/// MSI-X of one function (PCI Local Bus 3.0 section 6.8.2). BAR AQPIM_BAR_MSIX, little-endian:
///
/// | offset       | register          |                                                      |
/// |--------------|-------------------|------------------------------------------------------|
/// | 0x000 + 16 v | message address   | 64 bits                                              |
/// | 0x008 + 16 v | message data      | 32 bits                                              |
/// | 0x00c + 16 v | vector control    | bit 0: masked (1 at reset)                           |
/// | 0x800        | pending bits      | read-only, 64 vectors in each double word pair       |
///
/// While MSI-X is disabled in the capability, raised vectors are lost. A vector that is masked, by itself or by the
/// function mask, or whose function is no bus master, stays pending and is sent once that ends.
class Msix : public MsixIf {
 public:
    /// Writes `data` to `address` on the bus; adds the time until it has left.
    using Send = std::function<void(std::uint64_t address, std::uint32_t data, sc_core::sc_time& delay)>;

    Msix(const EndpointConfig& config, unsigned vectors, Send send);

    void raise(unsigned vector, sc_core::sc_time& delay) override;
    /// One access to the BAR; its address is an offset. Unmasking sends what is pending at the access's time.
    void transport(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);
    unsigned debug_read(tlm::tlm_generic_payload& payload) { return registers_.debug_read(payload); }
    /// Sends what is pending and may go: to be called when the function's configuration has changed.
    void send_pending(sc_core::sc_time delay);
    /// Every vector masked, without message, not pending.
    void reset();

 private:
    struct Vector {
        std::uint64_t address = 0;
        std::uint64_t data_and_control = std::uint64_t{1} << 32;
        bool pending = false;

        bool masked() const { return (data_and_control >> 32 & 1) != 0; }
    };

    void write_data_and_control(unsigned vector, std::uint64_t value, const sc_core::sc_time& delay);
    std::uint64_t pending_bits(unsigned first) const;
    void send_if_allowed(Vector& vector, sc_core::sc_time& delay);

    const EndpointConfig& config_;
    Send send_;
    std::vector<Vector> vectors_;
    RegisterFile registers_;
};

}  // namespace aqpim
