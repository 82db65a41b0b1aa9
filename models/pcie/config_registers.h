#pragma once

#include <cstdint>

namespace aqpim {

/// Offsets of the configuration registers that models look at (PCI Local Bus 3.0 section 6.1, PCI-to-PCI Bridge 1.2
/// section 3.2, PCIe Base Specification section 7.5).
namespace pci_register {
inline constexpr unsigned vendor_id = 0x00;
inline constexpr unsigned device_id = 0x02;
inline constexpr unsigned command = 0x04;
inline constexpr unsigned status = 0x06;
inline constexpr unsigned class_code = 0x08;  ///< and the revision in the low byte
inline constexpr unsigned cache_line_size = 0x0c;
inline constexpr unsigned header_type = 0x0e;
inline constexpr unsigned bar0 = 0x10;
inline constexpr unsigned primary_bus = 0x18;
inline constexpr unsigned secondary_bus = 0x19;
inline constexpr unsigned subordinate_bus = 0x1a;
inline constexpr unsigned secondary_status = 0x1e;
inline constexpr unsigned memory_base = 0x20;
inline constexpr unsigned memory_limit = 0x22;
inline constexpr unsigned prefetchable_base = 0x24;
inline constexpr unsigned prefetchable_limit = 0x26;
inline constexpr unsigned prefetchable_base_upper = 0x28;
inline constexpr unsigned prefetchable_limit_upper = 0x2c;
inline constexpr unsigned subsystem_vendor_id = 0x2c;
inline constexpr unsigned subsystem_id = 0x2e;
inline constexpr unsigned capabilities = 0x34;
inline constexpr unsigned interrupt_line = 0x3c;
inline constexpr unsigned bridge_control = 0x3e;
inline constexpr unsigned extended_capabilities = 0x100;
}  // namespace pci_register

inline constexpr std::uint32_t pci_command_memory = 0x0002;
inline constexpr std::uint32_t pci_command_bus_master = 0x0004;
inline constexpr std::uint32_t pci_command_parity_response = 0x0040;
inline constexpr std::uint32_t pci_command_serr = 0x0100;

inline constexpr std::uint32_t pci_bridge_parity_response = 0x0001;
inline constexpr std::uint32_t pci_bridge_serr = 0x0002;
inline constexpr std::uint32_t pci_bridge_secondary_reset = 0x0040;

/// Bits of the status and the secondary status register, all cleared by writing ones.
inline constexpr std::uint32_t pci_status_master_data_parity_error = 0x0100;
inline constexpr std::uint32_t pci_status_signaled_target_abort = 0x0800;
inline constexpr std::uint32_t pci_status_received_target_abort = 0x1000;
inline constexpr std::uint32_t pci_status_received_master_abort = 0x2000;
inline constexpr std::uint32_t pci_status_system_error = 0x4000;  ///< signaled; secondary status: received
inline constexpr std::uint32_t pci_status_detected_parity_error = 0x8000;
inline constexpr std::uint32_t pci_status_errors = 0xf900;

/// Offsets in the PCI Express capability (PCIe Base Specification 7.5.3).
namespace pcie_register {
inline constexpr unsigned capabilities = 0x02;
inline constexpr unsigned device_capabilities = 0x04;
inline constexpr unsigned device_control = 0x08;
inline constexpr unsigned device_status = 0x0a;
inline constexpr unsigned link_capabilities = 0x0c;
inline constexpr unsigned link_control = 0x10;
inline constexpr unsigned link_status = 0x12;
inline constexpr unsigned root_control = 0x1c;
inline constexpr unsigned root_status = 0x20;
inline constexpr unsigned device_capabilities_2 = 0x24;
inline constexpr unsigned device_control_2 = 0x28;
inline constexpr unsigned link_capabilities_2 = 0x2c;
inline constexpr unsigned link_control_2 = 0x30;
}  // namespace pcie_register

/// Offsets in the Advanced Error Reporting capability (PCIe Base Specification 7.8.4); the last three: root ports.
namespace aer_register {
inline constexpr unsigned uncorrectable_status = 0x04;
inline constexpr unsigned uncorrectable_mask = 0x08;
inline constexpr unsigned uncorrectable_severity = 0x0c;
inline constexpr unsigned correctable_status = 0x10;
inline constexpr unsigned correctable_mask = 0x14;
inline constexpr unsigned control = 0x18;  ///< first error pointer in bits 4 to 0
inline constexpr unsigned header_log = 0x1c;
inline constexpr unsigned root_command = 0x2c;
inline constexpr unsigned root_status = 0x30;
inline constexpr unsigned error_source = 0x34;
}  // namespace aer_register

}  // namespace aqpim
