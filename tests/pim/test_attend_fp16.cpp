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
    aqpim_pim_attend_whole attend{};
    std::vector<UnitLength> units;

    explicit AttAccHead(std::uint32_t tokens, std::uint16_t heads = 1)
        : context{pim, aqpim_make_layout(1, 64, 64, 4, 128), 32, 4}, units(heads, {0, tokens}) {
        pim.outputs_per_move = 16;
        pim.data_bytes = 2;
        attend.shape = {1, 128, 4, 0, 64};
        attend.queries_per_head = 1;
        attend.kv_heads = heads;
        attend.sequences = 1;
        attend.column_value = 3200;
        attend.set_stride = 320;
        attend.value_block_stride = (tokens + 15) / 16;
    }

    LaneProgram program() const { return attend_whole_program(context, attend, units); }
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

/// The set whose rows a sweep works on: keys from column 0, values from column 3200, 320 columns a set.
std::uint32_t set_of(const LaneStep& sweep) {
    return sweep.commands.at(0).row * 32 % 3200 / 320;
}

/// Names and sets of the sweeps, in their order.
std::vector<std::pair<std::string_view, std::uint32_t>> sweeps_of(const LaneProgram& program) {
    std::vector<std::pair<std::string_view, std::uint32_t>> names;
    for (const LaneStep& step : program) {
        if (step.unit != PimUnit::bank_engines || step.name == "open") {
            continue;
        }
        const std::pair name(step.name, set_of(step));
        if (names.empty() || names.back() != name) {
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
    const auto sweeps = sweeps_of(AttAccHead(64, 3).program());
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
            const LaneStep& softmax = program[weights.after.at(0)];
            CHECK(softmax.name == "softmax");
            const std::size_t scores = softmax.after.at(0);
            CHECK(program[scores].commands.front().command == Command::PIM_MV_BA);
            CHECK(set_of(program[program[scores].after.at(0)]) == set_of(step));
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

TEST_CASE("heads of different length each take their own commands, and one without tokens none") {
    AttAccHead together(0);
    together.units = {{0, 257}, {0, 0}, {0, 2048}};
    auto expected = AttAccHead(257).counts();
    for (const auto& [command, count] : AttAccHead(2048).counts()) {
        expected[command] += count;
    }
    expected.erase(Command::PIM_ACT_AB);
    auto counts = together.counts();
    counts.erase(Command::PIM_ACT_AB);  // rows stay open from one head to the next
    CHECK(counts == expected);
    together.units = {};
    CHECK(together.program().empty());
}
