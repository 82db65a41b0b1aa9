#include "tests/pim/test_uniform_cache.h"

using namespace aqpim;
using namespace aqpim::uniform_reference;

TEST_CASE("whole-vector attention serves every set, sequence and query head with its own tokens") {
    const int levels = GENERATE(0, 4, 16);
    const auto queries = GENERATE(std::uint16_t{1}, std::uint16_t{2}, std::uint16_t{8});
    CAPTURE(levels, queries);
    const std::uint32_t coded = levels == 0 ? 0 : 37;
    Cache(levels, {coded, coded == 0 ? 0U : 5U}, {3, 40}).check_attention(queries);
}

TEST_CASE("attention on codes alone, and of a sequence that has none yet") {
    const int levels = GENERATE(4, 16);
    Cache(levels, {1, 0}, {0, 1}).check_attention(2);
}

TEST_CASE("a token that leaves the window gets its code, and the new one its slot") {
    const int levels = GENERATE(4, 16);
    CAPTURE(levels);
    Cache cache(levels, {20, 9}, {4, 2});
    const auto place = [](std::uint32_t slot, std::uint32_t element) {
        aqpim_pim_sequence sequence{};
        sequence.slot = slot;
        sequence.element = element;
        return sequence;
    };
    cache.append({place(1, 20), place(2, AQPIM_PIM_NONE)}, 1000);  // the second sequence's window is not full
    cache.append({place(2, 21), place(0, 9)}, 2000);
    cache.append({place(AQPIM_PIM_NONE, 22), place(AQPIM_PIM_NONE, 10)}, 3000);  // encoded at once
    cache.append({place(0, AQPIM_PIM_NONE), place(1, 11)}, 4000);
    cache.check_attention(2);
}

TEST_CASE("keys have scales and zeros as two vectors, values one of each in subvectors 0 and 1") {
    Cache cache(16, {37, 5}, {1, 1});
    constexpr std::uint32_t group = 2;  // head 1 of sequence 0
    const Unit& unit = cache.units[2];
    // Channel 35 is channel 3 of subvector 1; vector 0 lies in split 0, vector 1 in split 1.
    CHECK(to_float(word_at(cache.store, group, 1, 0, key_parameters_at, 6)) == unit.key_scales[35].scale);
    CHECK(to_float(word_at(cache.store, group, 1, 1, key_parameters_at, 6)) == unit.key_scales[35].zero);
    // Token 30 is local element 7 of split 2.
    const Scale token = scale_of(unit.value_image[30], 16, digits);
    CHECK(to_float(word_at(cache.store, group, 0, 2, value_parameters_at, 14)) == token.scale);
    CHECK(to_float(word_at(cache.store, group, 1, 2, value_parameters_at, 14)) == token.zero);
    CHECK(word_at(cache.store, group, 2, 2, value_parameters_at, 14) == 0);
}

TEST_CASE("an uncompressed value lies in blocks of one column of each bank") {
    Cache cache(16, {37, 5}, {6, 1});
    // Dimension 86 is dimension 22 of the second block, 6 of its subvector 1; slot 5 is local element 1 of split 1.
    const std::uint16_t word = word_at(cache.store, 0, 1, 1, value_at + block_stride, 32 + 2 * 6);
    CHECK(to_float(word) == cache.units[0].recent_values[5][86]);
}

TEST_CASE("a channel's code takes two or four bits, the first channel's the lowest") {
    const int levels = GENERATE(4, 16);
    const std::uint32_t bits = levels == 4 ? 2 : 4;
    Cache cache(levels, {37, 5}, {1, 1});
    const Unit& unit = cache.units[4];                           // head 2, the second set's first, of sequence 0
    const std::uint32_t local = 7;                               // token 30, of split 2
    for (std::uint32_t channel = 64; channel < 96; ++channel) {  // subvector 2
        const std::uint32_t bit = (local * 32 + channel - 64) * bits;
        const std::uint32_t word = word_at(cache.store, 0, 2, 2, key_codes_at + set_stride, bit / 16 * 2);
        const double expected = code_of(unit.key_image[30][channel], unit.key_scales[channel], levels);
        CHECK((word >> bit % 16 & (static_cast<std::uint32_t>(levels) - 1)) == expected);
    }
}

TEST_CASE("quantization in bf16 keeps bf16 scales") {
    SparseMemory store;
    UnitVectors unit(store, layout, shape_of(1, 16), 0, Arithmetic::bf16);
    const Matrix image = random_tokens(50, head_dim, 5);
    unit.write({key_image_at}, 0, flat(image));
    aqpim_pim_quantize quantize{};
    quantize.shape = shape_of(1, 16);
    quantize.sequences = 1;
    quantize.column_image = key_image_at;
    quantize.column_codes = key_codes_at;
    quantize.column_parameters = key_parameters_at;
    std::vector<aqpim_pim_sequence> table(1);
    table[0].coded = 50;
    compute_quantize(store, layout, quantize, table, Arithmetic::bf16);
    const Scale expected = scale_of(channel_of(image, 0), 16, 8);
    CHECK(bfloat_to_float(word_at(store, 0, 0, 0, key_parameters_at, 0)) == expected.scale);
    CHECK(bfloat_to_float(word_at(store, 0, 0, 1, key_parameters_at, 0)) == expected.zero);
}
