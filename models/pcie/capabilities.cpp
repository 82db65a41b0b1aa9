// The capabilities that every kind of function has, and what software sets in them.
#include <algorithm>
#include <bit>

#include "models/pcie/config_space.h"

namespace aqpim {

namespace {

constexpr std::uint8_t power_management_id = 0x01;
constexpr std::uint8_t pcie_id = 0x10;

constexpr unsigned power_control = 0x04;  // PMCSR, in the power management capability
constexpr std::uint32_t power_state_mask = 0x3;
constexpr std::uint32_t d3hot = 0x3;

constexpr std::uint32_t device_extended_tags = 0x0020;
constexpr std::uint32_t device_role_based_errors = 0x8000;
constexpr std::uint32_t device_function_level_reset = 1u << 28;
constexpr std::uint32_t control_error_reporting = 0x000f;
constexpr std::uint32_t control_relaxed_ordering = 0x0010;
constexpr std::uint32_t control_payload = 0x00e0;
constexpr std::uint32_t control_extended_tags = 0x0100;
constexpr std::uint32_t control_no_snoop = 0x0800;
constexpr std::uint32_t control_read_request = 0x7000;
constexpr std::uint32_t control_initiate_reset = 0x8000;
constexpr std::uint32_t status_errors = 0x000f;
constexpr std::uint32_t status_transactions_pending = 0x0020;
constexpr std::uint32_t device_2_timeout_ranges = 0x1f;  // A to D, and disabling
constexpr std::uint32_t device_2_10_bit_tags = 0x30000;  // completer, requester
constexpr std::uint32_t control_2_timeout_off = 0x0010;
constexpr std::uint32_t control_2_10_bit_tags = 0x1000;

constexpr std::uint32_t link_surprise_down_reporting = 1u << 19;
constexpr std::uint32_t link_active_reporting = 1u << 20;
constexpr std::uint32_t link_aspm_compliance = 1u << 22;
constexpr std::uint32_t link_control_boundary = 0x0008;
constexpr std::uint32_t link_control_disable = 0x0010;
constexpr std::uint32_t link_control_clock_and_synch = 0x00c0;

std::uint32_t size_code(std::uint32_t bytes) {
    return static_cast<std::uint32_t>(std::countr_zero(bytes / 128));
}

/// The middle of the range that the value field of device control 2 names (PCIe Base Specification 7.5.3.16).
std::optional<Picoseconds> timeout_range_middle(std::uint32_t code) {
    constexpr Picoseconds microsecond = 1'000'000;
    switch (code) {
        case 0x1:
            return 75 * microsecond;  // 50 to 100 us
        case 0x2:
            return 5'500 * microsecond;  // 1 to 10 ms
        case 0x5:
            return 35'500 * microsecond;  // 16 to 55 ms
        case 0x6:
            return 137'500 * microsecond;  // 65 to 210 ms
        case 0x9:
            return 580'000 * microsecond;  // 260 to 900 ms
        case 0xa:
            return 2'250'000 * microsecond;  // 1 to 3.5 s
        case 0xd:
            return 8'500'000 * microsecond;  // 4 to 13 s
        case 0xe:
            return 40'500'000 * microsecond;  // 17 to 64 s
        default:
            return std::nullopt;
    }
}

}  // namespace

void ConfigSpace::registers_changed() {
    if (power_management_ == 0) {
        return;
    }
    // A write of a state that the function lacks completes and changes nothing (PCI Power Management 1.2, 3.2.4).
    const unsigned at = power_management_ + power_control;
    const std::uint32_t given = read(at, 2);
    if ((given & power_state_mask) == 0 || (given & power_state_mask) == d3hot) {
        power_state_ = given & power_state_mask;
    } else {
        poke(at, 2, (given & ~power_state_mask) | power_state_);
    }
    forget_cleared_first_error();
}

unsigned ConfigSpace::add_capability(std::uint8_t id, unsigned bytes, std::span<const Register> registers) {
    const unsigned offset = next_capability_;
    set({last_link_, 1, offset, 0});
    set({offset, 1, id, 0});
    set_at(offset, registers);
    last_link_ = offset + 1;
    next_capability_ = (offset + bytes + 3) / 4 * 4;
    return offset;
}

unsigned ConfigSpace::add_extended_capability(std::uint16_t id, unsigned version, unsigned bytes,
                                              std::span<const Register> registers) {
    const unsigned offset = next_extended_;
    if (last_extended_ != 0) {
        set({last_extended_, 4, read(last_extended_, 4) | offset << 20, 0});
    }
    set({offset, 4, id | version << 16, 0});
    set_at(offset, registers);
    last_extended_ = offset;
    next_extended_ = (offset + bytes + 3) / 4 * 4;
    return offset;
}

void ConfigSpace::set_at(unsigned base, std::span<const Register> registers) {
    for (Register entry : registers) {
        entry.offset += base;
        set(entry);
    }
}

void ConfigSpace::add_power_management_capability(PowerStates states) {
    const std::uint32_t writable = states == PowerStates::d0_and_d3hot ? power_state_mask : 0;
    const Register registers[] = {
        {0x02, 2, 0x0003, 0},                  // PMC: version 3, no D1, D2 or PME
        {power_control, 2, 0x0008, writable},  // D0; No_Soft_Reset: nothing is lost in D3hot
    };
    power_management_ = add_capability(power_management_id, 8, registers);
}

void ConfigSpace::add_pcie_capability(PciePortType type, const PcieParameters& parameters, unsigned port_number) {
    const Register capabilities[] = {
        {pcie_register::capabilities, 2, 2u | static_cast<std::uint32_t>(type) << 4, 0},  // version 2, no slot
    };
    pcie_ = add_capability(pcie_id, 0x3c, capabilities);
    completion_timeout_ps_ = parameters.completion_timeout_ps;
    add_pcie_device_registers(type, parameters);
    add_pcie_link_registers(type, parameters, port_number);
}

void ConfigSpace::add_pcie_device_registers(PciePortType type, const PcieParameters& parameters) {
    using namespace pcie_register;
    const bool endpoint = type == PciePortType::endpoint;
    const bool requester = endpoint || type == PciePortType::root_port;
    const std::uint32_t payload = size_code(parameters.max_payload);
    const std::uint32_t read_request = size_code(parameters.max_read_request);
    const std::uint32_t extended_tags = parameters.tags >= 256 ? control_extended_tags : 0;
    const std::uint32_t tags_10_bit = parameters.tags == 1024 ? control_2_10_bit_tags : 0;
    const std::uint32_t always_writable =
        control_error_reporting | control_relaxed_ordering | control_payload | control_no_snoop | control_read_request;
    // Sizes and tags come up as the parameters say, and not at the specification's 128 B, 512 B and 32: there is no
    // BIOS that would raise them.
    const Register registers[] = {
        {device_capabilities, 4,
         payload | (extended_tags != 0 ? device_extended_tags : 0) | device_role_based_errors |
             (endpoint ? device_function_level_reset : 0),
         0},
        {device_control, 2,
         control_relaxed_ordering | control_no_snoop | extended_tags | payload << 5 | read_request << 12,
         always_writable | extended_tags | (endpoint ? control_initiate_reset : 0)},
        {device_status, 2, 0, 0, status_errors},
        {device_capabilities_2, 4,
         (requester ? device_2_timeout_ranges : 0) | (tags_10_bit != 0 ? device_2_10_bit_tags : 0), 0},
        {device_control_2, 2, tags_10_bit, (requester ? device_2_timeout_ranges : 0) | tags_10_bit},
    };
    set_at(pcie_, registers);
}

void ConfigSpace::add_pcie_link_registers(PciePortType type, const PcieParameters& parameters, unsigned port_number) {
    using namespace pcie_register;
    const std::uint32_t speed_and_width = parameters.generation | parameters.lanes << 4;
    const std::uint32_t speeds = (1u << parameters.generation) - 1;
    const bool root = type == PciePortType::root_port;
    const std::uint32_t boundary =
        root && parameters.read_completion_boundary == 128 ? link_control_boundary : 0;  // 0: 64 B
    // Retrain Link reads as zero and needs no action: a link is trained as long as it is up.
    const std::uint32_t control = link_control_clock_and_synch |
                                  (type == PciePortType::endpoint ? link_control_boundary : 0) |
                                  (is_downstream_port(type) ? link_control_disable : 0);
    const std::uint32_t reporting = is_downstream_port(type) ? link_active_reporting | link_surprise_down_reporting : 0;
    const Register registers[] = {
        {link_capabilities, 4, speed_and_width | reporting | link_aspm_compliance | port_number << 24, 0},
        {link_control, 2, boundary, control},
        {link_status, 2, speed_and_width, 0},
        {link_capabilities_2, 4, speeds << 1, 0},
        {link_control_2, 2, parameters.generation, 0},  // target speed
        {root_control, 2, 0, root ? 0x000fu : 0},       // system errors, PME interrupt
        {root_status, 4, 0, 0, root ? 0x10000u : 0},    // PME status
    };
    set_at(pcie_, registers);
}

std::uint32_t ConfigSpace::max_payload() const {
    const std::uint32_t supported = read(pcie_ + pcie_register::device_capabilities, 4) & 0x7;
    return 128u << std::min(supported, (device_control_bits() & control_payload) >> 5);
}

std::uint32_t ConfigSpace::max_read_request() const {
    return 128u << std::min(5u, (device_control_bits() & control_read_request) >> 12);
}

std::uint32_t ConfigSpace::tags() const {
    if (is_set(pcie_ + pcie_register::device_control_2, control_2_10_bit_tags)) {
        return 1024;
    }
    return (device_control_bits() & control_extended_tags) != 0 ? 256 : 32;
}

bool ConfigSpace::relaxed_ordering_enabled() const {
    return (device_control_bits() & control_relaxed_ordering) != 0;
}

bool ConfigSpace::no_snoop_enabled() const {
    return (device_control_bits() & control_no_snoop) != 0;
}

std::optional<Picoseconds> ConfigSpace::completion_timeout() const {
    const std::uint32_t control_2 = read(pcie_ + pcie_register::device_control_2, 2);
    if ((control_2 & control_2_timeout_off) != 0) {
        return std::nullopt;
    }
    return timeout_range_middle(control_2 & 0xf).value_or(completion_timeout_ps_);
}

void ConfigSpace::set_transactions_pending(bool pending) {
    const unsigned at = pcie_ + pcie_register::device_status;
    poke(at, 2, (read(at, 2) & ~status_transactions_pending) | (pending ? status_transactions_pending : 0));
}

}  // namespace aqpim
