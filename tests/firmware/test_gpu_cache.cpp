#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>

#include "gpu_scene.h"

using Prompts = std::vector<unsigned>;

namespace {

/// Bytes that copies of a step with this flag have moved.
std::uint64_t bytes_of(const GpuScene& scene, unsigned step, unsigned flag) {
    std::uint64_t bytes = 0;
    for (const FakeGpu::Command& command : scene.fake.commands) {
        bytes +=
            command.opcode == AQPIM_GPU_COPY && command.step == step && (command.flags & flag) != 0 ? command.bytes : 0;
    }
    return bytes;
}

std::uint64_t tokens_of(const Prompts& prompts) {
    return std::accumulate(prompts.begin(), prompts.end(), std::uint64_t{0});
}

/// The longest cut of all prompts, tried one by one.
unsigned longest_that_fits(GpuScene& scene) {
    unsigned longest = 0;
    for (unsigned prompt = 1; prompt < scene.job.prompt; ++prompt) {
        longest = plan_fits(&scene.state, scene.job.batch, prompt) ? prompt : longest;
    }
    return longest;
}

}  // namespace

TEST_CASE("attention on the GPU is that of float64 over the prompt and the steps before wherever the cache is") {
    const auto kv = GENERATE(AQPIM_KV_GPU, AQPIM_KV_HOST);
    const auto flags = GENERATE(0u, AQPIM_JOB_PREFETCH);
    const auto prompts = GENERATE(Prompts{20}, Prompts{13, 13, 13}, Prompts{20, 3, 11}, Prompts{1, 2}, Prompts{1});
    const unsigned steps = GENERATE(1u, 4u);
    const auto [layers, heads, kv_heads] =
        GENERATE(table<unsigned, unsigned, unsigned>({{3, 4, 2}, {1, 3, 3}, {2, 4, 1}}));
    CAPTURE(kv, flags, prompts, steps, layers, heads, kv_heads);
    GpuScene scene(kv, prompts, steps);
    scene.job.flags = flags;
    scene.job.layers = layers;
    scene.job.heads = heads;
    scene.job.kv_heads = kv_heads;
    scene.place_tensors();
    scene.fill();
    REQUIRE(scene.run_job());
    scene.check_outputs();
    CHECK(scene.job.result.steps_done == steps);
    CHECK(scene.sequences[0].coded == 0);
    CHECK(kv_bytes_stored(&scene.state) == kv_bytes_fp16(&scene.state));
    CHECK(kv_bytes_fp16(&scene.state) ==
          (tokens_of(prompts) + steps * prompts.size()) * layers * 2 * kv_heads * scene.job.head_dim * 2);
}

TEST_CASE("a cache in the host's memory crosses the bus once a step and a new token once") {
    const auto flags = GENERATE(0u, AQPIM_JOB_PREFETCH);
    const auto prompts = GENERATE(Prompts{20}, Prompts{13, 13, 13}, Prompts{20, 3, 11});
    GpuScene scene(AQPIM_KV_HOST, prompts, 3);
    scene.job.flags = flags;
    scene.place_tensors();
    REQUIRE(scene.run_job());
    constexpr std::uint64_t token = 3 * 2 * 2 * 16 * 2;  // layers, tensors, KV heads, dimensions, bytes
    const bool unequal = prompts.size() == 3 && prompts[1] != prompts[0];
    CHECK(bytes_of(scene, PREFILL_STEP, AQPIM_GPU_FLAG_TARGET_BUS) == tokens_of(prompts) * token);
    CHECK(bytes_of(scene, PREFILL_STEP, AQPIM_GPU_FLAG_SOURCE_BUS) == 0);
    for (unsigned step = 0; step < 3; ++step) {
        const std::uint64_t table = unequal ? 4 * prompts.size() : 0;
        CHECK(bytes_of(scene, step, AQPIM_GPU_FLAG_SOURCE_BUS) ==
              (tokens_of(prompts) + step * prompts.size()) * token + table);
        CHECK(bytes_of(scene, step, AQPIM_GPU_FLAG_TARGET_BUS) == prompts.size() * token);
    }
    CHECK(bytes_of(scene, 3, AQPIM_GPU_FLAG_SOURCE_BUS) == 0);
}

TEST_CASE("sequences of the same length are fetched by one command for keys and values of all heads") {
    GpuScene scene(AQPIM_KV_HOST, {13, 13, 13}, 1);
    REQUIRE(scene.run_job());
    std::size_t fetches = 0;
    for (const FakeGpu::Command& command : scene.fake.commands) {
        fetches += (command.flags & AQPIM_GPU_FLAG_SOURCE_BUS) != 0 ? 1 : 0;
    }
    CHECK(fetches == scene.job.layers);
    CHECK(scene.fake.attentions[0].tokens == 0);
}

TEST_CASE("without the prefill nothing is copied into the cache") {
    GpuScene scene(AQPIM_KV_HOST, {20, 3}, 1);
    scene.job.flags = AQPIM_JOB_SKIP_PREFILL;
    REQUIRE(make_plan(&scene.state));
    REQUIRE(run_prefill(&scene.state));
    CHECK(scene.fake.commands.empty());
    CHECK(scene.sequences[1].prompt == 3);
    CHECK(scene.sequences[1].coded == 0);
    REQUIRE(run_decode(&scene.state));
    CHECK(scene.fake.attentions.size() == scene.job.layers);
}

TEST_CASE("a cache that a memory is too small for is refused and what would fit is named") {
    const auto kv = GENERATE(AQPIM_KV_GPU, AQPIM_KV_HOST);
    const bool of_the_host = GENERATE(false, true);
    const auto flags = GENERATE(0u, AQPIM_JOB_PREFETCH);
    const Prompts room_for = GENERATE(Prompts{1, 1}, Prompts{90, 30}, Prompts{100, 100, 100, 20});
    GpuScene scene(kv, room_for, 5);
    scene.job.flags = flags;
    scene.job.weights_bytes = 12345;
    scene.place_tensors();
    scene.state.gpu_memory_bytes += scene.job.weights_bytes;
    REQUIRE(make_plan(&scene.state));
    if (of_the_host) {
        scene.state.gpu_memory_bytes = std::uint64_t{1} << 40;
        scene.job.host_kv_bytes -= kv == AQPIM_KV_HOST ? 1 : 0;
    } else {
        scene.state.gpu_memory_bytes -= 1;
        scene.job.host_kv_bytes = std::uint64_t{1} << 40;
    }
    if (of_the_host && kv == AQPIM_KV_GPU) {
        CHECK(make_plan(&scene.state));
        return;
    }
    CHECK_FALSE(make_plan(&scene.state));
    const std::uint64_t reported = scene.job.result.tokens_that_fit;
    CHECK(reported == longest_that_fits(scene));
    CHECK(reported == scene.job.prompt - 1);
    const unsigned batch = largest_batch(&scene.state);
    CHECK(batch == room_for.size() - 1);
}

TEST_CASE("where not even the tensors and the weights fit into the GPU no prompt would") {
    GpuScene scene(AQPIM_KV_GPU, {40, 40}, 5);
    scene.job.weights_bytes = scene.state.gpu_memory_bytes;
    CHECK_FALSE(make_plan(&scene.state));
    CHECK(scene.job.result.tokens_that_fit == 0);
    CHECK(largest_batch(&scene.state) == 0);
}

TEST_CASE("layers that do not fit into the GPU are in the host's memory and are attended to all the same") {
    const auto flags = GENERATE(0u, AQPIM_JOB_PREFETCH);
    const unsigned kept = GENERATE(0u, 1u);  // of 5
    const auto prompts = GENERATE(Prompts{20}, Prompts{13, 13, 13}, Prompts{20, 3, 11});
    const unsigned steps = GENERATE(1u, 4u);
    CAPTURE(flags, kept, prompts, steps);
    GpuScene scene(AQPIM_KV_GPU, prompts, steps);
    scene.job.flags = flags;
    scene.job.layers = 5;
    scene.place_tensors();
    scene.overflow(kept);
    scene.fill();
    REQUIRE(scene.run_job());
    CHECK(scene.state.kept_layers == kept);
    scene.check_outputs();
    const std::uint64_t layer = (tokens_of(prompts) + steps * prompts.size()) * 2 * 2 * 16 * 2;
    CHECK(kv_bytes_stored(&scene.state) == kept * layer);
    CHECK(kv_bytes_spilled(&scene.state) == (5 - kept) * layer);
}

TEST_CASE("only layers that have overflowed cross the bus") {
    const auto flags = GENERATE(0u, AQPIM_JOB_PREFETCH);
    const unsigned kept = GENERATE(0u, 1u, 2u);  // of 5
    GpuScene scene(AQPIM_KV_GPU, {13, 13, 13}, 3);
    scene.job.flags = flags;
    scene.job.layers = 5;
    scene.place_tensors();
    scene.overflow(kept);
    REQUIRE(scene.run_job());
    const std::uint64_t token = (5 - kept) * 2 * 2 * 16 * 2;  // layers, tensors, KV heads, dimensions, bytes
    CHECK(bytes_of(scene, PREFILL_STEP, AQPIM_GPU_FLAG_TARGET_BUS) == 39 * token);
    for (unsigned step = 0; step < 3; ++step) {
        CHECK(bytes_of(scene, step, AQPIM_GPU_FLAG_SOURCE_BUS) == (39 + step * 3) * token);
        CHECK(bytes_of(scene, step, AQPIM_GPU_FLAG_TARGET_BUS) == 3 * token);
    }
}

TEST_CASE("one byte less of the GPU's memory sends one layer more to the host's") {
    GpuScene scene(AQPIM_KV_GPU, {50, 20}, 4);
    scene.job.layers = 5;
    scene.place_tensors();
    scene.overflow(2);
    scene.job.host_kv_bytes = 5 * scene.layer_bytes();
    REQUIRE(make_plan(&scene.state));
    CHECK(scene.state.kept_layers == 2);
    scene.state.gpu_memory_bytes -= 1;
    REQUIRE(make_plan(&scene.state));
    CHECK(scene.state.kept_layers == 1);
    scene.job.weights_bytes = scene.layer_bytes();
    REQUIRE(make_plan(&scene.state));
    CHECK(scene.state.kept_layers == 0);
    scene.state.gpu_memory_bytes += 2 * scene.layer_bytes();
    scene.job.flags = 0;
    CHECK_FALSE(make_plan(&scene.state));
    CHECK(scene.job.result.short_memory == AQPIM_MEMORY_GPU);
}

TEST_CASE("layers that fit neither here nor there are refused and the host's memory is named") {
    GpuScene scene(AQPIM_KV_GPU, {50, 20}, 4);
    scene.job.layers = 5;
    scene.place_tensors();
    scene.overflow(1);
    scene.job.host_kv_bytes -= 1;
    CHECK_FALSE(make_plan(&scene.state));
    CHECK(scene.job.result.short_memory == AQPIM_MEMORY_HOST);
    CHECK(scene.job.result.bytes_wanted == 4 * scene.layer_bytes());
    CHECK(scene.job.result.tokens_that_fit == longest_that_fits(scene));
    CHECK(scene.job.result.tokens_that_fit == 49);
}
