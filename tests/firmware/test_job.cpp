#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "fake_devices.h"

extern "C" {
#include "decode.h"
#include "plan.h"
#include "prefill.h"
}

namespace {

FakeDevices* devices = nullptr;
unsigned open_phases = 0;

}  // namespace

extern "C" {
std::uint64_t aqpim_queue_put(aqpim_queue* queue, const void* descriptor) {
    return devices->submit(*queue, descriptor);
}
std::uint64_t aqpim_queue_submit(aqpim_queue* queue, const void* descriptor) {
    return devices->submit(*queue, descriptor);
}
bool aqpim_queue_wait(aqpim_queue* queue, std::uint64_t ticket) {
    return devices->wait(*queue, ticket);
}
void aqpim_trace_begin(unsigned, std::uint32_t) {
    ++open_phases;
}
void aqpim_trace_end(unsigned) {
    --open_phases;
}
}

namespace {

/// The main job behind the enumeration: a shape, a memory, and queues of the fake devices.
struct Scene {
    aqpim_job job{};
    std::vector<aqpim_job_object> objects;
    run state{};
    FakeDevices fake{state};

    explicit Scene(window shape, unsigned heads = 4, unsigned kv_heads = 2, unsigned query_rows = 4) {
        job.layers = 3;
        job.heads = heads;
        job.kv_heads = kv_heads;
        job.head_dim = 16;
        job.hidden = 64;
        job.ffn = 128;
        job.vocab = 100;
        job.prompt = shape.prompt;
        job.steps = shape.steps;
        job.prefill_query_rows = std::min(query_rows, shape.prompt);
        job.subvectors = 4;
        job.centroids = 16;
        job.iterations = 4;
        job.sinks = shape.sinks;
        job.recent = shape.recent;
        job.seed = 1;
        place_tensors();
    }

    /// Every token stays in fp16.
    void keep_fp16() {
        job.policy = AQPIM_POLICY_FP16;
        job.head_dim = 128;
        job.centroids = 0;
        set_prompt(job.prompt);
        place_tensors();
    }

    void set_prompt(unsigned prompt) {
        job.prompt = prompt;
        job.sinks = job.policy == AQPIM_POLICY_FP16 ? prompt + job.steps : job.sinks;
        state.window = {prompt, job.steps, job.sinks, job.recent};
    }

    void place_tensors() {
        const std::uint64_t room = 1u << 24;  // for each tensor
        job.gpu_keys = 0;
        job.gpu_values = room;
        job.gpu_queries = 2 * room;
        job.gpu_prefill_queries = 3 * room;
        job.gpu_output = 4 * room;
        job.gpu_scratch = 5 * room;
        state.job = &job;
        state.window = {job.prompt, job.steps, job.sinks, job.recent};
        state.gpu_memory_bytes = 16 * room;
        state.memory = {4, 8, 32, 32 * 64, 4 * 8 * 32, 0, {}};
        state.pim_bus = 0x400000000;
        state.copy.name = "copy";
        state.compute.name = "compute";
        state.pim.name = "pim";
        lay_out(&state);
        objects.resize(job.layers * TENSORS * state.head_sets);
        state.objects = objects.data();
        devices = &fake;
        open_phases = 0;
    }

    bool run_job() { return make_plan(&state) && run_prefill(&state) && run_decode(&state); }

    /// Each head's attention must see each token up to the step's own once, keys and values.
    void check_attention() const {
        for (unsigned step = 0; step < job.steps; ++step) {
            for (unsigned layer = 0; layer < job.layers; ++layer) {
                for (unsigned head = 0; head < job.kv_heads; ++head) {
                    std::vector<Vector> expected;
                    for (const int tensor : {KEY, VALUE}) {
                        for (unsigned token = 0; token <= job.prompt + step; ++token) {
                            for (unsigned part = 0; part < parts_of(&state, tensor).count; ++part) {
                                expected.push_back({tensor, layer, head, token, part});
                            }
                        }
                    }
                    auto seen = fake.seen.at({step, layer, head});
                    std::sort(seen.begin(), seen.end());
                    REQUIRE(seen == expected);
                }
            }
        }
        CHECK(fake.returned.size() == std::size_t{job.steps} * job.layers * job.heads);
    }
};

}  // namespace

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
    Scene scene({prompt, steps, sinks, recent}, kv_heads * 2, kv_heads, query_rows);
    REQUIRE(scene.run_job());
    scene.check_attention();
    CHECK(open_phases == 0);
    CHECK(scene.job.result.steps_done == steps);
    CHECK(scene.job.result.layers_quantized == scene.job.layers);
    const unsigned per_step = scene.job.layers * 2 + 1;
    CHECK(scene.fake.kernels == scene.job.layers + steps * per_step);
    const bool clusters = window_clustered(&scene.state.window).count > 0;
    CHECK(scene.fake.clusterings.size() == (clusters ? scene.objects.size() : 0));
    for (const aqpim_job_object& object : scene.objects) {
        CHECK(object.coded == std::max(prompt + steps, sinks + recent) - (sinks + recent));
    }
}

TEST_CASE("in fp16 each step's attention sees every token of every head set in one command, and nothing is clustered") {
    const auto [prompt, steps] = GENERATE(table<unsigned, unsigned>({{40, 6}, {1, 3}, {17, 1}}));
    const auto [heads, kv_heads] =
        GENERATE(table<unsigned, unsigned>({{4, 4}, {1, 1}, {10, 10}, {9, 3}, {12, 6}, {4, 1}}));
    CAPTURE(prompt, steps, heads, kv_heads);
    Scene scene({prompt, steps, 0, 0}, heads, kv_heads, 0);
    scene.keep_fp16();
    REQUIRE(scene.run_job());
    scene.check_attention();
    CHECK(scene.fake.clusterings.empty());
    CHECK(aqpim_pim_bytes(&scene.state.memory, AQPIM_PIM_CODEBOOKS) == 0);
    CHECK(aqpim_pim_bytes(&scene.state.memory, AQPIM_PIM_CODES) == 0);
    for (const aqpim_job_object& object : scene.objects) {
        CHECK(object.coded == 0);
        CHECK(object.column_uncoded % 32 == 0);
    }
}

TEST_CASE("in fp16 a query head has one channel") {
    CHECK(aqpim_fp16_group_channels(16, 16, 16) == 1);
    CHECK(aqpim_fp16_group_channels(16, 8, 8) == 1);
    CHECK(aqpim_fp16_group_channels(16, 32, 8) == 2);
    CHECK(aqpim_fp16_group_channels(16, 4, 1) == 4);
    CHECK(aqpim_fp16_group_channels(16, 64, 32) == 1);
    CHECK(aqpim_fp16_group_channels(64, 32, 8) == 4);
}

TEST_CASE("objects and work areas in the PIM memory do not overlap") {
    Scene scene({40, 20, 4, 8});
    REQUIRE(make_plan(&scene.state));
    const aqpim_layout& l = scene.state.layout;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (const aqpim_job_object& o : scene.objects) {
        ranges.emplace_back(o.column_codebook, aqpim_codebook_columns(&l, 16));
        ranges.emplace_back(o.column_codes, aqpim_code_columns(&l, 48, 16));
        ranges.emplace_back(o.column_uncoded, aqpim_vector_columns(&l, 12));
    }
    for (const std::uint32_t image : scene.state.plan.column_image) {
        ranges.emplace_back(image, aqpim_vector_columns(&l, 28));
    }
    ranges.emplace_back(scene.state.plan.column_scratch, aqpim_attend_scratch_columns(&l, 48, 16));
    std::sort(ranges.begin(), ranges.end());
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        CHECK(ranges[i - 1].first + ranges[i - 1].second <= ranges[i].first);
    }
    CHECK(scene.state.plan.pim_weights[0] >= column_bytes(&scene.state, scene.state.plan.column_scratch));
}

TEST_CASE("a prompt that does not fit is refused, and the longest one that would is named") {
    const unsigned room_for = GENERATE(1u, 20u, 30u, 31u, 36u, 38u, 60u, 120u, 300u);
    const unsigned recent = GENERATE(0u, 8u, 60u);
    Scene scene({room_for, 20, 30, recent});
    REQUIRE(make_plan(&scene.state));
    scene.state.memory.columns = static_cast<std::uint32_t>(scene.state.memory.next);
    scene.state.window.prompt = scene.job.prompt = 1000;
    REQUIRE_FALSE(make_plan(&scene.state));
    const std::uint32_t longest = longest_prompt(&scene.state);
    std::uint32_t expected = 0;
    for (std::uint32_t prompt = 1; prompt < 1000; ++prompt) {
        scene.state.window.prompt = scene.job.prompt = prompt;
        expected = make_plan(&scene.state) ? prompt : expected;
    }
    CAPTURE(room_for, recent);
    CHECK(longest == expected);
}

TEST_CASE("an fp16 prompt that does not fit is refused, and the longest one that would is named") {
    Scene scene({100, 20, 0, 0}, 4, 4, 0);
    scene.keep_fp16();
    REQUIRE(make_plan(&scene.state));
    scene.state.memory.columns = static_cast<std::uint32_t>(scene.state.memory.next);
    scene.set_prompt(1000);
    REQUIRE_FALSE(make_plan(&scene.state));
    const std::uint32_t longest = longest_prompt(&scene.state);
    std::uint32_t expected = 0;
    for (std::uint32_t prompt = 1; prompt < 1000; ++prompt) {
        scene.set_prompt(prompt);
        expected = make_plan(&scene.state) ? prompt : expected;
    }
    CHECK(longest == expected);
    CHECK(longest >= 100);
}

TEST_CASE("GPU memory that the prefill buffers exceed is refused") {
    Scene scene({40, 20, 4, 8});
    scene.state.gpu_memory_bytes = scene.job.gpu_scratch + 100;
    CHECK_FALSE(make_plan(&scene.state));
}

TEST_CASE("an error on any queue ends the job") {
    Scene scene({40, 20, 4, 8});
    const int which = GENERATE(0, 1, 2);
    const aqpim_queue* queues[] = {&scene.state.copy, &scene.state.compute, &scene.state.pim};
    REQUIRE(make_plan(&scene.state));
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
