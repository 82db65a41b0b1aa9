#include <catch2/catch.hpp>

#include <vector>

#include "tests/pcie/config_walk.h"

using namespace aqpim;

namespace {

/// Every id in the list of extended capabilities, in order.
std::vector<unsigned> extended_capabilities(const ConfigSpace& space) {
    std::vector<unsigned> ids;
    for (unsigned offset = 0x100; offset != 0 && space.read(offset, 4) != 0; offset = space.read(offset, 4) >> 20) {
        ids.push_back(space.read(offset, 4) & 0xffff);
    }
    return ids;
}

EndpointConfig endpoint_with(PcieParameters parameters) {
    return {pim_description(), false, parameters};
}

}  // namespace

TEST_CASE("each kind of function has its extended capabilities") {
    FunctionDescription with_serial = pim_description();
    with_serial.serial_number = 1;
    const EndpointConfig endpoint(with_serial, false, default_pcie_parameters());
    CHECK(extended_capabilities(endpoint) == std::vector<unsigned>{0x0001, 0x0003, 0x0015});
    CHECK(extended_capabilities(pim_endpoint()) == std::vector<unsigned>{0x0001, 0x0015});
    CHECK(extended_capabilities(port(PciePortType::root_port)) == std::vector<unsigned>{0x0001});
    CHECK(extended_capabilities(port(PciePortType::switch_downstream)) == std::vector<unsigned>{0x0001, 0x000d});
    CHECK(extended_capabilities(port(PciePortType::switch_upstream)) == std::vector<unsigned>{0x0001});
    CHECK(extended_capabilities(HostBridgeConfig()).empty());
    CHECK(HostBridgeConfig().read(0x100, 4) == 0);
}

TEST_CASE("capability headers carry the specification's versions") {
    const EndpointConfig space = pim_endpoint();
    CHECK((space.read(aer_at(space, 0), 4) >> 16 & 0xf) == 2);
    CHECK((space.read(extended_capability(space, 0x15), 4) >> 16 & 0xf) == 1);
    CHECK((space.read(pcie_at(space, 2), 2) & 0xf) == 2);
    CHECK((space.read(capability(space, 0x01) + 2, 2) & 0x7) == 3);
}

TEST_CASE("a device shows its serial number, lower half first") {
    FunctionDescription with_serial = pim_description();
    with_serial.serial_number = 0x0011'2233'4455'6677;
    const EndpointConfig space(with_serial, false, default_pcie_parameters());
    const unsigned serial = extended_capability(space, 0x0003);
    CHECK(space.read(serial + 4, 4) == 0x4455'6677);
    CHECK(space.read(serial + 8, 4) == 0x0011'2233);
}

TEST_CASE("a function in D3hot takes no memory requests and is no bus master") {
    EndpointConfig space = pim_endpoint();
    const unsigned power = capability(space, 0x01) + 4;
    space.write(0x10, 4, 0x4000'0000);
    space.write(pci_register::command, 2, 0x6);
    REQUIRE(space.find_bar(0x4000'0000, 4));
    space.write(power, 2, 0x3);
    CHECK(space.read(power, 2) == 0x000b);
    CHECK(space.in_d3hot());
    CHECK_FALSE(space.find_bar(0x4000'0000, 4));
    CHECK_FALSE(space.bus_master_enabled());
    CHECK(space.read(0x00, 2) == AQPIM_PCI_VENDOR);
    space.write(power, 2, 0x0);  // No_Soft_Reset: all is as before
    CHECK(space.find_bar(0x4000'0000, 4));
    CHECK(space.bus_master_enabled());
}

TEST_CASE("a function stays in its state when told to enter one that it lacks") {
    EndpointConfig space = pim_endpoint();
    const unsigned power = capability(space, 0x01) + 4;
    for (const std::uint32_t missing : {1u, 2u}) {
        space.write(power, 2, missing);
        CHECK((space.read(power, 2) & 0x3) == 0);
    }
    space.write(power, 2, 3);
    space.write(power, 2, 1);
    CHECK((space.read(power, 2) & 0x3) == 3);
}

TEST_CASE("the host bridge is always in D0") {
    HostBridgeConfig space;
    space.write(capability(space, 0x01) + 4, 2, 3);
    CHECK_FALSE(space.in_d3hot());
}

TEST_CASE("nothing passes a port in D3hot") {
    BridgeConfig space = port(PciePortType::switch_downstream);
    space.write(pci_register::primary_bus, 4, 0x00050200);
    space.write(pci_register::memory_base, 4, 0x40104000);
    space.write(pci_register::command, 2, 0x6);
    REQUIRE(space.claims_bus(3));
    REQUIRE(space.claims(0x4000'0000, 4));
    space.write(capability(space, 0x01) + 4, 2, 3);
    CHECK_FALSE(space.claims_bus(3));
    CHECK_FALSE(space.claims(0x4000'0000, 4));
    CHECK_FALSE(space.bus_master_enabled());
}

TEST_CASE("software sets payload and read request sizes within what the function supports") {
    EndpointConfig space = pim_endpoint();  // supports 256 B
    CHECK(space.max_payload() == 256);
    CHECK(space.max_read_request() == 512);
    const unsigned control = pcie_at(space, 0x08);
    space.write(control, 2, 0x0000);
    CHECK(space.max_payload() == 128);
    CHECK(space.max_read_request() == 128);
    space.write(control, 2, 5 << 12 | 5 << 5);
    CHECK(space.read(control, 2) == (5 << 12 | 5 << 5));
    CHECK(space.max_payload() == 256);
    CHECK(space.max_read_request() == 4096);
    space.write(control, 2, 7 << 12);
    CHECK(space.max_read_request() == 4096);
}

TEST_CASE("ordering attributes come up enabled and can be turned off") {
    EndpointConfig space = pim_endpoint();
    CHECK(space.relaxed_ordering_enabled());
    CHECK(space.no_snoop_enabled());
    space.write(pcie_at(space, 0x08), 2, 0x0010);
    CHECK(space.relaxed_ordering_enabled());
    CHECK_FALSE(space.no_snoop_enabled());
    space.write(pcie_at(space, 0x08), 2, 0x0800);
    CHECK_FALSE(space.relaxed_ordering_enabled());
}

TEST_CASE("a function uses as many tags as it has and software allows") {
    PcieParameters parameters = default_pcie_parameters();
    parameters.tags = 32;
    EndpointConfig few = endpoint_with(parameters);
    CHECK((few.read(pcie_at(few, 0x04), 4) & 0x20) == 0);
    few.write(pcie_at(few, 0x08), 2, 0x0100);
    CHECK(few.tags() == 32);

    parameters.tags = 256;
    EndpointConfig extended = endpoint_with(parameters);
    CHECK((extended.read(pcie_at(extended, 0x04), 4) & 0x20) != 0);
    CHECK((extended.read(pcie_at(extended, 0x24), 4) & 0x30000) == 0);
    CHECK(extended.tags() == 256);
    extended.write(pcie_at(extended, 0x28), 2, 0x1000);
    CHECK(extended.tags() == 256);
    extended.write(pcie_at(extended, 0x08), 2, 0);
    CHECK(extended.tags() == 32);

    parameters.tags = 1024;
    EndpointConfig most = endpoint_with(parameters);
    CHECK((most.read(pcie_at(most, 0x24), 4) & 0x30000) == 0x30000);
    CHECK(most.tags() == 1024);
    most.write(pcie_at(most, 0x28), 2, 0);
    CHECK(most.tags() == 256);
}

TEST_CASE("software chooses the completion timeout's range or turns it off") {
    constexpr Picoseconds us = 1'000'000;
    PcieParameters parameters = default_pcie_parameters();
    parameters.completion_timeout_ps = 10'000 * us;
    EndpointConfig space = endpoint_with(parameters);
    CHECK((space.read(pcie_at(space, 0x24), 4) & 0x1f) == 0x1f);
    CHECK(space.completion_timeout() == 10'000 * us);
    struct Range {
        std::uint32_t code;
        Picoseconds least;
        Picoseconds most;
    };
    const Range ranges[] = {
        {0x1, 50 * us, 100 * us},
        {0x2, 1'000 * us, 10'000 * us},
        {0x5, 16'000 * us, 55'000 * us},
        {0x6, 65'000 * us, 210'000 * us},
        {0x9, 260'000 * us, 900'000 * us},
        {0xa, 1'000'000 * us, 3'500'000 * us},
        {0xd, 4'000'000 * us, 13'000'000 * us},
        {0xe, 17'000'000 * us, 64'000'000 * us},
    };
    for (const Range& range : ranges) {
        space.write(pcie_at(space, 0x28), 2, range.code);
        CHECK(space.completion_timeout() == (range.least + range.most) / 2);
    }
    space.write(pcie_at(space, 0x28), 2, 0x7);  // reserved
    CHECK(space.completion_timeout() == 10'000 * us);
    space.write(pcie_at(space, 0x28), 2, 0x10);
    CHECK_FALSE(space.completion_timeout());
}

TEST_CASE("a function-level reset is asked for once and its bit reads zero") {
    EndpointConfig space = pim_endpoint();
    CHECK((space.read(pcie_at(space, 0x04), 4) >> 28 & 1) == 1);
    CHECK_FALSE(space.take_function_level_reset());
    space.write(pcie_at(space, 0x08), 2, 0x8010);
    CHECK(space.read(pcie_at(space, 0x08), 2) == 0x0010);
    CHECK(space.take_function_level_reset());
    CHECK_FALSE(space.take_function_level_reset());
    CHECK((port(PciePortType::root_port).read(pcie_at(port(PciePortType::root_port), 0x04), 4) >> 28 & 1) == 0);
}

TEST_CASE("resets keep what the specification exempts") {
    EndpointConfig space = pim_endpoint();
    const unsigned device_control = pcie_at(space, 0x08);
    const unsigned link_control = pcie_at(space, 0x10);
    const unsigned mask = aer_at(space, 0x08);
    const std::uint32_t device_control_at_first = space.read(device_control, 2);
    const auto change = [&] {
        space.write(pci_register::command, 2, 0x6);
        space.write(0x10, 4, 0x4000'0000);
        space.write(device_control, 2, 0x0000);
        space.write(link_control, 2, 0x00c8);
        space.write(mask, 4, 0x0010'0000);
        space.write(capability(space, 0x11) + 2, 2, 0x8000);
    };
    change();
    space.reset(ResetKind::function_level);
    CHECK(space.read(pci_register::command, 2) == 0);
    CHECK(space.bar_address(0) == 0);
    CHECK_FALSE(space.msix_enabled());
    CHECK(space.max_payload() == 128);
    CHECK((space.read(device_control, 2) & ~0xe0u) == (device_control_at_first & ~0xe0u));
    CHECK(space.read(link_control, 2) == 0x00c8);
    CHECK(space.read(mask, 4) == 0x0010'0000);
    change();
    space.reset(ResetKind::conventional);
    CHECK(space.read(device_control, 2) == device_control_at_first);
    CHECK(space.read(link_control, 2) == 0);
    CHECK(space.read(mask, 4) == 0x0010'0000);
    change();
    space.reset(ResetKind::power_on);
    CHECK(space.read(mask, 4) == 0);
}

TEST_CASE("a reset brings a function back to D0") {
    EndpointConfig space = pim_endpoint();
    space.write(capability(space, 0x01) + 4, 2, 3);
    space.reset(ResetKind::conventional);
    CHECK_FALSE(space.in_d3hot());
}

TEST_CASE("the device status shows pending transactions") {
    EndpointConfig space = pim_endpoint();
    space.set_transactions_pending(true);
    CHECK(space.read(pcie_at(space, 0x0a), 2) == 0x20);
    space.write(pcie_at(space, 0x0a), 2, 0xffff);
    CHECK(space.read(pcie_at(space, 0x0a), 2) == 0x20);
    space.set_transactions_pending(false);
    CHECK(space.read(pcie_at(space, 0x0a), 2) == 0);
}
