#include <catch2/catch.hpp>

#include <cstring>
#include <random>
#include <set>

#include "models/common/fp16.h"
#include "models/gpu/kernels.h"
#include "models/pim/head_data.h"

using namespace aqpim;

namespace {

struct Case {
    std::uint32_t channels, banks, group_channels, subvectors, head_dim;
};

const Case cases[] = {
    {16, 64, 8, 16, 64},   // splits over several channels
    {16, 64, 1, 32, 128},  // two splits
    {4, 64, 1, 128, 128},  // two slots
    {4, 64, 2, 24, 96},    // banks left over
    {1, 64, 1, 2, 128},    // a subvector longer than a burst
    {2, 16, 1, 10, 60},    // 12 B subvectors, that cross bursts
};

aqpim_layout layout_of(const Case& c) {
    return aqpim_make_layout(c.channels, c.banks, c.group_channels, c.subvectors, c.head_dim);
}

std::vector<float> random_vectors(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> values(count);
    for (float& value : values) {
        value = round_to_half(static_cast<float>(random() % 2000) / 100 - 10);
    }
    return values;
}

}  // namespace

TEST_CASE("vectors and codes read back, whole and one by one") {
    for (const Case& c : cases) {
        const aqpim_layout layout = layout_of(c);
        SparseMemory store;
        HeadData head(store, layout, c.subvectors, layout.groups - 1);
        const std::uint32_t elements = 3 * layout.splits + 1;
        for (std::uint32_t i = 0; i < c.subvectors; ++i) {
            head.write_vectors(64, i, random_vectors(elements * head.dims(), i));
        }
        for (std::uint32_t i = 0; i < c.subvectors; ++i) {
            const auto expected = random_vectors(elements * head.dims(), i);
            CHECK(head.read_vectors(64, i, elements) == expected);
            const auto one = head.read_vector(64, i, elements - 2);
            CHECK(
                std::equal(one.begin(), one.end(), expected.begin() + static_cast<long>((elements - 2) * head.dims())));
        }
    }
}

TEST_CASE("codes of every width read back and do not disturb their neighbours") {
    const Case& c = cases[0];
    const aqpim_layout layout = layout_of(c);
    for (const std::uint32_t centroids : {2U, 3U, 16U, 256U, 300U, 512U}) {
        SparseMemory store;
        HeadData head(store, layout, c.subvectors, 0);
        std::vector<std::uint16_t> codes(60 * layout.splits);
        for (std::size_t e = 0; e < codes.size(); ++e) {
            codes[e] = static_cast<std::uint16_t>((e * 7919) % centroids);
        }
        head.write_codes(0, 3, codes, centroids);
        codes[77] = static_cast<std::uint16_t>(centroids - 1);
        head.write_code(0, 3, 77, codes[77], centroids);
        CHECK(head.read_codes(0, 3, static_cast<std::uint32_t>(codes.size()), centroids) == codes);
    }
}

TEST_CASE("nine-bit codes are packed 28 to a column of 32 B") {
    CHECK(aqpim_codes_per_column(512) == 28);
    CHECK(aqpim_codes_per_column(256) == 32);
    const aqpim_layout layout = layout_of(cases[1]);
    CHECK(aqpim_code_columns(&layout, 28 * layout.splits, 512) == 1);
    CHECK(aqpim_code_columns(&layout, 28 * layout.splits + 1, 512) == 2);
}

TEST_CASE("no two subvectors of any element share a byte, and none leaves its channel group") {
    for (const Case& c : cases) {
        const aqpim_layout layout = layout_of(c);
        std::set<std::uint64_t> used;
        aqpim_gpu_pack pack{};
        pack.heads = static_cast<std::uint16_t>(layout.groups);
        pack.channels = static_cast<std::uint16_t>(c.channels);
        pack.banks_per_channel = static_cast<std::uint16_t>(c.banks);
        pack.group_channels = static_cast<std::uint16_t>(c.group_channels);
        pack.subvectors = static_cast<std::uint16_t>(c.subvectors);
        pack.head_dim = static_cast<std::uint16_t>(c.head_dim);
        for (std::uint32_t head = 0; head < layout.groups; ++head) {
            for (std::uint32_t element = 0; element < 2 * layout.splits + 1; ++element) {
                for (const PackPiece& piece : pack_pieces(pack, head, element)) {
                    const std::uint64_t channel = piece.target / AQPIM_BURST_BYTES % c.channels;
                    CHECK(channel / c.group_channels == head);
                    for (std::uint32_t byte = 0; byte < piece.bytes; ++byte) {
                        CHECK(used.insert(piece.target + byte).second);
                    }
                }
            }
        }
    }
}

TEST_CASE("what the GPU packs is what the banks read") {
    for (const Case& c : cases) {
        const aqpim_layout layout = layout_of(c);
        aqpim_gpu_pack pack{};
        pack.channels = static_cast<std::uint16_t>(c.channels);
        pack.banks_per_channel = static_cast<std::uint16_t>(c.banks);
        pack.group_channels = static_cast<std::uint16_t>(c.group_channels);
        pack.subvectors = static_cast<std::uint16_t>(c.subvectors);
        pack.head_dim = static_cast<std::uint16_t>(c.head_dim);
        SparseMemory store;
        const std::uint32_t elements = 2 * layout.splits + 3;
        const auto vectors = random_vectors(std::size_t{elements} * c.head_dim, 11);
        for (std::uint32_t element = 0; element < elements; ++element) {
            std::vector<Half> halves(c.head_dim);
            std::transform(vectors.begin() + static_cast<long>(element * c.head_dim),
                           vectors.begin() + static_cast<long>((element + 1) * c.head_dim), halves.begin(), to_half);
            for (const PackPiece& piece : pack_pieces(pack, 0, element)) {
                store.write(piece.target, reinterpret_cast<const std::uint8_t*>(halves.data()) + piece.source,
                            piece.bytes);
            }
        }
        const HeadData head(store, layout, c.subvectors, 0);
        for (std::uint32_t i = 0; i < c.subvectors; ++i) {
            const auto part = head.read_vectors(0, i, elements);
            for (std::uint32_t e = 0; e < elements; ++e) {
                CHECK(std::equal(&part[e * head.dims()], &part[e * head.dims()] + head.dims(),
                                 &vectors[std::size_t{e} * c.head_dim + i * head.dims()]));
            }
        }
    }
}
