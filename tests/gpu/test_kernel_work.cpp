#include <catch2/catch.hpp>

#include <cmath>

#include "models/gpu/kernel_work.h"

using namespace aqpim;

namespace {

/// 50 TFLOP/s and 0.8 TB/s sustained.
GpuParameters round_gpu() {
    GpuParameters gpu;
    gpu.peak_flop_per_second = 100e12;
    gpu.memory_bandwidth = 1'000'000'000'000;
    gpu.sustained_compute = 0.5;
    gpu.sustained_bandwidth = 0.8;
    gpu.kernel_overhead_ps = 3'000'000;
    return gpu;
}

aqpim_gpu_matmul matmul_of(std::uint32_t m, std::uint32_t n, std::uint32_t k, std::uint32_t count = 1) {
    aqpim_gpu_matmul matmul{};
    matmul.m = m;
    matmul.n = n;
    matmul.k = k;
    matmul.count = count;
    return matmul;
}

aqpim_gpu_attention attention_of() {
    aqpim_gpu_attention attention{};
    attention.tokens = 0x1000;
    attention.most_tokens = 1000;
    attention.sequences = 3;
    attention.kv_heads = 8;
    attention.group = 4;
    attention.head_dim = 128;
    attention.total_tokens = 1500;
    return attention;
}

template <class Change>
bool is_refused(Change change) {
    auto attention = attention_of();
    change(attention);
    return !work_of(attention).has_value();
}

}  // namespace

TEST_CASE("a kernel takes the time of its slower side at the sustained rates and says which that is") {
    const GpuParameters gpu = round_gpu();
    const KernelTime compute = roofline(gpu, {50'000'000'000'000, 8});
    CHECK(compute.time_ps == 1'000'000'000'000);
    CHECK(compute.bound == KernelBound::compute);
    const KernelTime memory = roofline(gpu, {1, 8'000'000'000});
    CHECK(memory.time_ps == 10'000'000'000);
    CHECK(memory.bound == KernelBound::memory);
    CHECK(roofline(gpu, {}).time_ps == 0);
}

TEST_CASE("the slowest memory and the largest kernel still give a time") {
    GpuParameters gpu = round_gpu();
    gpu.memory_bandwidth = 1;
    CHECK(roofline(gpu, {0, most_work}).time_ps == std::uint64_t{1} << 62);
}

TEST_CASE("a product of matrices multiplies and adds for each of its elements and touches each matrix once") {
    const auto work = work_of(matmul_of(3, 5, 7, 2));
    REQUIRE(work);
    CHECK(work->flop == 2 * (3 * 5) * (2 * 7));
    CHECK(work->bytes == 2 * 2 * (5 * 7 + 3 * 7 + 3 * 5));
}

TEST_CASE("a product of matrices with an empty or an absurd side is refused") {
    CHECK_FALSE(work_of(matmul_of(0, 5, 7)));
    CHECK_FALSE(work_of(matmul_of(3, 0, 7)));
    CHECK_FALSE(work_of(matmul_of(3, 5, 0)));
    CHECK_FALSE(work_of(matmul_of(3, 5, 7, 0)));
    CHECK_FALSE(work_of(matmul_of(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)));
    CHECK(work_of(matmul_of(1 << 20, 1 << 20, 1 << 19)));
    CHECK_FALSE(work_of(matmul_of(1 << 20, 1 << 20, 1 << 20)));
}

TEST_CASE("attention multiplies and adds for scores and values and reads each key and value once") {
    const auto work = work_of(attention_of());
    REQUIRE(work);
    CHECK(work->flop == 4ULL * 4 * 1500 * 128 * 8);
    const std::uint64_t cache = 2ULL * 1500 * 8 * 128 * 2;
    const std::uint64_t queries = 3ULL * 8 * 4 * 128 * 2;
    CHECK(work->bytes == cache + 2 * queries);
}

TEST_CASE("attention with a field out of its range is refused") {
    CHECK(is_refused([](auto& a) { a.sequences = 0; }));
    CHECK(is_refused([](auto& a) { a.kv_heads = 0; }));
    CHECK(is_refused([](auto& a) { a.group = 0; }));
    CHECK(is_refused([](auto& a) { a.head_dim = 0; }));
    CHECK(is_refused([](auto& a) { a.most_tokens = 0; }));
    CHECK(is_refused([](auto& a) { a.most_tokens = 0xffffffff; }));
    CHECK(is_refused([](auto& a) { a.format = 2; }));
    CHECK(is_refused([](auto& a) { a.total_tokens = 2; }));
    CHECK(is_refused([](auto& a) { a.total_tokens = 3001; }));
    CHECK_FALSE(is_refused([](auto& a) { a.total_tokens = 3; }));
    CHECK_FALSE(is_refused([](auto& a) { a.total_tokens = 3000; }));
    CHECK(is_refused([](auto& a) { a.keys = ~0ULL; }));
    CHECK(is_refused([](auto& a) { a.sequence_stride = 1ULL << 60; }));
}

TEST_CASE("without a table all sequences have the most tokens") {
    CHECK(is_refused([](auto& a) { a.tokens = 0; }));
    CHECK_FALSE(is_refused([](auto& a) {
        a.tokens = 0;
        a.total_tokens = 3000;
    }));
}

TEST_CASE("laying out more than fits a count of bytes is refused") {
    aqpim_gpu_pack pack{};
    pack.heads = pack.head_dim = 0xffff;
    pack.vectors = 0xffffffff;
    pack.subvectors = 1;
    pack.group_banks = 1;
    pack.channels = pack.banks_per_channel = 0xffff;
    pack.group_stride = 1;
    CHECK_FALSE(work_of(pack));
    pack.vectors = 10;
    REQUIRE(work_of(pack));
    CHECK(work_of(pack)->bytes == 2ULL * 0xffff * 10 * 0xffff * 2);
}

TEST_CASE("a decode step of Mistral-7B at batch 16 without attention takes 5.7 ms on an H100") {
    GpuParameters gpu;
    ParameterTable table;
    gpu.declare(table.section("gpu"));
    table.set("gpu.bandwidth", "3.35TB/s", "test");
    constexpr std::uint32_t batch = 16, layers = 32, heads = 32, kv_heads = 8, d = 128, hidden = 4096, ffn = 14336,
                            vocab = 32000;
    Picoseconds time_ps = 0;
    const auto multiply = [&](std::uint32_t n, std::uint32_t k) {
        const KernelTime time = roofline(gpu, work_of(matmul_of(batch, n, k)).value());
        CHECK(time.bound == KernelBound::memory);
        time_ps += time.time_ps;
    };
    for (std::uint32_t layer = 0; layer < layers; ++layer) {
        time_ps += gpu.norm_time_ps;
        multiply((heads + 2 * kv_heads) * d, hidden);
        multiply(hidden, heads * d);
        time_ps += gpu.norm_time_ps;
        multiply(2 * ffn, hidden);
        time_ps += gpu.activation_time_ps;
        multiply(hidden, ffn);
    }
    time_ps += gpu.norm_time_ps;
    multiply(vocab, hidden);

    // Weights by hand, and the vectors that go in and out of each matrix.
    const double layer_weights = 6144. * 4096 + 4096. * 4096 + 3 * 4096. * 14336;
    const double layer_vectors = 16. * ((4096 + 6144) + (4096 + 4096) + (4096 + 28672) + (14336 + 4096));
    const double words = 32 * (layer_weights + layer_vectors) + 4096. * 32000 + 16. * (4096 + 32000);
    const double kernels_ps = words * 2 / (3.35e12 * 0.85) * 1e12;
    const double fixed_ps = 32 * (2 * 6.87e6 + 8.29e6) + 6.87e6;
    CHECK(std::abs(static_cast<double>(time_ps) - (kernels_ps + fixed_ps)) < 4 * 32 + 1 + 1);  // each rounded up
    CHECK(static_cast<double>(time_ps) == Approx(5.7e9).epsilon(0.01));                        // system.md §5
}
