// Transfer times of fast and of detailed fidelity.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include <cmath>

#include "tests/pcie/burst_dma.h"

using namespace aqpim;

namespace {

constexpr double tolerance = 0.03;

/// A tree in both fidelities, with the engine that moves bytes in each.
struct Pair {
    Pair(std::string what, const PcieParameters& parameters, Recorder& recorder) : name(std::move(what)) {
        for (const char* const fidelity : {"fast", "detailed"}) {
            PcieParameters own = parameters;
            own.fidelity = fidelity;
            trees.push_back(std::make_unique<Tree>(sc_core::sc_gen_unique_name(fidelity), own, recorder));
            engines.push_back(std::make_unique<BurstDma>(trees.back()->core0));
        }
    }
    std::string name;
    std::vector<std::unique_ptr<Tree>> trees;
    std::vector<std::unique_ptr<BurstDma>> engines;
};

/// Pairs of many variants side by side, and how far apart their times are.
struct Comparison {
    void add(const std::string& what, const PcieParameters& parameters) {
        pairs.push_back(std::make_unique<Pair>(what, parameters, recorder));
    }
    void enumerate() {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        REQUIRE(play([&] {
            for (const auto& pair : pairs) {
                for (const auto& tree : pair->trees) {
                    tree->enumerate();
                    tree->host.memory.notes = false;
                }
            }
        }));
    }
    void compare(const std::string& what, const BurstDma::Transfer& transfer) {
        for (const auto& pair : pairs) {
            INFO(pair->name << ", " << what);
            for (const auto& engine : pair->engines) {
                REQUIRE(play([&] { engine->run(transfer); }));
                REQUIRE(engine->all_ok());
                sc_core::sc_start(100, sc_core::SC_US);
            }
            note(pair->name + ", " + what, pair->engines[0]->duration(), pair->engines[1]->duration());
        }
    }
    void note(const std::string& what, Picoseconds fast, Picoseconds detailed) {
        const double apart = static_cast<double>(fast) / static_cast<double>(detailed) - 1;
        if (std::abs(apart) >= std::abs(worst)) {
            worst = apart;
            worst_name = what;
        }
        INFO(what << ": " << fast << " ps fast, " << detailed << " ps detailed, " << apart * 100 << " %");
        CHECK(std::abs(apart) < tolerance);
    }
    void compare_all(std::uint64_t most) {
        for (const bool write : {false, true}) {
            const tlm::tlm_command command = write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
            for (std::uint64_t bytes = 64 << 10; bytes <= most; bytes *= bytes == 1 << 20 ? 16 : 4) {
                compare(fmt::format("{} {} KiB in bursts", write ? "write" : "read", bytes >> 10),
                        {command, 0x8000'0000, bytes});
            }
            compare(fmt::format("{} 64 KiB at once", write ? "write" : "read"),
                    {command, 0x8000'0000, 64 << 10, 64 << 10});
            compare(fmt::format("{} 1 MiB in bursts of 64 KiB", write ? "write" : "read"),
                    {command, 0x8000'0000, 1 << 20, 64 << 10});
        }
    }
    void report(const std::string& what) const {
        fmt::print("{}: fast is {:.2f} % from detailed at worst ({})\n", what, worst * 100, worst_name);
    }

    Recorder recorder;
    std::vector<std::unique_ptr<Pair>> pairs;
    double worst = 0;
    std::string worst_name;
};

void compare_generation(unsigned generation) {
    Comparison comparison;
    for (const unsigned lanes : {4u, 8u, 16u}) {
        for (const unsigned payload : {128u, 256u, 512u}) {
            PcieParameters parameters = default_pcie_parameters();
            parameters.generation = generation;
            parameters.lanes = lanes;
            parameters.max_payload = payload;
            comparison.add(fmt::format("Gen{} x{} {} B", generation, lanes, payload), parameters);
        }
    }
    comparison.enumerate();
    comparison.compare_all(16 << 20);
    comparison.report(fmt::format("Gen{}", generation));
}

}  // namespace

TEST_CASE("at Gen3 transfers take the same time in both fidelities within 3 percent") {
    compare_generation(3);
}

TEST_CASE("at Gen4 transfers take the same time in both fidelities within 3 percent") {
    compare_generation(4);
}

TEST_CASE("at Gen5 transfers take the same time in both fidelities within 3 percent") {
    compare_generation(5);
}

TEST_CASE("at Gen6 transfers take the same time in both fidelities within 3 percent") {
    compare_generation(6);
}

TEST_CASE("with few tags transfers take the same time in both fidelities within 3 percent") {
    Comparison comparison;
    for (const std::uint32_t tags : {32u, 256u, 1024u}) {
        for (const std::uint32_t request : {128u, 256u, 512u, 4096u}) {
            PcieParameters parameters = default_pcie_parameters();
            parameters.tags = tags;
            parameters.max_read_request = request;
            comparison.add(fmt::format("{} tags of {} B", tags, request), parameters);
        }
    }
    comparison.enumerate();
    comparison.compare_all(1 << 20);
    comparison.report("tags");
}

TEST_CASE("with few credits transfers take the same time in both fidelities within 3 percent") {
    Comparison comparison;
    for (const std::uint64_t kib : {1u, 2u, 4u, 8u, 16u, 32u}) {
        PcieParameters parameters = default_pcie_parameters();
        parameters.posted_buffer = parameters.completion_buffer = kib << 10;
        comparison.add(fmt::format("buffers of {} KiB", kib), parameters);
    }
    for (const std::uint32_t headers : {4u, 16u, 64u}) {
        PcieParameters parameters = default_pcie_parameters();
        parameters.posted_headers = parameters.completion_headers = headers;
        comparison.add(fmt::format("{} headers", headers), parameters);
    }
    comparison.enumerate();
    comparison.compare_all(1 << 20);
    comparison.report("credits");
}

TEST_CASE("with a given bandwidth transfers take the same time in both fidelities within 3 percent") {
    Comparison comparison;
    for (const std::uint64_t gigabytes : {25u, 52u, 128u, 256u}) {
        PcieParameters parameters = default_pcie_parameters();
        parameters.payload_bandwidth = gigabytes * 1'000'000'000;
        comparison.add(fmt::format("{} GB/s", gigabytes), parameters);
    }
    comparison.enumerate();
    comparison.compare_all(16 << 20);
    comparison.report("given bandwidth");
}

TEST_CASE("with a slow memory transfers take the same time in both fidelities within 3 percent") {
    Comparison comparison;
    for (const std::uint64_t gigabytes : {10u, 50u, 100u, 400u}) {
        comparison.add(fmt::format("memory of {} GB/s", gigabytes), default_pcie_parameters());
        for (const auto& tree : comparison.pairs.back()->trees) {
            tree->host.memory.bandwidth = gigabytes * 1'000'000'000;
            tree->host.memory.latency = 80'000;
        }
    }
    comparison.enumerate();
    comparison.compare_all(1 << 20);
    for (const tlm::tlm_command command : {tlm::TLM_WRITE_COMMAND, tlm::TLM_READ_COMMAND}) {
        comparison.compare(fmt::format("16 MiB in bursts of 4 MiB, command {}", static_cast<int>(command)),
                           {command, 0x8000'0000, 16 << 20, 4 << 20, 2});
    }
    comparison.report("slow memory");
}

TEST_CASE("where switches store and forward transfers take the same time in both fidelities within 3 percent") {
    Comparison comparison;
    for (const unsigned payload : {128u, 256u, 512u}) {
        PcieParameters parameters = default_pcie_parameters();
        parameters.max_payload = payload;
        parameters.forwarding = "store_and_forward";
        comparison.add(fmt::format("{} B", payload), parameters);
    }
    comparison.enumerate();
    comparison.compare_all(1 << 20);
    comparison.report("store and forward");
}

TEST_CASE("with bit errors large transfers take the same time in both fidelities within 3 percent") {
    Comparison comparison;
    for (const double rate : {1e-9, 1e-7, 1e-6, 1e-5}) {
        PcieParameters parameters = default_pcie_parameters();
        parameters.bit_error_rate = rate;
        comparison.add(fmt::format("bit error rate {}", rate), parameters);
    }
    comparison.enumerate();
    for (const tlm::tlm_command command : {tlm::TLM_WRITE_COMMAND, tlm::TLM_READ_COMMAND}) {
        comparison.compare(fmt::format("16 MiB, command {}", static_cast<int>(command)),
                           {command, 0x8000'0000, 16 << 20});
    }
    comparison.report("bit errors");
}
