#include <catch2/catch.hpp>

#include "tests/pcie/tree.h"

using namespace aqpim;

namespace {

std::uint64_t tlps(const PcieLink& link) {
    return link.up().tlps + link.down().tlps;
}

}  // namespace

TEST_CASE("peer to peer between two ports of a switch does not touch the root link") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    const std::uint64_t before = tlps(tree.root_link);
    sc_core::sc_time delay;
    CHECK(tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, Tree::memory_at(1, 1) + 0x100, 4096, delay) ==
          tlm::TLM_OK_RESPONSE);
    CHECK(tree.core1b.memory.word(0x100) == 0x5a5a5a5a);
    CHECK(tree.dma(tree.core1b, tlm::TLM_READ_COMMAND, Tree::memory_at(0), 4096, delay) == tlm::TLM_OK_RESPONSE);
    CHECK(tree.core0.memory.accesses.size() == 2);  // the first request, and all others
    CHECK(tlps(tree.root_link) == before);
}

TEST_CASE("peer to peer between two functions of a package does not touch a link") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    const std::uint64_t before = tlps(tree.link1);
    sc_core::sc_time delay;
    CHECK(tree.dma(tree.core1, tlm::TLM_WRITE_COMMAND, Tree::memory_at(1, 1) + 0x100, 4096, delay) ==
          tlm::TLM_OK_RESPONSE);
    CHECK(tree.core1b.memory.word(0x100) == 0x5a5a5a5a);
    CHECK(tree.device1.package_bytes() == 4096);
    CHECK(tlps(tree.link1) == before);
}

TEST_CASE("addresses outside all windows go to the host") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    sc_core::sc_time delay;
    CHECK(tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, 0x8000'1000, 64, delay) == tlm::TLM_OK_RESPONSE);
    CHECK(tree.host.memory.word(0x8000'1000) == 0x5a5a5a5a);
    tree.host.memory.contents.write(0x9000'0000, reinterpret_cast<const std::uint8_t*>("data"), 4);
    std::uint32_t value = 0;
    CHECK(access(tree.core1.dma, tlm::TLM_READ_COMMAND, 0x9000'0000, &value, 4, delay) == tlm::TLM_OK_RESPONSE);
    CHECK(std::string(reinterpret_cast<const char*>(&value), 4) == "data");
}

TEST_CASE("a payload comes back with the address it left with and without an extension") {
    EnumeratedTree scene;
    std::uint32_t value = 0;
    tlm::tlm_generic_payload payload;
    payload.set_read();
    payload.set_address(Tree::memory_at(1) + 0x40);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    sc_core::sc_time delay;
    scene.tree.host.mmio->b_transport(payload, delay);
    CHECK(payload.is_response_ok());
    CHECK(payload.get_address() == Tree::memory_at(1) + 0x40);
    CHECK(payload.get_extension<TlpExtension>() == nullptr);
}
