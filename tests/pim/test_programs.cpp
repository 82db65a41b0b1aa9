#include <catch2/catch.hpp>

#include <map>
#include <string_view>

#include "models/pim/programs.h"

using namespace aqpim;
using dram::Command;

namespace {

using Counts = std::map<Command, std::uint64_t>;

/// Commands of each kind in the steps named `name`, or in all.
Counts count(const LaneProgram& program, std::string_view name = {}) {
    Counts counts;
    for (const LaneStep& step : program) {
        for (const dram::PimCommand& command : step.commands) {
            if (name.empty() || step.name == name) {
                counts[command.command] += command.count;
            }
        }
    }
    return counts;
}

/// The paper's head on one channel of 64 banks: d = 128 in 32 subvectors of 4, so two banks share a subvector's tokens.
/// K = 512: a table is a row, a bank's share of a codebook two rows.
struct PaperHead {
    PimParameters pim;
    ProgramContext context;
    aqpim_pim_attend attend{};
    aqpim_pim_cluster cluster{};
    UnitLength length;
    CodeColumns codes{320, 3200};

    explicit PaperHead(std::uint32_t tokens, std::uint32_t uncoded = 0)
        : context{pim, aqpim_make_layout(1, 64, 64, 32, 128), 32, 4}, length{tokens, uncoded} {
        ParameterTable table;
        pim.declare(table.section("pim"));
        attend.shape = {1, 128, 32, 512, 64};
        attend.queries_per_head = 1;
        attend.column_scratch = 6400;
        attend.value_path = AQPIM_VALUE_HISTOGRAM;
        cluster.shape = attend.shape;
        cluster.elements = tokens;
        cluster.iterations = 4;
        cluster.column_scratch = 6400;
    }
    LaneProgram attention() const { return attend_program(context, attend, codes, codes, length); }
    LaneProgram clustering() const { return cluster_program(context, cluster, codes, length.coded); }
};

}  // namespace

TEST_CASE("a query goes in with eight vector writes and comes out with eight reads") {
    const auto counts = count(PaperHead(1000).attention());
    CHECK(counts.at(Command::PIM_WR) == 8);
    CHECK(counts.at(Command::PIM_RD) == 8);
    CHECK(counts.at(Command::PIM_SFM) == 1);
}

TEST_CASE("each bank multiplies its share of the key codebook, and gets its subvector's whole table") {
    const LaneProgram program = PaperHead(1000).attention();
    CHECK(count(program, "inner products").at(Command::PIM_MAC_AB) == 4 * 16);        // 256 centroids of 4
    CHECK(count(program, "products").at(Command::PIM_MV_BA) == 64 * 256 / 16);        // of every bank
    CHECK(count(program, "tables").at(Command::PIM_MV_BF_ROW) == 32 * 512 * 2 / 32);  // of every subvector
}

TEST_CASE("score lookups return 16 values a slot from each bank's half of the tokens") {
    const LaneProgram program = PaperHead(1792).attention();  // 896 a bank: a register file of 32 columns x 28 codes
    // Once for the scores, once for the values.
    CHECK(count(program, "codes").at(Command::PIM_LDC) == 2 * 32);
    CHECK(count(program, "lookup").at(Command::PIM_RET) == 896 / 16);
    CHECK(count(program, "scores").at(Command::PIM_MV_BA) == 2 * 896 / 16);  // one score of each token

    PaperHead narrow(1792);
    narrow.pim.lookups_per_slot = 1;
    CHECK(count(narrow.attention(), "lookup").at(Command::PIM_RET) == 896);
}

TEST_CASE("a full register file is used up before the next codes come in") {
    const LaneProgram program = PaperHead(1794).attention();
    CHECK(count(program, "codes").at(Command::PIM_LDC) == 2 * 33);
    CHECK(count(program, "lookup").at(Command::PIM_RET) == 57);
    std::vector<std::uint64_t> lookups;
    for (const LaneStep& step : program) {
        if (step.name == "lookup") {
            lookups.push_back(step.lookups);
        }
    }
    CHECK(lookups == std::vector<std::uint64_t>{896, 1});
}

TEST_CASE("the loop reads each code d/m times for the values, the histogram once and without a row of its own") {
    PaperHead head(1792);
    const LaneProgram histogram = head.attention();
    CHECK(count(histogram, "histogram").at(Command::PIM_RET) == 56);
    CHECK(count(histogram, "values").at(Command::PIM_MAC_AB) == 4 * 16);
    std::uint32_t row_of_codes = 0;
    for (const LaneStep& step : histogram) {
        if (step.name == "codes") {
            row_of_codes = step.commands.back().row;
        } else if (step.name == "histogram") {
            CHECK(step.commands.front().row == row_of_codes);
        }
    }
    // The splits' histograms come together: 64 of 512 fp16, and each bank gets the bins of its 256 centroids.
    CHECK(count(histogram, "histograms").at(Command::PIM_MV_BA) == 64 * 32);
    CHECK(count(histogram, "histogram shares").at(Command::PIM_MV_BF) == 64 * 16);

    head.attend.value_path = AQPIM_VALUE_LOOP;
    const LaneProgram loop = head.attention();
    CHECK(count(loop, "values").at(Command::PIM_RET) == 4 * 56);
    // A copy of both splits' shares in every bank: 64 banks give 4 x 16 columns, 32 subvectors get 4 x 32.
    CHECK(count(loop, "value codebook").at(Command::PIM_MV_BA_ROW) == 64 * 64);
    CHECK(count(loop, "value tables").at(Command::PIM_MV_BF_ROW) == 32 * 128);
}

TEST_CASE("weights of a split go to all its banks at once, 16 in 32 bytes") {
    CHECK(count(PaperHead(1792).attention(), "weights").at(Command::PIM_MV_BF) == 2 * 896 / 16);
    // Two chunks: 896 and 4 in each split.
    CHECK(count(PaperHead(1800).attention(), "weights").at(Command::PIM_MV_BF) == 2 * (56 + 1));
    PaperHead few(1792);
    few.pim.weight_registers = 8;
    CHECK(count(few.attention(), "codes").at(Command::PIM_LDC) > 2 * 32);  // columns that two chunks share
    CHECK(count(few.attention(), "weights").at(Command::PIM_MV_BF) == 2 * 896 / 16);
}

TEST_CASE("without coded tokens nothing is looked up, without uncompressed ones no vector is read") {
    auto counts = count(PaperHead(0, 40).attention());
    CHECK(counts[Command::PIM_RET] == 0);
    CHECK(counts[Command::PIM_LDC] == 0);
    CHECK(counts[Command::PIM_MAC_AB] == 2 * 5);  // 20 vectors of 8 B a bank, keys and values
    const LaneProgram coded = PaperHead(100).attention();
    CHECK(count(coded, "uncoded scores").empty());
    CHECK(count(coded, "uncoded values").empty());
}

TEST_CASE("each query of a group is attended on its own") {
    PaperHead head(500, 40);
    const auto one = count(head.attention());
    head.attend.queries_per_head = 4;
    for (const auto& [command, commands] : count(head.attention())) {
        CHECK(commands == 4 * one.at(command));
    }
}

TEST_CASE("with reuse four queries look up with codes that were loaded once") {
    PaperHead head(1792, 40);
    head.attend.value_path = AQPIM_VALUE_LOOP;
    head.attend.queries_per_head = 4;
    const LaneProgram each = head.attention();
    head.pim.gqa_reuse = true;
    const LaneProgram together = head.attention();
    CHECK(count(each, "codes").at(Command::PIM_LDC) == 4 * 2 * 32);
    CHECK(count(together, "codes").at(Command::PIM_LDC) == 2 * 32);
    for (const std::string_view name : {"lookup", "values", "weights", "scores", "inner products", "tables", "query"}) {
        CAPTURE(name);
        CHECK(count(together, name) == count(each, name));
    }
    CHECK(count(together, "softmax").at(Command::PIM_SFM) == 1);
    // A MAC slot serves four queries.
    CHECK(count(each, "uncoded scores").at(Command::PIM_MAC_AB) == 4 * 5);
    CHECK(count(together, "uncoded scores").at(Command::PIM_MAC_AB) == 5);
}

TEST_CASE("histograms of several queries go together only as far as accumulators reach") {
    PaperHead head(1792);
    head.pim.gqa_reuse = true;
    head.attend.queries_per_head = 4;
    CHECK(count(head.attention(), "softmax").at(Command::PIM_SFM) == 4);
    head.pim.accumulators = 1024;
    CHECK(count(head.attention(), "softmax").at(Command::PIM_SFM) == 2);
    head.pim.accumulators = 2048;
    CHECK(count(head.attention(), "softmax").at(Command::PIM_SFM) == 1);
}

TEST_CASE("each window has tables of its own, and its tokens' codes are looked up in them") {
    PaperHead head(1792);
    head.attend.window = 600;
    head.length.windows = 3;
    const LaneProgram program = head.attention();
    CHECK(count(program, "inner products").at(Command::PIM_MAC_AB) == 3 * 64);
    // 300, 300 and 296 tokens in each bank.
    CHECK(count(program, "lookup").at(Command::PIM_RET) == 19 + 19 + 19);
    CHECK(count(program, "softmax").at(Command::PIM_SFM) == 1);
}

TEST_CASE("two slots: each subvector of a bank has lookups and tables of its own") {
    PaperHead head(896);
    head.attend.shape = {1, 128, 128, 512, 64};
    head.context.layout = aqpim_make_layout(1, 64, 64, 128, 128);
    const LaneProgram program = head.attention();
    CHECK(count(program, "codes").at(Command::PIM_LDC) == 2 * 2 * 32);
    CHECK(count(program, "lookup").at(Command::PIM_RET) == 2 * 56);
    CHECK(count(program, "inner products").at(Command::PIM_MAC_AB) == 2 * 32);  // 512 centroids of one dimension
}

TEST_CASE("two groups in a channel: commands address both, what crosses the channel does so for each") {
    PaperHead head(896);
    head.attend.shape.group_banks = 32;
    head.context.layout = aqpim_make_layout(1, 64, 32, 32, 128);
    const LaneProgram program = head.attention();
    CHECK(count(program, "query").at(Command::PIM_WR) == 2 * 8);
    CHECK(count(program, "lookup").at(Command::PIM_RET) == 56);
    CHECK(count(program, "scores").at(Command::PIM_MV_BA) == 2 * 56);
    CHECK(count(program, "tables").at(Command::PIM_MV_BF_ROW) == 2 * 32 * 32);
    CHECK(count(program, "output").at(Command::PIM_RD) == 2 * 8);
}

TEST_CASE("an assignment multiplies every vector with every centroid, sixteen lanes at a time") {
    const LaneProgram program = PaperHead(2000).clustering();
    // 1000 vectors of 4 in a bank, 512 centroids, 5 assignments.
    CHECK(count(program, "assign").at(Command::PIM_MAC_AB) == 5 * 1000 * 512 * 4 / 16);
    CHECK(count(program, "vectors").at(Command::PIM_LDC) == 5 * 250);
    CHECK(count(program, "distances").at(Command::PIM_MV_BA) == 5 * 2000ULL * 32 * 512 / 16);
    CHECK(count(program, "codes").at(Command::PIM_MV_BF) == 5 * 2000 * 32 * 2 / 32);
    CHECK(count(program, "codebook").at(Command::PIM_MV_BF_ROW) == 5 * 32 * 128);
}

TEST_CASE("where the banks find the least distance themselves, none moves") {
    PaperHead head(2000);
    head.pim.argmin = "bank";
    const LaneProgram program = head.clustering();
    CHECK(count(program, "assign").at(Command::PIM_MAC_AB) == 5 * 1000 * 512 * 4 / 16);
    CHECK(count(program, "distances").empty());
}

TEST_CASE("an update goes over the vectors once for each pass of accumulators") {
    PaperHead head(2000);
    // 512 centroids with 4 sums of w x and one of w: 2560 sums in 512 accumulators.
    CHECK(count(head.clustering(), "update vectors").at(Command::PIM_LDC) == 4 * 5 * 250);
    CHECK(count(head.clustering(), "update").at(Command::PIM_MAC_AB) == 4 * 5 * 1000);
    CHECK(count(head.clustering(), "partial sums").at(Command::PIM_MV_BA) == 4 * 64 * 2560 * 4 / 32);
    head.pim.accumulators = 2560;
    CHECK(count(head.clustering(), "update").at(Command::PIM_MAC_AB) == 4 * 1000);
}

TEST_CASE("weights are read once, and go to the banks of each split") {
    PaperHead head(2000);
    CHECK(count(head.clustering(), "weights").empty());
    head.cluster.header.flags = AQPIM_PIM_FLAG_WEIGHTED;
    auto counts = count(head.clustering(), "weights");
    CHECK(counts[Command::PIM_RD] == 2000 * 2 / 32);
    CHECK(counts[Command::PIM_MV_BF_ROW] == 2 * 63);  // 1000 fp16 in 63 columns
}

TEST_CASE("k-means++ goes over all vectors for each centroid, given centroids are read once") {
    PaperHead head(2000);
    CHECK(count(head.clustering(), "k-means++").at(Command::PIM_MAC_AB) == 512 * 250);
    CHECK(count(head.clustering(), "initial centroids").empty());
    head.cluster.initial = AQPIM_INITIAL_CODEBOOK;
    CHECK(count(head.clustering(), "k-means++").empty());
    CHECK(count(head.clustering(), "initial centroids").at(Command::PIM_MV_BA_ROW) == 64 * 64);
}

TEST_CASE("a group without elements in the window copies given centroids, or does nothing") {
    PaperHead head(0);
    CHECK(count(head.clustering()).empty());
    head.cluster.initial = AQPIM_INITIAL_CODEBOOK;
    CHECK(count(head.clustering()) == Counts{{Command::PIM_MV_BA_ROW, 64 * 64}, {Command::PIM_MV_BF_ROW, 64 * 64}});
}

TEST_CASE("iterations make the clustering longer by the same commands each") {
    PaperHead head(300);
    const auto commands = [&](std::uint32_t iterations) {
        head.cluster.iterations = iterations;
        return count(head.clustering())[Command::PIM_MAC_AB];
    };
    CHECK(commands(4) - commands(3) == commands(1) - commands(0));
    CHECK(commands(1) > commands(0));
}

TEST_CASE("no sweep leaves its row, and every step waits for earlier ones only") {
    PaperHead head(30000, 40);
    head.codes = CodeColumns(3200, 1600);
    for (const auto& program : {head.attention(), head.clustering()}) {
        for (std::size_t index = 0; index < program.size(); ++index) {
            for (const dram::PimCommand& command : program[index].commands) {
                CHECK(command.count != 0);
                CHECK(command.column < 32);
                if (command.command == Command::PIM_LDC) {
                    CHECK(command.column + command.count <= 32);
                }
            }
            for (const std::size_t before : program[index].after) {
                CHECK(before < index);
            }
        }
    }
}
