#include <catch2/catch.hpp>

#include "tests/pcie/tree.h"

using namespace aqpim;

namespace {

void set_command(Tree& tree, RoutingId function, std::uint32_t command) {
    tree.host.config_write(function, pci_register::command, command, 2);
}

}  // namespace

TEST_CASE("a host read that nobody takes gives ones and is counted") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    CHECK(tree.host.read(0x7000'0000) == 0xffffffff);                       // no window of the root port
    CHECK(tree.host.read(Tree::registers_at(0) + 0x8'0000) == 0xffffffff);  // a window, no BAR
    CHECK(tree.root.unsupported_requests() == 2);
    CHECK(tree.device0.unsupported_requests() == 1);
}

TEST_CASE("a host write that nobody takes vanishes and is counted") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    std::uint32_t value = 0;
    sc_core::sc_time delay;
    CHECK(access(tree.host.mmio, tlm::TLM_WRITE_COMMAND, 0x7000'0000, &value, 4, delay) == tlm::TLM_OK_RESPONSE);
    CHECK(tree.root.unsupported_requests() == 1);
}

TEST_CASE("a read across the end of a BAR is unsupported") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    std::uint64_t value = 0;
    sc_core::sc_time delay;
    CHECK(access(tree.host.mmio, tlm::TLM_READ_COMMAND, Tree::registers_at(0) + Tree::register_bytes - 4, &value, 8,
                 delay) == tlm::TLM_OK_RESPONSE);
    CHECK(value == ~std::uint64_t{0});
    CHECK(tree.core0.registers.accesses.empty());
}

TEST_CASE("without memory space enable no bridge and no function takes requests") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    std::uint64_t failed = 0;
    for (const RoutingId function :
         {Tree::root_port, Tree::switch_upstream, Tree::switch_port(0), Tree::function_id(0)}) {
        INFO(function);
        set_command(tree, function, pci_command_bus_master);
        CHECK(tree.host.read(Tree::registers_at(0)) == 0xffffffff);
        CHECK(tree.root.unsupported_requests() == ++failed);
        set_command(tree, function, pci_command_memory | pci_command_bus_master);
        CHECK(tree.host.read(Tree::registers_at(0)) == 0);
    }
}

TEST_CASE("without bus master enable a function's requests are refused") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    set_command(tree, Tree::function_id(0), pci_command_memory);
    sc_core::sc_time delay;
    CHECK(tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, 0x8000'0000, 64, delay) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(delay == sc_core::SC_ZERO_TIME);
    CHECK(tree.host.memory.accesses.empty());
}

TEST_CASE("without bus master enable no bridge passes requests upstream") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    for (const RoutingId bridge : {Tree::root_port, Tree::switch_upstream, Tree::switch_port(0)}) {
        INFO(bridge);
        set_command(tree, bridge, pci_command_memory);
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_READ_COMMAND, 0x8000'0000, 64, delay) == unsupported_request);
        set_command(tree, bridge, pci_command_memory | pci_command_bus_master);
        CHECK(tree.dma(tree.core0, tlm::TLM_READ_COMMAND, 0x8000'0000, 64, delay) == tlm::TLM_OK_RESPONSE);
    }
    CHECK(tree.pcie_switch.unsupported_requests() == 2);
}

TEST_CASE("a device's request that nobody takes is unsupported") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    const std::uint64_t nowhere[] = {
        NotingMemory::size,                // not on the host's bus
        Tree::registers_at(1) + 0x8'0000,  // the peer's window, no BAR
        Tree::registers_at(0) + 0x8'0000,  // the device's own window, no BAR
    };
    for (const std::uint64_t address : nowhere) {
        INFO(address);
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_READ_COMMAND, address, 64, delay) == unsupported_request);
        CHECK(tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, address, 64, delay) == unsupported_request);
    }
}

TEST_CASE("a device's request that the host's bus leads back down is unsupported") {
    EnumeratedTree scene;
    TestHost& host = scene.tree.host;
    std::uint32_t value = 0;
    TlpExtension tlp;
    tlm::tlm_generic_payload payload;
    payload.set_read();
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    const TlpLoan loan(payload, tlp);
    sc_core::sc_time delay;
    payload.set_address(Tree::registers_at(0));
    host.mmio->b_transport(payload, delay);
    CHECK(payload.get_response_status() == unsupported_request);
    payload.set_address(0);
    host.ecam->b_transport(payload, delay);
    CHECK(payload.get_response_status() == unsupported_request);
    CHECK(scene.tree.core0.registers.accesses.empty());
}

TEST_CASE("byte enables and wrapping are refused") {
    EnumeratedTree scene;
    std::uint64_t value = 0;
    std::uint64_t enables = 0xff;
    tlm::tlm_generic_payload payload;
    payload.set_write();
    payload.set_address(Tree::memory_at(0));
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(8);
    payload.set_streaming_width(4);
    sc_core::sc_time delay;
    scene.tree.host.mmio->b_transport(payload, delay);
    CHECK(payload.get_response_status() == tlm::TLM_BURST_ERROR_RESPONSE);
    payload.set_streaming_width(8);
    payload.set_byte_enable_ptr(reinterpret_cast<unsigned char*>(&enables));
    payload.set_byte_enable_length(8);
    scene.tree.core0.dma->b_transport(payload, delay);
    CHECK(payload.get_response_status() == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
}

TEST_CASE("a transaction that did not come through a PCIe model is a wiring error") {
    tlm::tlm_generic_payload payload;
    CHECK_THROWS_AS(tlp_of(payload), sc_core::sc_report);
}
