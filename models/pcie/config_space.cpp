#include "models/pcie/config_space.h"

#include <bit>

namespace aqpim {

namespace {

constexpr std::uint8_t power_management_id = 0x01;
constexpr std::uint8_t pcie_id = 0x10;
constexpr std::uint32_t status_has_capabilities = 0x0010;
// Memory space, bus master, parity error response, SERR#, interrupt disable. There is no I/O space.
constexpr std::uint32_t command_writable = 0x0546;

}  // namespace

bool ConfigSpace::is_access(std::uint64_t offset, unsigned bytes) {
    return (bytes == 1 || bytes == 2 || bytes == 4) && offset % bytes == 0 && offset + bytes <= size_bytes;
}

std::uint32_t ConfigSpace::read(unsigned offset, unsigned bytes) const {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) {
        value |= std::uint32_t{bytes_.at(offset + i)} << 8 * i;
    }
    return value;
}

void ConfigSpace::write(unsigned offset, unsigned bytes, std::uint32_t value) {
    for (unsigned i = 0; i < bytes; ++i) {
        const std::uint8_t writable = writable_.at(offset + i);
        const auto given = static_cast<std::uint8_t>(value >> 8 * i);
        std::uint8_t& byte = bytes_.at(offset + i);
        byte = static_cast<std::uint8_t>((byte & ~writable) | (given & writable));
    }
}

ConfigSpace::ConfigSpace(const FunctionIdentity& identity) {
    const Register header[] = {
        {pci_register::vendor_id, 2, identity.vendor, 0},
        {pci_register::device_id, 2, identity.device, 0},
        {pci_register::command, 2, 0, command_writable},
        {pci_register::status, 2, status_has_capabilities, 0},
        {pci_register::class_code, 4, identity.class_code << 8, 0},
        {pci_register::cache_line_size, 1, 0, 0xff},
        {pci_register::interrupt_line, 1, 0, 0xff},
    };
    set(header);
}

void ConfigSpace::set(const Register& entry) {
    for (unsigned i = 0; i < entry.bytes; ++i) {
        bytes_.at(entry.offset + i) = reset_bytes_[entry.offset + i] = static_cast<std::uint8_t>(entry.value >> 8 * i);
        writable_.at(entry.offset + i) = static_cast<std::uint8_t>(entry.writable >> 8 * i);
    }
}

void ConfigSpace::set(std::span<const Register> table) {
    for (const Register& entry : table) {
        set(entry);
    }
}

unsigned ConfigSpace::add_capability(std::uint8_t id, unsigned bytes, std::span<const Register> registers) {
    const unsigned offset = next_capability_;
    set({last_link_, 1, offset, 0});
    set({offset, 1, id, 0});
    for (Register entry : registers) {
        entry.offset += offset;
        set(entry);
    }
    last_link_ = offset + 1;
    next_capability_ = (offset + bytes + 3) / 4 * 4;
    return offset;
}

void ConfigSpace::add_power_management_capability() {
    const Register registers[] = {
        {0x02, 2, 0x0003, 0},  // PMC: version 3, no D1, D2 or PME
        {0x04, 2, 0x0008, 0},  // PMCSR: D0, no soft reset
    };
    add_capability(power_management_id, 8, registers);
}

void ConfigSpace::add_pcie_capability(PciePortType type, const PcieParameters& parameters) {
    const auto size_code = [](std::uint32_t bytes) {
        return static_cast<std::uint32_t>(std::countr_zero(bytes / 128));
    };
    const std::uint32_t payload = size_code(parameters.max_payload);
    const std::uint32_t read_request = size_code(parameters.max_read_request);
    const std::uint32_t speed_and_width = parameters.generation | parameters.lanes << 4;
    const std::uint32_t speeds = (1u << parameters.generation) - 1;
    const Register registers[] = {
        {0x02, 2, 2u | static_cast<std::uint32_t>(type) << 4, 0},  // PCIe capabilities: version 2
        {0x04, 4, payload | 0x8020, 0},  // device capabilities: extended tags, role-based error reporting
        {0x08, 2, 0x0910 | payload << 5 | read_request << 12, 0x091f},  // device control: error reporting, ordering
        {0x0a, 2, 0, 0},                                                // device status
        {0x0c, 4, speed_and_width, 0},                                  // link capabilities
        {0x10, 2, 0, 0x00c0},                                           // link control: clock, extended synch
        {0x12, 2, speed_and_width, 0},                                  // link status
        {0x2c, 4, speeds << 1, 0},                                      // link capabilities 2
        {0x30, 2, parameters.generation, 0},                            // link control 2: target speed
    };
    add_capability(pcie_id, 0x3c, registers);
}

}  // namespace aqpim
