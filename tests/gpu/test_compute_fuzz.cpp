#include <catch2/catch.hpp>

#include <array>
#include <random>

#include "compute_scene.h"

using namespace aqpim;
using namespace sc_core;

namespace {

using Words = std::array<std::uint64_t, 16>;

constexpr std::array<std::uint16_t, 8> opcodes{AQPIM_GPU_KERNEL,     AQPIM_GPU_PACK,      AQPIM_GPU_IMPORTANCE,
                                               AQPIM_GPU_MATMUL,     AQPIM_GPU_ATTENTION, AQPIM_GPU_NORM,
                                               AQPIM_GPU_ACTIVATION, AQPIM_GPU_FIXED};

template <class T>
Words words_of(std::uint16_t opcode, T descriptor) {
    descriptor.header.opcode = opcode;
    Words words;
    std::memcpy(words.data(), &descriptor, sizeof words);
    return words;
}

/// Descriptors that are in order, to be spoilt.
std::vector<Words> good_descriptors() {
    aqpim_gpu_attention attention{};
    attention.keys = 0x1000;
    attention.values = 0x20000;
    attention.sequence_stride = 0x4000;
    attention.head_stride = 0x1000;
    attention.queries = 0x40000;
    attention.output = 0x50000;
    attention.most_tokens = 30;
    attention.sequences = attention.kv_heads = attention.group = 2;
    attention.head_dim = 16;
    attention.total_tokens = 60;
    aqpim_gpu_importance importance{};
    importance.keys_head_stride = importance.queries = 0x4000;
    importance.queries_stride = 0x100;
    importance.target = 0x60000;
    importance.tokens = 40;
    importance.query_rows = importance.heads = 4;
    importance.kv_heads = 2;
    importance.head_dim = 16;
    aqpim_gpu_pack pack{};
    pack.source_head_stride = 0x1000;
    pack.source_stride = 32;
    pack.target = 0x40000;
    pack.vectors = 20;
    pack.heads = 2;
    pack.head_dim = 16;
    pack.subvectors = 4;
    pack.channels = 2;
    pack.banks_per_channel = 4;
    pack.group_banks = 4;
    pack.group_stride = 1;
    aqpim_gpu_matmul matmul{};
    matmul.m = matmul.n = matmul.k = matmul.count = 16;
    return {words_of(AQPIM_GPU_ATTENTION, attention), words_of(AQPIM_GPU_IMPORTANCE, importance),
            words_of(AQPIM_GPU_PACK, pack), words_of(AQPIM_GPU_MATMUL, matmul)};
}

class Fuzzer {
 public:
    /// Words of all magnitudes behind an opcode of the streams, or now and then any.
    Words random_descriptor() {
        Words words;
        for (std::uint64_t& word : words) {
            word = random_() >> random_() % 64;
        }
        const std::uint64_t opcode = random_() % 16 == 0 ? random_() % 65536 : opcodes[random_() % opcodes.size()];
        words[0] = opcode | words[0] << 16;
        return words;
    }
    /// A good one of which a few bits are others.
    Words spoilt_descriptor() {
        Words words = good_[random_() % good_.size()];
        for (std::uint64_t changes = random_() % 4; changes != 0; --changes) {
            words[1 + random_() % 15] ^= std::uint64_t{1} << random_() % 64;
        }
        return words;
    }

 private:
    std::mt19937_64 random_{7};
    std::vector<Words> good_ = good_descriptors();
};

}  // namespace

TEST_CASE("any descriptor of a stream ends in a status") {
    ComputeScene scene;
    std::array<unsigned, 7> ended{};
    scene.stream([&] {
        Fuzzer fuzzer;
        for (int i = 0; i < 5000; ++i) {
            const Words words = i % 2 == 0 ? fuzzer.random_descriptor() : fuzzer.spoilt_descriptor();
            const auto outcome = scene.unit.execute(ComputeScene::command_of(words, now_ps()));
            ++ended.at(outcome.status);
        }
    });
    scene.simulate();
    CHECK(ended[AQPIM_DONE] > 500);
    CHECK(ended[AQPIM_BAD_OPCODE] > 50);
    CHECK(ended[AQPIM_BAD_FIELD] > 500);
    CHECK(ended[AQPIM_ADDRESS_ERROR] > 100);
    CHECK(ended[0] + ended[1] + ended[2] + ended[3] == 5000);
}
