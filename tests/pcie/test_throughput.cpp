#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/pcie/tree.h"

using namespace aqpim;

namespace {

constexpr std::uint32_t burst_bytes = 4096;
constexpr int burst_count = 256;

struct Variant {
    unsigned generation;
    unsigned lanes;
    unsigned max_payload;
};

/// Trees of several variants side by side: a kernel elaborates once.
struct Variants {
    Variants() {
        for (const Variant& variant : list) {
            PcieParameters parameters = default_pcie_parameters();
            parameters.generation = variant.generation;
            parameters.lanes = variant.lanes;
            parameters.max_payload = variant.max_payload;
            trees.push_back(std::make_unique<Tree>(sc_core::sc_gen_unique_name("tree"), parameters, recorder));
        }
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        for (const auto& tree : trees) {
            tree->enumerate();
        }
        sc_core::sc_start(1, sc_core::SC_MS);
    }

    const std::vector<Variant> list{{1, 1, 128},  {3, 4, 256},  {3, 16, 512}, {4, 8, 128},
                                    {4, 16, 256}, {5, 16, 256}, {5, 16, 512}, {6, 16, 256}};
    Recorder recorder;
    std::vector<std::unique_ptr<Tree>> trees;
};

/// Payload bytes per picosecond: line rate, line code, and a TLP's 24 B (Gen6: 236 B of 256, and 16 B).
double expected_rate(const Variant& variant) {
    const double transfers[] = {2.5e9, 5e9, 8e9, 16e9, 32e9, 64e9};
    const double code = variant.generation <= 2 ? 0.8 : variant.generation <= 5 ? 128.0 / 130.0 : 236.0 / 256.0;
    const double overhead = variant.generation <= 5 ? 24 : 16;
    const double lane = transfers[variant.generation - 1] / 8 * code / 1e12;
    return lane * variant.lanes * variant.max_payload / (variant.max_payload + overhead);
}

/// Of the bursts after the first one.
double rate(Picoseconds first, Picoseconds last, int bursts = burst_count) {
    return static_cast<double>(bursts - 1) * burst_bytes / static_cast<double>(last - first);
}

}  // namespace

TEST_CASE("1 MiB of DMA writes moves at the rate that TLPs leave") {
    Variants variants;
    for (std::size_t i = 0; i < variants.list.size(); ++i) {
        const Variant& variant = variants.list[i];
        INFO("Gen" << variant.generation << " x" << variant.lanes << ", " << variant.max_payload << " B");
        Tree& tree = *variants.trees[i];
        sc_core::sc_time delay;
        for (int burst = 0; burst < burst_count; ++burst) {
            tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, 0x8000'0000 + burst * burst_bytes, burst_bytes, delay);
        }
        const auto& accesses = tree.host.memory.accesses;
        REQUIRE(accesses.size() == burst_count);
        CHECK(rate(accesses.front().time, accesses.back().time) == Approx(expected_rate(variant)).epsilon(0.01));
        CHECK(static_cast<double>(burst_count) * burst_bytes / static_cast<double>(to_ps(delay)) ==
              Approx(expected_rate(variant)).epsilon(0.01));
    }
}

TEST_CASE("1 MiB of outstanding DMA reads moves at the rate that completions leave") {
    Variants variants;
    for (std::size_t i = 0; i < variants.list.size(); ++i) {
        const Variant& variant = variants.list[i];
        INFO("Gen" << variant.generation << " x" << variant.lanes << ", " << variant.max_payload << " B");
        Tree& tree = *variants.trees[i];
        std::vector<Picoseconds> ends;
        for (int burst = 0; burst < burst_count; ++burst) {
            sc_core::sc_time delay;
            tree.dma(tree.core0, tlm::TLM_READ_COMMAND, 0x8000'0000 + burst * burst_bytes, burst_bytes, delay);
            ends.push_back(to_ps(delay));
        }
        CHECK(std::is_sorted(ends.begin(), ends.end()));
        CHECK(rate(ends.front(), ends.back()) == Approx(expected_rate(variant)).epsilon(0.01));
    }
}

TEST_CASE("two devices that write to the host share the root link") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    sc_core::sc_time delay[2];
    for (int burst = 0; burst < 2 * burst_count; ++burst) {
        const int next = delay[0] <= delay[1] ? 0 : 1;  // whoever may go on first
        tree.dma(next == 0 ? tree.core0 : tree.core1, tlm::TLM_WRITE_COMMAND, 0x8000'0000, burst_bytes, delay[next]);
    }
    const double full = expected_rate({5, 16, 256});
    const double moved = 2.0 * burst_count * burst_bytes;
    CHECK(moved / static_cast<double>(to_ps(std::max(delay[0], delay[1]))) == Approx(full).epsilon(0.02));
    CHECK(to_ps(delay[0]) == Approx(static_cast<double>(to_ps(delay[1]))).epsilon(0.02));
    const auto& accesses = tree.host.memory.accesses;
    CHECK(rate(accesses.front().time, accesses.back().time, 2 * burst_count) == Approx(full).epsilon(0.01));
}

TEST_CASE("energy is charged on every bit that crosses a link") {
    EnumeratedTree scene;
    Tree& tree = scene.tree;
    const LinkCounters before = tree.link0.up();
    sc_core::sc_time delay;
    tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, 0x8000'0000, burst_bytes, delay);
    CHECK(tree.link0.up().wire_bits() - before.wire_bits() == 8 * 16 * 280);
    CHECK(tree.link0.up().payload_bytes - before.payload_bytes == burst_bytes);
    CHECK(tree.link0.up().tlps - before.tlps == 16);
}
