#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "scene.h"

using Prompts = std::vector<unsigned>;

TEST_CASE("each step's attention sees every token once, and descriptors wait for what they depend on") {
    const auto [prompt, steps, sinks, recent] = GENERATE(table<unsigned, unsigned, unsigned, unsigned>({
        {40, 20, 4, 8},  // the ordinary case
        {40, 20, 4, 0},  // tokens are encoded at once
        {40, 20, 0, 8},
        {40, 20, 0, 0},
        {6, 20, 4, 8},  // codes come only while decoding
        {2, 20, 4, 8},  // even the sinks come while decoding
        {2, 4, 4, 8},   // no codes at all
        {1, 1, 0, 0},
    }));
    const unsigned kv_heads = GENERATE(1u, 2u, 3u, 4u, 10u);
    const unsigned query_rows = GENERATE(0u, 4u);
    CAPTURE(prompt, steps, sinks, recent, kv_heads, query_rows);
    Scene scene({prompt, steps, sinks, recent, 0}, kv_heads * 2, kv_heads, query_rows);
    REQUIRE(scene.run_job());
    scene.check_attention();
    CHECK(scene.job.result.steps_done == steps);
    CHECK(scene.job.result.layers_quantized == scene.job.layers);
    CHECK(scene.fake.kernels.size() == scene.job.layers);
    // Four for each layer and one for the vocabulary, in the prefill and in each step.
    CHECK(scene.fake.matmuls.size() == (1 + steps) * (scene.job.layers * 4 + 1));
    const window shape = sequence_window(&scene.state, 0);
    CHECK(scene.fake.clusterings.size() == (window_clustered(&shape).count > 0 ? scene.objects.size() : 0));
    CHECK(scene.sequences[0].coded == std::max(prompt + steps, sinks + recent) - (sinks + recent));
}

TEST_CASE("sequences of different length are served side by side, in waves, and in sets of heads") {
    // Of 4 channels with 8 banks, 8 groups of 4 banks at most.
    const auto [prompts, kv_heads, waves, head_sets] = GENERATE(table<Prompts, unsigned, unsigned, unsigned>({
        {{40, 11, 60}, 1, 1, 1},
        {{40, 11, 60}, 2, 1, 1},
        {{9, 40}, 4, 1, 1},
        {{60, 2, 30}, 3, 1, 2},                            // two heads at a time
        {{1, 5, 9, 13, 30, 30, 30, 30}, 2, 1, 2},          // one head at a time
        {{30, 2, 3, 4, 5, 6, 7, 8, 60}, 1, 2, 1},          // 8 and 1
        {{30, 2, 3, 4, 5, 6, 7, 8, 60, 20, 13}, 3, 2, 3},  // 8 and 3, one head and two at a time
        {{1, 1, 1, 1, 1, 1, 1, 1, 40, 40, 40}, 1, 2, 1},
        {{1, 1, 1, 1, 1, 1, 1, 1, 40, 40, 40}, 2, 2, 2},  // nothing to cluster in the first
    }));
    const unsigned query_rows = GENERATE(0u, 4u);
    const unsigned page_columns = GENERATE(1u, 3u);
    CAPTURE(prompts, kv_heads, query_rows, page_columns);
    Scene scene({60, 7, 4, 8, 0}, kv_heads * 2, kv_heads, query_rows);
    scene.job.page_columns = page_columns;
    scene.set_prompts(prompts);
    REQUIRE(scene.run_job());
    CHECK(scene.state.wave_count == waves);
    CHECK(scene.state.head_sets == head_sets);
    scene.check_attention();
    CHECK(scene.job.result.layers_quantized == scene.job.layers);
    CHECK(scene.fake.importances.size() == (query_rows > 0 ? scene.job.layers * prompts.size() : 0));
    for (const aqpim_job_sequence& sequence : scene.sequences) {
        CHECK(sequence.coded == std::max(sequence.prompt + 7, 12u) - 12);
    }
}

TEST_CASE("the prefill ends when the PIM device has clustered everything") {
    Scene scene({40, 20, 4, 8, 0});
    scene.set_prompts({40, 11, 60});
    REQUIRE(scene.plan());
    REQUIRE(run_prefill(&scene.state));
    CHECK(scene.fake.clusterings.size() == scene.objects.size());
    CHECK(scene.fake.is_idle(scene.state.pim));
}

TEST_CASE("each window of elements gets a codebook that starts from the window's before") {
    const auto [prompts, codebooks] = GENERATE(table<Prompts, unsigned>({
        {{40}, 4},          // 28 elements in windows of 8
        {{36}, 3},          // 24: three whole windows
        {{40, 13, 20}, 4},  // 28, 1 and 8 elements
        {{5, 2, 9}, 1},     // codes come only while decoding
        {{60, 5}, 6},
    }));
    CAPTURE(prompts);
    Scene scene({60, 20, 4, 8, 8});
    scene.set_prompts(prompts);
    REQUIRE(scene.run_job());
    scene.check_attention();
    CHECK(scene.fake.clusterings.size() == scene.objects.size() * codebooks);
    for (std::size_t i = 0; i < scene.fake.clusterings.size(); ++i) {
        const aqpim_pim_cluster& cluster = scene.fake.clusterings[i];
        const auto window = static_cast<unsigned>(i % codebooks);
        CHECK(cluster.first == window * 8);
        CHECK(cluster.elements <= 8);
        CHECK(cluster.initial == (window == 0 ? AQPIM_INITIAL_KMEANS_PP : AQPIM_INITIAL_CODEBOOK));
    }
    for (const aqpim_job_sequence& sequence : scene.sequences) {
        const unsigned elements = std::max(sequence.prompt, 12u) - 12;
        CHECK(sequence.windows == std::max((elements + 7) / 8, 1u));
    }
}

TEST_CASE("given codebooks are brought to every group of banks, and are where the first window starts") {
    Scene scene({40, 5, 4, 8, 16}, 6, 3);
    scene.give_codebooks();
    scene.set_prompts({40, 12, 30});
    scene.job.iterations = 0;
    REQUIRE(scene.run_job());
    scene.check_attention();
    for (const aqpim_pim_cluster& cluster : scene.fake.clusterings) {
        CHECK(cluster.iterations == 0);
        CHECK(cluster.initial == (cluster.first == 0 ? AQPIM_INITIAL_VECTORS : AQPIM_INITIAL_CODEBOOK));
    }
}

TEST_CASE("the job's choices for clustering are passed on") {
    Scene scene({40, 5, 4, 8, 0});
    scene.job.flags = AQPIM_JOB_FARTHEST | AQPIM_JOB_HIGHEST | AQPIM_JOB_BF16;
    scene.job.initial = AQPIM_INITIAL_RANDOM;
    REQUIRE(scene.run_job());
    for (const aqpim_pim_cluster& cluster : scene.fake.clusterings) {
        CHECK((cluster.header.flags & AQPIM_PIM_FLAG_FARTHEST) != 0);
        CHECK((cluster.header.flags & AQPIM_PIM_FLAG_HIGHEST) != 0);
        CHECK((cluster.header.flags & AQPIM_PIM_FLAG_WEIGHTED) != 0);
        CHECK(cluster.initial == AQPIM_INITIAL_RANDOM);
    }
    for (const aqpim_pim_append& append : scene.fake.appends) {
        CHECK((append.header.flags & AQPIM_PIM_FLAG_HIGHEST) != 0);
    }
    for (const aqpim_gpu_importance& importance : scene.fake.importances) {
        CHECK(importance.format == AQPIM_GPU_BF16);
    }
}

TEST_CASE("no two clusterings of a job have the same seed") {
    Scene scene({40, 1, 4, 8, 0}, 20, 10);
    scene.set_prompts({40, 40, 40, 40, 40, 40, 40, 40, 40});
    REQUIRE(scene.run_job());
    std::set<std::uint64_t> seeds;
    for (const aqpim_pim_cluster& cluster : scene.fake.clusterings) {
        CHECK(seeds.insert(cluster.seed).second);
    }
}

TEST_CASE("without the prefill memory is taken and tables are written, and the steps see the same elements") {
    Scene whole({40, 20, 4, 8, 8});
    whole.set_prompts({40, 13, 60});
    REQUIRE(whole.run_job());
    Scene skipping({40, 20, 4, 8, 8});
    skipping.set_prompts({40, 13, 60});
    skipping.job.flags = AQPIM_JOB_SKIP_PREFILL;
    REQUIRE(skipping.plan());
    REQUIRE(run_prefill(&skipping.state));
    CHECK(skipping.fake.kernels.empty());
    CHECK(skipping.fake.matmuls.empty());
    CHECK(skipping.fake.clusterings.empty());
    for (std::size_t i = 0; i < skipping.objects.size(); ++i) {
        CHECK(skipping.objects[i].column_codebook == whole.objects[i].column_codebook);
        CHECK(skipping.objects[i].codes == whole.objects[i].codes);
        CHECK(skipping.objects[i].extents == 1);
    }
    CHECK(skipping.sequences[2].coded == 48);
    CHECK(skipping.sequences[2].windows == whole.sequences[2].windows);
}

TEST_CASE("an error on any queue ends the job") {
    Scene scene({40, 20, 4, 8, 0});
    const int which = GENERATE(0, 1, 2);
    const aqpim_queue* queues[] = {&scene.state.copy, &scene.state.compute, &scene.state.pim};
    REQUIRE(scene.plan());
    SECTION("in the prefill") {
        scene.fake.broken = queues[which];
        CHECK_FALSE(run_prefill(&scene.state));
        CHECK(scene.job.result.steps_done == 0);
    }
    SECTION("while decoding") {
        REQUIRE(run_prefill(&scene.state));
        scene.fake.broken = queues[which];
        CHECK_FALSE(run_decode(&scene.state));
        CHECK(scene.job.result.steps_done == 0);
    }
}

TEST_CASE("clustering seeds are the outputs of SplitMix64") {
    // Vigna's splitmix64.c, started with 1234567.
    CHECK(cluster_seed(1234567, 0) == 6457827717110365317ull);
    CHECK(cluster_seed(1234567, 1) == 3203168211198807973ull);
    CHECK(cluster_seed(1234567, 2) == 9817491932198370423ull);
}
