#include <catch2/catch.hpp>

#include <string>

#include "tests/pim/pq_reference.h"

using namespace aqpim;

namespace {

/// Any shape, lengths, options and register sizes that a device of two channels can hold.
PqCase random_case(unsigned seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    const auto one_of = [&](const std::vector<std::uint32_t>& choices) {
        return static_cast<std::uint16_t>(choices[below(static_cast<std::uint32_t>(choices.size()))]);
    };
    const auto flag = [&](std::uint16_t value) { return static_cast<std::uint16_t>(below(2) * value); };
    const auto text = [](std::uint32_t number) { return std::to_string(number); };
    PqCase work;
    work.shape.subvectors = one_of({1, 2, 3, 5, 8, 16, 24, 32, 64, 100, 128});
    work.shape.head_dim = static_cast<std::uint16_t>(work.shape.subvectors * one_of({1, 2, 3, 4, 7, 8}));
    work.shape.centroids = one_of({2, 3, 16, 33, 100, 512});
    work.shape.group_banks = one_of({1, 2, 4, 8, 16, 32, 64, 128});
    const std::uint32_t groups = 128 / work.shape.group_banks;
    const std::uint32_t sequences = 1 + below(std::min(groups, 5U));
    work.shape.heads = static_cast<std::uint16_t>(1 + below(std::min(groups / sequences, 3U)));
    work.window = below(2) * (1 + below(100));
    const std::uint32_t windows = work.window == 0 ? 1 : 1 + below(4);
    work.sequences.clear();
    for (std::uint32_t s = 0; s < sequences; ++s) {
        work.sequences.push_back(sequence_of(below(3) == 0 ? below(3) : below(300), 1 + below(20), windows));
    }
    work.queries_per_head = static_cast<std::uint16_t>(1 + below(9));
    work.iterations = below(3);
    work.initial = one_of({AQPIM_INITIAL_KMEANS_PP, AQPIM_INITIAL_RANDOM, AQPIM_INITIAL_FIRST});
    work.flags = flag(AQPIM_PIM_FLAG_WEIGHTED) | flag(AQPIM_PIM_FLAG_FARTHEST) | flag(AQPIM_PIM_FLAG_HIGHEST);
    work.page_columns = below(4);
    work.settings = {
        {"pim.gqa_reuse", below(2) == 0 ? "false" : "true"}, {"pim.argmin", below(2) == 0 ? "buffer" : "bank"},
        {"pim.lookups_per_slot", text(1 + below(16))},       {"pim.code_registers", text(1 + below(40))},
        {"pim.weight_registers", text(1 + below(70))},       {"pim.query_registers", "1024"}};
    return work;
}

struct Outcome {
    std::vector<std::uint64_t> elapsed_ps;
    double error = 0;  ///< of attention, against float64 on the codes found
};

Outcome run_whole(PqScene& scene) {
    const bool functional = scene.work.functional;
    Outcome outcome;
    const auto run = [&](const auto& descriptor) {
        const aqpim_completion completion = scene.command(descriptor);
        CHECK(completion.status == AQPIM_DONE);
        outcome.elapsed_ps.push_back(completion.elapsed_ps);
    };
    for (const Tensor tensor : tensors) {
        for (std::uint32_t window = 0; window < scene.windows(); ++window) {
            run(scene.cluster_of(tensor, window));
        }
    }
    for (const aqpim_value_path path : {AQPIM_VALUE_LOOP, AQPIM_VALUE_HISTOGRAM}) {
        run(scene.attend_of(path));
        const auto expected = functional ? pq_reference::attention(scene) : std::vector<double>{};
        const auto found = scene.decode(scene.outputs());
        outcome.error = std::max(outcome.error, pq_reference::worst_error(found, expected, scene.work.shape.head_dim));
    }
    for (aqpim_pim_sequence& sequence : scene.work.sequences) {
        sequence.slot = 0;
        sequence.element = sequence.coded;
    }
    scene.put_table(scene.table, scene.work.sequences);
    for (const Tensor tensor : tensors) {
        run(scene.append_of(tensor));
    }
    return outcome;
}

}  // namespace

TEST_CASE("random shapes, lengths and options: attention is float64's, and takes the same time without data") {
    constexpr unsigned seeds = 100;
    std::vector<PqCase> cases;
    for (unsigned seed = 0; seed < seeds; ++seed) {
        cases.insert(cases.end(), 2, random_case(seed));
        cases.back().functional = false;
    }
    const auto outcomes = in_scenes(cases, run_whole);
    for (unsigned seed = 0; seed < seeds; ++seed) {
        CAPTURE(seed);
        CHECK(outcomes[2 * seed].elapsed_ps == outcomes[2 * seed + 1].elapsed_ps);
        CHECK(outcomes[2 * seed].error < 5e-3);
    }
}
