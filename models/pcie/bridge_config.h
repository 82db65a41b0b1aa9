#pragma once

#include <cstdint>

#include "models/pcie/config_space.h"
#include "models/pcie/routing_id.h"

namespace aqpim {

/// Configuration space of the host bridge: type 0 header without BARs, always in D0.
class HostBridgeConfig : public ConfigSpace {
 public:
    HostBridgeConfig();
};

/// What software has turned on of a downstream port's access control services (PCIe Base Specification 6.12.1).
struct AcsControl {
    bool request_redirect;     ///< peer-to-peer requests go upstream
    bool completion_redirect;  ///< peer-to-peer completions go upstream
};

/// Configuration space of a port that leads to another bus (root port, switch port): type 1 header with bus numbers, a
/// 32-bit memory window and a 64-bit prefetchable one; power management, PCIe and advanced error reporting
/// capabilities; a switch's downstream ports have access control services (redirects only) too. No I/O window, no slot.
class BridgeConfig : public ConfigSpace {
 public:
    /// `port_number`: 0 to 255, as link capabilities show it.
    BridgeConfig(std::uint16_t device, PciePortType type, const PcieParameters& parameters, unsigned port_number = 0);

    unsigned secondary_bus() const { return read(pci_register::secondary_bus, 1); }
    /// True for the buses behind this port, once they have numbers.
    bool claims_bus(unsigned bus) const;
    /// True if memory requests from above for all of [address, address + bytes) pass this port.
    bool claims(std::uint64_t address, std::uint64_t bytes) const;

    bool link_disabled() const;
    /// While true, the link below sends a hot reset.
    bool secondary_bus_reset() const { return is_set(pci_register::bridge_control, pci_bridge_secondary_reset); }
    /// What downstream ports show of their link; it is up at first.
    void set_link_up(bool up);
    /// Nothing is on for upstream ports.
    AcsControl acs() const;

    /// A message has come from below; returns what goes on upstream (PCIe Base Specification 6.2.6): nothing without
    /// SERR# enable in bridge control and, of uncorrectable errors, in command.
    ErrorMessage forward_error_message(ErrorMessage message);
    /// The same at the root port, where messages end: it takes them with SERR# enable in bridge control. True if the
    /// root error command asks for an interrupt now.
    bool receive_error_message(ErrorMessage message, RoutingId source);
    /// A message of the root port itself, `source`: true if the root error command asks for an interrupt now.
    bool note_root_error(ErrorMessage message, RoutingId source);
    /// An error has been received that the root error command asks interrupts for, and software has not cleared it.
    bool wants_error_interrupt() const;

 protected:
    void registers_changed() override;

 private:
    /// First and last address; closed while the first is above the last.
    struct Window {
        std::uint64_t first = 1;
        std::uint64_t last = 0;

        bool holds(std::uint64_t address, std::uint64_t bytes) const {
            return address >= first && address <= last && bytes - 1 <= last - address;
        }
    };

    void add_access_control_capability(bool redirects);
    void open_windows();
    bool passes_from_secondary(ErrorMessage message);
    bool signals_system_error(ErrorMessage message);

    PciePortType type_;
    unsigned access_control_ = 0;  // offset; 0: none
    bool link_up_ = true;
    // What registers say of the way down, ready for every TLP that asks.
    Window memory_;
    Window prefetchable_;
    unsigned first_bus_ = 1;
    unsigned last_bus_ = 0;
};

}  // namespace aqpim
