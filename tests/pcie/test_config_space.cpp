#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "tests/pcie/config_walk.h"

using namespace aqpim;

namespace {

struct Mask {
    const char* name;
    unsigned offset;
    unsigned bytes;
    std::uint32_t writable;
};

void check_masks(ConfigSpace& space, std::initializer_list<Mask> masks) {
    for (const Mask& mask : masks) {
        INFO(mask.name);
        const std::uint32_t before = space.read(mask.offset, mask.bytes);
        space.write(mask.offset, mask.bytes, 0xffffffff);
        CHECK(space.read(mask.offset, mask.bytes) == (before | mask.writable));
        space.write(mask.offset, mask.bytes, 0);
        CHECK(space.read(mask.offset, mask.bytes) == (before & ~mask.writable));
    }
}

}  // namespace

TEST_CASE("a function says who it is") {
    const EndpointConfig space = pim_endpoint();
    CHECK(space.read(0x00, 4) == (AQPIM_PCI_DEVICE_PIM << 16 | AQPIM_PCI_VENDOR));
    CHECK(space.read(0x08, 4) == AQPIM_PCI_CLASS_PIM << 8);
    CHECK(space.read(0x0e, 1) == 0);
    CHECK((space.read(0x06, 2) & 0x10) != 0);
    CHECK(EndpointConfig(pim_description(), true, default_pcie_parameters()).read(0x0e, 1) == 0x80);
}

TEST_CASE("only writable bits of a type 0 header change") {
    EndpointConfig space = pim_endpoint();
    check_masks(space, {{"id", 0x00, 4, 0},
                        {"command", 0x04, 2, 0x0546},
                        {"status", 0x06, 2, 0},
                        {"class", 0x08, 4, 0},
                        {"cache line size", 0x0c, 1, 0xff},
                        {"latency timer", 0x0d, 1, 0},
                        {"header type", 0x0e, 1, 0},
                        {"subsystem", 0x2c, 4, 0},
                        {"expansion ROM", 0x30, 4, 0},
                        {"capabilities", 0x34, 1, 0},
                        {"interrupt line", 0x3c, 1, 0xff},
                        {"interrupt pin", 0x3d, 1, 0},
                        {"extended capabilities", 0x100, 4, 0}});
}

TEST_CASE("only writable bits of a type 1 header change") {
    BridgeConfig space = port(PciePortType::root_port);
    check_masks(space, {{"id", 0x00, 4, 0},
                        {"command", 0x04, 2, 0x0546},
                        {"header type", 0x0e, 1, 0},
                        {"BAR0", 0x10, 4, 0},
                        {"BAR1", 0x14, 4, 0},
                        {"bus numbers", 0x18, 4, 0x00ffffff},
                        {"I/O window", 0x1c, 2, 0},
                        {"memory window", 0x20, 4, 0xfff0fff0},
                        {"prefetchable window", 0x24, 4, 0xfff0fff0},
                        {"prefetchable base, upper half", 0x28, 4, 0xffffffff},
                        {"prefetchable limit, upper half", 0x2c, 4, 0xffffffff},
                        {"I/O window, upper halves", 0x30, 4, 0},
                        {"secondary status", 0x1e, 2, 0},
                        {"bridge control", 0x3e, 2, 0x0043}});
}

TEST_CASE("a BAR written with ones reads back its size and kind") {
    EndpointConfig space = pim_endpoint();
    for (unsigned offset = 0x10; offset < 0x28; offset += 4) {
        space.write(offset, 4, 0xffffffff);
    }
    CHECK(space.read(0x10, 4) == 0xffff0004);  // 64 KiB, 64 bit
    CHECK(space.read(0x14, 4) == 0xffffffff);
    CHECK(space.read(0x18, 4) == 0x0000000c);  // 16 GiB, 64 bit, prefetchable
    CHECK(space.read(0x1c, 4) == 0xfffffffc);
    CHECK(space.read(0x20, 4) == 0xfffff000);  // MSI-X: 4 KiB, 32 bit
    CHECK(space.read(0x24, 4) == 0);           // not implemented
}

TEST_CASE("a BAR answers for its whole range, and only with memory space enabled") {
    EndpointConfig space = pim_endpoint();
    space.write(0x18, 4, 0);
    space.write(0x1c, 4, 0x8);
    CHECK_FALSE(space.find_bar(0x8'0000'0000, 4));
    space.write(pci_register::command, 2, pci_command_memory);
    const auto hit = space.find_bar(0x8'0000'1000, 0x1000);
    REQUIRE(hit);
    CHECK(hit->index == 2);
    CHECK(hit->offset == 0x1000);
    CHECK(space.find_bar(0x8'0000'0000 + (16ull << 30) - 4, 4));
    CHECK_FALSE(space.find_bar(0x8'0000'0000 + (16ull << 30) - 4, 8));
    CHECK_FALSE(space.find_bar(0x7'ffff'fffc, 4));
}

TEST_CASE("a BAR that is no power of two decodes the next one") {
    FunctionDescription odd = pim_description();
    odd.bars[1].size = 3ull << 30;
    EndpointConfig space(odd, false, default_pcie_parameters());
    space.write(0x18, 4, 0xffffffff);
    space.write(0x1c, 4, 0xffffffff);
    CHECK(space.bar_address(2) == ~((4ull << 30) - 1));
}

TEST_CASE("BARs and vectors that do not fit are refused") {
    const auto refused = [](std::vector<BarDescription> bars, unsigned vectors) {
        FunctionDescription bad = pim_description();
        bad.bars = std::move(bars);
        bad.msix_vectors = vectors;
        CHECK_THROWS_AS(EndpointConfig(bad, false, default_pcie_parameters()), InputError);
    };
    refused({{6, 4096, false, false}}, 0);
    refused({{5, 4096, true, false}}, 0);
    refused({{0, 4096, true, false}, {1, 4096, false, false}}, 0);
    refused({{0, 4ull << 30, false, false}}, 0);
    refused({{AQPIM_BAR_MSIX, 4096, false, false}}, 1);
    refused({}, 129);
}

TEST_CASE("capabilities form a list") {
    const EndpointConfig space = pim_endpoint();
    CHECK(capability(space, 0x01) != 0);
    const unsigned pcie = capability(space, 0x10);
    REQUIRE(pcie != 0);
    CHECK((space.read(pcie + 0x02, 2) & 0xff) == 0x02);    // version 2, endpoint
    CHECK((space.read(pcie + 0x04, 4) & 0x7) == 1);        // 256 B
    CHECK((space.read(pcie + 0x08, 2) >> 5 & 0x7) == 1);   // 256 B
    CHECK((space.read(pcie + 0x08, 2) >> 12 & 0x7) == 2);  // 512 B
    CHECK((space.read(pcie + 0x12, 2) & 0x3ff) == 0x105);  // Gen5, x16
    CHECK((space.read(pcie + 0x2c, 4) & 0xfe) == 0x3e);    // 2.5 to 32 GT/s
    const unsigned msix = capability(space, 0x11);
    REQUIRE(msix != 0);
    CHECK(space.read(msix + 2, 2) == 3);
    CHECK(space.read(msix + 4, 4) == AQPIM_BAR_MSIX);
    CHECK(space.read(msix + 8, 4) == (0x800 | AQPIM_BAR_MSIX));
    CHECK(capability(space, 0x05) == 0);
}

TEST_CASE("a function without vectors has no MSI-X") {
    FunctionDescription plain = pim_description();
    plain.msix_vectors = 0;
    EndpointConfig space(plain, false, default_pcie_parameters());
    CHECK(capability(space, 0x11) == 0);
    CHECK_FALSE(space.msix_enabled());
    space.write(0x20, 4, 0xffffffff);
    CHECK(space.read(0x20, 4) == 0);
}

TEST_CASE("a bridge's windows are closed until software opens them") {
    BridgeConfig space = port(PciePortType::root_port);
    space.write(pci_register::command, 2, pci_command_memory);
    CHECK_FALSE(space.claims(0, 4));
    CHECK_FALSE(space.claims(0xfff0'0000, 4));
    CHECK_FALSE(space.claims_bus(0));
    CHECK_FALSE(space.claims_bus(1));
}

TEST_CASE("a bridge claims its windows and buses") {
    BridgeConfig space = port(PciePortType::root_port);
    space.write(pci_register::primary_bus, 4, 0x00050200);
    CHECK_FALSE(space.claims_bus(1));
    CHECK(space.claims_bus(2));
    CHECK(space.claims_bus(5));
    CHECK_FALSE(space.claims_bus(6));

    space.write(pci_register::memory_base, 4, 0x40104000);  // 0x4000'0000 to 0x401f'ffff
    space.write(pci_register::prefetchable_base, 4, 0xfff00000);
    space.write(pci_register::prefetchable_base_upper, 4, 4);
    space.write(pci_register::prefetchable_limit_upper, 4, 7);  // 0x4'0000'0000 to 0x7'ffff'ffff
    CHECK_FALSE(space.claims(0x4000'0000, 4));
    space.write(pci_register::command, 2, pci_command_memory);
    CHECK(space.claims(0x4000'0000, 4));
    CHECK(space.claims(0x401f'fffc, 4));
    CHECK_FALSE(space.claims(0x401f'fffc, 8));
    CHECK_FALSE(space.claims(0x3fff'fffc, 4));
    CHECK(space.claims(0x7'ffff'fffc, 4));
    CHECK_FALSE(space.claims(0x8'0000'0000, 4));
}

TEST_CASE("a configuration access is 1, 2 or 4 aligned bytes") {
    CHECK(ConfigSpace::is_access(0xffc, 4));
    CHECK(ConfigSpace::is_access(0xfff, 1));
    CHECK_FALSE(ConfigSpace::is_access(0, 8));
    CHECK_FALSE(ConfigSpace::is_access(0, 3));
    CHECK_FALSE(ConfigSpace::is_access(2, 4));
    CHECK_FALSE(ConfigSpace::is_access(1, 2));
    CHECK_FALSE(ConfigSpace::is_access(0x1000, 1));
}
