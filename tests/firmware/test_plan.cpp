#include <catch2/catch.hpp>

#include <algorithm>

#include "scene.h"

using Prompts = std::vector<unsigned>;

namespace {

using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // first, columns

void add_buffers(Ranges& ranges, const Scene& scene) {
    const plan& p = scene.state.plan;
    const wave& w = scene.state.waves[0];
    for (const int tensor : {KEY, VALUE}) {
        ranges.emplace_back(p.column_image[tensor], aqpim_vector_columns(&w.layout, w.image_elements));
        ranges.emplace_back(p.column_initial[tensor], 0);
    }
    ranges.emplace_back(p.column_scratch, aqpim_attend_scratch_columns(&w.layout, 16));
}

void check_apart(Ranges ranges) {
    std::sort(ranges.begin(), ranges.end());
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        CHECK(ranges[i - 1].first + ranges[i - 1].second <= ranges[i].first);
    }
}

/// The longest cut of all prompts, tried one by one.
unsigned longest_that_fits(Scene& scene) {
    unsigned longest = 0;
    for (unsigned prompt = 1; prompt < scene.job.prompt; ++prompt) {
        longest = plan_fits(&scene.state, scene.job.batch, prompt) ? prompt : longest;
    }
    return longest;
}

}  // namespace

TEST_CASE("objects and work areas in the PIM memory do not overlap") {
    Scene scene({40, 20, 4, 8, 8});
    scene.set_prompts({40, 11, 60});
    REQUIRE(scene.plan());
    const wave& w = scene.state.waves[0];
    Ranges ranges;
    for (const aqpim_job_object& o : scene.objects) {
        ranges.emplace_back(o.column_codebook, w.codebooks * aqpim_codebook_columns(&w.layout, 16));
        ranges.emplace_back(o.column_uncoded, aqpim_vector_columns(&w.layout, 12));
        CHECK(o.column_codebook % aqpim_codebook_alignment(&w.layout, 16) == 0);
    }
    add_buffers(ranges, scene);
    check_apart(ranges);
    CHECK(scene.state.plan.column_scratch % 32 == 0);
    CHECK(w.pim_prefill_table >= column_bytes(&scene.state, scene.state.plan.column_scratch));
    CHECK(scene.state.memory.first_page_column >= scene.state.memory.next);
}

TEST_CASE("a codebook whose table fills more than a row starts at a whole row") {
    Scene scene({40, 20, 4, 8, 0});
    scene.set_memory(2, 4, 4096);
    scene.job.centroids = 1024;  // tables of 64 columns
    REQUIRE(scene.plan());
    for (const aqpim_job_object& object : scene.objects) {
        CHECK(object.column_codebook % 32 == 0);
    }
}

TEST_CASE("pages are taken for the prompt in one piece, one by one while decoding, and are all free in the end") {
    Scene scene({200, 200, 4, 8, 0}, 2, 1, 0);
    scene.set_memory(1, 4, 512);
    scene.job.page_columns = 2;
    scene.set_prompts({200, 300, 20});
    REQUIRE(scene.plan());
    const aqpim_pim_memory& memory = scene.state.memory;
    REQUIRE(memory.free_pages == memory.pages);
    REQUIRE(run_prefill(&scene.state));
    // 288 elements, 64 codes of 4 bits in a column: 5 columns, so 3 pages of each of 3 * 2 * 3 objects.
    for (unsigned w = 0; w < 3; ++w) {
        CHECK(scene.state.waves[w].sequences == 1);
    }
    // 188, 288 and 8 elements: 3, 5 and 1 columns.
    CHECK(memory.pages - memory.free_pages == 3 * 2 * (2 + 3 + 1));
    for (const aqpim_job_object& object : scene.objects) {
        CHECK(object.extents == 1);
    }
    REQUIRE(run_decode(&scene.state));
    scene.check_attention();
    // 388, 488 and 208 elements: 7, 8 and 4 columns.
    CHECK(memory.pages - memory.free_pages == 3 * 2 * (4 + 4 + 2));
    CHECK(memory.pages - memory.free_pages == scene.state.plan.code_pages);
    CHECK(std::any_of(scene.objects.begin(), scene.objects.end(),
                      [](const aqpim_job_object& object) { return object.extents > 1; }));
    CHECK(free_pages(&scene.state));
    CHECK(memory.free_pages == memory.pages);
    CHECK(aqpim_pim_bytes(&memory, AQPIM_PIM_CODES) == 0);
}

TEST_CASE("while decoding an extent is prolonged as long as the page behind it is free") {
    Scene scene({140, 140, 4, 8, 0}, 1, 1, 0);
    scene.set_memory(1, 4, 512);
    scene.job.layers = 1;
    scene.set_prompts({140});
    REQUIRE(scene.plan());
    aqpim_pim_memory& memory = scene.state.memory;
    REQUIRE(aqpim_pim_take_pages(&memory, 200, 3, 0).columns == 3);
    REQUIRE(aqpim_pim_take_pages(&memory, 201, 1, 0).columns == 1);
    aqpim_pim_free_pages(&memory, 200);
    // 128 elements, 64 codes in a column: two pages, then in the 1st and in the 65th step one more.
    REQUIRE(run_prefill(&scene.state));
    for (const auto& [step, key_extents, value_extents] :
         {std::tuple{0u, 1u, 1u}, std::tuple{63u, 1u, 1u}, std::tuple{64u, 2u, 2u}}) {
        REQUIRE(write_step_tables(&scene.state, step));
        CHECK(scene.objects[KEY].extents == key_extents);
        CHECK(scene.objects[VALUE].extents == value_extents);
    }
    CHECK(memory.pages - memory.free_pages == 4 + 4 + 1);
}

TEST_CASE("every page of an object may be an extent of its own") {
    Scene scene({13, 500, 4, 8, 0}, 2, 1, 0);
    scene.set_memory(1, 4, 512);
    scene.set_prompts({13, 40});
    REQUIRE(scene.run_job());
    scene.check_attention();
    // 501 and 528 elements, 64 codes in a column.
    CHECK(scene.objects.front().extents == 8);
    CHECK(scene.objects.back().extents == 9);
}

TEST_CASE("a job for which the memory is just large enough runs to its end") {
    Scene scene({200, 200, 4, 8, 0}, 2, 1, 0);
    const unsigned page_columns = GENERATE(1u, 2u, 5u);
    scene.job.page_columns = page_columns;
    scene.set_prompts({200, 300, 20});
    REQUIRE(scene.plan());
    scene.cut_memory();
    REQUIRE(scene.run_job());
    CHECK(scene.state.memory.free_pages == 0);
    scene.state.memory.columns--;
    CHECK_FALSE(scene.plan());
}

TEST_CASE("a prompt that does not fit is refused, and the longest one that would is named") {
    const unsigned room_for = GENERATE(1u, 20u, 30u, 31u, 36u, 38u, 60u, 120u, 300u);
    const unsigned recent = GENERATE(0u, 8u, 60u);
    Scene scene({room_for, 20, 30, recent, 0});
    REQUIRE(scene.plan());
    scene.cut_memory();
    scene.set_prompts({1000});
    REQUIRE_FALSE(scene.plan());
    const std::uint64_t reported = scene.job.result.tokens_that_fit;
    CAPTURE(room_for, recent);
    CHECK(longest_prompt(&scene.state) == reported);
    CHECK(reported == longest_that_fits(scene));
}

TEST_CASE("a batch that does not fit is refused, and what would is named") {
    const Prompts room_for = GENERATE(Prompts{50}, Prompts{100, 100, 20}, Prompts{10, 10, 10, 10, 10, 10, 10, 10, 10});
    const int policy = GENERATE(AQPIM_POLICY_AQPIM, AQPIM_POLICY_FP16, AQPIM_POLICY_UNIFORM);
    Scene scene({60, 20, 4, 8, 16}, 4, 2, 0);
    scene.set_memory(4, 8, 4096);
    const auto keep = [&] {
        if (policy == AQPIM_POLICY_FP16) {
            scene.keep_fp16();
        } else if (policy == AQPIM_POLICY_UNIFORM) {
            scene.keep_uniform(16);
        }
    };
    scene.set_prompts(room_for);
    keep();
    REQUIRE(scene.plan());
    scene.cut_memory();
    Prompts more = room_for;
    more.resize(room_for.size() + 6, 200);
    scene.set_prompts(more);
    keep();
    REQUIRE_FALSE(scene.plan());
    const std::uint64_t reported = scene.job.result.tokens_that_fit;
    CAPTURE(room_for, policy);
    CHECK(reported == longest_that_fits(scene));
    const unsigned batch = largest_batch(&scene.state);
    unsigned expected = 0;
    for (unsigned b = 1; b < more.size(); ++b) {
        expected = plan_fits(&scene.state, b, scene.job.prompt) ? b : expected;
    }
    CHECK(batch == expected);
    CHECK(batch >= room_for.size());
}

TEST_CASE("GPU memory that the prefill buffers exceed is refused, unless there is no prefill") {
    Scene scene({40, 20, 4, 8, 0});
    scene.state.gpu_memory_bytes = scene.job.gpu_scratch + 100;
    CHECK_FALSE(scene.plan());
    scene.job.flags = AQPIM_JOB_SKIP_PREFILL;
    CHECK(scene.plan());
}

TEST_CASE("as many layers stay in the PIM memory as a job of so many would fit, the others go to RAM") {
    const int policy = GENERATE(AQPIM_POLICY_AQPIM, AQPIM_POLICY_FP16, AQPIM_POLICY_UNIFORM);
    const unsigned rows = GENERATE(6u, 12u, 18u, 24u, 40u, 80u, 160u);
    const auto set = [&](Scene& scene, unsigned layers) {
        scene.job.layers = layers;
        scene.set_memory(4, 8, rows);
        scene.set_prompts({100, 30});
        if (policy == AQPIM_POLICY_FP16) {
            scene.keep_fp16();
        } else if (policy == AQPIM_POLICY_UNIFORM) {
            scene.keep_uniform(16);
        }
    };
    unsigned fit = 0;
    for (unsigned layers = 1; layers <= 9; ++layers) {
        Scene scene({100, 20, 4, 8, 0}, 4, 2, 0);
        set(scene, layers);
        fit = scene.plan() ? layers : fit;
    }
    Scene scene({100, 20, 4, 8, 0}, 4, 2, 0);
    set(scene, 9);
    scene.job.flags |= AQPIM_JOB_OVERFLOW;
    scene.job.host_kv_bytes = std::uint64_t{1} << 40;
    CAPTURE(policy, rows, fit);
    const bool planned = scene.plan();
    if (fit == 0 && !planned) {
        CHECK(scene.job.result.short_memory == AQPIM_MEMORY_PIM);  // not even its buffers fit
        return;
    }
    CHECK(scene.state.kept_layers == fit);
    // 120 tokens of 2 sequences, keys and values of 2 KV heads.
    CHECK(scene.state.cache.ram_bytes == (9 - fit) * 2 * 2 * 2 * 120 * scene.job.head_dim * 2);
    CHECK(scene.state.cache.stagings == (fit < 9 ? 1 : 0));
}

TEST_CASE("staging buffers share their place with those of the prefill") {
    Scene scene({40, 20, 4, 8, 0});
    REQUIRE(scene.plan());
    const std::uint64_t prefill_end = scene.state.plan.gpu_end;
    scene.state.memory.columns = static_cast<std::uint32_t>(planned_columns(&scene.state)) - 1;
    scene.job.flags |= AQPIM_JOB_OVERFLOW;
    scene.job.host_kv_bytes = std::uint64_t{1} << 30;
    REQUIRE(scene.plan());
    CHECK(scene.state.kept_layers == 2);
    CHECK(scene.state.plan.gpu_end == prefill_end);
    CHECK(scene.state.cache.staging[0] < prefill_end);
    CHECK(gpu_buffer_bytes(&scene.state) == std::max(prefill_end, scene.state.cache.gpu_end));
}

TEST_CASE("weights take room in either memory") {
    Scene scene({40, 20, 4, 8, 0});
    REQUIRE(scene.plan());
    const std::uint64_t work = pim_buffer_bytes(&scene.state);
    scene.cut_memory();
    REQUIRE(scene.plan());
    scene.job.pim_weights_bytes = 1;
    CHECK_FALSE(scene.plan());
    CHECK(scene.job.result.short_memory == AQPIM_MEMORY_PIM);
    scene.state.memory.columns += 1;
    CHECK(scene.plan());
    CHECK(pim_buffer_bytes(&scene.state) == work);
    scene.job.weights_bytes = scene.state.gpu_memory_bytes - scene.state.plan.gpu_end;
    CHECK(scene.plan());
    scene.job.weights_bytes += 1;
    CHECK_FALSE(scene.plan());
    CHECK(scene.job.result.short_memory == AQPIM_MEMORY_GPU);
}

TEST_CASE("more head sets than tables hold are refused") {
    Scene scene({2, 1, 4, 8, 0}, 260, 260, 0);
    scene.set_memory(1, 4, 64);
    CHECK_FALSE(scene.plan());
}

TEST_CASE("a sequence stores what it uses itself, in the banks of its own groups") {
    // 2 KV heads of 2 sequences: 8 banks each; 4 subvectors of 8 bytes, 2 splits.
    Scene scene({400, 100, 4, 8, 64}, 4, 2, 0);
    scene.job.page_columns = 2;
    scene.set_prompts({400, 30});
    REQUIRE(scene.plan());
    REQUIRE(scene.state.waves[0].layout.banks == 8);
    // 488 elements: 244 in each split, 64 in a column: 4 columns. 388 in the prefill: 7 codebooks, each of 16
    // centroids, 8 to a split, of 4 dimensions: 64 bytes, 2 columns. 12 slots: 6 vectors to a split: 48 bytes, 2
    // columns.
    constexpr std::uint64_t long_columns = 4 + 7 * 2 + 2;
    // 118 elements: 59 in each split: 1 column, a page of 2. 18 in the prefill: 1 codebook.
    constexpr std::uint64_t short_columns = 2 + 2 + 2;
    constexpr std::uint64_t objects = 3 * 2 * 2;
    CHECK(kv_bytes_stored(&scene.state) == (long_columns + short_columns) * objects * 8 * 32);
    CHECK(kv_bytes_fp16(&scene.state) == (500 + 130) * 32 * objects);
}

TEST_CASE("in fp16 a sequence stores all its tokens and nothing else") {
    Scene scene({40, 8, 0, 0, 0}, 2, 2, 0);
    scene.set_memory(4, 8, 1024);
    scene.set_prompts({40, 8});
    scene.keep_fp16();
    REQUIRE(scene.plan());
    // 4 groups of 8 banks, 2 splits: whole columns of 48 and of 16 vectors.
    CHECK(kv_bytes_stored(&scene.state) == kv_bytes_fp16(&scene.state));
}
