#include <catch2/catch.hpp>

#include <algorithm>

#include "scene.h"

using Prompts = std::vector<unsigned>;

TEST_CASE("in fp16 each step's attention sees every token of every head set in one command, and nothing is clustered") {
    const auto [prompts, steps] = GENERATE(
        table<Prompts, unsigned>({{{40}, 6}, {{1}, 3}, {{17}, 1}, {{40, 3, 11}, 4}, {{9, 8, 7, 6, 5, 40}, 2}}));
    const auto [heads, kv_heads] =
        GENERATE(table<unsigned, unsigned>({{4, 4}, {1, 1}, {10, 10}, {9, 3}, {12, 6}, {4, 1}}));
    CAPTURE(prompts, steps, heads, kv_heads);
    Scene scene({40, steps, 0, 0, 0}, heads, kv_heads, 0);
    scene.set_memory(4, 8, 1024);
    scene.set_prompts(prompts);
    scene.keep_fp16();
    REQUIRE(scene.run_job());
    scene.check_attention();
    CHECK(scene.fake.clusterings.empty());
    CHECK(scene.fake.whole_attentions.size() == std::size_t{steps} * scene.job.layers * scene.state.wave_count);
    CHECK(aqpim_pim_bytes(&scene.state.memory, AQPIM_PIM_CODEBOOKS) == 0);
    CHECK(aqpim_pim_bytes(&scene.state.memory, AQPIM_PIM_CODES) == 0);
    for (const aqpim_job_object& object : scene.objects) {
        CHECK(object.column_uncoded % 32 == 0);
    }
}

TEST_CASE("uniformly quantized tokens, sinks and recent ones are all seen once") {
    const auto [prompts, recent] = GENERATE(table<Prompts, unsigned>({
        {{40}, 8},
        {{40}, 0},
        {{5}, 8},  // codes come only while decoding
        {{40, 3, 11}, 8},
        {{9, 8, 7, 6, 5}, 4},  // two waves
    }));
    const unsigned levels = GENERATE(4u, 16u);
    const auto [heads, kv_heads] = GENERATE(table<unsigned, unsigned>({{4, 4}, {9, 3}, {1, 1}}));
    CAPTURE(prompts, recent, levels, heads, kv_heads);
    Scene scene({40, 12, 4, recent, 0}, heads, kv_heads, 0);
    scene.set_memory(4, 8, 1024);
    scene.job.window = 8;  // of no account
    scene.set_prompts(prompts);
    scene.keep_uniform(levels);
    REQUIRE(scene.run_job());
    scene.check_attention();
    CHECK(scene.fake.clusterings.empty());
    CHECK(scene.fake.attentions.empty());
    std::size_t units = 0;
    for (unsigned w = 0; w < scene.state.wave_count; ++w) {
        units += scene.job.layers * scene.state.waves[w].head_sets;
    }
    CHECK(scene.fake.quantizations.size() == 2 * units);
    CHECK(scene.fake.appends.size() == 2 * units * scene.job.steps);
    for (const aqpim_pim_append& append : scene.fake.appends) {
        CHECK((append.header.flags & AQPIM_PIM_FLAG_UNIFORM) != 0);
        const bool is_value = (append.header.flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0;
        CHECK((append.value_block_stride != 0) == is_value);
    }
    for (const aqpim_pim_attend_whole& attend : scene.fake.whole_attentions) {
        CHECK(attend.header.opcode == AQPIM_PIM_ATTEND_UNIFORM);
        CHECK(attend.shape.centroids == levels);
    }
}

TEST_CASE("in fp16 a query head has one channel") {
    CHECK(aqpim_fp16_group_channels(16, 16, 1) == 1);
    CHECK(aqpim_fp16_group_channels(16, 8, 1) == 1);
    CHECK(aqpim_fp16_group_channels(16, 8, 4) == 2);
    CHECK(aqpim_fp16_group_channels(16, 1, 4) == 4);
    CHECK(aqpim_fp16_group_channels(16, 32, 2) == 1);
    CHECK(aqpim_fp16_group_channels(64, 8, 4) == 4);
    CHECK(aqpim_fp16_group_channels(64, 128, 4) == 1);
}
