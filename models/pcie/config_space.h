#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "models/pcie/pcie_parameters.h"

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
}  // namespace pci_register

inline constexpr std::uint32_t pci_command_memory = 0x0002;
inline constexpr std::uint32_t pci_command_bus_master = 0x0004;

struct FunctionIdentity {
    std::uint16_t vendor;
    std::uint16_t device;
    std::uint32_t class_code;  ///< base class << 16 | subclass << 8 | interface
};

/// PCIe Base Specification 7.5.3.2.
enum class PciePortType : std::uint8_t { endpoint = 0, root_port = 4, switch_upstream = 5, switch_downstream = 6 };

/// The 4 KiB of configuration registers of one function: bytes, and for each bit whether software may write it. What is
/// not set is reserved: it reads as zero and ignores writes. Functions are always in D0.
class ConfigSpace {
 public:
    static constexpr unsigned size_bytes = 4096;

    /// 1, 2 or 4 bytes, naturally aligned, within the 4 KiB: what read and write take.
    static bool is_access(std::uint64_t offset, unsigned bytes);
    std::uint32_t read(unsigned offset, unsigned bytes) const;
    void write(unsigned offset, unsigned bytes, std::uint32_t value);

    /// Every register as at power-on.
    void reset() { bytes_ = reset_bytes_; }

    /// Takes memory requests.
    bool memory_enabled() const { return (read(pci_register::command, 2) & pci_command_memory) != 0; }
    /// May issue memory requests, or, of a bridge, pass them upstream.
    bool bus_master_enabled() const { return (read(pci_register::command, 2) & pci_command_bus_master) != 0; }

 protected:
    struct Register {
        unsigned offset;
        unsigned bytes;
        std::uint32_t value;
        std::uint32_t writable;
    };

    explicit ConfigSpace(const FunctionIdentity& identity);

    void set(const Register& entry);
    void set(std::span<const Register> table);
    /// Appends a capability to the list; returns its offset. Its registers count from there.
    unsigned add_capability(std::uint8_t id, unsigned bytes, std::span<const Register> registers);
    void add_power_management_capability();
    /// The payload sizes shown are those that links use: they are parameters, not software's choice.
    void add_pcie_capability(PciePortType type, const PcieParameters& parameters);

 private:
    std::array<std::uint8_t, size_bytes> bytes_{};
    std::array<std::uint8_t, size_bytes> reset_bytes_{};
    std::array<std::uint8_t, size_bytes> writable_{};
    unsigned last_link_ = pci_register::capabilities;  // the byte that points to the next capability
    unsigned next_capability_ = 0x40;
};

}  // namespace aqpim
