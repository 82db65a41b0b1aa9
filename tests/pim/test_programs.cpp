#include <catch2/catch.hpp>

#include <map>

#include "models/pim/programs.h"

using namespace aqpim;
using dram::Command;

namespace {

/// The paper's head on one channel of 64 banks: d = 128 in 32 subvectors of 4, so two banks share a subvector's tokens.
struct PaperHead {
    PimParameters pim;
    ProgramContext context;
    aqpim_pim_attend attend{};
    aqpim_pim_cluster cluster{};

    explicit PaperHead(std::uint32_t tokens) : context{pim, aqpim_make_layout(1, 64, 1, 32, 128), 32, 4} {
        pim.lookups_per_slot = 16;
        pim.code_registers = 32;
        pim.lanes = 16;
        pim.softmax_lanes = 16;
        pim.softmax_latency_cycles = 10;
        pim.outputs_per_move = 16;
        attend.shape = {1, 1, 128, 32, 512, 0};
        attend.queries_per_head = 1;
        attend.coded = tokens;
        attend.column_scratch = 3200;  // no row in common with the codes
        attend.value_path = AQPIM_VALUE_HISTOGRAM;
        cluster.shape = attend.shape;
        cluster.elements = tokens;
        cluster.iterations = 4;
    }
};

/// Commands of each kind in the stages named `stage`, or in all.
std::map<Command, std::uint64_t> count(const PimProgram& program, std::string_view stage = {}) {
    std::map<Command, std::uint64_t> counts;
    for (const PimStage& s : program) {
        for (const dram::PimCommand& command : s.commands) {
            if (stage.empty() || s.name == stage) {
                counts[command.command] += command.count;
            }
        }
    }
    return counts;
}

}  // namespace

TEST_CASE("a query goes in with eight vector writes and comes out with eight reads") {
    const PaperHead head(1000);
    const auto counts = count(attend_program(head.context, head.attend));
    CHECK(counts.at(Command::PIM_WR) == 8);
    CHECK(counts.at(Command::PIM_RD) == 8);
}

TEST_CASE("score lookups return 16 values a slot from each bank's half of the tokens") {
    const PaperHead head(1792);  // 896 a bank: one register file of 32 columns x 28 codes
    auto counts = count(attend_program(head.context, head.attend), "lookup");
    CHECK(counts[Command::PIM_LDC] == 32);
    CHECK(counts[Command::PIM_RET] == 896 / 16);
    CHECK(counts[Command::PIM_ACT_AB] == 2);

    PaperHead narrow(1792);
    narrow.pim.lookups_per_slot = 1;
    CHECK(count(attend_program(narrow.context, narrow.attend), "lookup")[Command::PIM_RET] == 896);
}

TEST_CASE("a full register file is used up before the next codes come in") {
    const PaperHead head(1794);
    auto counts = count(attend_program(head.context, head.attend), "lookup");
    CHECK(counts[Command::PIM_LDC] == 33);
    CHECK(counts[Command::PIM_RET] == 57);
    CHECK(counts[Command::PIM_ACT_AB] == 4);
}

TEST_CASE("the loop reads each code d/m times for the values, the histogram once") {
    PaperHead head(1792);
    CHECK(count(attend_program(head.context, head.attend), "histogram")[Command::PIM_RET] == 56);
    head.attend.value_path = AQPIM_VALUE_LOOP;
    CHECK(count(attend_program(head.context, head.attend), "values")[Command::PIM_RET] == 4 * 56);
}

TEST_CASE("without coded tokens nothing is looked up, without uncompressed ones no vector is read") {
    PaperHead head(0);
    head.attend.uncoded = 40;
    auto counts = count(attend_program(head.context, head.attend));
    CHECK(counts[Command::PIM_RET] == 0);
    CHECK(counts[Command::PIM_MAC_AB] == 2 * 5);  // 20 vectors of 8 B a bank, keys and values

    const PaperHead coded(100);
    CHECK(count(attend_program(coded.context, coded.attend), "uncoded scores").empty());
}

TEST_CASE("each query of a group is attended on its own") {
    PaperHead head(500);
    const auto one = count(attend_program(head.context, head.attend));
    head.attend.queries_per_head = 4;
    for (const auto& [command, commands] : count(attend_program(head.context, head.attend))) {
        CHECK(commands == 4 * one.at(command));
    }
}

TEST_CASE("an assignment multiplies every vector with every centroid, sixteen lanes at a time") {
    const PaperHead head(2000);
    auto counts = count(cluster_program(head.context, head.cluster), "assign");
    // 1000 vectors of 4 in a bank, 512 centroids, 5 assignments.
    CHECK(counts[Command::PIM_MAC_AB] == 5 * 1000 * 512 * 4 / 16);
    CHECK(counts[Command::PIM_LDC] == 5 * 250);
    auto moves = count(cluster_program(head.context, head.cluster), "distances");
    CHECK(moves[Command::PIM_MV_BA] == 5 * 2000ULL * 32 * 512 / 16);
}

TEST_CASE("iterations make the clustering longer by the same commands each") {
    PaperHead head(300);
    const auto commands = [&](std::uint32_t iterations) {
        head.cluster.iterations = iterations;
        return count(cluster_program(head.context, head.cluster))[Command::PIM_MAC_AB];
    };
    CHECK(commands(4) - commands(3) == commands(1) - commands(0));
}

TEST_CASE("no sweep leaves its row") {
    const PaperHead head(30000);
    for (const auto& program :
         {attend_program(head.context, head.attend), cluster_program(head.context, head.cluster)}) {
        for (const PimStage& stage : program) {
            for (const dram::PimCommand& command : stage.commands) {
                CHECK(command.column < 32);
                if (command.command == Command::PIM_LDC) {
                    CHECK(command.column + command.count <= 32);
                }
            }
        }
    }
}
