#include <catch2/catch.hpp>

#include <random>
#include <set>

#include "models/gpu/kernels.h"
#include "models/pim/head_data.h"

using namespace aqpim;

namespace {

using Words = std::vector<std::uint16_t>;

struct Case {
    std::uint32_t channels, banks, group_banks, subvectors, head_dim;
};

const Case cases[] = {
    {16, 64, 512, 16, 64},  // splits over several channels
    {16, 64, 64, 32, 128},  // two splits
    {4, 64, 64, 128, 128},  // two slots
    {4, 64, 128, 24, 96},   // banks left over
    {1, 64, 64, 2, 128},    // a subvector longer than a burst
    {2, 16, 16, 10, 60},    // 12 B subvectors, that cross bursts
    {4, 64, 16, 8, 32},     // four groups in a channel
    {2, 16, 4, 10, 60},     // four groups in a channel, three slots, of which the last is not full
};

aqpim_layout layout_of(const Case& c) {
    return aqpim_make_layout(c.channels, c.banks, c.group_banks, c.subvectors, c.head_dim);
}

Words random_words(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    Words words(count);
    for (std::uint16_t& word : words) {
        word = static_cast<std::uint16_t>(random());
    }
    return words;
}

Words codes_below(std::uint32_t centroids, std::size_t count) {
    Words codes(count);
    for (std::size_t e = 0; e < count; ++e) {
        codes[e] = static_cast<std::uint16_t>(e * 7919 % centroids);
    }
    return codes;
}

aqpim_gpu_pack pack_of(const Case& c) {
    aqpim_gpu_pack pack{};
    pack.channels = static_cast<std::uint16_t>(c.channels);
    pack.banks_per_channel = static_cast<std::uint16_t>(c.banks);
    pack.group_banks = c.group_banks;
    pack.group_stride = 1;
    pack.subvectors = static_cast<std::uint16_t>(c.subvectors);
    pack.head_dim = static_cast<std::uint16_t>(c.head_dim);
    return pack;
}

std::uint16_t word_at(const SparseMemory& store, std::uint64_t address) {
    std::uint16_t word = 0;
    store.read(address, reinterpret_cast<std::uint8_t*>(&word), sizeof word);
    return word;
}

}  // namespace

TEST_CASE("vectors read back, whole and from the middle") {
    for (const Case& c : cases) {
        const aqpim_layout layout = layout_of(c);
        SparseMemory store;
        HeadData head(store, layout, c.subvectors, layout.groups - 1);
        const std::uint32_t elements = 3 * layout.splits + 1;
        const std::uint32_t dims = head.dims();
        for (std::uint32_t i = 0; i < c.subvectors; ++i) {
            head.write_vectors(64, i, 0, random_words(elements * dims, i));
        }
        head.write_vectors(64, 1, elements - 2, random_words(dims, 1000));
        for (std::uint32_t i = 0; i < c.subvectors; ++i) {
            Words expected = random_words(elements * dims, i);
            if (i == 1) {
                const Words changed = random_words(dims, 1000);
                std::copy(changed.begin(), changed.end(), expected.end() - 2 * dims);
            }
            CHECK(head.read_vectors(64, i, 0, elements) == expected);
            CHECK(head.read_vectors(64, i, elements - 3, 2) == Words(expected.end() - 3 * dims, expected.end() - dims));
        }
    }
}

TEST_CASE("codes of every width read back and do not disturb their neighbours") {
    const Case& c = cases[0];
    const aqpim_layout layout = layout_of(c);
    for (const std::uint32_t centroids : {2U, 3U, 16U, 256U, 300U, 512U, 1024U}) {
        SparseMemory store;
        HeadData head(store, layout, c.subvectors, 0);
        Words codes = codes_below(centroids, 60 * layout.splits);
        const auto count = static_cast<std::uint32_t>(codes.size());
        const CodeColumns columns(0, aqpim_code_columns(&layout, count, centroids));
        head.write_codes(columns, 3, 0, codes, centroids);
        codes[77] = static_cast<std::uint16_t>(centroids - 1);
        head.write_codes(columns, 3, 77, {codes[77]}, centroids);
        CHECK(head.read_codes(columns, 3, 0, count, centroids) == codes);
        CHECK(head.read_codes(columns, 3, 70, 90, centroids) == Words(codes.begin() + 70, codes.begin() + 160));
    }
}

TEST_CASE("codes lie in the columns of their extents, one extent after the other") {
    for (const Case& c : cases) {
        const aqpim_layout layout = layout_of(c);
        const std::uint32_t elements = 100 * layout.splits;  // of 9 bits: four columns for each slot
        const std::uint32_t columns = aqpim_code_columns(&layout, elements, 512);
        REQUIRE(columns == 4 * layout.slots);
        // Page p of one column at 500 - 3 * p.
        std::vector<aqpim_pim_extent> extents;
        for (std::uint32_t page = 0; page < columns; ++page) {
            extents.push_back({500 - 3 * page, 1});
        }
        SparseMemory store;
        const std::uint64_t table = std::uint64_t{1000} * aqpim_column_set_bytes(&layout);
        store.write(table, reinterpret_cast<const std::uint8_t*>(extents.data()), columns * sizeof extents[0]);
        const CodeColumns pages(store, {table, columns, 0}, 16384);
        CHECK(pages.size() == columns);
        HeadData head(store, layout, c.subvectors, 0);
        const std::uint32_t last = c.subvectors - 1;
        const Words codes = codes_below(512, elements);
        head.write_codes(pages, last, 0, codes, 512);
        CHECK(head.read_codes(pages, last, 0, elements, 512) == codes);
        // Local element 28, the first of the second column of its slot: element 28 * splits, in split 0.
        const std::uint32_t slot = last / layout.banks;
        const std::uint32_t bank = layout.slots == 1 ? last : last % layout.banks;
        const std::uint32_t column = 500 - 3 * (layout.slots + slot);
        CHECK((word_at(store, aqpim_bank_address(&layout, 0, bank, column, 0)) & 511) == codes[28 * layout.splits]);
    }
}

TEST_CASE("a codebook has a table for each dimension, of which each split keeps every splits-th centroid") {
    for (const Case& c : cases) {
        for (const std::uint32_t centroids : {2U, 20U, 512U}) {
            const aqpim_layout layout = layout_of(c);
            SparseMemory store;
            HeadData head(store, layout, c.subvectors, layout.groups - 1);
            const std::uint32_t dims = head.dims();
            for (std::uint32_t i = 0; i < c.subvectors; ++i) {
                head.write_codebook(512, i, random_words(centroids * dims, i));
            }
            for (std::uint32_t i = 0; i < c.subvectors; ++i) {
                const Words codebook = random_words(centroids * dims, i);
                CHECK(head.read_codebook(512, i, centroids) == codebook);
                const std::uint32_t last = centroids - 1;
                const std::uint32_t table = aqpim_codebook_byte(&layout, centroids, i / layout.banks, dims - 1);
                const std::uint32_t split = last % layout.splits;
                const std::uint32_t bank = layout.slots == 1 ? split * c.subvectors + i : i % layout.banks;
                const std::uint64_t at =
                    aqpim_bank_address(&layout, layout.groups - 1, bank, 512, table + last / layout.splits * 2);
                CHECK(word_at(store, at) == codebook.back());
            }
        }
    }
}

TEST_CASE("the paper's codebook of 512 centroids of 4 dimensions takes a row of 32 columns for each dimension") {
    const aqpim_layout one_split = aqpim_make_layout(16, 64, 32, 32, 128);
    CHECK(aqpim_table_columns(512) == 32);
    CHECK(aqpim_codebook_columns(&one_split, 512) == 4 * 32);
    const aqpim_layout two_splits = aqpim_make_layout(16, 64, 64, 32, 128);
    CHECK(aqpim_codebook_columns(&two_splits, 512) == 4 * 16);
}

TEST_CASE("nine-bit codes are packed 28 to a column of 32 B") {
    CHECK(aqpim_codes_per_column(512) == 28);
    CHECK(aqpim_codes_per_column(256) == 32);
    const aqpim_layout layout = layout_of(cases[1]);
    CHECK(aqpim_code_columns(&layout, 28 * layout.splits, 512) == 1);
    CHECK(aqpim_code_columns(&layout, 28 * layout.splits + 1, 512) == 2);
}

TEST_CASE("units get whole channels as long as there are enough, then equal parts of one") {
    // 16 channels of 64 banks, 32 subvectors.
    CHECK(aqpim_group_banks(16, 64, 1, 32) == 16 * 64);
    CHECK(aqpim_group_banks(16, 64, 3, 32) == 5 * 64);
    CHECK(aqpim_group_banks(16, 64, 8, 32) == 2 * 64);
    CHECK(aqpim_group_banks(16, 64, 16, 32) == 64);
    CHECK(aqpim_group_banks(16, 64, 17, 32) == 32);
    CHECK(aqpim_group_banks(16, 64, 32, 32) == 32);
    CHECK(aqpim_group_banks(16, 64, 128, 32) == 32);  // a bank for each subvector; units take turns
    CHECK(aqpim_group_banks(16, 64, 128, 8) == 8);
    CHECK(aqpim_group_banks(16, 64, 64, 8) == 16);
    CHECK(aqpim_group_banks(16, 64, 64, 128) == 64);
    CHECK(aqpim_group_banks(4, 48, 64, 4) == 6);  // 48, 24, 12, 6: 3 is less than there are subvectors
}

TEST_CASE("no two subvectors of any element share a byte, and none leaves its group") {
    for (const Case& c : cases) {
        const aqpim_layout layout = layout_of(c);
        std::set<std::uint64_t> used;
        const aqpim_gpu_pack pack = pack_of(c);
        for (std::uint32_t head = 0; head < layout.groups; ++head) {
            for (std::uint32_t element = 0; element < 2 * layout.splits + 1; ++element) {
                for (const PackPiece& piece : pack_pieces(pack, head, element)) {
                    const std::uint64_t burst = piece.target / AQPIM_BURST_BYTES;
                    const std::uint64_t bank = burst % c.channels * c.banks + burst / c.channels % c.banks;
                    CHECK(bank / c.group_banks == head);
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
        const aqpim_gpu_pack pack = pack_of(c);
        SparseMemory store;
        const std::uint32_t elements = 2 * layout.splits + 3;
        const Words vectors = random_words(std::size_t{elements} * c.head_dim, 11);
        for (std::uint32_t element = 0; element < elements; ++element) {
            const auto* from = reinterpret_cast<const std::uint8_t*>(&vectors[std::size_t{element} * c.head_dim]);
            for (const PackPiece& piece : pack_pieces(pack, layout.groups - 1, element)) {
                store.write(piece.target, from + piece.source, piece.bytes);
            }
        }
        const HeadData head(store, layout, c.subvectors, layout.groups - 1);
        for (std::uint32_t i = 0; i < c.subvectors; ++i) {
            const Words part = head.read_vectors(0, i, 0, elements);
            for (std::uint32_t e = 0; e < elements; ++e) {
                CHECK(std::equal(&part[e * head.dims()], &part[e * head.dims()] + head.dims(),
                                 &vectors[std::size_t{e} * c.head_dim + i * head.dims()]));
            }
        }
    }
}
