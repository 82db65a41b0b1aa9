// Random requests in detailed fidelity: every one is answered, and the platform works afterwards.
#include <catch2/catch.hpp>

#include <map>
#include <random>

#include "tests/pcie/burst_dma.h"

using namespace aqpim;

namespace {

PcieParameters detailed() {
    PcieParameters parameters = default_pcie_parameters();
    parameters.fidelity = "detailed";
    parameters.completion_timeout_ps = 50'000'000;
    return parameters;
}

std::uint64_t random_address(std::mt19937_64& random) {
    const std::uint64_t bases[] = {0x8000'0000,
                                   Tree::memory_at(0),
                                   Tree::memory_at(1),
                                   Tree::memory_at(1, 1),
                                   Tree::registers_at(0),
                                   Tree::registers_at(1, 1),
                                   NotingMemory::size - 0x1000,
                                   0,
                                   Tree::registers_at(1) + 0x8'0000};
    return random() % 16 == 0 ? random() >> random() % 32 : bases[random() % 9] + random() % 0x2000;
}

}  // namespace

TEST_CASE("random DMA requests are all answered") {
    EnumeratedTree scene(detailed());
    Tree& tree = scene.tree;
    TestCore* const cores[] = {&tree.core0, &tree.core1, &tree.core1b};
    std::map<tlm::tlm_response_status, unsigned> statuses;
    REQUIRE(play([&] {
        std::mt19937_64 random(11);
        std::vector<std::uint8_t> data(16'384);
        for (int i = 0; i < 20'000; ++i) {
            TestCore& core = *cores[random() % 3];
            const auto command = random() % 2 == 0 ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND;
            const auto bytes = static_cast<std::uint32_t>(1 + random() % (random() % 8 == 0 ? 16'000 : 300));
            sc_core::sc_time delay;
            ++statuses[access(core.dma, command, random_address(random), data.data(), bytes, delay)];
        }
    }));
    CHECK(statuses.count(tlm::TLM_INCOMPLETE_RESPONSE) == 0);
    CHECK(statuses[tlm::TLM_OK_RESPONSE] > 10'000);
    CHECK(statuses[unsupported_request] > 100);
    for (const TestCore* const core : cores) {
        CHECK(core->checker.violations().count() == 0);
    }
}

TEST_CASE("random bursts by nb_transport are all answered") {
    EnumeratedTree scene(detailed());
    Tree& tree = scene.tree;
    REQUIRE(play([&] {
        std::mt19937_64 random(12);
        BurstDma dma(tree.core1);
        for (int i = 0; i < 300; ++i) {
            const auto command = random() % 2 == 0 ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND;
            const std::uint64_t bytes = 1 + random() % 50'000;
            const auto burst = static_cast<std::uint32_t>(1 + random() % 8192);
            dma.run({command, random_address(random), bytes, burst, static_cast<unsigned>(1 + random() % 64)});
            CHECK(dma.statuses().size() == (bytes + burst - 1) / burst);
        }
    }));
    CHECK(tree.core1.checker.violations().count() == 0);
    CHECK(tree.core1.checker.in_flight() == 0);
}

TEST_CASE("random configuration requests are all answered while others move data") {
    EnumeratedTree scene(detailed());
    Tree& tree = scene.tree;
    REQUIRE(play_all({[&] {
                          std::mt19937_64 random(13);
                          for (int i = 0; i < 20'000; ++i) {
                              const std::uint64_t offset = random() % 8 == 0
                                                               ? random() % (std::uint64_t{256} << 20)
                                                               : (random() % 6) << 20 | (random() % 3) << 15 |
                                                                     (random() % 3) << 12 | random() % 0x300;
                              const auto command = random() % 2 == 0 ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND;
                              std::uint64_t value = random();
                              const auto bytes = static_cast<std::uint32_t>(1 + random() % 8);
                              sc_core::sc_time delay;
                              access(tree.host.ecam, command, offset, &value, bytes, delay);
                          }
                      },
                      [&] {
                          std::mt19937_64 random(14);
                          for (int i = 0; i < 2'000; ++i) {
                              sc_core::sc_time delay;
                              tree.dma(tree.core0, random() % 2 == 0 ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND,
                                       random_address(random), 64, delay);
                              tree.host.write(Tree::registers_at(1), 1, delay);
                              sc_core::wait(1, sc_core::SC_US);
                          }
                      }},
                     {60, sc_core::SC_SEC}));
}
