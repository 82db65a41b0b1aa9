#include <catch2/catch.hpp>

#include "tests/pcie/tree.h"

using namespace aqpim;

namespace {

constexpr std::uint64_t message_address = 0x2400'0000;
constexpr std::uint64_t msix_table = Tree::msix_at(0);

/// Device 0 with MSI-X, its vectors writing their number + 64 to the host.
struct MsixScene : EnumeratedTree {
    MsixScene() {
        control(0x8000);
        for (unsigned vector = 0; vector < 4; ++vector) {
            tree.host.write(msix_table + vector * 16, message_address);
            tree.host.write(msix_table + vector * 16 + 4, 0);
            tree.host.write(msix_table + vector * 16 + 8, 64 + vector);
            tree.host.write(msix_table + vector * 16 + 12, 0);
        }
        sc_core::sc_start(1, sc_core::SC_MS);
    }
    void control(std::uint32_t value) { tree.host.config_write(Tree::function_id(0), capability() + 2, value, 2); }
    unsigned capability() {
        unsigned offset = tree.host.config_read(Tree::function_id(0), 0x34, 1);
        while (tree.host.config_read(Tree::function_id(0), offset, 1) != 0x11) {
            offset = tree.host.config_read(Tree::function_id(0), offset + 1, 1);
        }
        return offset;
    }
    void mask(unsigned vector, bool masked) { tree.host.write(msix_table + vector * 16 + 12, masked); }
    void raise(unsigned vector) {
        sc_core::sc_time delay;
        tree.device0.msix(0).raise(vector, delay);
    }
    std::size_t messages() const { return tree.host.memory.accesses.size(); }
    std::uint32_t pending() { return tree.host.read(msix_table + 0x800); }
};

}  // namespace

TEST_CASE("a raised vector writes its data to its address") {
    MsixScene scene;
    sc_core::sc_time delay;
    scene.tree.device0.msix(0).raise(3, delay);
    REQUIRE(scene.messages() == 1);
    const NotingMemory::Access& message = scene.tree.host.memory.accesses[0];
    CHECK(message.write);
    CHECK(message.address == message_address);
    CHECK(message.bytes == 4);
    CHECK(scene.tree.host.memory.word(message_address) == 67);
    // A write of 28 B at Gen5 x16, 444 ps: the core goes on when it has left, the host has it two links and a switch
    // later, which sends it on when its header of 24 B, 381 ps, is there.
    CHECK(to_ps(delay) == 444);
    CHECK(message.time - to_ps(sc_core::sc_time_stamp()) == 381 + 444 + 2 * 20'000 + 105'000 + 150'000);
    CHECK(scene.pending() == 0);
}

TEST_CASE("a message does not overtake the data written before it") {
    MsixScene scene;
    sc_core::sc_time delay;
    scene.tree.dma(scene.tree.core0, tlm::TLM_WRITE_COMMAND, 0x8000'0000, 4096, delay);
    scene.tree.device0.msix(0).raise(0, delay);
    const auto& accesses = scene.tree.host.memory.accesses;
    REQUIRE(accesses.size() == 2);
    CHECK(accesses[1].time > accesses[0].time);
}

TEST_CASE("vectors come up masked, with zero in the table") {
    EnumeratedTree scene;
    CHECK(scene.tree.host.read(msix_table) == 0);
    CHECK(scene.tree.host.read(msix_table + 8) == 0);
    CHECK(scene.tree.host.read(msix_table + 12) == 1);
}

TEST_CASE("a masked vector stays pending and is sent when unmasked") {
    MsixScene scene;
    scene.mask(2, true);
    scene.raise(2);
    CHECK(scene.messages() == 0);
    CHECK(scene.pending() == 0x4);
    scene.mask(2, false);
    CHECK(scene.messages() == 1);
    CHECK(scene.tree.host.memory.word(message_address) == 66);
    CHECK(scene.pending() == 0);
}

TEST_CASE("raised twice while masked, a vector is sent once") {
    MsixScene scene;
    scene.mask(1, true);
    scene.raise(1);
    scene.raise(1);
    scene.mask(1, false);
    CHECK(scene.messages() == 1);
}

TEST_CASE("the function mask holds back every vector") {
    MsixScene scene;
    scene.control(0xc000);
    scene.raise(0);
    scene.raise(3);
    CHECK(scene.messages() == 0);
    CHECK(scene.pending() == 0x9);
    scene.control(0x8000);
    CHECK(scene.messages() == 2);
}

TEST_CASE("with MSI-X disabled a vector is lost") {
    MsixScene scene;
    scene.control(0);
    scene.raise(0);
    scene.control(0x8000);
    CHECK(scene.messages() == 0);
    CHECK(scene.pending() == 0);
}

TEST_CASE("a function that is no bus master keeps its messages until it is") {
    MsixScene scene;
    scene.tree.host.config_write(Tree::function_id(0), pci_register::command, pci_command_memory, 2);
    scene.raise(0);
    CHECK(scene.messages() == 0);
    CHECK(scene.pending() == 1);
    scene.tree.host.config_write(Tree::function_id(0), pci_register::command,
                                 pci_command_memory | pci_command_bus_master, 2);
    CHECK(scene.messages() == 1);
}

TEST_CASE("a vector beyond the table is ignored") {
    MsixScene scene;
    scene.raise(4);
    scene.raise(4000);
    CHECK(scene.messages() == 0);
}

TEST_CASE("the table takes quad words, the pending bits take no writes") {
    MsixScene scene;
    Tree& tree = scene.tree;
    std::uint64_t value = std::uint64_t{1} << 32 | 99;
    sc_core::sc_time delay;
    access(tree.host.mmio, tlm::TLM_WRITE_COMMAND, msix_table + 8, &value, 8, delay);
    CHECK(tree.host.read(msix_table + 8) == 99);
    CHECK(tree.host.read(msix_table + 12) == 1);
    CHECK(tree.root.unsupported_requests() == 0);
    tree.host.write(msix_table + 0x800, 1);
    CHECK(scene.pending() == 0);
    CHECK(tree.root.unsupported_requests() == 1);
}
