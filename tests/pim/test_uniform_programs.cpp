#include <catch2/catch.hpp>

#include <map>

#include "models/pim/programs.h"

using namespace aqpim;
using dram::Command;

namespace {

using CommandCounts = std::map<Command, std::uint64_t>;

CommandCounts counts_of(const LaneProgram& program) {
    CommandCounts counts;
    for (const LaneStep& step : program) {
        for (const dram::PimCommand& command : step.commands) {
            counts[command.command] += command.count;
        }
    }
    counts.erase(Command::PIM_ACT_AB);
    return counts;
}

/// One channel of 64 banks: four subvectors of 32 dimensions, tokens over 16 splits.
struct Device {
    PimParameters pim;
    ProgramContext context{pim, aqpim_make_layout(1, 64, 64, 4, 128), 32, 4};

    Device() {
        pim.outputs_per_move = 16;
        pim.data_bytes = 2;
        pim.argmin = "buffer";
    }
};

struct Attention : Device {
    aqpim_pim_attend_whole attend{};

    explicit Attention(std::uint16_t levels, std::uint16_t queries = 1) {
        attend.header.opcode = AQPIM_PIM_ATTEND_UNIFORM;
        attend.shape = {1, 128, 4, levels, 64};
        attend.queries_per_head = queries;
        attend.kv_heads = 1;
        attend.sequences = 1;
        attend.column_key = 0;
        attend.column_value = 320;
        attend.value_block_stride = 32;
        attend.column_key_codes = 640;
        attend.column_value_codes = 960;
        attend.column_key_parameters = 1280;
        attend.column_value_parameters = 1600;
        attend.set_stride = 3200;
    }
    LaneProgram program(const std::vector<UnitLength>& units) const {
        return attend_whole_program(context, attend, units);
    }
};

aqpim_pim_quantize quantize_of(std::uint16_t levels, std::uint16_t flags) {
    aqpim_pim_quantize quantize{};
    quantize.header.flags = flags;
    quantize.shape = {1, 128, 4, levels, 64};
    quantize.sequences = 1;
    quantize.column_codes = 3200;
    quantize.column_parameters = 6400;
    return quantize;
}

aqpim_pim_append append_of(std::uint16_t flags, std::uint32_t value_block_stride) {
    aqpim_pim_append append{};
    append.header.flags = flags;
    append.shape = {1, 128, 4, 16, 64};
    append.sequences = 1;
    append.column_codebook = 6400;
    append.value_block_stride = value_block_stride;
    return append;
}

}  // namespace

TEST_CASE("a MAC takes 64 values of four bits or 128 of two, and sinks and recent tokens as fp16") {
    // 128 coded tokens of a split: a bank's 32 channels take half a column, or a quarter. 3 uncompressed ones.
    const auto [levels, coded_columns] =
        GENERATE(table<std::uint16_t, std::uint64_t>({{std::uint16_t{16}, 64}, {std::uint16_t{4}, 32}}));
    CAPTURE(levels);
    CHECK(counts_of(Attention(levels).program({{2048, 40}})) ==
          CommandCounts{{Command::PIM_WR, 8},
                        {Command::PIM_MAC_AB, 2 * coded_columns + 2 * 6},
                        {Command::PIM_MV_BA_ROW, 16 + 8 * 32},  // scales and zeros: 2 vectors; 2 B a token
                        {Command::PIM_MV_BA, 16 * (8 + 1) + 2 * 16},
                        {Command::PIM_SFM, 1},
                        {Command::PIM_MV_BF, 8 + 16 * (8 + 1)},  // the query times scales; weights
                        {Command::PIM_RD, 8}});
}

TEST_CASE("tokens that are all coded, or all uncompressed, take only their own commands") {
    CHECK(counts_of(Attention(16).program({{17, 0}})) ==
          CommandCounts{{Command::PIM_WR, 8},
                        {Command::PIM_MAC_AB, 2 * 1},  // two tokens of a split in one column
                        {Command::PIM_MV_BA_ROW, 16 + 32},
                        {Command::PIM_MV_BA, 16 + 2 * 16},
                        {Command::PIM_SFM, 1},
                        {Command::PIM_MV_BF, 8 + 16},
                        {Command::PIM_RD, 8}});
    Attention fp16(16);
    fp16.attend.header.opcode = AQPIM_PIM_ATTEND_FP16;
    CHECK(counts_of(Attention(16).program({{0, 40}})) == counts_of(fp16.program({{17, 40}})));
}

TEST_CASE("a KV head's channel scales are read once for all its query heads") {
    auto counts = counts_of(Attention(16, 4).program({{256, 0}}));
    CHECK(counts[Command::PIM_MV_BA_ROW] == 16 + 4 * 32);
    CHECK(counts[Command::PIM_SFM] == 4);
    CHECK(counts[Command::PIM_MAC_AB] == std::uint64_t{4} * 2 * 8);
}

TEST_CASE("each set has channel scales of its own, and with reuse token scales serve all query heads") {
    auto counts = counts_of(Attention(16).program({{256, 0}, {256, 0}, {256, 0}}));
    CHECK(counts[Command::PIM_MV_BA_ROW] == 3 * (16 + 32));
    Attention reused(16, 4);
    reused.pim.gqa_reuse = true;
    counts = counts_of(reused.program({{256, 0}}));
    CHECK(counts[Command::PIM_MV_BA_ROW] == 16 + 32);
    CHECK(counts[Command::PIM_MAC_AB] == std::uint64_t{4} * 2 * 8);
    CHECK(counts[Command::PIM_MV_BF] == std::uint64_t{4} * (8 + 16));
}

TEST_CASE("no uniform sweep leaves its row, and no open row is opened again") {
    std::int64_t open = -1;
    for (const LaneStep& step : Attention(4, 3).program({{3000, 40}, {100, 0}, {0, 7}})) {
        for (const dram::PimCommand& command : step.commands) {
            if (command.command == Command::PIM_ACT_AB) {
                CHECK(command.row != open);
                open = command.row;
            }
            if (step.unit == PimUnit::bank_engines && command.command != Command::PIM_ACT_AB) {
                const bool mac = command.command == Command::PIM_MAC_AB;
                CHECK((!mac || command.column + command.count <= 32));
                open = command.row;
            }
        }
    }
}

TEST_CASE("coded scores wait for the query times its scales, coded values for weights times theirs") {
    const LaneProgram program = Attention(16).program({{2048, 40}});
    const auto waits_for = [&](std::string_view step, std::string_view other) {
        const auto found = std::find_if(program.begin(), program.end(), [&](const LaneStep& candidate) {
            return candidate.name == step && !candidate.after.empty();
        });
        REQUIRE(found != program.end());
        return std::any_of(found->after.begin(), found->after.end(),
                           [&](std::size_t index) { return program[index].name == other; });
    };
    CHECK(waits_for("scaled query", "key scales"));
    CHECK(waits_for("scaled query", "query"));
    CHECK(waits_for("coded scores", "scaled query"));
    CHECK(waits_for("scores", "query"));
    CHECK(waits_for("attention weights", "softmax"));
    CHECK(waits_for("attention weights", "value scales"));
    CHECK(waits_for("coded values", "attention weights"));
}

TEST_CASE("one softmax goes over coded and uncompressed tokens, after the last scores of both") {
    const LaneProgram program = Attention(4).program({{2048, 40}});
    std::size_t last_scores = 0;
    for (std::size_t index = 0; index < program.size(); ++index) {
        const LaneStep& step = program[index];
        const bool scores = step.name == "scores" || step.name == "coded scores";
        last_scores = scores && step.unit == PimUnit::moves ? index : last_scores;
        if (step.name == "softmax") {
            CHECK(step.joins_group);
            CHECK(step.after == std::vector<std::size_t>{last_scores});
        }
    }
}

TEST_CASE("code columns that hold no whole number of moves are swept once") {
    // 48 channels in four bits: 24 B, four tokens to three columns.
    Attention attention(16);
    attention.context.layout = aqpim_make_layout(1, 64, 64, 4, 192);
    attention.attend.shape.head_dim = 192;
    attention.pim.outputs_per_move = 1;
    auto counts = counts_of(attention.program({{16 * 100, 0}}));
    CHECK(counts[Command::PIM_MAC_AB] == 2 * 75);
    CHECK(counts[Command::PIM_MV_BA] == 16 * 100 + 3 * 16);
}

TEST_CASE("channels are quantized in two passes through the buffer engine, tokens in one") {
    const auto [levels, code_columns] =
        GENERATE(table<std::uint16_t, std::uint64_t>({{std::uint16_t{16}, 64}, {std::uint16_t{4}, 32}}));
    CAPTURE(levels);
    Device device;
    constexpr std::uint64_t image = 256 * 64;  // 128 tokens of two columns in each of 64 banks
    const auto counts = [&](std::uint16_t flags) {
        return counts_of(quantize_program(device.context, quantize_of(levels, flags), 2048));
    };
    CHECK(counts(0) ==
          CommandCounts{{Command::PIM_MV_BA_ROW, 2 * image}, {Command::PIM_MV_BF_ROW, 16 + code_columns * 64}});
    CHECK(counts(AQPIM_PIM_FLAG_PER_TOKEN) ==
          CommandCounts{{Command::PIM_MV_BA_ROW, image}, {Command::PIM_MV_BF_ROW, code_columns * 64 + 8 * 32}});
    device.pim.argmin = "bank";
    CHECK(counts(0) == CommandCounts{{Command::PIM_MAC_AB, 256},
                                     {Command::PIM_MV_BA, 2 * 32 * 64 / 16},
                                     {Command::PIM_MV_BA_ROW, image},
                                     {Command::PIM_MV_BF_ROW, 16 + code_columns * 64}});
}

TEST_CASE("a sequence without elements leaves its channels' scales, and nothing for tokens") {
    const Device device;
    CHECK(counts_of(quantize_program(device.context, quantize_of(16, 0), 0))[Command::PIM_MV_BF_ROW] == 16);
    CHECK(counts_of(quantize_program(device.context, quantize_of(16, AQPIM_PIM_FLAG_PER_TOKEN), 0)) == CommandCounts{});
}

TEST_CASE("an append encodes by its channels' scales or its own, and stores what arrives") {
    const Device device;
    const auto counts = [&](std::uint16_t flags, bool stores, bool encodes) {
        return counts_of(append_uniform_program(device.context, append_of(flags, 32), {stores, encodes, 320, 3200}));
    };
    const CommandCounts fetch = {{Command::PIM_RD, 8}};
    const auto with = [&](const CommandCounts& further) {
        CommandCounts all = fetch;
        all.insert(further.begin(), further.end());
        return all;
    };
    CHECK(counts(0, true, true) == with({{Command::PIM_MV_BA_ROW, 8 + 16}, {Command::PIM_MV_BF_ROW, 4 + 8}}));
    CHECK(counts(0, false, true) == with({{Command::PIM_MV_BA_ROW, 16}, {Command::PIM_MV_BF_ROW, 4}}));
    CHECK(counts(0, true, false) == with({{Command::PIM_MV_BF_ROW, 8}}));
    CHECK(counts(AQPIM_PIM_FLAG_PER_TOKEN, true, true) ==
          with({{Command::PIM_MV_BA_ROW, 8}, {Command::PIM_MV_BF_ROW, 2 + 4 + 8}}));
}

TEST_CASE("a value is stored in the row of each of its blocks") {
    const Device device;
    const LaneProgram program =
        append_uniform_program(device.context, append_of(AQPIM_PIM_FLAG_PER_TOKEN, 64), {true, false, 320, 0});
    const auto& stores = program.back().commands;
    REQUIRE(stores.size() == 2);
    CHECK(stores[0].row == 10);
    CHECK(stores[1].row == 12);
    CHECK(stores[0].count == 4);
}
