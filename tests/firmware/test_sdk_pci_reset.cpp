#include <catch2/catch.hpp>

#include "fake_pci.h"

extern "C" {
#include "aqpim/sdk/msix.h"
#include "aqpim/sdk/pci_link.h"
#include "aqpim/sdk/pci_reset.h"
#include "aqpim/sdk/pci_state.h"
}

namespace {

constexpr std::uint64_t gib = 1ull << 30;
constexpr std::uint64_t ms = 1000000;

/// Root port, switch, one device with two functions; enumerated, with a routed vector and settings of its own.
struct Tree : FakePci {
    FakeFunction& root = add_bridge(nullptr, 1, AQPIM_PCI_PORT_ROOT);
    FakeFunction& up = add_bridge(&root, 0, AQPIM_PCI_PORT_UPSTREAM);
    FakeFunction& down = add_bridge(&up, 0, AQPIM_PCI_PORT_DOWNSTREAM);
    FakeFunction& first = add_endpoint(down, 0, gib);
    FakeFunction& second = add_endpoint(down, 1, gib);
    aqpim_pci pci{};
    aqpim_pci_state states[4];

    Tree() {
        REQUIRE(aqpim_pci_enumerate(&pci, &board));
        REQUIRE(pci.count == 5);
        REQUIRE(aqpim_msix_route(&device(), 1, 65));
        first.at(express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL) = 0x504f;
        first.at(aer + AQPIM_PCI_AER_SEVERITY) = 0x00100000;
    }

    const aqpim_pci_function& port() const { return pci.functions[2]; }
    const aqpim_pci_function& device() const { return pci.functions[3]; }

    void check_restored() {
        CHECK(first.at(AQPIM_PCI_BAR0) == 0xc);
        CHECK(first.at(AQPIM_PCI_BAR0 + 4) == device().bars[0].address >> 32);
        CHECK((first.at(AQPIM_PCI_COMMAND) & 0x406) == 0x406);
        CHECK(first.at(express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL) == 0x504f);
        CHECK(first.at(aer + AQPIM_PCI_AER_SEVERITY) == 0x00100000);
        CHECK((first.at(msix) >> 30) == 2);
        // Vector 1: the frame's address, the source, unmasked.
        CHECK(first.memory[0x10] == 0x24000000);
        CHECK(first.memory[0x18] == 65);
        CHECK(first.memory[0x1c] == 0);
    }
};

}  // namespace

TEST_CASE("a function-level reset waits for transactions and for the function and gives the configuration back") {
    Tree tree;
    tree.first.pending_reads = 30;
    tree.reset_recovery_ns = 150 * ms;
    const std::uint64_t begin = tree.now_ns;
    REQUIRE(aqpim_pci_reset_function(&tree.device(), AQPIM_PCI_RESET_NS) == AQPIM_PCI_OK);
    CHECK(tree.first.resets == 1);
    CHECK(tree.second.resets == 0);
    CHECK(tree.first.pending_reads == 0);
    // The function began no new transactions while it waited.
    REQUIRE(tree.first.resets_with_master.size() == 1);
    CHECK((tree.first.resets_with_master[0] & AQPIM_PCI_COMMAND_MASTER) == 0);
    CHECK(tree.now_ns - begin >= 150 * ms);
    CHECK(tree.now_ns - begin < 160 * ms);
    tree.check_restored();
}

TEST_CASE("a function whose transactions never end is reset all the same") {
    Tree tree;
    tree.first.pending_reads = 1u << 30;
    REQUIRE(aqpim_pci_reset_function(&tree.device(), AQPIM_PCI_RESET_NS) == AQPIM_PCI_OK);
    CHECK(tree.first.resets == 1);
    CHECK(tree.now_ns >= 200 * ms);
}

TEST_CASE("a function that does not come back from its reset is an error") {
    Tree tree;
    tree.reset_recovery_ns = 1000 * ms;
    CHECK(aqpim_pci_reset_function(&tree.device(), AQPIM_PCI_RESET_NS) == AQPIM_PCI_ABSENT);
}

TEST_CASE("a function without function-level reset is left alone") {
    Tree tree;
    tree.first.at(FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CAPABILITIES) &= ~AQPIM_PCI_DEVICE_CAN_FLR;
    CHECK(aqpim_pci_reset_function(&tree.device(), AQPIM_PCI_RESET_NS) == AQPIM_PCI_UNABLE);
    CHECK((tree.first.at(AQPIM_PCI_COMMAND) & AQPIM_PCI_COMMAND_MASTER) != 0);
}

TEST_CASE("a hot reset is held for its time and everything behind the port can be restored") {
    Tree tree;
    REQUIRE(aqpim_pci_save_below(&tree.pci, &tree.port(), tree.states, 4) == AQPIM_PCI_OK);
    const std::uint64_t begin = tree.now_ns;
    REQUIRE(aqpim_pci_reset_below(&tree.port(), AQPIM_PCI_RESET_NS) == AQPIM_PCI_OK);
    CHECK(tree.first.resets == 1);
    CHECK(tree.second.resets == 1);
    CHECK(tree.now_ns - begin >= 102 * ms);
    CHECK(tree.first.at(AQPIM_PCI_BAR0 + 4) == 0);
    REQUIRE(aqpim_pci_restore_below(&tree.pci, &tree.port(), tree.states, 4) == AQPIM_PCI_OK);
    tree.check_restored();
    CHECK(tree.second.at(AQPIM_PCI_BAR0) == (0x40000000 | 0xc));
}

TEST_CASE("after a hot reset at the root port the switch is restored before what is behind it") {
    Tree tree;
    tree.link_training_ns = 5 * ms;
    const aqpim_pci_function& root = tree.pci.functions[0];
    REQUIRE(aqpim_pci_save_below(&tree.pci, &root, tree.states, 4) == AQPIM_PCI_OK);
    REQUIRE(aqpim_pci_reset_below(&root, AQPIM_PCI_RESET_NS) == AQPIM_PCI_OK);
    CHECK(tree.down.at(AQPIM_PCI_BUS_NUMBERS) == 0);
    // The switch's own link takes its time too.
    tree.down.up_at_ns = tree.now_ns + 20 * ms;
    REQUIRE(aqpim_pci_restore_below(&tree.pci, &root, tree.states, 4) == AQPIM_PCI_OK);
    CHECK(tree.down.at(AQPIM_PCI_BUS_NUMBERS) == 0x030302);
    tree.check_restored();
}

TEST_CASE("a link that does not come back after a hot reset is an error") {
    Tree tree;
    CHECK(aqpim_pci_reset_below(&tree.device(), AQPIM_PCI_RESET_NS) == AQPIM_PCI_UNABLE);
    tree.link_training_ns = 1000 * ms;
    CHECK(aqpim_pci_reset_below(&tree.port(), AQPIM_PCI_RESET_NS) == AQPIM_PCI_LINK_DOWN);
}

TEST_CASE("more functions behind a port than there is room for are not saved") {
    Tree tree;
    CHECK(aqpim_pci_save_below(&tree.pci, &tree.port(), tree.states, 1) == AQPIM_PCI_UNABLE);
}

TEST_CASE("a link goes down and comes up again when the port says so") {
    Tree tree;
    aqpim_pci_link link;
    REQUIRE(aqpim_pci_save_below(&tree.pci, &tree.port(), tree.states, 4) == AQPIM_PCI_OK);
    REQUIRE(aqpim_pci_disable_link(&tree.port(), 100 * ms) == AQPIM_PCI_OK);
    REQUIRE(aqpim_pci_read_link(&tree.port(), &link) == AQPIM_PCI_OK);
    CHECK_FALSE(link.active);
    CHECK(aqpim_pci_check(&tree.pci, &tree.device()) == AQPIM_PCI_LINK_DOWN);
    CHECK(aqpim_pci_check(&tree.pci, &tree.port()) == AQPIM_PCI_OK);
    CHECK(aqpim_pci_save(&tree.device(), &tree.states[3]) == AQPIM_PCI_ABSENT);
    const std::uint64_t begin = tree.now_ns;
    REQUIRE(aqpim_pci_enable_link(&tree.port(), 100 * ms) == AQPIM_PCI_OK);
    CHECK(tree.now_ns - begin >= tree.link_training_ns);
    REQUIRE(aqpim_pci_restore_below(&tree.pci, &tree.port(), tree.states, 4) == AQPIM_PCI_OK);
    tree.check_restored();
    REQUIRE(aqpim_pci_read_link(&tree.port(), &link) == AQPIM_PCI_OK);
    CHECK(link.active);
    CHECK(link.speed == 4);
    CHECK(link.width == 16);
}

TEST_CASE("a link that is lost by surprise is told from a function that is gone") {
    Tree tree;
    CHECK(aqpim_pci_check(&tree.pci, &tree.device()) == AQPIM_PCI_OK);
    tree.first.absent_until = UINT64_MAX;
    CHECK(aqpim_pci_check(&tree.pci, &tree.device()) == AQPIM_PCI_ABSENT);
    tree.root.up_at_ns = UINT64_MAX;
    CHECK(aqpim_pci_check(&tree.pci, &tree.device()) == AQPIM_PCI_LINK_DOWN);
    aqpim_pci_link link;
    CHECK(aqpim_pci_read_link(&tree.port(), &link) == AQPIM_PCI_ABSENT);
    CHECK(aqpim_pci_disable_link(&tree.port(), 100 * ms) == AQPIM_PCI_ABSENT);
    CHECK(aqpim_pci_reset_function(&tree.device(), AQPIM_PCI_RESET_NS) == AQPIM_PCI_ABSENT);
    CHECK(aqpim_pci_reset_below(&tree.port(), AQPIM_PCI_RESET_NS) == AQPIM_PCI_ABSENT);
}

TEST_CASE("a link that stays down ends the wait for it") {
    Tree tree;
    CHECK(aqpim_pci_disable_link(&tree.device(), 100 * ms) == AQPIM_PCI_UNABLE);
    CHECK(aqpim_pci_wait_for_link(&tree.port(), 100 * ms) == AQPIM_PCI_OK);
    tree.down.up_at_ns = UINT64_MAX;
    CHECK(aqpim_pci_check(&tree.pci, &tree.device()) == AQPIM_PCI_LINK_DOWN);
    const std::uint64_t begin = tree.now_ns;
    CHECK(aqpim_pci_wait_for_link(&tree.port(), 100 * ms) == AQPIM_PCI_TIMEOUT);
    CHECK(tree.now_ns - begin >= 100 * ms);
    CHECK(tree.now_ns - begin < 101 * ms);
}

TEST_CASE("a function that forgets itself in D3hot gets its configuration back") {
    Tree tree;
    REQUIRE(aqpim_pci_save(&tree.device(), &tree.states[0]) == AQPIM_PCI_OK);
    REQUIRE(aqpim_pci_set_power(&tree.device(), AQPIM_PCI_D3HOT, nullptr) == AQPIM_PCI_OK);
    CHECK((tree.first.at(FakePci::power + AQPIM_PCI_POWER_CONTROL) & 3) == 3);
    REQUIRE(aqpim_pci_set_power(&tree.device(), AQPIM_PCI_D0, &tree.states[0]) == AQPIM_PCI_OK);
    CHECK(tree.first.resets == 1);
    tree.check_restored();
}

TEST_CASE("a power state that a function does not take is an error") {
    Tree tree;
    tree.first.words[FakePci::power + AQPIM_PCI_POWER_CONTROL].writable = 0;
    CHECK(aqpim_pci_set_power(&tree.device(), AQPIM_PCI_D3HOT, nullptr) == AQPIM_PCI_UNABLE);
}
