#include <catch2/catch.hpp>

#include "tests/pcie/config_walk.h"

using namespace aqpim;

TEST_CASE("ports show their type and no slot") {
    const auto type = [](PciePortType of) {
        const BridgeConfig space = port(of);
        return space.read(pcie_at(space, 0x02), 2);
    };
    CHECK(type(PciePortType::root_port) == 0x0042);
    CHECK(type(PciePortType::switch_upstream) == 0x0052);
    CHECK(type(PciePortType::switch_downstream) == 0x0062);
}

TEST_CASE("a downstream port shows whether its link is up") {
    for (const PciePortType type : {PciePortType::root_port, PciePortType::switch_downstream}) {
        BridgeConfig space = port(type);
        CHECK((space.read(pcie_at(space, 0x0c), 4) >> 20 & 1) == 1);
        CHECK((space.read(pcie_at(space, 0x12), 2) & 0x2000) != 0);
        space.set_link_up(false);
        CHECK((space.read(pcie_at(space, 0x12), 2) & 0x2000) == 0);
        space.reset();
        CHECK((space.read(pcie_at(space, 0x12), 2) & 0x2000) == 0);
        space.set_link_up(true);
        CHECK((space.read(pcie_at(space, 0x12), 2) & 0x2000) != 0);
    }
    const BridgeConfig up = port(PciePortType::switch_upstream);
    CHECK((up.read(pcie_at(up, 0x0c), 4) >> 20 & 1) == 0);
    CHECK((up.read(pcie_at(up, 0x12), 2) & 0x2000) == 0);
}

TEST_CASE("software disables the link below a downstream port only") {
    BridgeConfig down = port(PciePortType::switch_downstream);
    CHECK_FALSE(down.link_disabled());
    down.write(pcie_at(down, 0x10), 2, 0x0010);
    CHECK(down.link_disabled());
    down.write(pcie_at(down, 0x10), 2, 0);
    CHECK_FALSE(down.link_disabled());
    BridgeConfig up = port(PciePortType::switch_upstream);
    up.write(pcie_at(up, 0x10), 2, 0x0010);
    CHECK_FALSE(up.link_disabled());
}

TEST_CASE("retrain link reads zero") {
    BridgeConfig space = port(PciePortType::root_port);
    space.write(pcie_at(space, 0x10), 2, 0x0020);
    CHECK(space.read(pcie_at(space, 0x10), 2) == 0);
}

TEST_CASE("software resets the bus behind a port") {
    BridgeConfig space = port(PciePortType::switch_upstream);
    CHECK_FALSE(space.secondary_bus_reset());
    space.write(0x3e, 2, 0x0040);
    CHECK(space.secondary_bus_reset());
    space.write(0x3e, 2, 0x0000);
    CHECK_FALSE(space.secondary_bus_reset());
}

TEST_CASE("each access control service of a downstream port is turned on by its own bit") {
    BridgeConfig space = port(PciePortType::switch_downstream);
    const unsigned services = extended_capability(space, 0x000d);
    CHECK(space.read(services + 4, 2) == 0x000c);
    const auto with = [&](std::uint32_t bits) {
        space.write(services + 6, 2, bits);
        return space.acs();
    };
    CHECK_FALSE(with(0x00).request_redirect);
    CHECK(with(0x04).request_redirect);
    CHECK(with(0x08).completion_redirect);
    CHECK_FALSE(with(0x1b).request_redirect);
    CHECK_FALSE(with(0x17).completion_redirect);
    with(0xffff);
    CHECK(space.read(services + 6, 2) == 0x000c);
    CHECK_FALSE(port(PciePortType::switch_upstream).acs().request_redirect);
}

TEST_CASE("only a root port has root control and status") {
    BridgeConfig root = port(PciePortType::root_port);
    root.write(pcie_at(root, 0x1c), 2, 0xffff);
    CHECK(root.read(pcie_at(root, 0x1c), 2) == 0x000f);
    BridgeConfig down = port(PciePortType::switch_downstream);
    down.write(pcie_at(down, 0x1c), 2, 0xffff);
    CHECK(down.read(pcie_at(down, 0x1c), 2) == 0);
}

TEST_CASE("the root port's read completion boundary is shown") {
    PcieParameters parameters = default_pcie_parameters();
    for (const std::uint32_t boundary : {64u, 128u}) {
        parameters.read_completion_boundary = boundary;
        const BridgeConfig space(AQPIM_PCI_DEVICE_ROOT_PORT, PciePortType::root_port, parameters);
        CHECK((space.read(pcie_at(space, 0x10), 2) & 0x8) == (boundary == 128 ? 0x8 : 0));
    }
}

TEST_CASE("ports show their number") {
    const BridgeConfig space(AQPIM_PCI_DEVICE_SWITCH_DOWNSTREAM, PciePortType::switch_downstream,
                             default_pcie_parameters(), 31);
    CHECK(space.read(pcie_at(space, 0x0c), 4) >> 24 == 31);
}
