#include "tests/pcie/fabric.h"

#include <algorithm>

namespace aqpim {

namespace {

constexpr std::uint64_t window = 0x10'0000;  // of bridges: 1 MiB
constexpr unsigned type_1 = 0x01;

FunctionDescription gpu() {
    return {AQPIM_PCI_VENDOR,
            AQPIM_PCI_DEVICE_GPU,
            AQPIM_PCI_CLASS_GPU,
            "gpu",
            0,
            {{AQPIM_BAR_REGISTERS, 0x1'0000, true, false}, {AQPIM_BAR_MEMORY, 16 << 20, true, true}}};
}

std::uint64_t aligned(std::uint64_t address, std::uint64_t size) {
    return (address + size - 1) / size * size;
}

}  // namespace

Fabric::Fabric(sc_core::sc_module_name name, const PcieParameters& parameters, const Shape& shape, Recorder& recorder)
    : sc_module(name), scheduler("scheduler"), host("host"), root("root", parameters, scheduler, recorder) {
    host.ecam.bind(root.ecam);
    host.mmio.bind(root.mmio);
    root.memory.bind(host.memory.socket);
    for (const unsigned ports : shape.ports) {
        switches.push_back(std::make_unique<PcieSwitch>(sc_core::sc_gen_unique_name("switch"), parameters, ports,
                                                        scheduler, recorder));
    }
    PcieLink& root_link = add_link(parameters, recorder);
    connect(root, root_link);
    connect(root_link, *switches[0]);
    for (std::size_t i = 0; i < shape.below.size(); ++i) {
        PcieLink& link = add_link(parameters, recorder);
        connect(*switches[shape.below[i].above], shape.below[i].port, link);
        connect(link, *switches[i + 1]);
    }
    for (unsigned above = 0; above < switches.size(); ++above) {
        for (unsigned port = 0; port < shape.ports[above]; ++port) {
            const bool is_taken = std::any_of(shape.below.begin(), shape.below.end(), [&](const Below& below) {
                return below.above == above && below.port == port;
            });
            if (!is_taken) {
                add_device(above, port, parameters, recorder);
            }
        }
    }
}

PcieLink& Fabric::add_link(const PcieParameters& parameters, Recorder& recorder) {
    links.push_back(std::make_unique<PcieLink>(sc_core::sc_gen_unique_name("link"), parameters, recorder));
    return *links.back();
}

void Fabric::add_device(unsigned above, unsigned port, const PcieParameters& parameters, Recorder& recorder) {
    cores.push_back(std::make_unique<TestCore>(sc_core::sc_gen_unique_name("core")));
    devices.push_back(std::make_unique<PcieDevice>(sc_core::sc_gen_unique_name("device"), parameters,
                                                   std::vector{gpu()}, scheduler, recorder));
    PcieLink& link = add_link(parameters, recorder);
    connect(*switches[above], port, link);
    connect(link, *devices.back());
    devices.back()->bar(0, AQPIM_BAR_REGISTERS).bind(cores.back()->registers.socket);
    devices.back()->bar(0, AQPIM_BAR_MEMORY).bind(cores.back()->memory.socket);
    cores.back()->checker.initiator.bind(devices.back()->dma(0));
}

std::vector<Fabric::Found> Fabric::enumerate() {
    std::vector<Found> found;
    last_bus_ = 0;
    next_registers_ = 0x4000'0000;
    next_memory_ = 0x4'0000'0000;
    scan_bus(0, found);
    return found;
}

void Fabric::scan_bus(unsigned bus, std::vector<Found>& found) {
    for (unsigned device = 0; device < 32; ++device) {
        const RoutingId id = routing_id(bus, device, 0);
        if (host.config_read(id, pci_register::vendor_id, 2) == 0xffff) {
            continue;
        }
        if (host.config_read(id, pci_register::header_type, 1) == type_1) {
            scan_bridge(id, found);
        } else if (bus != 0) {
            place_device(id, found);
        }
    }
}

void Fabric::scan_bridge(RoutingId bridge, std::vector<Found>& found) {
    const unsigned secondary = ++last_bus_;
    host.config_write(bridge, pci_register::primary_bus, bus_of(bridge) | secondary << 8 | 0xff0000);
    next_registers_ = aligned(next_registers_, window);
    next_memory_ = aligned(next_memory_, window);
    const std::uint64_t first_registers = next_registers_;
    const std::uint64_t first_memory = next_memory_;
    scan_bus(secondary, found);
    next_registers_ = aligned(next_registers_, window);
    next_memory_ = aligned(next_memory_, window);
    const std::uint64_t last_memory = next_memory_ - 1;
    host.config_write(bridge, pci_register::subordinate_bus, last_bus_, 1);
    host.config_write(bridge, pci_register::memory_base, first_registers >> 16, 2);
    host.config_write(bridge, pci_register::memory_limit, (next_registers_ - 1) >> 16 & 0xfff0, 2);
    host.config_write(bridge, pci_register::prefetchable_base, first_memory >> 16 & 0xfff0, 2);
    host.config_write(bridge, pci_register::prefetchable_limit, last_memory >> 16 & 0xfff0, 2);
    host.config_write(bridge, pci_register::prefetchable_base_upper, static_cast<std::uint32_t>(first_memory >> 32));
    host.config_write(bridge, pci_register::prefetchable_limit_upper, static_cast<std::uint32_t>(last_memory >> 32));
    host.config_write(bridge, pci_register::command, pci_command_memory | pci_command_bus_master, 2);
}

void Fabric::place_device(RoutingId id, std::vector<Found>& found) {
    const std::uint64_t registers = place_bar(id, pci_register::bar0, next_registers_);
    const std::uint64_t memory = place_bar(id, pci_register::bar0 + 8, next_memory_);
    host.config_write(id, pci_register::command, pci_command_memory | pci_command_bus_master, 2);
    found.push_back({id, registers, memory});
}

std::uint64_t Fabric::place_bar(RoutingId id, unsigned offset, std::uint64_t& next) {
    host.config_write(id, offset, 0xffff'ffff);
    host.config_write(id, offset + 4, 0xffff'ffff);
    const std::uint64_t mask =
        std::uint64_t{host.config_read(id, offset + 4)} << 32 | (host.config_read(id, offset) & ~0xfu);
    const std::uint64_t size = ~mask + 1;
    const std::uint64_t address = aligned(next, size);
    next = address + size;
    host.config_write(id, offset, static_cast<std::uint32_t>(address));
    host.config_write(id, offset + 4, static_cast<std::uint32_t>(address >> 32));
    return address;
}

}  // namespace aqpim
