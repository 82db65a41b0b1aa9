#include "models/pcie/bridge_config.h"

#include "aqpim/pci_ids.h"

namespace aqpim {

namespace {

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;

constexpr std::uint32_t link_disable = 0x0010;
constexpr std::uint32_t link_active = 0x2000;

// Access control services (PCIe Base Specification 7.7.8).
constexpr std::uint16_t access_control_id = 0x000d;
constexpr unsigned access_control_control = 0x06;
constexpr std::uint32_t request_redirect = 0x04;
constexpr std::uint32_t completion_redirect = 0x08;
constexpr std::uint32_t access_control_bits = request_redirect | completion_redirect;

// Root error status (PCIe Base Specification 7.8.4.10).
constexpr std::uint32_t correctable_received = 0x01;
constexpr std::uint32_t many_correctable_received = 0x02;
constexpr std::uint32_t uncorrectable_received = 0x04;
constexpr std::uint32_t many_uncorrectable_received = 0x08;
constexpr std::uint32_t first_uncorrectable_fatal = 0x10;
constexpr std::uint32_t nonfatal_received = 0x20;
constexpr std::uint32_t fatal_received = 0x40;

bool is_uncorrectable(ErrorMessage message) {
    return message == ErrorMessage::nonfatal || message == ErrorMessage::fatal;
}

}  // namespace

HostBridgeConfig::HostBridgeConfig()
    : ConfigSpace({AQPIM_PCI_VENDOR, AQPIM_PCI_DEVICE_HOST_BRIDGE, AQPIM_PCI_CLASS_HOST_BRIDGE}) {
    add_power_management_capability(PowerStates::d0);
}

BridgeConfig::BridgeConfig(std::uint16_t device, PciePortType type, const PcieParameters& parameters,
                           unsigned port_number)
    : ConfigSpace({AQPIM_PCI_VENDOR, device, AQPIM_PCI_CLASS_BRIDGE}), type_(type) {
    // Base above limit: as real ports come up, closed until software opens them.
    const Register header[] = {
        {pci_register::header_type, 1, 0x01, 0},
        {pci_register::primary_bus, 1, 0, 0xff},
        {pci_register::secondary_bus, 1, 0, 0xff},
        {pci_register::subordinate_bus, 1, 0, 0xff},
        {pci_register::secondary_status, 2, 0, 0, pci_status_errors},
        {pci_register::memory_base, 2, 0xfff0, 0xfff0},
        {pci_register::memory_limit, 2, 0x0000, 0xfff0},
        {pci_register::prefetchable_base, 2, 0xfff1, 0xfff0},  // low nibble 1: 64 bit
        {pci_register::prefetchable_limit, 2, 0x0001, 0xfff0},
        {pci_register::prefetchable_base_upper, 4, 0, 0xffffffff},
        {pci_register::prefetchable_limit_upper, 4, 0, 0xffffffff},
        {pci_register::bridge_control, 2, 0, pci_bridge_parity_response | pci_bridge_serr | pci_bridge_secondary_reset},
    };
    set(header);
    add_power_management_capability(PowerStates::d0_and_d3hot);
    add_pcie_capability(type, parameters, port_number);
    add_aer_capability(type);
    if (is_downstream_port(type)) {
        put_link_on_secondary_side();
    }
    if (type == PciePortType::switch_downstream) {
        add_access_control_capability(parameters.acs_redirect);
    }
    set_link_up(true);
}

void BridgeConfig::add_access_control_capability(bool redirects) {
    const Register registers[] = {
        {0x04, 2, access_control_bits, 0},
        {access_control_control, 2, redirects ? request_redirect : 0, access_control_bits},
    };
    access_control_ = add_extended_capability(access_control_id, 1, 8, registers);
}

bool BridgeConfig::claims_bus(unsigned bus) const {
    return bus >= first_bus_ && bus <= last_bus_;
}

bool BridgeConfig::claims(std::uint64_t address, std::uint64_t bytes) const {
    return memory_.holds(address, bytes) || prefetchable_.holds(address, bytes);
}

/// The registers hold bits 31 to 20 of a window's first and last megabyte, and `*_upper` bits 63 to 32. A base above
/// the limit closes the window. Nothing passes a port in D3hot (PCIe Base Specification 5.3.1.4).
void BridgeConfig::open_windows() {
    using namespace pci_register;
    const auto window = [](std::uint64_t base, std::uint64_t limit, std::uint64_t base_upper,
                           std::uint64_t limit_upper) {
        return Window{base_upper << 32 | (base & 0xfff0) << 16,
                      limit_upper << 32 | (limit & 0xfff0) << 16 | (megabyte - 1)};
    };
    memory_ = prefetchable_ = Window{};
    if (memory_enabled()) {
        memory_ = window(read(memory_base, 2), read(memory_limit, 2), 0, 0);
        prefetchable_ = window(read(prefetchable_base, 2), read(prefetchable_limit, 2),
                               read(prefetchable_base_upper, 4), read(prefetchable_limit_upper, 4));
    }
    const bool has_buses = !in_d3hot() && secondary_bus() != 0;
    first_bus_ = has_buses ? secondary_bus() : 1;
    last_bus_ = has_buses ? read(subordinate_bus, 1) : 0;
}

bool BridgeConfig::link_disabled() const {
    return is_set(pcie_capability() + pcie_register::link_control, link_disable);
}

void BridgeConfig::set_link_up(bool up) {
    link_up_ = up;
    registers_changed();
}

void BridgeConfig::registers_changed() {
    ConfigSpace::registers_changed();
    open_windows();
    if (is_downstream_port(type_)) {
        const unsigned at = pcie_capability() + pcie_register::link_status;
        poke(at, 2, (read(at, 2) & ~link_active) | (link_up_ ? link_active : 0));
    }
}

AcsControl BridgeConfig::acs() const {
    const std::uint32_t control = access_control_ == 0 ? 0 : read(access_control_ + access_control_control, 2);
    return {(control & request_redirect) != 0, (control & completion_redirect) != 0};
}

bool BridgeConfig::passes_from_secondary(ErrorMessage message) {
    set_bits(pci_register::secondary_status, 2, is_uncorrectable(message) ? pci_status_system_error : 0);
    return is_set(pci_register::bridge_control, pci_bridge_serr);
}

bool BridgeConfig::signals_system_error(ErrorMessage message) {
    const bool signals = is_uncorrectable(message) && is_set(pci_register::command, pci_command_serr);
    set_bits(pci_register::status, 2, signals ? pci_status_system_error : 0);
    return signals;
}

ErrorMessage BridgeConfig::forward_error_message(ErrorMessage message) {
    const bool passes = passes_from_secondary(message) && (!is_uncorrectable(message) || signals_system_error(message));
    return passes ? message : ErrorMessage::none;
}

/// Command's SERR# enable holds nothing back here: it is about messages that leave by the primary side.
bool BridgeConfig::receive_error_message(ErrorMessage message, RoutingId source) {
    if (!passes_from_secondary(message)) {
        return false;
    }
    signals_system_error(message);
    return note_root_error(message, source);
}

bool BridgeConfig::note_root_error(ErrorMessage message, RoutingId source) {
    const bool interrupted = wants_error_interrupt();
    const unsigned status_at = aer_capability() + aer_register::root_status;
    const unsigned source_at = aer_capability() + aer_register::error_source;
    const std::uint32_t status = read(status_at, 4);
    if (message == ErrorMessage::correctable) {
        const bool first = (status & correctable_received) == 0;
        set_bits(status_at, 4, first ? correctable_received : many_correctable_received);
        poke(source_at, 2, first ? source : read(source_at, 2));
    } else if (message != ErrorMessage::none) {
        const bool fatal = message == ErrorMessage::fatal;
        const bool first = (status & uncorrectable_received) == 0;
        set_bits(status_at, 4, first ? uncorrectable_received : many_uncorrectable_received);
        set_bits(status_at, 4, fatal ? fatal_received : nonfatal_received);
        set_bits(status_at, 4, first && fatal ? first_uncorrectable_fatal : 0);
        poke(source_at + 2, 2, first ? source : read(source_at + 2, 2));
    }
    return wants_error_interrupt() && !interrupted;
}

bool BridgeConfig::wants_error_interrupt() const {
    const std::uint32_t status = read(aer_capability() + aer_register::root_status, 4);
    const std::uint32_t command = read(aer_capability() + aer_register::root_command, 4);
    // Bits 0 to 2 of the command: correctable, non-fatal, fatal.
    const std::uint32_t received = ((status & correctable_received) != 0 ? 0x1 : 0) |
                                   ((status & nonfatal_received) != 0 ? 0x2 : 0) |
                                   ((status & fatal_received) != 0 ? 0x4 : 0);
    return (received & command) != 0;
}

}  // namespace aqpim
