#include "models/pcie/bridge_config.h"

#include "aqpim/pci_ids.h"

namespace aqpim {

namespace {

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;

/// True if [address, address + bytes) lies in the window whose registers hold bits 31 to 20 of its first and last
/// megabyte, and `*_upper` bits 63 to 32. A base above the limit closes the window.
bool in_window(std::uint64_t address, std::uint64_t bytes, std::uint64_t base, std::uint64_t limit,
               std::uint64_t base_upper = 0, std::uint64_t limit_upper = 0) {
    const std::uint64_t first = base_upper << 32 | (base & 0xfff0) << 16;
    const std::uint64_t last = limit_upper << 32 | (limit & 0xfff0) << 16 | (megabyte - 1);
    return address >= first && address <= last && bytes - 1 <= last - address;
}

}  // namespace

HostBridgeConfig::HostBridgeConfig()
    : ConfigSpace({AQPIM_PCI_VENDOR, AQPIM_PCI_DEVICE_HOST_BRIDGE, AQPIM_PCI_CLASS_HOST_BRIDGE}) {
    add_power_management_capability();
}

BridgeConfig::BridgeConfig(std::uint16_t device, PciePortType type, const PcieParameters& parameters)
    : ConfigSpace({AQPIM_PCI_VENDOR, device, AQPIM_PCI_CLASS_BRIDGE}) {
    // Base above limit: as real ports come up, closed until software opens them.
    const Register header[] = {
        {pci_register::header_type, 1, 0x01, 0},
        {pci_register::primary_bus, 1, 0, 0xff},
        {pci_register::secondary_bus, 1, 0, 0xff},
        {pci_register::subordinate_bus, 1, 0, 0xff},
        {pci_register::memory_base, 2, 0xfff0, 0xfff0},
        {pci_register::memory_limit, 2, 0x0000, 0xfff0},
        {pci_register::prefetchable_base, 2, 0xfff1, 0xfff0},  // low nibble 1: 64 bit
        {pci_register::prefetchable_limit, 2, 0x0001, 0xfff0},
        {pci_register::prefetchable_base_upper, 4, 0, 0xffffffff},
        {pci_register::prefetchable_limit_upper, 4, 0, 0xffffffff},
        {pci_register::bridge_control, 2, 0, 0x0003},  // parity error response, SERR#
    };
    set(header);
    add_power_management_capability();
    add_pcie_capability(type, parameters);
}

bool BridgeConfig::claims_bus(unsigned bus) const {
    return secondary_bus() != 0 && bus >= secondary_bus() && bus <= read(pci_register::subordinate_bus, 1);
}

bool BridgeConfig::claims(std::uint64_t address, std::uint64_t bytes) const {
    using namespace pci_register;
    return memory_enabled() && (in_window(address, bytes, read(memory_base, 2), read(memory_limit, 2)) ||
                                in_window(address, bytes, read(prefetchable_base, 2), read(prefetchable_limit, 2),
                                          read(prefetchable_base_upper, 4), read(prefetchable_limit_upper, 4)));
}

}  // namespace aqpim
