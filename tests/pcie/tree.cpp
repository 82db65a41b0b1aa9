#include "tests/pcie/tree.h"

#include <algorithm>

#include "models/common/no_contents.h"

namespace aqpim {

NotingMemory::NotingMemory(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
    socket.register_b_transport(this, &NotingMemory::b_transport);
    socket.register_transport_dbg(this, &NotingMemory::transport_dbg);
}

std::uint32_t NotingMemory::word(std::uint64_t address) const {
    std::uint32_t value = 0;
    contents.read(address, reinterpret_cast<std::uint8_t*>(&value), sizeof value);
    return value;
}

void NotingMemory::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const Picoseconds arrival = local_time_ps(delay);
    if (notes) {
        accesses.push_back({payload.is_write(), payload.get_address(), payload.get_data_length(), arrival});
    }
    if (bandwidth != 0) {
        free_at_ = std::max(free_at_, arrival) + transfer_time_ps(payload.get_data_length(), bandwidth);
        delay = from_ps(free_at_) - sc_core::sc_time_stamp();
    }
    delay += payload.get_address() < latency_below ? from_ps(latency) : sc_core::SC_ZERO_TIME;
    if (answer != tlm::TLM_OK_RESPONSE) {
        payload.set_response_status(answer);
        return;
    }
    const bool moved = NoContents::is_set(payload) ? payload.get_address() < size : move(payload);
    payload.set_response_status(moved ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

unsigned NotingMemory::transport_dbg(tlm::tlm_generic_payload& payload) {
    return move(payload) ? payload.get_data_length() : 0;
}

bool NotingMemory::move(tlm::tlm_generic_payload& payload) {
    if (payload.get_address() >= size) {
        return false;
    }
    if (payload.is_write()) {
        contents.write(payload.get_address(), payload.get_data_ptr(), payload.get_data_length());
    } else {
        contents.read(payload.get_address(), payload.get_data_ptr(), payload.get_data_length());
    }
    return true;
}

TestCore::TestCore(sc_core::sc_module_name name)
    : sc_module(name), dma("dma"), checker("checker"), registers("registers"), memory("memory") {
    dma.bind(checker.target);
    dma.register_nb_transport_bw(this, &TestCore::nb_transport_bw);
}

tlm::tlm_sync_enum TestCore::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_RESP) {
        return tlm::TLM_ACCEPTED;
    }
    on_response(payload, delay);
    return tlm::TLM_COMPLETED;
}

TestHost::TestHost(sc_core::sc_module_name name) : sc_module(name), ecam("ecam"), mmio("mmio"), memory("memory") {}

std::uint32_t TestHost::config_read(RoutingId function, unsigned offset, unsigned bytes) {
    std::uint32_t value = 0;
    sc_core::sc_time delay;
    access(ecam, tlm::TLM_READ_COMMAND, std::uint64_t{function} << 12 | offset, &value, bytes, delay);
    return value;
}

void TestHost::config_write(RoutingId function, unsigned offset, std::uint32_t value, unsigned bytes) {
    sc_core::sc_time delay;
    access(ecam, tlm::TLM_WRITE_COMMAND, std::uint64_t{function} << 12 | offset, &value, bytes, delay);
}

std::uint32_t TestHost::read(std::uint64_t address, sc_core::sc_time& delay) {
    std::uint32_t value = 0;
    access(mmio, tlm::TLM_READ_COMMAND, address, &value, sizeof value, delay);
    return value;
}

std::uint32_t TestHost::read(std::uint64_t address) {
    sc_core::sc_time delay;
    return read(address, delay);
}

void TestHost::write(std::uint64_t address, std::uint32_t value, sc_core::sc_time& delay) {
    access(mmio, tlm::TLM_WRITE_COMMAND, address, &value, sizeof value, delay);
}

void TestHost::write(std::uint64_t address, std::uint32_t value) {
    sc_core::sc_time delay;
    write(address, value, delay);
}

namespace {

FunctionDescription function(const std::string& name, std::uint16_t device, std::uint32_t class_code) {
    return {
        AQPIM_PCI_VENDOR,
        device,
        class_code,
        name,
        4,
        {{AQPIM_BAR_REGISTERS, Tree::register_bytes, true, false}, {AQPIM_BAR_MEMORY, Tree::memory_bytes, true, true}}};
}

FunctionDescription gpu(const std::string& name) {
    return function(name, AQPIM_PCI_DEVICE_GPU, AQPIM_PCI_CLASS_GPU);
}
FunctionDescription pim(const std::string& name) {
    return function(name, AQPIM_PCI_DEVICE_PIM, AQPIM_PCI_CLASS_PIM);
}

void bind_core(PcieDevice& device, unsigned function, TestCore& core) {
    device.bar(function, AQPIM_BAR_REGISTERS).bind(core.registers.socket);
    device.bar(function, AQPIM_BAR_MEMORY).bind(core.memory.socket);
    core.checker.initiator.bind(device.dma(function));
}

}  // namespace

Tree::Tree(sc_core::sc_module_name name, const PcieParameters& parameters, Recorder& recorder)
    : sc_module(name),
      scheduler("scheduler"),
      host("host"),
      root("root", parameters, scheduler, recorder),
      root_link("root_link", parameters, recorder),
      pcie_switch("switch", parameters, 2, scheduler, recorder),
      link0("link0", parameters, recorder),
      link1("link1", parameters, recorder),
      device0("device0", parameters, {gpu("gpu")}, scheduler, recorder),
      device1("device1", parameters, {gpu("gpu"), pim("pim")}, scheduler, recorder),
      core0("core0"),
      core1("core1"),
      core1b("core1b") {
    host.ecam.bind(root.ecam);
    host.mmio.bind(root.mmio);
    root.memory.bind(host.memory.socket);
    connect(root, root_link);
    connect(root_link, pcie_switch);
    connect(pcie_switch, 0, link0);
    connect(link0, device0);
    connect(pcie_switch, 1, link1);
    connect(link1, device1);
    bind_core(device0, 0, core0);
    bind_core(device1, 0, core1);
    bind_core(device1, 1, core1b);
}

void Tree::enumerate() {
    open_bridge(root_port, 1, 4, 0, 1);
    open_bridge(switch_upstream, 2, 4, 0, 1);
    open_bridge(switch_port(0), 3, 3, 0, 0);
    open_bridge(switch_port(1), 4, 4, 1, 1);
    place_bars(0, 0);
    place_bars(1, 0);
    place_bars(1, 1);
}

void Tree::open_bridge(RoutingId bridge, unsigned secondary, unsigned subordinate, unsigned first_device,
                       unsigned last_device) {
    const std::uint64_t first = memory_at(first_device);
    const std::uint64_t last = memory_at(last_device, 1) + memory_bytes - 1;
    host.config_write(bridge, pci_register::primary_bus, bus_of(bridge) | secondary << 8 | subordinate << 16);
    host.config_write(bridge, pci_register::memory_base, registers_at(first_device) >> 16, 2);
    host.config_write(bridge, pci_register::memory_limit, registers_at(last_device) >> 16, 2);
    host.config_write(bridge, pci_register::prefetchable_base, first >> 16 & 0xfff0, 2);
    host.config_write(bridge, pci_register::prefetchable_limit, last >> 16 & 0xfff0, 2);
    host.config_write(bridge, pci_register::prefetchable_base_upper, static_cast<std::uint32_t>(first >> 32));
    host.config_write(bridge, pci_register::prefetchable_limit_upper, static_cast<std::uint32_t>(last >> 32));
    host.config_write(bridge, pci_register::command, pci_command_memory | pci_command_bus_master, 2);
}

void Tree::place_bars(unsigned device, unsigned function) {
    const RoutingId id = function_id(device, function);
    host.config_write(id, 0x10, static_cast<std::uint32_t>(registers_at(device, function)));
    host.config_write(id, 0x14, 0);
    host.config_write(id, 0x18, static_cast<std::uint32_t>(memory_at(device, function)));
    host.config_write(id, 0x1c, static_cast<std::uint32_t>(memory_at(device, function) >> 32));
    host.config_write(id, 0x20, static_cast<std::uint32_t>(msix_at(device, function)));
    host.config_write(id, pci_register::command, pci_command_memory | pci_command_bus_master, 2);
}

tlm::tlm_response_status Tree::dma(TestCore& core, tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes,
                                   sc_core::sc_time& delay) {
    std::vector<std::uint8_t> data(bytes, 0x5a);
    return access(core.dma, command, address, data.data(), bytes, delay);
}

}  // namespace aqpim
