#include <catch2/catch.hpp>

#include "tests/pcie/config_walk.h"

using namespace aqpim;

namespace {

constexpr HeaderLog some_header{0x2000'0001, 0x0100'00ff, 0x0000'0004, 0x8000'0000};
constexpr HeaderLog poisoned_completion{0x4a00'4001, 0x0000'0004, 0x0100'0000, 0};

/// Bit numbers by PCIe Base Specification 7.8.4.2, what the register's severity is at reset by 7.8.4.4.
struct Known {
    UncorrectableError error;
    unsigned bit;
    bool fatal;
};
constexpr Known endpoint_errors[] = {
    {UncorrectableError::data_link_protocol, 4, true},     {UncorrectableError::poisoned_tlp, 12, false},
    {UncorrectableError::flow_control_protocol, 13, true}, {UncorrectableError::completion_timeout, 14, false},
    {UncorrectableError::completer_abort, 15, false},      {UncorrectableError::unexpected_completion, 16, false},
    {UncorrectableError::receiver_overflow, 17, true},     {UncorrectableError::malformed_tlp, 18, true},
    {UncorrectableError::unsupported_request, 20, false},
};

/// An endpoint that may send messages of every kind.
struct Reporting {
    Reporting() { space.write(pcie_at(space, 0x08), 2, 0x000f); }
    std::uint32_t uncorrectable() const { return space.read(aer_at(space, 0x04), 4); }
    std::uint32_t correctable() const { return space.read(aer_at(space, 0x10), 4); }
    std::uint32_t device_status() const { return space.read(pcie_at(space, 0x0a), 2); }
    std::uint32_t first_error() const { return space.read(aer_at(space, 0x18), 4) & 0x1f; }
    std::uint32_t log(unsigned word) const { return space.read(aer_at(space, 0x1c + 4 * word), 4); }
    std::uint32_t status() const { return space.read(pci_register::status, 2); }

    EndpointConfig space = pim_endpoint();
};

/// A root port that takes messages from below; the root error command asks for `interrupts`.
struct RootScene {
    explicit RootScene(std::uint32_t interrupts = 0x7) {
        root.write(pci_register::bridge_control, 2, 0x2);
        root.write(aer_at(root, 0x2c), 4, interrupts);
    }
    std::uint32_t status() const { return root.read(aer_at(root, 0x30), 4); }
    std::uint32_t sources() const { return root.read(aer_at(root, 0x34), 4); }
    void clear(std::uint32_t bits) { root.write(aer_at(root, 0x30), 4, bits); }

    BridgeConfig root = port(PciePortType::root_port);
};

}  // namespace

TEST_CASE("every uncorrectable error sets its own bit and is sent by its severity") {
    for (const Known& known : endpoint_errors) {
        INFO(known.bit);
        Reporting scene;
        const ErrorMessage message = scene.space.report(known.error, some_header);
        CHECK(message == (known.fatal ? ErrorMessage::fatal : ErrorMessage::nonfatal));
        CHECK(scene.uncorrectable() == 1u << known.bit);
        CHECK(scene.first_error() == known.bit);
        CHECK(scene.log(0) == 0x2000'0001);
        CHECK(scene.log(3) == 0x8000'0000);
        const std::uint32_t request = known.bit == 20 ? 0x8 : 0;
        CHECK(scene.device_status() == (request | (known.fatal ? 0x4 : 0x2)));
        CHECK(scene.correctable() == 0);
    }
}

TEST_CASE("software chooses the severity") {
    Reporting scene;
    scene.space.write(aer_at(scene.space, 0x0c), 4, 1u << 20);
    CHECK(scene.space.report(UncorrectableError::unsupported_request) == ErrorMessage::fatal);
    CHECK(scene.space.report(UncorrectableError::malformed_tlp) == ErrorMessage::nonfatal);
}

TEST_CASE("the first error keeps pointer and header log until its bit is cleared") {
    Reporting scene;
    scene.space.report(UncorrectableError::completer_abort, {1, 2, 3, 4});
    scene.space.report(UncorrectableError::unsupported_request, {5, 6, 7, 8});
    CHECK(scene.uncorrectable() == (1u << 15 | 1u << 20));
    CHECK(scene.first_error() == 15);
    CHECK(scene.log(0) == 1);
    scene.space.write(aer_at(scene.space, 0x04), 4, 1u << 15);
    CHECK(scene.uncorrectable() == 1u << 20);
    scene.space.report(UncorrectableError::unexpected_completion, {9, 10, 11, 12});
    CHECK(scene.first_error() == 16);
    CHECK(scene.log(3) == 12);
}

TEST_CASE("a masked error is noted and nothing more") {
    Reporting scene;
    scene.space.write(aer_at(scene.space, 0x08), 4, 1u << 20);
    CHECK(scene.space.report(UncorrectableError::unsupported_request, some_header) == ErrorMessage::none);
    CHECK(scene.uncorrectable() == 1u << 20);
    CHECK(scene.device_status() == 0xa);
    CHECK(scene.first_error() == 0);
    CHECK(scene.log(0) == 0);
}

TEST_CASE("device control enables each kind of message by its own bit") {
    Reporting scene;
    const auto with = [&](std::uint32_t enable, auto error) {
        scene.space.write(pcie_at(scene.space, 0x08), 2, enable);
        return scene.space.report(error);
    };
    CHECK(with(0xe, CorrectableError::bad_tlp) == ErrorMessage::none);
    CHECK(with(0x1, CorrectableError::bad_tlp) == ErrorMessage::correctable);
    CHECK(with(0xd, UncorrectableError::completion_timeout) == ErrorMessage::none);
    CHECK(with(0x2, UncorrectableError::completion_timeout) == ErrorMessage::nonfatal);
    CHECK(with(0xb, UncorrectableError::malformed_tlp) == ErrorMessage::none);
    CHECK(with(0x4, UncorrectableError::malformed_tlp) == ErrorMessage::fatal);
    CHECK(with(0x7, UncorrectableError::unsupported_request) == ErrorMessage::none);
    CHECK(with(0xa, UncorrectableError::unsupported_request) == ErrorMessage::nonfatal);
}

TEST_CASE("SERR# enable alone lets uncorrectable errors through and shows that it did") {
    Reporting scene;
    scene.space.write(pcie_at(scene.space, 0x08), 2, 0);
    scene.space.write(pci_register::command, 2, 0x0100);
    CHECK(scene.space.report(CorrectableError::bad_tlp) == ErrorMessage::none);
    CHECK((scene.status() & 0x4000) == 0);
    CHECK(scene.space.report(UncorrectableError::unsupported_request) == ErrorMessage::nonfatal);
    CHECK((scene.status() & 0x4000) != 0);
    CHECK(scene.space.report(UncorrectableError::malformed_tlp) == ErrorMessage::fatal);
    scene.space.write(pci_register::status, 2, 0x4000);
    CHECK((scene.status() & 0x4000) == 0);
}

TEST_CASE("an advisory error is masked at first and leaves only its own bit") {
    Reporting scene;
    CHECK(scene.space.read(aer_at(scene.space, 0x14), 4) == 0x2000);
    CHECK(scene.space.report(UncorrectableError::unsupported_request, some_header, Advisory::yes) ==
          ErrorMessage::none);
    CHECK(scene.correctable() == 0x2000);
    CHECK(scene.uncorrectable() == 0);
    CHECK(scene.device_status() == 0x9);
}

TEST_CASE("an advisory error is sent as a correctable one and logged as what it is") {
    Reporting scene;
    scene.space.write(aer_at(scene.space, 0x14), 4, 0);
    CHECK(scene.space.report(UncorrectableError::unsupported_request, some_header, Advisory::yes) ==
          ErrorMessage::correctable);
    CHECK(scene.correctable() == 0x2000);
    CHECK(scene.uncorrectable() == 1u << 20);
    CHECK(scene.first_error() == 20);
    CHECK(scene.log(1) == 0x0100'00ff);
    CHECK((scene.device_status() & 0x6) == 0);
    scene.space.write(pcie_at(scene.space, 0x08), 2, 0x0007);  // unsupported requests are not to be reported
    CHECK(scene.space.report(UncorrectableError::unsupported_request, some_header, Advisory::yes) ==
          ErrorMessage::none);
}

TEST_CASE("an error that software made fatal is never advisory") {
    Reporting scene;
    scene.space.write(aer_at(scene.space, 0x14), 4, 0);
    scene.space.write(aer_at(scene.space, 0x0c), 4, 1u << 14);
    CHECK(scene.space.report(UncorrectableError::completion_timeout, {}, Advisory::yes) == ErrorMessage::fatal);
    CHECK(scene.correctable() == 0);
}

TEST_CASE("a correctable error is sent unless it is masked") {
    Reporting scene;
    CHECK(scene.space.report(CorrectableError::replay_timer_timeout) == ErrorMessage::correctable);
    CHECK(scene.correctable() == 1u << 12);
    CHECK(scene.device_status() == 0x1);
    scene.space.write(aer_at(scene.space, 0x14), 4, 1u << 7);
    CHECK(scene.space.report(CorrectableError::bad_dllp) == ErrorMessage::none);
    CHECK(scene.correctable() == (1u << 12 | 1u << 7));
    scene.space.write(aer_at(scene.space, 0x10), 4, 1u << 12);
    CHECK(scene.correctable() == 1u << 7);
    scene.space.write(pcie_at(scene.space, 0x0a), 2, 0x1);
    CHECK(scene.device_status() == 0);
}

TEST_CASE("error status and header log survive a reset but not the loss of power") {
    Reporting scene;
    scene.space.report(UncorrectableError::poisoned_tlp, some_header);
    scene.space.report(CorrectableError::receiver_error);
    for (const ResetKind kind : {ResetKind::function_level, ResetKind::conventional}) {
        scene.space.reset(kind);
        CHECK(scene.uncorrectable() == 1u << 12);
        CHECK(scene.correctable() == 1);
        CHECK(scene.first_error() == 12);
        CHECK(scene.log(2) == 0x0000'0004);
        CHECK(scene.device_status() == 0);
        CHECK((scene.status() & 0xf900) == 0);
    }
    scene.space.reset(ResetKind::power_on);
    CHECK(scene.uncorrectable() == 0);
    CHECK(scene.first_error() == 0);
    CHECK(scene.log(2) == 0);
}

TEST_CASE("aborts and poison show in the header's status as they did on PCI") {
    Reporting scene;
    scene.space.report(UncorrectableError::completer_abort);
    CHECK((scene.status() & 0xf900) == 0x0800);
    scene.space.received_completer_abort();
    CHECK((scene.status() & 0xf900) == 0x1800);
    scene.space.received_unsupported_request();
    CHECK((scene.status() & 0xf900) == 0x3800);
    scene.space.write(pci_register::status, 2, 0xffff);
    scene.space.report(UncorrectableError::poisoned_tlp, poisoned_completion);
    CHECK((scene.status() & 0xf900) == 0x8000);
    scene.space.write(pci_register::command, 2, 0x0040);  // parity error response
    scene.space.report(UncorrectableError::poisoned_tlp, poisoned_completion);
    CHECK((scene.status() & 0xf900) == 0x8100);
    CHECK((scene.status() & 0x0010) != 0);
}

TEST_CASE("a downstream port notes its link's errors in the secondary status") {
    BridgeConfig space = port(PciePortType::switch_downstream);
    space.report(UncorrectableError::poisoned_tlp);
    space.received_unsupported_request();
    CHECK(space.read(pci_register::secondary_status, 2) == 0xa000);
    CHECK((space.read(pci_register::status, 2) & 0xf900) == 0);
    BridgeConfig up = port(PciePortType::switch_upstream);
    up.report(UncorrectableError::poisoned_tlp);
    CHECK(up.read(pci_register::secondary_status, 2) == 0);
    CHECK((up.read(pci_register::status, 2) & 0xf900) == 0x8000);
}

TEST_CASE("a function without AER still keeps its device status and sends by default severities") {
    HostBridgeConfig bare;
    CHECK(bare.report(UncorrectableError::malformed_tlp) == ErrorMessage::none);
    bare.write(pci_register::command, 2, 0x0100);
    CHECK(bare.report(UncorrectableError::malformed_tlp) == ErrorMessage::fatal);
    CHECK(bare.report(UncorrectableError::completion_timeout) == ErrorMessage::nonfatal);
    CHECK(bare.report(UncorrectableError::completion_timeout, {}, Advisory::yes) == ErrorMessage::none);
}

TEST_CASE("only downstream ports have bits for a lost link and access control violations") {
    BridgeConfig down = port(PciePortType::switch_downstream);
    down.write(pcie_at(down, 0x08), 2, 0xf);
    CHECK(down.report(UncorrectableError::surprise_down) == ErrorMessage::fatal);
    CHECK(down.report(UncorrectableError::acs_violation) == ErrorMessage::nonfatal);
    CHECK(down.read(aer_at(down, 0x04), 4) == (1u << 5 | 1u << 21));
    EndpointConfig endpoint = pim_endpoint();
    endpoint.report(UncorrectableError::acs_violation);
    CHECK(endpoint.read(aer_at(endpoint, 0x04), 4) == 0);
    endpoint.write(aer_at(endpoint, 0x08), 4, 0xffffffff);
    CHECK(endpoint.read(aer_at(endpoint, 0x08), 4) == 0x0017'f010);
}

TEST_CASE("a switch port passes messages on as SERR# enables say") {
    BridgeConfig space = port(PciePortType::switch_downstream);
    CHECK(space.forward_error_message(ErrorMessage::correctable) == ErrorMessage::none);
    CHECK(space.forward_error_message(ErrorMessage::fatal) == ErrorMessage::none);
    CHECK(space.read(pci_register::secondary_status, 2) == 0x4000);
    space.write(pci_register::bridge_control, 2, 0x2);
    CHECK(space.forward_error_message(ErrorMessage::correctable) == ErrorMessage::correctable);
    CHECK(space.forward_error_message(ErrorMessage::nonfatal) == ErrorMessage::none);
    CHECK((space.read(pci_register::status, 2) & 0x4000) == 0);
    space.write(pci_register::command, 2, 0x0100);
    CHECK(space.forward_error_message(ErrorMessage::nonfatal) == ErrorMessage::nonfatal);
    CHECK(space.forward_error_message(ErrorMessage::fatal) == ErrorMessage::fatal);
    CHECK(space.forward_error_message(ErrorMessage::none) == ErrorMessage::none);
    CHECK((space.read(pci_register::status, 2) & 0x4000) != 0);
}

TEST_CASE("the root port notes the first source of each kind and that there were more") {
    RootScene scene;
    scene.root.receive_error_message(ErrorMessage::correctable, 0x0100);
    CHECK(scene.status() == 0x01);
    scene.root.receive_error_message(ErrorMessage::correctable, 0x0200);
    CHECK(scene.status() == 0x03);
    scene.root.receive_error_message(ErrorMessage::nonfatal, 0x0300);
    CHECK(scene.status() == 0x27);
    scene.root.receive_error_message(ErrorMessage::fatal, 0x0400);
    CHECK(scene.status() == 0x6f);
    CHECK(scene.sources() == 0x0300'0100);
    CHECK(scene.root.read(pci_register::secondary_status, 2) == 0x4000);
    scene.clear(0x7f);
    CHECK(scene.status() == 0);
    scene.root.receive_error_message(ErrorMessage::fatal, 0x0500);
    CHECK(scene.status() == 0x54);
    CHECK(scene.sources() >> 16 == 0x0500);
}

TEST_CASE("the root port asks for an interrupt when the first enabled error comes") {
    RootScene scene(0x4);
    CHECK_FALSE(scene.root.receive_error_message(ErrorMessage::correctable, 1));
    CHECK_FALSE(scene.root.receive_error_message(ErrorMessage::nonfatal, 1));
    CHECK_FALSE(scene.root.wants_error_interrupt());
    CHECK(scene.root.receive_error_message(ErrorMessage::fatal, 1));
    CHECK_FALSE(scene.root.receive_error_message(ErrorMessage::fatal, 1));
    CHECK(scene.root.wants_error_interrupt());
    scene.clear(0x7f);
    CHECK_FALSE(scene.root.wants_error_interrupt());
    CHECK(scene.root.receive_error_message(ErrorMessage::fatal, 1));
    RootScene correctable(0x1);
    CHECK(correctable.root.receive_error_message(ErrorMessage::correctable, 1));
    RootScene nonfatal(0x2);
    CHECK(nonfatal.root.receive_error_message(ErrorMessage::nonfatal, 1));
}

TEST_CASE("without SERR# enable in bridge control the root port takes no message but its own") {
    RootScene scene;
    scene.root.write(pci_register::bridge_control, 2, 0);
    CHECK_FALSE(scene.root.receive_error_message(ErrorMessage::fatal, 0x0100));
    CHECK(scene.status() == 0);
    CHECK(scene.root.note_root_error(ErrorMessage::fatal, 0x0008));
    CHECK(scene.status() == 0x54);
    CHECK(scene.sources() == 0x0008'0000);
    CHECK_FALSE(scene.root.note_root_error(ErrorMessage::none, 0x0010));
    CHECK(scene.status() == 0x54);
}
