#include <catch2/catch.hpp>

#include <iterator>

#include "tests/pim/pq_scene.h"

using namespace aqpim;

namespace {

/// Two KV heads of `lengths` sequences with groups of `group_banks` banks, on four channels of 64.
PqCase batch_of(const std::vector<std::uint32_t>& lengths, std::uint32_t group_banks) {
    PqCase batch;
    batch.shape = {2, 32, 8, 16, group_banks};
    batch.settings = {{"pim.channels", "4"}};
    batch.queries_per_head = 2;
    batch.window = 150;
    batch.sequences.clear();
    for (const std::uint32_t length : lengths) {
        batch.sequences.push_back(sequence_of(length, 1 + length % 7, 3));
    }
    return batch;
}

/// Outputs on both paths, codes and codebooks of each unit.
std::vector<Words> results_by_unit(PqScene& scene) {
    scene.quantize();
    const Words loop = scene.attend(AQPIM_VALUE_LOOP);
    const Words histogram = scene.attend(AQPIM_VALUE_HISTOGRAM);
    const auto words = static_cast<std::ptrdiff_t>(loop.size() / scene.units());
    std::vector<Words> results;
    for (std::uint32_t unit = 0; unit < scene.units(); ++unit) {
        results.push_back(scene.quantized(unit));
        const auto append = [&](const Words& outputs) {
            std::copy_n(outputs.begin() + words * unit, words, std::back_inserter(results.back()));
        };
        append(loop);
        append(histogram);
    }
    return results;
}

/// A batch, and each of its sequences alone with all else equal.
void check_batch(const PqCase& batch) {
    std::vector<PqCase> cases = {batch};
    for (std::uint32_t s = 0; s < batch.sequences.size(); ++s) {
        cases.push_back(batch);
        cases.back().sequences = {batch.sequences[s]};
        cases.back().first_sequence = s;
    }
    const auto results = in_scenes(cases, results_by_unit);
    const std::size_t sequences = batch.sequences.size();
    for (std::uint32_t s = 0; s < sequences; ++s) {
        for (std::uint32_t head = 0; head < batch.shape.heads; ++head) {
            CAPTURE(s, head);
            CHECK(results[0][head * sequences + s] == results[1 + s][head]);
        }
    }
}

/// One clustering and one attention.
struct Elapsed {
    std::uint64_t cluster_ps;
    std::uint64_t attend_ps;
    bool operator==(const Elapsed&) const = default;
};
Elapsed elapsed(PqScene& scene) {
    auto cluster = scene.cluster_of(keys);
    cluster.elements = 450;
    const std::uint64_t cluster_ps = scene.command(cluster).elapsed_ps;
    return {cluster_ps, scene.command(scene.attend_of(AQPIM_VALUE_HISTOGRAM)).elapsed_ps};
}

/// Lookups that each channel's banks make in one attention.
std::vector<std::uint64_t> lookups(PqScene& scene) {
    CHECK(scene.command(scene.attend_of(AQPIM_VALUE_LOOP)).status == AQPIM_DONE);
    std::vector<std::uint64_t> counts;
    for (std::uint32_t channel = 0; channel < scene.memory.organization().channels; ++channel) {
        counts.push_back(scene.memory.channels().counters(channel).lookups);
    }
    return counts;
}

aqpim_pim_attend_whole attend_whole_of(const PqScene& scene) {
    aqpim_pim_attend_whole attend{};
    attend.header.opcode = AQPIM_PIM_ATTEND_FP16;
    attend.shape = scene.work.shape;
    attend.queries_per_head = scene.work.queries_per_head;
    attend.kv_heads = scene.work.shape.heads;
    attend.sequences = static_cast<std::uint32_t>(scene.work.sequences.size());
    attend.column_key = scene.objects[keys].uncoded;
    attend.column_value = scene.objects[values].uncoded;
    attend.table = scene.table;
    attend.query = scene.queries_at;
    attend.output = scene.outputs_at;
    return attend;
}

/// Every command once, the time of each; checks that each changes the memory, or does not.
std::vector<std::uint64_t> times_of_all_commands(PqScene& scene) {
    std::vector<std::uint64_t> times;
    const auto run = [&](const auto& descriptor) {
        const auto before = scene.contents_of_all();
        const aqpim_completion completion = scene.command(descriptor);
        CHECK(completion.status == AQPIM_DONE);
        CHECK((scene.contents_of_all() != before) == scene.parameters.pim.functional);
        times.push_back(completion.elapsed_ps);
    };
    run(scene.cluster_of(keys, 0));
    run(scene.cluster_of(values, 1));
    run(scene.attend_of(AQPIM_VALUE_LOOP));
    run(scene.attend_of(AQPIM_VALUE_HISTOGRAM));
    run(attend_whole_of(scene));
    auto sequences = scene.work.sequences;
    for (aqpim_pim_sequence& sequence : sequences) {
        sequence.slot = 0;
        sequence.element = sequence.coded;
    }
    scene.put_table(scene.table, sequences);
    run(scene.append_of(keys));
    return times;
}

}  // namespace

TEST_CASE("sequences of different length give in one command what each gives alone") {
    check_batch(batch_of({400, 130, 1}, 32));
}

TEST_CASE("sequences that share a channel give what each gives alone") {
    check_batch(batch_of({311, 40, 300, 150, 7, 451, 200, 16}, 16));
}

TEST_CASE("a sequence with nothing but uncompressed tokens is attended beside coded ones") {
    check_batch(batch_of({0, 200}, 64));
}

TEST_CASE("a command takes as long as its longest sequence, whether it shares a channel or not") {
    std::vector<PqCase> cases;
    for (const std::uint32_t group_banks : {64U, 32U}) {
        cases.push_back(batch_of({450, 30}, group_banks));
        cases.push_back(batch_of({450, 450}, group_banks));
        cases.push_back(batch_of({30, 450}, group_banks));
        cases.push_back(batch_of({30, 30}, group_banks));
    }
    const auto times = in_scenes(cases, elapsed);
    for (std::size_t first = 0; first < times.size(); first += 4) {
        CHECK(times[first] == times[first + 1]);
        CHECK(times[first + 2] == times[first + 1]);
        CHECK(times[first + 3].cluster_ps < times[first + 1].cluster_ps);
        CHECK(times[first + 3].attend_ps < times[first + 1].attend_ps);
    }
}

TEST_CASE("each channel works as long as the longest sequence in it") {
    // Four channels: sequences 0 and 1 of head 0 in the first, 2 and 3 in the second, and so on.
    const auto counts = in_scenes(
        {batch_of({450, 30, 20, 30}, 32), batch_of({450, 450, 450, 450}, 32), batch_of({30, 30, 30, 30}, 32)}, lookups);
    CHECK(counts[0] == std::vector{counts[1][0], counts[2][0], counts[1][0], counts[2][0]});
    CHECK(counts[1][0] > counts[2][0]);
}

TEST_CASE("without data every command takes the same time, and leaves the memory as it was") {
    PqCase batch = batch_of({400, 130}, 64);
    batch.shape.head_dim = 128;  // whole columns, for fp16 attention
    batch.flags = AQPIM_PIM_FLAG_WEIGHTED;
    batch.initial = AQPIM_INITIAL_KMEANS_PP;
    PqCase timing = batch;
    timing.functional = false;
    const auto times = in_scenes({batch, timing}, times_of_all_commands);
    CHECK(times[0] == times[1]);
}
