#include <catch2/catch.hpp>

#include <set>

#include "fake_pci.h"

extern "C" {
#include "aqpim/sdk/pci_error.h"
#include "aqpim/sdk/pci_setup.h"
}

namespace {

constexpr std::uint64_t mib = 1ull << 20;
constexpr std::uint64_t gib = 1ull << 30;

/// Root port, switch, two devices behind it.
struct Tree : FakePci {
    FakeFunction& root = add_bridge(nullptr, 1, AQPIM_PCI_PORT_ROOT);
    FakeFunction& up = add_bridge(&root, 0, AQPIM_PCI_PORT_UPSTREAM);
    FakeFunction& left = add_bridge(&up, 0, AQPIM_PCI_PORT_DOWNSTREAM);
    FakeFunction& right = add_bridge(&up, 1, AQPIM_PCI_PORT_DOWNSTREAM);
    FakeFunction& small = add_endpoint(left, 0, gib);
    FakeFunction& large = add_endpoint(right, 0, 4 * gib);
    aqpim_pci pci{};

    const aqpim_pci_function& function(unsigned index) const { return pci.functions[index]; }
};

std::uint64_t bar_address(FakeFunction& function, unsigned bar) {
    const unsigned offset = AQPIM_PCI_BAR0 + 4 * bar;
    const bool wide = (function.at(offset) & AQPIM_PCI_BAR_64BIT) != 0;
    return (wide ? std::uint64_t{function.at(offset + 4)} << 32 : 0) | (function.at(offset) & ~0xfu);
}

bool holds(const aqpim_pci_range& range, std::uint64_t address, std::uint64_t bytes) {
    return address >= range.address && address + bytes <= range.address + range.size;
}

}  // namespace

TEST_CASE("buses are numbered depth first and every BAR lies in the windows above it") {
    Tree tree;
    REQUIRE(aqpim_pci_enumerate(&tree.pci, &tree.board));
    REQUIRE(tree.pci.count == 6);
    CHECK(tree.root.at(AQPIM_PCI_BUS_NUMBERS) == 0x040100);
    CHECK(tree.up.at(AQPIM_PCI_BUS_NUMBERS) == 0x040201);
    CHECK(tree.left.at(AQPIM_PCI_BUS_NUMBERS) == 0x030302);
    CHECK(tree.right.at(AQPIM_PCI_BUS_NUMBERS) == 0x040402);
    // The larger BAR comes first, so that no gap is left.
    CHECK(bar_address(tree.large, 0) == FakePci::memory64);
    CHECK(bar_address(tree.small, 0) == FakePci::memory64 + 4 * gib);
    for (const aqpim_pci_function& bridge : tree.pci.functions) {
        for (unsigned i = 0; bridge.secondary != 0 && i < tree.pci.count; ++i) {
            const aqpim_pci_function& below = tree.function(i);
            if (below.secondary == 0 && aqpim_pci_is_below(&below, &bridge)) {
                CHECK(holds(bridge.windows[AQPIM_PCI_MEMORY64], below.bars[0].address, below.bars[0].size));
                CHECK(holds(bridge.windows[AQPIM_PCI_MEMORY32], below.bars[2].address, below.bars[2].size));
            }
        }
    }
    CHECK(tree.right.at(AQPIM_PCI_PREFETCH_WINDOW) == 0xfff10001);
    CHECK(tree.right.at(AQPIM_PCI_PREFETCH_BASE_UPPER) == 4);
    CHECK(tree.right.at(AQPIM_PCI_PREFETCH_LIMIT_UPPER) == 4);
    CHECK((tree.small.at(AQPIM_PCI_COMMAND) & 0x6) == 0x6);
}

TEST_CASE("a switch with 32 ports and a device at each is placed without overlaps") {
    FakePci fake;
    FakeFunction& root = fake.add_bridge(nullptr, 1, AQPIM_PCI_PORT_ROOT);
    FakeFunction& up = fake.add_bridge(&root, 0, AQPIM_PCI_PORT_UPSTREAM);
    for (unsigned port = 0; port < 32; ++port) {
        fake.add_endpoint(fake.add_bridge(&up, port, AQPIM_PCI_PORT_DOWNSTREAM), 0, gib << port % 3);
    }
    aqpim_pci pci{};
    REQUIRE(aqpim_pci_enumerate(&pci, &fake.board));
    REQUIRE(pci.count == 66);
    std::set<std::uint64_t> starts;
    for (unsigned i = 0; i < pci.count; ++i) {
        for (const aqpim_pci_bar& bar : pci.functions[i].bars) {
            if (bar.size != 0) {
                CHECK(bar.address % bar.size == 0);
                starts.insert(bar.address);
            }
        }
    }
    REQUIRE(starts.size() == 64);
    // 11 BARs of 1 GiB, 11 of 2 and 10 of 4 follow one another without gaps: the last begins 1 GiB before their sum.
    CHECK(*starts.rbegin() == FakePci::memory64 + (11 * 1 + 11 * 2 + 10 * 4 - 1) * gib);
}

TEST_CASE("BARs that do not fit into the window are refused and not placed") {
    Tree tree;
    tree.board.pci_memory64.size = 4 * gib;
    CHECK_FALSE(aqpim_pci_enumerate(&tree.pci, &tree.board));
    CHECK(std::string(tree.pci.error) == "the BARs do not fit into the 64-bit PCIe window");
    CHECK((tree.small.at(AQPIM_PCI_COMMAND) & AQPIM_PCI_COMMAND_MEMORY) == 0);
}

TEST_CASE("more functions than the table holds are refused") {
    FakePci fake;
    for (unsigned port = 0; port < 32; ++port) {
        FakeFunction& root = fake.add_bridge(nullptr, port, AQPIM_PCI_PORT_ROOT);
        for (unsigned number = 0; number < 8; ++number) {
            fake.add_endpoint(root, number, gib);
        }
    }
    aqpim_pci pci{};
    CHECK_FALSE(aqpim_pci_enumerate(&pci, &fake.board));
    CHECK(std::string(pci.error) == "more functions than the table holds");
}

TEST_CASE("extended capabilities are found along their list") {
    Tree tree;
    REQUIRE(aqpim_pci_enumerate(&tree.pci, &tree.board));
    const std::uint64_t config = tree.function(3).config;
    std::uint64_t serial = 0;
    CHECK(aqpim_pci_extended_capability(config, AQPIM_PCI_EXT_AER) == FakePci::aer);
    CHECK(aqpim_pci_extended_capability(config, AQPIM_PCI_EXT_RESIZABLE_BAR) == FakePci::resize);
    CHECK(aqpim_pci_extended_capability(config, AQPIM_PCI_EXT_ACS) == 0);
    CHECK(aqpim_pci_serial_number(config, &serial));
    CHECK(serial == 0x0123456789abcdef);
}

TEST_CASE("a list of extended capabilities that goes in circles or leaves its range ends") {
    Tree tree;
    REQUIRE(aqpim_pci_enumerate(&tree.pci, &tree.board));
    const std::uint64_t config = tree.function(3).config;
    tree.small.at(FakePci::serial) = FakePci::aer << 20 | AQPIM_PCI_EXT_SERIAL;
    CHECK(aqpim_pci_extended_capability(config, AQPIM_PCI_EXT_RESIZABLE_BAR) == 0);
    tree.small.at(FakePci::serial) = FakePci::express << 20 | AQPIM_PCI_EXT_SERIAL;
    CHECK(aqpim_pci_extended_capability(config, AQPIM_PCI_EXT_RESIZABLE_BAR) == 0);
}

TEST_CASE("errors are read with their header and cleared by ones only where they are") {
    Tree tree;
    REQUIRE(aqpim_pci_enumerate(&tree.pci, &tree.board));
    tree.small.at(FakePci::aer + AQPIM_PCI_AER_UNCORRECTABLE) = AQPIM_PCI_AER_UNSUPPORTED;
    tree.small.at(FakePci::aer + AQPIM_PCI_AER_CORRECTABLE) = AQPIM_PCI_AER_ADVISORY;
    tree.small.at(FakePci::aer + AQPIM_PCI_AER_CONTROL) = 20;
    tree.small.at(FakePci::aer + AQPIM_PCI_AER_HEADER_LOG + 8) = 0x400ffffc;
    tree.small.at(FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL) |= 0x000a0000;
    aqpim_pci_errors errors;
    REQUIRE(aqpim_pci_read_errors(&tree.function(3), &errors) == AQPIM_PCI_OK);
    CHECK(errors.uncorrectable == 0x00100000);
    CHECK(errors.correctable == 0x00002000);
    CHECK(errors.first == 20);
    CHECK(errors.header[2] == 0x400ffffc);
    CHECK(errors.device_status == 0xa);
    aqpim_pci_clear_errors(&tree.function(3));
    aqpim_pci_read_errors(&tree.function(3), &errors);
    CHECK(errors.uncorrectable == 0);
    CHECK(errors.correctable == 0);
    CHECK(errors.device_status == 0);
}

TEST_CASE("a root port tells who reported an error until it is cleared") {
    Tree tree;
    REQUIRE(aqpim_pci_enumerate(&tree.pci, &tree.board));
    tree.root.at(FakePci::aer + AQPIM_PCI_AER_ROOT_STATUS) = AQPIM_PCI_AER_ROOT_UNCORRECTABLE;
    tree.root.at(FakePci::aer + AQPIM_PCI_AER_ROOT_SOURCE) = 0x0300u << 16 | 0x0400u;
    aqpim_pci_root_errors errors;
    REQUIRE(aqpim_pci_read_root_errors(&tree.function(0), &errors) == AQPIM_PCI_OK);
    CHECK(errors.uncorrectable_source == 0x0300);
    CHECK(errors.correctable_source == 0x0400);
    aqpim_pci_clear_all_errors(&tree.pci);
    REQUIRE(aqpim_pci_read_root_errors(&tree.function(0), &errors) == AQPIM_PCI_OK);
    CHECK(errors.status == 0);
    CHECK(aqpim_pci_read_root_errors(&tree.function(1), &errors) == AQPIM_PCI_UNABLE);
}

TEST_CASE("error reporting is enabled on every function on the way to the root") {
    Tree tree;
    REQUIRE(aqpim_pci_enumerate(&tree.pci, &tree.board));
    tree.small.at(FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL) |= 0x000f0000;
    aqpim_pci_enable_error_reporting(&tree.pci);
    for (FakeFunction* function : {&tree.root, &tree.up, &tree.left, &tree.small}) {
        CHECK((function->at(FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL) & 0xf) == 0xf);
        CHECK((function->at(AQPIM_PCI_COMMAND) & 0x146) == 0x146);
        // Of 0xe000 at reset, advisory non-fatal errors no longer masked.
        CHECK(function->at(FakePci::aer + AQPIM_PCI_AER_CORRECTABLE_MASK) == 0xc000);
    }
    CHECK((tree.left.at(AQPIM_PCI_BRIDGE_CONTROL) >> 16 & 0x2) == 0x2);
    CHECK(tree.root.at(FakePci::aer + AQPIM_PCI_AER_ROOT_COMMAND) == 0x7);
    // What was seen before is still to be read.
    CHECK(tree.small.at(FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL) >> 16 == 0xf);
}

TEST_CASE("the payload size is the smallest that all behind a root port support") {
    Tree tree;
    FakeFunction& other = tree.add_bridge(nullptr, 2, AQPIM_PCI_PORT_ROOT);
    REQUIRE(aqpim_pci_enumerate(&tree.pci, &tree.board));
    // Ports support 512 B, the devices 256 B.
    CHECK(aqpim_pci_set_payload(&tree.pci, 0, false) == 256);
    CHECK((tree.large.at(FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL) & 0x70f0) == 0x1020);
    CHECK((other.at(FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL) & 0x70f0) == 0x2040);
    CHECK(aqpim_pci_set_payload(&tree.pci, 4096, true) == 256);
    CHECK((tree.large.at(FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL) & 0x70f0) == 0x5030);
    CHECK(aqpim_pci_payload(&tree.function(3)) == 256);
    CHECK(aqpim_pci_read_request(&tree.function(3)) == 4096);
    CHECK(aqpim_pci_set_payload(&tree.pci, 8192, true) == 0);
    CHECK(aqpim_pci_set_payload(&tree.pci, 100, true) == 0);
}

TEST_CASE("a resized BAR is placed anew with the windows above it") {
    Tree tree;
    REQUIRE(aqpim_pci_scan(&tree.pci, &tree.board));
    CHECK(aqpim_pci_bar_sizes(&tree.function(3), 0) == 7 * gib);
    CHECK(aqpim_pci_bar_sizes(&tree.function(3), 2) == 0);
    CHECK(aqpim_pci_bar_sizes(&tree.function(0), 0) == 0);
    CHECK(aqpim_pci_resize_bar(&tree.pci.functions[3], 0, 8 * gib) == AQPIM_PCI_UNABLE);
    CHECK(aqpim_pci_resize_bar(&tree.pci.functions[3], 0, 3 * gib) == AQPIM_PCI_UNABLE);
    CHECK(aqpim_pci_resize_bar(&tree.pci.functions[3], 0, 0) == AQPIM_PCI_UNABLE);
    REQUIRE(aqpim_pci_resize_bar(&tree.pci.functions[3], 0, 4 * gib) == AQPIM_PCI_OK);
    CHECK(tree.small.at(FakePci::resize + AQPIM_PCI_RESIZE_CONTROL(0)) == (1u << 5 | 12u << 8));
    CHECK((tree.small.at(AQPIM_PCI_COMMAND) & AQPIM_PCI_COMMAND_MEMORY) == 0);
    REQUIRE(aqpim_pci_place(&tree.pci, &tree.board));
    CHECK(tree.function(3).windows[AQPIM_PCI_MEMORY64].size == 0);
    CHECK(tree.function(2).windows[AQPIM_PCI_MEMORY64].size == 4 * gib);
    CHECK(tree.function(0).windows[AQPIM_PCI_MEMORY64].size == 8 * gib);
    CHECK(tree.function(3).bars[0].address % (4 * gib) == 0);
}

TEST_CASE("access control sends peers' requests up and lets them through again") {
    Tree tree;
    REQUIRE(aqpim_pci_enumerate(&tree.pci, &tree.board));
    // Root port and two downstream ports; the upstream port has no peers.
    CHECK(aqpim_pci_redirect(&tree.pci, true) == 3);
    CHECK(tree.left.at(FakePci::acs + AQPIM_PCI_ACS_CONTROL) == 0x001c001c);
    CHECK(tree.up.at(FakePci::acs + AQPIM_PCI_ACS_CONTROL) == 0x0000001c);
    CHECK(aqpim_pci_redirect(&tree.pci, false) == 3);
    CHECK(tree.left.at(FakePci::acs + AQPIM_PCI_ACS_CONTROL) == 0x0000001c);
}
