#include <catch2/catch.hpp>

#include <random>

#include "tests/pcie/tree.h"

using namespace aqpim;

namespace {

constexpr unsigned pci_capability_power = 0x01;
constexpr unsigned pci_capability_pcie = 0x10;

}  // namespace

TEST_CASE("software finds the tree through ECAM") {
    EnumeratedTree scene;
    TestHost& host = scene.tree.host;
    const auto id = [](unsigned device) { return device << 16 | AQPIM_PCI_VENDOR; };
    CHECK(host.config_read(routing_id(0, 0, 0), 0) == id(AQPIM_PCI_DEVICE_HOST_BRIDGE));
    CHECK(host.config_read(Tree::root_port, 0) == id(AQPIM_PCI_DEVICE_ROOT_PORT));
    CHECK(host.config_read(Tree::switch_upstream, 0) == id(AQPIM_PCI_DEVICE_SWITCH_UPSTREAM));
    CHECK(host.config_read(Tree::switch_port(0), 0) == id(AQPIM_PCI_DEVICE_SWITCH_DOWNSTREAM));
    CHECK(host.config_read(Tree::switch_port(1), 0) == id(AQPIM_PCI_DEVICE_SWITCH_DOWNSTREAM));
    CHECK(host.config_read(Tree::function_id(0), 0) == id(AQPIM_PCI_DEVICE_GPU));
    CHECK(host.config_read(Tree::function_id(1, 1), 0) == id(AQPIM_PCI_DEVICE_PIM));
    CHECK(host.config_read(Tree::function_id(0), 0x0e, 1) == 0x00);
    CHECK(host.config_read(Tree::function_id(1), 0x0e, 1) == 0x80);
}

TEST_CASE("where no function is, configuration reads ones and swallows writes") {
    EnumeratedTree scene;
    TestHost& host = scene.tree.host;
    for (const RoutingId nobody :
         {routing_id(0, 2, 0), routing_id(0, 0, 1), routing_id(1, 1, 0), routing_id(2, 2, 0), routing_id(3, 1, 0),
          routing_id(3, 0, 1), routing_id(4, 0, 2), routing_id(5, 0, 0), routing_id(255, 31, 7)}) {
        INFO(nobody);
        host.config_write(nobody, 0x10, 0);
        CHECK(host.config_read(nobody, 0) == 0xffffffff);
        CHECK(host.config_read(nobody, 2, 2) == 0xffff);
    }
    CHECK(scene.tree.root.unsupported_requests() == 0);
}

TEST_CASE("a device does not pass on what is meant for a bus behind it") {
    EnumeratedTree scene;
    TestHost& host = scene.tree.host;
    for (const RoutingId bridge : {Tree::root_port, Tree::switch_upstream, Tree::switch_port(1)}) {
        host.config_write(bridge, pci_register::subordinate_bus, 5, 1);
    }
    const std::uint64_t tlps = scene.tree.link1.down().tlps;
    CHECK(host.config_read(routing_id(5, 0, 0), 0) == 0xffffffff);
    CHECK(scene.tree.link1.down().tlps == tlps + 1);
}

TEST_CASE("without bus numbers nothing is reached behind the root port") {
    Recorder recorder;
    Tree tree("tree", default_pcie_parameters(), recorder);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    CHECK(tree.host.config_read(Tree::switch_upstream, 0) == 0xffffffff);
}

TEST_CASE("BARs are sized through ECAM") {
    EnumeratedTree scene;
    TestHost& host = scene.tree.host;
    const RoutingId id = Tree::function_id(1, 1);
    host.config_write(id, 0x18, 0xffffffff);
    host.config_write(id, 0x1c, 0xffffffff);
    const std::uint64_t size = std::uint64_t{host.config_read(id, 0x1c)} << 32 | (host.config_read(id, 0x18) & ~0xfu);
    CHECK(~size + 1 == Tree::memory_bytes);
}

TEST_CASE("configuration takes accesses of one, two and four bytes") {
    EnumeratedTree scene;
    TestHost& host = scene.tree.host;
    const RoutingId id = Tree::function_id(0);
    host.config_write(id, 0x3c, 0xab, 1);
    CHECK(host.config_read(id, 0x3c, 1) == 0xab);
    CHECK(host.config_read(id, 0x00, 2) == AQPIM_PCI_VENDOR);
    CHECK(host.config_read(id, 0x02, 2) == AQPIM_PCI_DEVICE_GPU);

    std::uint64_t data = 0;
    sc_core::sc_time delay;
    CHECK(access(host.ecam, tlm::TLM_READ_COMMAND, 0, &data, 8, delay) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(access(host.ecam, tlm::TLM_READ_COMMAND, 2, &data, 4, delay) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(access(host.ecam, tlm::TLM_READ_COMMAND, 0, &data, 3, delay) == tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST_CASE("a device takes its bus number from configuration writes") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    CHECK(tree.device1.id(1) == routing_id(4, 0, 1));
    tree.host.config_write(Tree::switch_port(1), pci_register::subordinate_bus, 9, 1);
    tree.host.config_write(Tree::switch_port(1), pci_register::secondary_bus, 9, 1);
    tree.host.config_write(Tree::switch_upstream, pci_register::subordinate_bus, 9, 1);
    tree.host.config_write(Tree::root_port, pci_register::subordinate_bus, 9, 1);
    tree.host.config_write(routing_id(9, 0, 0), 0x3c, 0, 1);
    CHECK(tree.device1.id(1) == routing_id(9, 0, 1));
}

TEST_CASE("each BAR reaches its own core") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    tree.host.write(Tree::registers_at(0) + 0x10, 1);
    tree.host.write(Tree::registers_at(1) + 0x20, 2);
    tree.host.write(Tree::registers_at(1, 1) + 0x30, 3);
    tree.host.write(Tree::memory_at(1, 1) + 0x40, 4);
    CHECK(tree.core0.registers.word(0x10) == 1);
    CHECK(tree.core1.registers.word(0x20) == 2);
    CHECK(tree.core1b.registers.word(0x30) == 3);
    CHECK(tree.core1b.memory.word(0x40) == 4);
    CHECK(tree.host.read(Tree::memory_at(1, 1) + 0x40) == 4);
    CHECK(tree.root.unsupported_requests() == 0);
}

TEST_CASE("a debugger reads and writes BAR memory and reads configuration without taking time") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    const std::uint64_t link_tlps = tree.root_link.down().tlps;
    std::uint32_t value = 0x12345678;
    tlm::tlm_generic_payload payload;
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(4);
    payload.set_write();
    payload.set_address(Tree::memory_at(1) + 8);
    CHECK(tree.host.mmio->transport_dbg(payload) == 4);
    CHECK(tree.core1.memory.word(8) == 0x12345678);
    payload.set_read();
    payload.set_address(std::uint64_t{Tree::function_id(0)} << 12);
    CHECK(tree.host.ecam->transport_dbg(payload) == 4);
    CHECK(value == (AQPIM_PCI_DEVICE_GPU << 16 | AQPIM_PCI_VENDOR));
    payload.set_write();
    CHECK(tree.host.ecam->transport_dbg(payload) == 0);
    payload.set_address(0x7000'0000);
    CHECK(tree.host.mmio->transport_dbg(payload) == 0);
    payload.set_address(0x8000'0000);
    CHECK(tree.core0.dma->transport_dbg(payload) == 4);
    CHECK(tree.host.memory.word(0x8000'0000) == value);
    CHECK(tree.core1.memory.accesses.empty());
    CHECK(tree.root_link.down().tlps == link_tlps);
}

namespace {

/// Ends what software may have set that keeps requests from passing: link disable, resets, power states.
void put_right(Tree& tree, RoutingId function) {
    TestHost& host = tree.host;
    unsigned offset = host.config_read(function, pci_register::capabilities, 1);
    while (offset != 0 && offset != 0xff) {
        const unsigned id = host.config_read(function, offset, 1);
        if (id == pci_capability_power) {
            host.config_write(function, offset + 4, 0, 2);
        } else if (id == pci_capability_pcie) {
            host.config_write(function, offset + pcie_register::link_control, 0, 2);
        }
        offset = host.config_read(function, offset + 1, 1);
    }
}

void put_bridge_right(Tree& tree, RoutingId bridge, unsigned secondary) {
    put_right(tree, bridge);
    tree.host.config_write(bridge, pci_register::primary_bus, bus_of(bridge) | secondary << 8 | 4 << 16);
    tree.host.config_write(bridge, pci_register::bridge_control, 0, 2);
    sc_core::sc_start(13, sc_core::SC_MS);  // links train
}

void put_right(Tree& tree) {
    put_bridge_right(tree, Tree::root_port, 1);
    put_bridge_right(tree, Tree::switch_upstream, 2);
    put_bridge_right(tree, Tree::switch_port(0), 3);
    put_right(tree, Tree::function_id(0));
    put_bridge_right(tree, Tree::switch_port(1), 4);
    put_right(tree, Tree::function_id(1, 0));
    put_right(tree, Tree::function_id(1, 1));
}

}  // namespace

TEST_CASE("no sequence of configuration writes breaks the tree for good") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    std::mt19937 random(7);
    for (int i = 0; i < 20'000; ++i) {
        const RoutingId target = routing_id(random() % 6, random() % 3, random() % 3);
        const unsigned bytes = 1u << random() % 3;
        tree.host.config_write(target, random() % (0x200 / bytes) * bytes, static_cast<std::uint32_t>(random()), bytes);
        tree.host.config_read(target, random() % (0x80 / bytes) * bytes, bytes);
        sc_core::sc_time delay;
        tree.host.write(Tree::registers_at(random() % 2), 0, delay);
        tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, Tree::memory_at(1), 64, delay);
        tree.device1.msix(0).raise(random() % 4, delay);
    }
    put_right(tree);
    tree.enumerate();
    tree.host.write(Tree::registers_at(1) + 4, 77);
    CHECK(tree.host.read(Tree::registers_at(1) + 4) == 77);
}

TEST_CASE("after a reset the tree is as at power-on, and can be enumerated again") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    tree.host.write(Tree::msix_at(0) + 12, 0);
    tree.device0.reset();
    tree.device1.reset();
    tree.pcie_switch.reset();
    tree.root.reset();
    CHECK(tree.host.config_read(Tree::root_port, pci_register::primary_bus) == 0);
    CHECK(tree.host.config_read(Tree::function_id(0), 0) == 0xffff'ffff);
    CHECK(tree.device0.id(0) == 0);
    tree.enumerate();
    CHECK(tree.host.config_read(Tree::function_id(0), 0) == (AQPIM_PCI_DEVICE_GPU << 16 | AQPIM_PCI_VENDOR));
    CHECK(tree.host.read(Tree::msix_at(0) + 12) == 1);  // masked
}
