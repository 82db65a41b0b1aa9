// What goes wrong, in both fidelities: every request is answered, and the platform works again afterwards.
#include <catch2/catch.hpp>

#include <algorithm>

#include "models/pcie/link_fault_injector.h"
#include "tests/pcie/burst_dma.h"
#include "tests/pcie/host_software.h"

using namespace aqpim;

namespace {

constexpr std::uint64_t hole_of_device_1 = Tree::registers_at(1) + 0x8'0000;
constexpr BurstDma::Transfer large_write{tlm::TLM_WRITE_COMMAND, 0x8000'0000, 1 << 20};
constexpr BurstDma::Transfer large_read{tlm::TLM_READ_COMMAND, 0x8000'0000, 1 << 20};

void enable_error_messages(Tree& tree) {
    for (const RoutingId id : {Tree::root_port, Tree::switch_upstream, Tree::switch_port(0), Tree::switch_port(1)}) {
        FunctionRegisters bridge(tree.host, id);
        bridge.enable_error_messages();
        bridge.write(pci_register::bridge_control, pci_bridge_serr, 2);
    }
    for (const RoutingId id : {Tree::function_id(0), Tree::function_id(1, 0), Tree::function_id(1, 1)}) {
        FunctionRegisters(tree.host, id).enable_error_messages();
    }
}

std::uint32_t root_error_status(Tree& tree) {
    FunctionRegisters root(tree.host, Tree::root_port);
    return root.read(root.aer(aer_register::root_status));
}

std::uint32_t error_source(Tree& tree) {
    FunctionRegisters root(tree.host, Tree::root_port);
    return root.read(root.aer(aer_register::error_source));
}

/// The tree is set up again and moves data both ways.
void check_works(Tree& tree) {
    tree.enumerate();
    tree.host.write(Tree::registers_at(0) + 8, 77);
    CHECK(tree.host.read(Tree::registers_at(0) + 8) == 77);
    BurstDma dma(tree.core0);
    for (const BurstDma::Transfer& transfer : {large_write, large_read}) {
        dma.run(transfer);
        CHECK(dma.all_ok());
    }
}

/// A large transfer by device 0, and 5 us later what `disturb` does. All of the transfer is answered.
bool disturbed(Tree& tree, const BurstDma::Transfer& transfer, const std::function<void()>& disturb) {
    BurstDma dma(tree.core0);
    const bool ended = play_all({[&] { dma.run(transfer); },
                                 [&] {
                                     sc_core::wait(5, sc_core::SC_US);
                                     disturb();
                                 }});
    CHECK(dma.statuses().size() == 256);
    CHECK(std::count(dma.statuses().begin(), dma.statuses().end(), tlm::TLM_INCOMPLETE_RESPONSE) == 0);
    CHECK_FALSE(dma.all_ok());
    CHECK(dma.statuses().front() == tlm::TLM_OK_RESPONSE);
    CHECK(tree.core0.checker.violations().count() == 0);
    return ended;
}

}  // namespace

TEST_CASE("a read that nobody takes is unsupported and logged where it was found") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        enable_error_messages(tree);
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_READ_COMMAND, hole_of_device_1, 64, delay) == unsupported_request);
        sc_core::wait(10, sc_core::SC_US);
        FunctionRegisters found(tree.host, Tree::function_id(1));
        CHECK(found.has_reported(UncorrectableError::unsupported_request));
        const HeaderLog log = found.header_log();
        CHECK(log[0] == 0x0000'0010);  // MRd of 3 double words: 16 double words
        CHECK((log[1] & 0xffff'00ff) == (std::uint32_t{Tree::function_id(0)} << 16 | 0xff));
        CHECK(log[2] == hole_of_device_1);
        // The completer has said so in its completion: a correctable error is all it reports.
        CHECK((root_error_status(tree) & 0x7f) == 0x01);
        CHECK((error_source(tree) & 0xffff) == Tree::function_id(1));
        FunctionRegisters requester(tree.host, Tree::function_id(0));
        CHECK((requester.read(pci_register::status, 2) & pci_status_received_master_abort) != 0);
        CHECK(tree.device0.failed_requests() == 1);
    }));
}

TEST_CASE("a posted write that nobody takes ends in an error message") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        enable_error_messages(tree);
        sc_core::sc_time delay;
        tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, hole_of_device_1, 64, delay);
        sc_core::wait(10, sc_core::SC_US);
        FunctionRegisters found(tree.host, Tree::function_id(1));
        CHECK(found.has_reported(UncorrectableError::unsupported_request));
        CHECK(found.header_log()[0] == 0x4000'0010);      // MWr
        CHECK((root_error_status(tree) & 0x7f) == 0x24);  // one of ERR_NONFATAL or ERR_FATAL, and it was ERR_NONFATAL
        CHECK(error_source(tree) >> 16 == Tree::function_id(1));
    }));
}

TEST_CASE("a switch port reports what it has nowhere to send") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        enable_error_messages(tree);
        tree.host.config_write(Tree::switch_upstream, pci_register::command, pci_command_memory, 2);
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_READ_COMMAND, 0x8000'0000, 64, delay) == unsupported_request);
        CHECK(FunctionRegisters(tree.host, Tree::switch_port(0)).has_reported(UncorrectableError::unsupported_request));
        CHECK(tree.pcie_switch.unsupported_requests() == 1);
        CHECK(tree.host.memory.accesses.empty());
    }));
}

TEST_CASE("a target that fails aborts a read") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        enable_error_messages(tree);
        tree.core1.memory.answer = tlm::TLM_GENERIC_ERROR_RESPONSE;
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_READ_COMMAND, Tree::memory_at(1), 64, delay) ==
              tlm::TLM_GENERIC_ERROR_RESPONSE);
        CHECK(FunctionRegisters(tree.host, Tree::function_id(1)).has_reported(UncorrectableError::completer_abort));
        FunctionRegisters requester(tree.host, Tree::function_id(0));
        CHECK((requester.read(pci_register::status, 2) & pci_status_received_target_abort) != 0);
    }));
}

TEST_CASE("a read whose completion is lost ends at the completion timeout") {
    PcieParameters parameters = default_pcie_parameters();
    parameters.completion_timeout_ps = 100'000'000;
    BothFidelities scene(parameters);
    REQUIRE(scene.play([](Tree& tree) {
        enable_error_messages(tree);
        tree.link0.drop_next_completion();
        const sc_core::sc_time begin = sc_core::sc_time_stamp();
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_READ_COMMAND, 0x8000'0000, 64, delay) == tlm::TLM_GENERIC_ERROR_RESPONSE);
        CHECK(since(begin, delay) >= 100'000'000);
        CHECK(since(begin, delay) < 110'000'000);
        sc_core::wait(delay);
        CHECK(FunctionRegisters(tree.host, Tree::function_id(0)).has_reported(UncorrectableError::completion_timeout));
        check_works(tree);
    }));
}

TEST_CASE("a read that comes back poisoned is an error at the requester") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        enable_error_messages(tree);
        tree.link0.poison_next();
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_READ_COMMAND, 0x8000'0000, 64, delay) == tlm::TLM_GENERIC_ERROR_RESPONSE);
        CHECK(FunctionRegisters(tree.host, Tree::function_id(0)).has_reported(UncorrectableError::poisoned_tlp));
        check_works(tree);
    }));
}

TEST_CASE("a link that goes down in the middle of a transfer ends it and works again once trained and set up") {
    BothFidelities scene;
    for (const auto& tree : scene.trees) {
        for (const BurstDma::Transfer& transfer : {large_write, large_read}) {
            INFO(tree->basename() << (transfer.command == tlm::TLM_READ_COMMAND ? ", read" : ", write"));
            REQUIRE(disturbed(*tree, transfer, [&] { tree->link0.fail(); }));
            REQUIRE(play([&] {
                CHECK(tree->host.read(Tree::registers_at(0)) == 0xffff'ffff);
                CHECK(tree->host.config_read(Tree::function_id(0), 0) == 0xffff'ffff);
                FunctionRegisters port(tree->host, Tree::switch_port(0));
                CHECK(port.has_reported(UncorrectableError::surprise_down));
                tree->link0.recover();
                check_works(*tree);
            }));
        }
    }
}

TEST_CASE("a switch's own link that goes down resets what is behind it") {
    BothFidelities scene;
    for (const auto& tree : scene.trees) {
        INFO(tree->basename());
        REQUIRE(disturbed(*tree, large_read, [&] { tree->root_link.fail(); }));
        REQUIRE(play([&] {
            CHECK_FALSE(tree->link0.is_up());
            CHECK(tree->host.read(Tree::registers_at(0)) == 0xffff'ffff);
            CHECK(FunctionRegisters(tree->host, Tree::root_port).has_reported(UncorrectableError::surprise_down));
            tree->root_link.recover();
            sc_core::wait(13, sc_core::SC_MS);
            CHECK(tree->link0.is_up());
            check_works(*tree);
        }));
    }
}

TEST_CASE("software disables a link and has it trained again in 12 ms") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        FunctionRegisters port(tree.host, Tree::switch_port(0));
        const unsigned link_control = port.pcie(pcie_register::link_control);
        port.write(link_control, 0x10, 2);
        CHECK_FALSE(tree.link0.is_up());
        CHECK(tree.host.read(Tree::registers_at(0)) == 0xffff'ffff);
        port.write(link_control, 0, 2);
        sc_core::wait(11, sc_core::SC_MS);
        CHECK_FALSE(tree.link0.is_up());
        sc_core::wait(2, sc_core::SC_MS);
        CHECK(tree.link0.is_up());
        CHECK_FALSE(port.has_reported(UncorrectableError::surprise_down));
        check_works(tree);
    }));
}

TEST_CASE("a secondary bus reset in the middle of a transfer resets what is behind the port") {
    BothFidelities scene;
    for (const auto& tree : scene.trees) {
        for (const RoutingId port : {Tree::root_port, Tree::switch_port(0)}) {
            INFO(tree->basename() << ", port " << port);
            const auto control = [&](std::uint32_t value) {
                tree->host.config_write(port, pci_register::bridge_control, value, 2);
            };
            REQUIRE(disturbed(*tree, large_read, [&] { control(pci_bridge_secondary_reset); }));
            REQUIRE(play([&] {
                CHECK_FALSE(tree->link0.is_up());
                control(0);
                sc_core::wait(25, sc_core::SC_MS);
                CHECK(tree->link0.is_up());
                check_works(*tree);
            }));
        }
    }
}

TEST_CASE("a function-level reset in the middle of a transfer ends it") {
    BothFidelities scene;
    for (const auto& tree : scene.trees) {
        INFO(tree->basename());
        unsigned resets = 0;
        tree->device0.on_reset = [&](unsigned) { ++resets; };
        unsigned device_control = 0;
        REQUIRE(play([&] {
            FunctionRegisters function(tree->host, Tree::function_id(0));
            device_control = function.pcie(pcie_register::device_control);
        }));
        REQUIRE(disturbed(*tree, large_write,
                          [&] { tree->host.config_write(Tree::function_id(0), device_control, 0x8000, 2); }));
        CHECK(resets == 1);
        REQUIRE(play([&] {
            CHECK(tree->host.config_read(Tree::function_id(0), pci_register::bar0) == 0x4);
            sc_core::wait(100, sc_core::SC_MS);
            check_works(*tree);
        }));
    }
}

TEST_CASE("a function in D3hot takes and makes no memory requests") {
    BothFidelities scene;
    REQUIRE(scene.play([](Tree& tree) {
        FunctionRegisters function(tree.host, Tree::function_id(0));
        const unsigned power = function.capability(0x01) + 4;
        function.write(power, 3, 2);
        CHECK(tree.host.read(Tree::registers_at(0)) == 0xffff'ffff);
        sc_core::sc_time delay;
        CHECK(tree.dma(tree.core0, tlm::TLM_READ_COMMAND, 0x8000'0000, 64, delay) == tlm::TLM_COMMAND_ERROR_RESPONSE);
        CHECK(function.read(0) == (AQPIM_PCI_DEVICE_GPU << 16 | AQPIM_PCI_VENDOR));
        function.write(power, 0, 2);
        sc_core::wait(10, sc_core::SC_MS);
        check_works(tree);
    }));
}

TEST_CASE("links fail and come back when the configuration says so") {
    Recorder recorder;
    Tree tree("tree", default_pcie_parameters(), recorder);
    LinkFaultInjector injector("faults", "link0:down@10us, link0:up@20us, link1:down@15us",
                               {{"link0", &tree.link0}, {"link1", &tree.link1}});
    sc_core::sc_start(9, sc_core::SC_US);
    CHECK(tree.link0.is_up());
    sc_core::sc_start(2, sc_core::SC_US);
    CHECK_FALSE(tree.link0.is_up());
    CHECK(tree.link1.is_up());
    sc_core::sc_start(10, sc_core::SC_US);
    CHECK(tree.link0.is_up());
    CHECK_FALSE(tree.link1.is_up());
}

TEST_CASE("a fault of a link that is not there is refused with those that are") {
    Recorder recorder;
    PcieLink link("link0", default_pcie_parameters(), recorder);
    CHECK_THROWS_WITH(LinkFaultInjector("faults", "x:up@1us", {{"link0", &link}}),
                      Catch::Contains("pcie.faults") && Catch::Contains("link0"));
}
