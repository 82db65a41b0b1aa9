#include <catch2/catch.hpp>

#include <map>

#include "tests/pcie/tree.h"

using namespace aqpim;

namespace {

/// Gen4 x16: a byte takes 8125 / 256 ps, a header of 24 B 762 ps, a TLP of 280 B 8887 ps, sixteen of them 142188 ps.
PcieParameters gen4() {
    PcieParameters parameters = default_pcie_parameters();
    parameters.generation = 4;
    return parameters;
}

PcieParameters store_and_forward(PcieParameters parameters) {
    parameters.forwarding = "store_and_forward";
    return parameters;
}

Picoseconds since_start(Picoseconds time) {
    return time - to_ps(sc_core::sc_time_stamp());
}

}  // namespace

TEST_CASE("an MMIO read behind one switch takes 0.79 us") {
    EnumeratedTree scene;
    sc_core::sc_time delay;
    scene.tree.host.read(Tree::registers_at(0), delay);
    // Gen5 x16, 8125 / 512 ps a byte: a request of 24 B takes 381 ps, a completion of 28 B 444 ps, its header 381 ps.
    const Picoseconds root = 150'000, link = 20'000, pcie_switch = 105'000, endpoint = 200'000;
    const Picoseconds there = root + 381 + link + pcie_switch + 381 + link + endpoint;
    const Picoseconds back = 381 + link + pcie_switch + 444 + link + root;
    CHECK(since_start(scene.tree.core0.registers.accesses.at(0).time) == there);
    CHECK(to_ps(delay) == there + back);
    CHECK(to_ps(delay) == 791'587);
}

TEST_CASE("a switch that stores and forwards waits for the last byte of a completion") {
    EnumeratedTree scene(store_and_forward(default_pcie_parameters()));
    sc_core::sc_time delay;
    scene.tree.host.read(Tree::registers_at(0), delay);
    // As above, and the data of 4 B (63 ps) once more.
    CHECK(to_ps(delay) == 791'650);
}

TEST_CASE("a posted MMIO write lets the host go on at once") {
    EnumeratedTree scene;
    sc_core::sc_time delay;
    scene.tree.host.write(Tree::registers_at(0), 1, delay);
    CHECK(to_ps(delay) == 444);  // 28 B
    CHECK(since_start(scene.tree.core0.registers.accesses.at(0).time) ==
          150'000 + 381 + 20'000 + 105'000 + 444 + 20'000 + 200'000);
}

TEST_CASE("a configuration write waits for its completion") {
    EnumeratedTree scene;
    std::uint32_t value = 0;
    sc_core::sc_time delay;
    access(scene.tree.host.ecam, tlm::TLM_WRITE_COMMAND, std::uint64_t{Tree::function_id(0)} << 12 | 0x3c, &value, 4,
           delay);
    // Request 28 B (header 381 ps, all 444 ps), completion 24 B (381 ps).
    CHECK(to_ps(delay) == 2 * 150'000 + 4 * 20'000 + 2 * 105'000 + 200'000 + 381 + 444 + 2 * 381);
}

TEST_CASE("a configuration request for the switch itself ends there") {
    EnumeratedTree scene;
    std::uint32_t value = 0;
    sc_core::sc_time delay;
    access(scene.tree.host.ecam, tlm::TLM_READ_COMMAND, std::uint64_t{Tree::switch_port(1)} << 12, &value, 4, delay);
    CHECK(to_ps(delay) == 2 * 150'000 + 2 * 20'000 + 105'000 + 381 + 444);
}

TEST_CASE("a large write cuts through two links and a switch") {
    EnumeratedTree scene(gen4());
    sc_core::sc_time delay;
    scene.tree.dma(scene.tree.core0, tlm::TLM_WRITE_COMMAND, 0x8000'0000, 4096, delay);
    // All of it crosses the first link; on the second one the last byte is one header behind.
    CHECK(to_ps(delay) == 142'188);
    CHECK(since_start(scene.tree.host.memory.accesses.at(0).time) ==
          142'188 + 20'000 + 105'000 + 762 + 20'000 + 150'000);
}

TEST_CASE("a large write follows one TLP behind through a switch that stores and forwards") {
    EnumeratedTree scene(store_and_forward(gen4()));
    sc_core::sc_time delay;
    scene.tree.dma(scene.tree.core0, tlm::TLM_WRITE_COMMAND, 0x8000'0000, 4096, delay);
    CHECK(to_ps(delay) == 142'188);
    CHECK(since_start(scene.tree.host.memory.accesses.at(0).time) ==
          142'188 + 20'000 + 105'000 + 8'887 + 20'000 + 150'000);
}

TEST_CASE("a large read comes back cut through") {
    EnumeratedTree scene(gen4());
    sc_core::sc_time delay;
    scene.tree.dma(scene.tree.core0, tlm::TLM_READ_COMMAND, 0x8000'0000, 4096, delay);
    // Eight requests of 24 B: the first one, 762 ps on each link, starts the answer.
    const Picoseconds there = 762 + 20'000 + 105'000 + 762 + 20'000 + 150'000;
    CHECK(since_start(scene.tree.host.memory.accesses.at(0).time) == there);
    CHECK(to_ps(delay) == there + 150'000 + 142'188 + 20'000 + 105'000 + 762 + 20'000);
}

TEST_CASE("a large read comes back one TLP behind through a switch that stores and forwards") {
    EnumeratedTree scene(store_and_forward(gen4()));
    sc_core::sc_time delay;
    scene.tree.dma(scene.tree.core0, tlm::TLM_READ_COMMAND, 0x8000'0000, 4096, delay);
    const Picoseconds there = 762 + 20'000 + 105'000 + 762 + 20'000 + 150'000;
    CHECK(to_ps(delay) == there + 150'000 + 142'188 + 20'000 + 105'000 + 8'887 + 20'000);
}

TEST_CASE("a peer's write takes one switch and no root complex") {
    EnumeratedTree scene(gen4());
    sc_core::sc_time delay;
    scene.tree.dma(scene.tree.core0, tlm::TLM_WRITE_COMMAND, Tree::memory_at(1), 4096, delay);
    CHECK(since_start(scene.tree.core1.memory.accesses.at(0).time) ==
          142'188 + 20'000 + 105'000 + 762 + 20'000 + 200'000);
}

TEST_CASE("inside a package a transfer takes the package's time") {
    EnumeratedTree scene(gen4());
    sc_core::sc_time write;
    scene.tree.dma(scene.tree.core1, tlm::TLM_WRITE_COMMAND, Tree::memory_at(1, 1), 4096, write);
    // 4096 B at 670.4 GB/s: 6110 ps.
    CHECK(to_ps(write) == 6'110);
    CHECK(since_start(scene.tree.core1b.memory.accesses.at(0).time) == 6'110 + 20'000);
    sc_core::sc_time read;
    sc_core::sc_start(1, sc_core::SC_US);
    scene.tree.dma(scene.tree.core1b, tlm::TLM_READ_COMMAND, Tree::memory_at(1), 4096, read);
    CHECK(to_ps(read) == 20'000 + 6'110 + 20'000);
}

TEST_CASE("a posted write is not overtaken by the read behind it") {
    EnumeratedTree scene(gen4());
    Tree& tree = scene.tree;
    sc_core::sc_time delay;
    tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, Tree::memory_at(1), 4096, delay);
    tree.dma(tree.core0, tlm::TLM_READ_COMMAND, Tree::memory_at(1), 4, delay);
    const auto& accesses = tree.core1.memory.accesses;
    REQUIRE(accesses.size() == 2);
    CHECK(accesses[1].time > accesses[0].time);
}

TEST_CASE("the two directions of a link do not disturb each other") {
    EnumeratedTree scene(gen4());
    Tree& tree = scene.tree;
    sc_core::sc_time up;
    tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, 0x8000'0000, 4096, up);
    sc_core::sc_time down;
    tree.host.write(Tree::registers_at(0), 1, down);
    CHECK(to_ps(down) == 889);  // 28 B
}

TEST_CASE("slices of one track do not overlap") {
    struct Checker : RecorderSink {
        void on_track(TrackId track, const std::string& path) override { paths[track] = path; }
        void on_slice(const Slice& slice) override {
            CHECK(slice.start_ps >= end[slice.track]);
            CHECK(slice.end_ps > slice.start_ps);
            end[slice.track] = slice.end_ps;
            names[paths[slice.track]].emplace_back(slice.name);
        }
        std::map<TrackId, std::string> paths;
        std::map<TrackId, Picoseconds> end;
        std::map<std::string, std::vector<std::string>> names;
    } checker;
    Recorder recorder;
    recorder.attach(checker);
    Tree tree("tree", gen4(), recorder);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    tree.enumerate();
    checker.names.clear();
    for (int i = 0; i < 4; ++i) {
        sc_core::sc_time delay;
        tree.dma(tree.core0, tlm::TLM_WRITE_COMMAND, 0x8000'0000, 4096, delay);
        tree.dma(tree.core1, tlm::TLM_READ_COMMAND, 0x8000'0000, 1024, delay);
        tree.dma(tree.core1, tlm::TLM_WRITE_COMMAND, Tree::memory_at(1, 1), 4096, delay);
        tree.host.read(Tree::registers_at(0));
        tree.host.config_read(Tree::function_id(0), 0);
    }
    const auto& link0 = checker.names["pcie.link0.up"];
    REQUIRE(link0.size() == 12);
    CHECK(link0[0] == "MWr 4096 B");
    CHECK(link0[1] == "CplD 4 B");
    CHECK(checker.names["pcie.link0.down"][0] == "MRd");
    CHECK(checker.names["pcie.link0.down"][1] == "CfgRd");
    CHECK(checker.names["pcie.link1.down"][0] == "CplD 1024 B");
    CHECK(checker.names["pcie.device1.package"].size() == 4);
}
