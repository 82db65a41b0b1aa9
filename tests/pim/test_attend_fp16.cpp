#include <catch2/catch.hpp>

#include <map>

#include "models/pim/programs.h"

using namespace aqpim;
using dram::Command;

namespace {

/// A head of 128 dimensions on one channel of 64 banks: units of four banks, 16 of them, as in AttAcc.
struct AttAccHead {
    PimParameters pim;
    ProgramContext context;
    aqpim_pim_attend_fp16 attend{};

    explicit AttAccHead(std::uint32_t tokens, std::uint16_t heads = 1)
        : context{pim, aqpim_make_layout(1, 64, 1, 4, 128), 32, 4} {
        pim.outputs_per_move = 16;
        pim.data_bytes = 2;
        attend.shape = {1, 1, 128, 4, 0, 0};
        attend.queries_per_head = 1;
        attend.kv_heads = heads;
        attend.tokens = tokens;
        attend.column_value = 3200;
        attend.set_stride = 320;
        attend.value_block_stride = (tokens + 15) / 16;
    }

    LaneProgram program() const { return attend_fp16_program(context, attend); }
    std::map<Command, std::uint64_t> counts() const {
        std::map<Command, std::uint64_t> counts;
        for (const LaneStep& step : program()) {
            for (const dram::PimCommand& command : step.commands) {
                counts[command.command] += command.count;
            }
        }
        return counts;
    }
};

/// Names and sets of the steps of one unit.
std::vector<std::pair<std::string_view, std::uint32_t>> order(const LaneProgram& program, PimUnit unit) {
    std::vector<std::pair<std::string_view, std::uint32_t>> names;
    for (const LaneStep& step : program) {
        const std::pair name(step.name, step.set);
        if (step.unit == unit && (names.empty() || names.back() != name)) {
            names.push_back(name);
        }
    }
    return names;
}

}  // namespace

TEST_CASE("fp16 attention has two MACs for each sixteen tokens, and a move for each sixteen sums of a unit") {
    // Tokens of a unit, and how many moves of up to sixteen scores they make.
    const auto [tokens, local, score_moves] = GENERATE(table<std::uint32_t, std::uint64_t, std::uint64_t>(
        {{2048, 128, 8}, {2049, 129, 9}, {512, 32, 2}, {257, 17, 2}, {256, 16, 1}, {16, 1, 1}, {1, 1, 1}}));
    CAPTURE(tokens);
    auto counts = AttAccHead(tokens).counts();
    CHECK(counts[Command::PIM_WR] == 8);
    CHECK(counts[Command::PIM_MAC_AB] == 2 * 2 * local);
    CHECK(counts[Command::PIM_MV_BA] == 16 * score_moves + 2 * 16);  // two blocks of 64 dimensions
    CHECK(counts[Command::PIM_MV_BF] == 16 * ((local + 15) / 16));
    CHECK(counts[Command::PIM_SFM] == 1);
    CHECK(counts[Command::PIM_RD] == 8);
}

TEST_CASE("values of one byte halve the vector writes, the MACs and the weights") {
    AttAccHead head(2048);
    head.pim.data_bytes = 1;
    auto counts = head.counts();
    CHECK(counts[Command::PIM_WR] == 4);
    CHECK(counts[Command::PIM_MAC_AB] == 2 * 128);
    CHECK(counts[Command::PIM_MV_BA] == 16 * 8 + 16);
    CHECK(counts[Command::PIM_MV_BF] == 16 * 4);
    CHECK(counts[Command::PIM_RD] == 4);
}

TEST_CASE("a channel takes its heads in pairs, values after both heads' scores") {
    using Step = std::pair<std::string_view, std::uint32_t>;
    const auto banks = order(AttAccHead(64, 3).program(), PimUnit::bank_engines);
    std::vector<Step> sweeps;
    std::copy_if(banks.begin(), banks.end(), std::back_inserter(sweeps),
                 [](const Step& step) { return step.first != "open"; });
    CHECK(sweeps ==
          std::vector<Step>{{"scores", 0}, {"scores", 1}, {"values", 0}, {"values", 1}, {"scores", 2}, {"values", 2}});
}

TEST_CASE("values wait for the head's own weights, and weights for its last scores") {
    const LaneProgram program = AttAccHead(2048, 2).program();
    for (const LaneStep& step : program) {
        if (step.name == "values" && !step.after.empty()) {
            REQUIRE(step.after.size() == 1);
            const LaneStep& weights = program[step.after.front()];
            CHECK(weights.name == "attention weights");
            CHECK(weights.set == step.set);
            const LaneStep& softmax = program[weights.after.at(0)];
            CHECK(softmax.name == "softmax");
            const std::size_t scores = softmax.after.at(0);
            CHECK(program[scores].commands.front().command == Command::PIM_MV_BA);
            CHECK(program[scores].set == step.set);
        }
    }
}

TEST_CASE("with reuse a row is swept once for all queries of its KV head, its MACs repeated") {
    AttAccHead head(2048);
    head.attend.queries_per_head = 4;
    const auto sweeps = [&] {
        std::size_t count = 0;
        for (const LaneStep& step : head.program()) {
            count += step.unit == PimUnit::bank_engines ? step.commands.size() : 0;
        }
        return count;
    };
    const auto each = head.counts();
    const std::size_t sweeps_each = sweeps();
    head.pim.gqa_reuse = true;
    auto together = head.counts();
    CHECK(sweeps() * 4 == sweeps_each);
    for (const Command command : {Command::PIM_WR, Command::PIM_MAC_AB, Command::PIM_MV_BA, Command::PIM_MV_BF}) {
        CHECK(together[command] == each.at(command));
    }
}

TEST_CASE("no fp16 sweep leaves its row, and no row is opened twice in succession") {
    AttAccHead head(1000, 3);
    head.attend.queries_per_head = 2;
    std::int64_t open = -1;
    for (const LaneStep& step : head.program()) {
        for (const dram::PimCommand& command : step.commands) {
            if (command.command == Command::PIM_ACT_AB) {
                CHECK(command.row != open);
                open = command.row;
            }
            if (command.command == Command::PIM_MAC_AB) {
                CHECK(command.column + command.count <= 32);
                open = command.row;
            }
        }
    }
}
