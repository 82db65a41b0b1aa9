#include <catch2/catch.hpp>

#include <algorithm>

#include "gpu_scene.h"

namespace {

void set_mistral(aqpim_job& job) {
    job.layers = 32;
    job.heads = 32;
    job.kv_heads = 8;
    job.head_dim = 128;
    job.hidden = 4096;
    job.ffn = 14336;
    job.vocab = 32000;
}

/// Opcodes of a step's commands in the compute queue, without those that only wait and signal.
std::vector<unsigned> opcodes(const GpuScene& scene, unsigned step) {
    std::vector<unsigned> list;
    for (const FakeGpu::Command& command : scene.fake.commands) {
        const bool works = command.opcode >= AQPIM_GPU_MATMUL || command.opcode == AQPIM_GPU_KERNEL;
        if (command.queue == FakeGpu::compute_queue && command.step == step && works) {
            list.push_back(command.opcode);
        }
    }
    return list;
}

std::uint64_t flop(const std::vector<aqpim_gpu_matmul>& matmuls) {
    std::uint64_t sum = 0;
    for (const aqpim_gpu_matmul& matmul : matmuls) {
        sum += std::uint64_t{2} * matmul.m * matmul.n * matmul.k * matmul.count;
    }
    return sum;
}

}  // namespace

TEST_CASE("a step of Mistral-7B with 16 sequences of 32K is its weights and one pass of the 64 GiB cache") {
    GpuScene scene(AQPIM_KV_HOST, std::vector<unsigned>(16, 32767), 1);
    set_mistral(scene.job);
    scene.job.flags = AQPIM_JOB_SKIP_PREFILL;
    scene.place_tensors();
    CHECK(scene.job.host_kv_bytes == std::uint64_t{64} << 30);
    REQUIRE(scene.run_job());
    CHECK(scene.fake.matmuls.size() == 32 * 4 + 1);
    // A layer: 4096 x 6144, 4096 x 4096, 3 of 4096 x 14336, together 218103808 weights; vocabulary 131072000.
    CHECK(flop(scene.fake.matmuls) == 2ull * 16 * (32ull * 218103808 + 131072000));
    std::uint64_t attended = 0;
    for (const aqpim_gpu_attention& attention : scene.fake.attentions) {
        CHECK(attention.total_tokens == 16 * 32768);
        attended += 2 * attention.total_tokens * attention.kv_heads * attention.head_dim * 2;
    }
    CHECK(attended == std::uint64_t{64} << 30);
    std::uint64_t fetched = 0;
    for (const FakeGpu::Command& command : scene.fake.commands) {
        fetched += (command.flags & AQPIM_GPU_FLAG_SOURCE_BUS) != 0 ? command.bytes : 0;
    }
    // All but the step's own token.
    CHECK(fetched == (std::uint64_t{64} << 30) / 32768 * 32767);
    CHECK(std::count_if(scene.fake.commands.begin(), scene.fake.commands.end(), [](const FakeGpu::Command& command) {
              return command.opcode == AQPIM_GPU_COPY;
          }) == 32 * (1 + 4));
}

TEST_CASE("a layer is norm and projections and attention and output and norm and feed-forward network") {
    const auto kv = GENERATE(AQPIM_KV_GPU, AQPIM_KV_HOST);
    GpuScene scene(kv, {20, 3}, 1);
    scene.job.layers = 1;
    scene.place_tensors();
    REQUIRE(scene.run_job());
    const std::vector<unsigned> layer = {AQPIM_GPU_NORM, AQPIM_GPU_MATMUL, AQPIM_GPU_ATTENTION,  AQPIM_GPU_MATMUL,
                                         AQPIM_GPU_NORM, AQPIM_GPU_MATMUL, AQPIM_GPU_ACTIVATION, AQPIM_GPU_MATMUL};
    std::vector<unsigned> expected = layer;
    expected.insert(expected.end(), {AQPIM_GPU_NORM, AQPIM_GPU_MATMUL});
    CHECK(opcodes(scene, 0) == expected);
    std::vector<unsigned> prompt = layer;
    std::replace(prompt.begin(), prompt.end(), unsigned{AQPIM_GPU_ATTENTION}, unsigned{AQPIM_GPU_KERNEL});
    expected = prompt;
    expected.insert(expected.end(), prompt.begin(), prompt.end());
    expected.insert(expected.end(), {AQPIM_GPU_NORM, AQPIM_GPU_MATMUL});
    CHECK(opcodes(scene, PREFILL_STEP) == expected);
    const auto has = [](const aqpim_gpu_matmul& matmul, unsigned m, unsigned n, unsigned k) {
        return matmul.m == m && matmul.n == n && matmul.k == k && matmul.count == 1;
    };
    const std::vector<aqpim_gpu_matmul>& all = scene.fake.matmuls;
    REQUIRE(all.size() == 4 + 4 + 1 + 5);
    CHECK(has(all[0], 20, 128, 48));
    CHECK(has(all[1], 20, 48, 64));
    CHECK(has(all[2], 20, 160, 48));
    CHECK(has(all[3], 20, 48, 80));
    CHECK(has(all[4], 3, 128, 48));
    // The last token of each prompt.
    CHECK(has(all[8], 2, 100, 48));
    CHECK(has(all[9], 2, 128, 48));
    CHECK(has(all[11], 2, 160, 48));
    CHECK(has(all[13], 2, 100, 48));
    // Two operations for each of 4 heads, 16 dimensions, half of 20 x 20 scores; scores and values.
    CHECK(scene.fake.kernels[0].flop == 2 * 2 * 4 * 16 * 20 * 20 / 2);
    // Queries and output of 4 heads, keys and values of 2.
    CHECK(scene.fake.kernels[0].bytes == (4 + 4 + 2 + 2) * 16 * 2 * 20);
}

TEST_CASE("a plain feed-forward network has one projection up") {
    GpuScene scene(AQPIM_KV_GPU, {20}, 1);
    scene.job.flags = AQPIM_JOB_PLAIN_FFN | AQPIM_JOB_SKIP_PREFILL;
    REQUIRE(scene.run_job());
    CHECK(scene.fake.matmuls[2].n == 80);
}

TEST_CASE("a model without hidden size or feed-forward network has no commands for them") {
    GpuScene scene(AQPIM_KV_GPU, {20, 3}, 2);
    SECTION("no feed-forward network") {
        scene.job.ffn = 0;
        scene.job.vocab = 0;
        REQUIRE(scene.run_job());
        const std::vector<unsigned> layer = {AQPIM_GPU_NORM, AQPIM_GPU_MATMUL, AQPIM_GPU_ATTENTION, AQPIM_GPU_MATMUL};
        std::vector<unsigned> expected;
        for (unsigned i = 0; i < scene.job.layers; ++i) {
            expected.insert(expected.end(), layer.begin(), layer.end());
        }
        CHECK(opcodes(scene, 1) == expected);
    }
    SECTION("no hidden size") {
        scene.job.hidden = 0;
        REQUIRE(scene.run_job());
        CHECK(opcodes(scene, 1) == std::vector<unsigned>(scene.job.layers, AQPIM_GPU_ATTENTION));
        CHECK(scene.fake.matmuls.empty());
    }
}
