#include "models/pcie/config_space.h"

namespace aqpim {

namespace {

constexpr std::uint32_t status_has_capabilities = 0x0010;
// Memory space, bus master, parity error response, SERR#, interrupt disable. There is no I/O space.
constexpr std::uint32_t command_writable = 0x0546;

// What a function-level reset leaves as it is: Max_Payload_Size, and of the link RCB, common clock, extended synch.
constexpr std::uint32_t device_control_kept = 0x00e0;
constexpr std::uint32_t link_control_kept = 0x00c8;

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
        byte = static_cast<std::uint8_t>(byte & ~(given & cleared_by_one_.at(offset + i)));
    }
    registers_changed();
}

void ConfigSpace::reset(ResetKind kind) {
    const bool exempt = kind == ResetKind::function_level && pcie_ != 0;
    const unsigned device_control_at = pcie_ + pcie_register::device_control;
    const unsigned link_control_at = pcie_ + pcie_register::link_control;
    const std::uint32_t device_control = read(device_control_at, 2);
    const std::uint32_t link_control = read(link_control_at, 2);
    for (unsigned i = 0; i < size_bytes; ++i) {
        const std::uint8_t kept = kind == ResetKind::power_on ? 0 : sticky_[i];
        bytes_[i] = static_cast<std::uint8_t>((bytes_[i] & kept) | (reset_bytes_[i] & ~kept));
    }
    if (exempt) {
        poke(device_control_at, 2,
             (read(device_control_at, 2) & ~device_control_kept) | (device_control & device_control_kept));
        poke(link_control_at, 2, (read(link_control_at, 2) & ~link_control_kept) | (link_control & link_control_kept));
    }
    registers_changed();
}

ConfigSpace::ConfigSpace(const FunctionIdentity& identity) {
    const Register header[] = {
        {pci_register::vendor_id, 2, identity.vendor, 0},
        {pci_register::device_id, 2, identity.device, 0},
        {pci_register::command, 2, 0, command_writable},
        {pci_register::status, 2, status_has_capabilities, 0, pci_status_errors},
        {pci_register::class_code, 4, identity.class_code << 8, 0},
        {pci_register::cache_line_size, 1, 0, 0xff},
        {pci_register::interrupt_line, 1, 0, 0xff},
    };
    set(header);
}

void ConfigSpace::set(const Register& entry) {
    for (unsigned i = 0; i < entry.bytes; ++i) {
        const unsigned at = entry.offset + i;
        bytes_.at(at) = reset_bytes_[at] = static_cast<std::uint8_t>(entry.value >> 8 * i);
        writable_.at(at) = static_cast<std::uint8_t>(entry.writable >> 8 * i);
        cleared_by_one_.at(at) = static_cast<std::uint8_t>(entry.cleared_by_one >> 8 * i);
        sticky_.at(at) = static_cast<std::uint8_t>(entry.sticky >> 8 * i);
    }
}

void ConfigSpace::set(std::span<const Register> table) {
    for (const Register& entry : table) {
        set(entry);
    }
}

void ConfigSpace::poke(unsigned offset, unsigned bytes, std::uint32_t value) {
    for (unsigned i = 0; i < bytes; ++i) {
        bytes_.at(offset + i) = static_cast<std::uint8_t>(value >> 8 * i);
    }
}

void ConfigSpace::set_bits(unsigned offset, unsigned bytes, std::uint32_t bits) {
    poke(offset, bytes, read(offset, bytes) | bits);
}

void ConfigSpace::set_writable(unsigned offset, unsigned bytes, std::uint32_t writable) {
    for (unsigned i = 0; i < bytes; ++i) {
        writable_.at(offset + i) = static_cast<std::uint8_t>(writable >> 8 * i);
    }
}

std::uint32_t ConfigSpace::writable_bits(unsigned offset) const {
    std::uint32_t bits = 0;
    for (unsigned i = 0; i < 4; ++i) {
        bits |= std::uint32_t{writable_.at(offset + i)} << 8 * i;
    }
    return bits;
}

}  // namespace aqpim
