#include <catch2/catch.hpp>

#include <numeric>

#include "compute_scene.h"
#include "models/common/parallel.h"
#include "reference_attention.h"

using namespace aqpim;
using namespace sc_core;

namespace {

/// A cache of 3 KV heads of sequences with unequal lengths, with gaps between heads and between sequences.
struct Cache {
    static constexpr std::size_t kv_heads = 3, head_dim = 20, most_tokens = 140;
    static constexpr std::uint64_t head_stride = 0x1800, sequence_stride = 0x5000;
    std::vector<std::uint32_t> tokens{5, 70, 131, 64};
    aqpim_gpu_attention descriptor{};

    Cache(ComputeScene& scene, std::uint16_t group, aqpim_gpu_format format) {
        descriptor.keys = 0x1000;
        descriptor.values = 0x20000;
        descriptor.queries = 0x40000;
        descriptor.output = 0x60002;
        descriptor.tokens = 0x80004;
        descriptor.head_stride = head_stride;
        descriptor.sequence_stride = sequence_stride;
        descriptor.most_tokens = most_tokens;
        descriptor.sequences = 4;
        descriptor.kv_heads = kv_heads;
        descriptor.group = group;
        descriptor.head_dim = head_dim;
        descriptor.format = format;
        descriptor.total_tokens = std::accumulate(tokens.begin(), tokens.end(), 0U);
        scene.put(descriptor.keys, random_words(0xa000, 1, format));
        scene.put(descriptor.values, random_words(0xa000, 2, format));
        scene.put(descriptor.queries, random_words(kv_heads * 4 * group * head_dim, 3, format));
        std::memcpy(&scene.memory[descriptor.tokens], tokens.data(), tokens.size() * 4);
    }
};

void check_outputs(const ComputeScene& scene, const Cache& cache) {
    const aqpim_gpu_attention& d = cache.descriptor;
    const auto format = static_cast<aqpim_gpu_format>(d.format);
    const std::size_t unit_words = d.group * Cache::head_dim;
    for (std::size_t h = 0; h < Cache::kv_heads; ++h) {
        for (std::size_t s = 0; s < 4; ++s) {
            const std::uint64_t offset = s * Cache::sequence_stride + h * Cache::head_stride;
            const std::uint64_t unit = (h * 4 + s) * unit_words * 2;
            const std::size_t words = cache.tokens[s] * Cache::head_dim;
            const auto expected =
                reference_attention(scene.get(d.keys + offset, words), scene.get(d.values + offset, words),
                                    scene.get(d.queries + unit, unit_words), Cache::head_dim, format);
            const auto output = scene.get(d.output + unit, unit_words);
            for (std::size_t i = 0; i < unit_words; ++i) {
                CHECK(is_near(output[i], expected[i], format));
            }
        }
    }
}

aqpim_completion_status status_with(ComputeScene& scene, const std::function<void(aqpim_gpu_attention&)>& change) {
    Cache cache(scene, 1, AQPIM_GPU_FP16);
    change(cache.descriptor);
    return scene.run(AQPIM_GPU_ATTENTION, cache.descriptor).status;
}

}  // namespace

TEST_CASE("attention over a cache of unequal sequences is what float64 gives for every share of a KV head") {
    ComputeScene scene;
    scene.stream([&] {
        for (const std::uint16_t group : {1, 4, 8}) {
            for (const auto format : {AQPIM_GPU_FP16, AQPIM_GPU_BF16}) {
                const Cache cache(scene, group, format);
                CHECK(scene.run(AQPIM_GPU_ATTENTION, cache.descriptor).status == AQPIM_DONE);
                check_outputs(scene, cache);
            }
        }
    });
    scene.simulate();
}

TEST_CASE("attention without a table of tokens takes the most tokens of every sequence") {
    ComputeScene scene;
    scene.stream([&] {
        Cache cache(scene, 4, AQPIM_GPU_FP16);
        cache.tokens.assign(4, Cache::most_tokens);
        cache.descriptor.tokens = 0;
        cache.descriptor.total_tokens = 4 * Cache::most_tokens;
        CHECK(scene.run(AQPIM_GPU_ATTENTION, cache.descriptor).status == AQPIM_DONE);
        check_outputs(scene, cache);
    });
    scene.simulate();
}

TEST_CASE("attention over sequences that may be long is carried out in several rounds") {
    ComputeScene scene;
    scene.stream([&] {
        Cache cache(scene, 2, AQPIM_GPU_FP16);
        cache.descriptor.most_tokens = 1 << 20;
        CHECK(scene.run(AQPIM_GPU_ATTENTION, cache.descriptor).status == AQPIM_DONE);
        check_outputs(scene, cache);
    });
    scene.simulate();
}

TEST_CASE("attention does not depend on the host's threads") {
    ComputeScene scene;
    scene.stream([&] {
        const Cache cache(scene, 8, AQPIM_GPU_BF16);
        std::vector<std::vector<std::uint8_t>> memories;
        for (const unsigned threads : {1, 2, 5}) {
            set_parallel_threads(threads);
            scene.run(AQPIM_GPU_ATTENTION, cache.descriptor);
            memories.push_back(scene.memory);
        }
        CHECK(memories[0] == memories[1]);
        CHECK(memories[0] == memories[2]);
    });
    scene.simulate();
}

TEST_CASE("a kernel writes its data when it ends") {
    ComputeScene scene;
    scene.stream([&] {
        const Cache cache(scene, 1, AQPIM_GPU_FP16);
        scene.run(AQPIM_GPU_ATTENTION, cache.descriptor);
    });
    sc_start(from_ps(5 * us + 1));
    CHECK(scene.get(0x60002, 160) == std::vector<std::uint16_t>(160));
    scene.simulate();
    CHECK(scene.get(0x60002, 160) != std::vector<std::uint16_t>(160));
}

TEST_CASE("attention refuses a table of tokens that does not fit its other fields at once") {
    ComputeScene scene;
    scene.stream([&] {
        const auto with_tokens = [&](std::uint32_t first) {
            Cache cache(scene, 1, AQPIM_GPU_FP16);
            std::memcpy(&scene.memory[cache.descriptor.tokens], &first, sizeof first);
            cache.descriptor.total_tokens += std::uint64_t{first} - 5;
            return scene.run(AQPIM_GPU_ATTENTION, cache.descriptor).status;
        };
        CHECK(with_tokens(0) == AQPIM_BAD_FIELD);
        CHECK(with_tokens(141) == AQPIM_BAD_FIELD);
        CHECK(status_with(scene, [](auto& d) { ++d.total_tokens; }) == AQPIM_BAD_FIELD);
        CHECK(status_with(scene, [](auto& d) { d.group = 0; }) == AQPIM_BAD_FIELD);
        CHECK(now_ps() == 0);
        CHECK(with_tokens(140) == AQPIM_DONE);
    });
    scene.simulate();
}

TEST_CASE("an access outside of the GPU's memory ends in an address error that names its first byte") {
    ComputeScene scene;
    scene.stream([&] {
        const auto outcome_with = [&](const std::function<void(aqpim_gpu_attention&)>& change) {
            Cache cache(scene, 1, AQPIM_GPU_FP16);
            change(cache.descriptor);
            return scene.run(AQPIM_GPU_ATTENTION, cache.descriptor);
        };
        const auto values = outcome_with([](auto& d) { d.values = 0x100000 - 0x3000; });
        CHECK(values.status == AQPIM_ADDRESS_ERROR);
        CHECK(values.failed_address == 0x100000 - 0x3000 + Cache::sequence_stride);
        const auto output = outcome_with([](auto& d) { d.output = 0x100000 - 479; });
        CHECK(output.status == AQPIM_ADDRESS_ERROR);
        CHECK(output.failed_address == 0x100000 - 479);
        const auto table = outcome_with([](auto& d) { d.tokens = 0x100000 - 15; });
        CHECK(table.status == AQPIM_ADDRESS_ERROR);
        CHECK(table.failed_address == 0x100000 - 15);
        CHECK(outcome_with([](auto& d) { d.output = 0x100000 - 480; }).status == AQPIM_DONE);
    });
    scene.simulate();
}

TEST_CASE("fields of kernels that are out of range are refused at once") {
    ComputeScene scene;
    scene.stream([&] {
        CHECK(scene.run(AQPIM_GPU_NORM, elementwise_of(0)).status == AQPIM_BAD_FIELD);
        CHECK(scene.run(AQPIM_GPU_ACTIVATION, elementwise_of(0xffffffff)).status == AQPIM_BAD_FIELD);
        CHECK(scene.run(AQPIM_GPU_FIXED, fixed_of(1'000'000'000'001)).status == AQPIM_BAD_FIELD);
        CHECK(scene.run(AQPIM_GPU_KERNEL, kernel_of((1ULL << 60) + 1)).status == AQPIM_BAD_FIELD);
        CHECK(scene.run(AQPIM_GPU_KERNEL, kernel_of(0, 1ULL << 60)).status == AQPIM_BAD_FIELD);  // 13 days
        CHECK(scene.run(AQPIM_GPU_MATMUL, aqpim_gpu_matmul{}).status == AQPIM_BAD_FIELD);
        CHECK(scene.run(AQPIM_GPU_COPY, aqpim_gpu_copy{}).status == AQPIM_BAD_OPCODE);
        CHECK(now_ps() == 0);
        CHECK(scene.run(AQPIM_GPU_FIXED, fixed_of(1'000'000'000'000)).status == AQPIM_DONE);
        CHECK(now_ps() == 1'000'000'000'000);
    });
    scene.simulate();
}
