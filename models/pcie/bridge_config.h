#pragma once

#include <cstdint>

#include "models/pcie/config_space.h"

namespace aqpim {

/// Configuration space of the host bridge: type 0 header without BARs.
class HostBridgeConfig : public ConfigSpace {
 public:
    HostBridgeConfig();
};

/// Configuration space of a port that leads to another bus (root port, switch port): type 1 header with bus numbers, a
/// 32-bit memory window and a 64-bit prefetchable one; power management and PCIe capabilities. No I/O window, no
/// secondary bus reset.
class BridgeConfig : public ConfigSpace {
 public:
    BridgeConfig(std::uint16_t device, PciePortType type, const PcieParameters& parameters);

    unsigned secondary_bus() const { return read(pci_register::secondary_bus, 1); }
    /// True for the buses behind this port, once they have numbers.
    bool claims_bus(unsigned bus) const;
    /// True if memory requests from above for all of [address, address + bytes) pass this port.
    bool claims(std::uint64_t address, std::uint64_t bytes) const;
};

}  // namespace aqpim
