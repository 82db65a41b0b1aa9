#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "models/pim/uniform_commands.h"
#include "models/pim/unit_vectors.h"
#include "tests/pim/test_uniform_reference.h"

namespace aqpim::uniform_reference {

inline constexpr std::uint32_t head_dim = 128;
inline constexpr std::uint32_t subvectors = 4;  // of 32 channels: two value blocks
inline constexpr std::uint32_t blocks = 2;
inline constexpr std::uint32_t banks = 16;  // of a channel, and of a group: 4 splits
inline constexpr std::uint32_t heads = 2;   // of a set
inline constexpr std::uint32_t sequences = 2;
inline constexpr std::uint32_t kv_heads = 3;  // the second set has one
inline constexpr int digits = 11;

inline constexpr std::uint32_t set_stride = 1000;
inline constexpr std::uint32_t block_stride = 20;
inline constexpr std::uint32_t key_at = 0;
inline constexpr std::uint32_t value_at = 100;
inline constexpr std::uint32_t key_codes_at = 200;
inline constexpr std::uint32_t key_parameters_at = 300;
inline constexpr std::uint32_t value_codes_at = 400;
inline constexpr std::uint32_t value_parameters_at = 500;
inline constexpr std::uint32_t key_image_at = 600;
inline constexpr std::uint32_t value_image_at = 700;
inline constexpr std::uint64_t buffers_at = 1 << 24;
inline constexpr std::uint64_t output_at = 1 << 25;

inline const aqpim_layout layout = aqpim_make_layout(4, banks, banks, subvectors, head_dim);

inline aqpim_pim_shape shape_of(std::uint32_t in_set, int levels) {
    return {static_cast<std::uint16_t>(in_set), head_dim, subvectors, static_cast<std::uint16_t>(levels), banks};
}

inline void write_halves(SparseMemory& store, std::uint64_t address, const Matrix& rows) {
    std::vector<Half> halves;
    for (const float value : flat(rows)) {
        halves.push_back(to_half(value));
    }
    store.write(address, reinterpret_cast<const std::uint8_t*>(halves.data()), halves.size() * sizeof(Half));
}

/// One value of subvector `i` of local element `local` in `split`, as aqpim/pim_layout.h places it.
inline std::uint16_t word_at(const SparseMemory& store, std::uint32_t group, std::uint32_t i, std::uint32_t split,
                             std::uint32_t column, std::uint32_t byte) {
    std::uint16_t word = 0;
    store.read(aqpim_bank_address(&layout, group, split * subvectors + i, column, byte),
               reinterpret_cast<std::uint8_t*>(&word), sizeof word);
    return word;
}

/// A KV head of one sequence: what lies in the banks, and what it stands for.
struct Unit {
    Matrix key_image, value_image;      ///< before quantization
    Matrix keys, values;                ///< coded ones, from their codes
    Matrix recent_keys, recent_values;  ///< slot by slot
    std::vector<Scale> key_scales;
};

/// Keys and values of `kv_heads` heads of two sequences, quantized by the device's command.
struct Cache {
    SparseMemory store;
    int levels;
    std::vector<aqpim_pim_sequence> table = std::vector<aqpim_pim_sequence>(sequences);
    std::vector<Unit> units = std::vector<Unit>(kv_heads * sequences);

    Cache(int levels_of, std::vector<std::uint32_t> coded, std::vector<std::uint32_t> uncoded) : levels(levels_of) {
        for (std::uint32_t s = 0; s < sequences; ++s) {
            table[s].coded = coded[s];
            table[s].uncoded = uncoded[s];
        }
        for (std::uint32_t index = 0; index < units.size(); ++index) {
            fill(index);
        }
        if (levels != 0) {
            quantize();
        }
    }

    UnitVectors vectors(std::uint32_t index) {
        const std::uint32_t group = index / sequences % heads * sequences + index % sequences;
        return {store, layout, shape_of(heads, levels), group, Arithmetic::fp16_fp32};
    }
    static std::uint32_t behind(std::uint32_t index) { return index / sequences / heads * set_stride; }

    void fill(std::uint32_t index) {
        Unit& unit = units[index];
        const aqpim_pim_sequence& sequence = table[index % sequences];
        unit.key_image = random_tokens(sequence.coded, head_dim, 10 * index + 1);
        unit.value_image = random_tokens(sequence.coded, head_dim, 10 * index + 2);
        unit.recent_keys = random_tokens(sequence.uncoded, head_dim, 10 * index + 3);
        unit.recent_values = random_tokens(sequence.uncoded, head_dim, 10 * index + 4);
        unit.key_scales = channel_scales(unit.key_image, head_dim, levels, digits);
        for (std::uint32_t e = 0; e < sequence.coded; ++e) {
            unit.keys.push_back(key_from_codes(unit.key_image[e], unit.key_scales, levels));
            unit.values.push_back(value_from_codes(unit.value_image[e], levels, digits));
        }
        UnitVectors place = vectors(index);
        const std::uint32_t set = behind(index);
        place.write({key_image_at + set}, 0, flat(unit.key_image));
        place.write({value_image_at + set}, 0, flat(unit.value_image));
        place.write({key_at + set}, 0, flat(unit.recent_keys));
        place.write({value_at + set, blocks, block_stride}, 0, flat(unit.recent_values));
    }

    static std::uint32_t heads_in(std::uint32_t set) { return set == 0 ? heads : kv_heads - heads; }

    void quantize() {
        const auto command = [&](std::uint32_t set, std::uint16_t flags, std::uint32_t image, std::uint32_t codes,
                                 std::uint32_t parameters) {
            aqpim_pim_quantize quantize{};
            quantize.header.flags = flags;
            quantize.shape = shape_of(heads_in(set), levels);
            quantize.sequences = sequences;
            quantize.column_image = image + set * set_stride;
            quantize.column_codes = codes + set * set_stride;
            quantize.column_parameters = parameters + set * set_stride;
            compute_quantize(store, layout, quantize, table, Arithmetic::fp16_fp32);
        };
        for (std::uint32_t set = 0; set < 2; ++set) {
            command(set, 0, key_image_at, key_codes_at, key_parameters_at);
            command(set, AQPIM_PIM_FLAG_PER_TOKEN, value_image_at, value_codes_at, value_parameters_at);
        }
    }

    /// A new token for each unit; `places` has slot and element for each sequence.
    void append(const std::vector<aqpim_pim_sequence>& places, unsigned seed) {
        const auto command = [&](std::uint32_t set, const Matrix& arriving, std::uint16_t flags, std::uint32_t uncoded,
                                 std::uint32_t parameters, std::uint32_t codes, std::uint32_t value_block_stride) {
            aqpim_pim_append append{};
            append.header.flags = flags;
            append.shape = shape_of(heads_in(set), levels);
            append.sequences = sequences;
            append.source = buffers_at;
            append.column_uncoded = uncoded + set * set_stride;
            append.column_codebook = parameters + set * set_stride;
            append.column_codes = codes + set * set_stride;
            append.value_block_stride = value_block_stride;
            write_halves(store, buffers_at, arriving);
            compute_append_uniform(store, layout, append, places, Arithmetic::fp16_fp32);
        };
        for (std::uint32_t set = 0; set < 2; ++set) {
            const std::uint32_t units_in_set = heads_in(set) * sequences;
            const Matrix keys = random_tokens(units_in_set, head_dim, seed + set);
            const Matrix values = random_tokens(units_in_set, head_dim, seed + 10 + set);
            command(set, keys, AQPIM_PIM_FLAG_UNIFORM, key_at, key_parameters_at, key_codes_at, 0);
            command(set, values, AQPIM_PIM_FLAG_UNIFORM | AQPIM_PIM_FLAG_PER_TOKEN, value_at, value_parameters_at,
                    value_codes_at, block_stride);
            for (std::uint32_t k = 0; k < units_in_set; ++k) {
                follow(units[set * heads * sequences + k], places[k % sequences], keys[k], values[k]);
            }
        }
        for (std::uint32_t s = 0; s < sequences; ++s) {
            table[s].coded = static_cast<std::uint32_t>(units[s].keys.size());
            table[s].uncoded = static_cast<std::uint32_t>(units[s].recent_keys.size());
        }
    }

    /// What the command has to do to one unit.
    void follow(Unit& unit, const aqpim_pim_sequence& place, const std::vector<double>& key,
                const std::vector<double>& value) const {
        const bool stores = place.slot != AQPIM_PIM_NONE;
        if (place.element != AQPIM_PIM_NONE) {
            REQUIRE(place.element == unit.keys.size());
            const std::vector<double>& leaving_key = stores ? unit.recent_keys.at(place.slot) : key;
            const std::vector<double>& leaving_value = stores ? unit.recent_values.at(place.slot) : value;
            unit.keys.push_back(key_from_codes(leaving_key, unit.key_scales, levels));
            unit.values.push_back(value_from_codes(leaving_value, levels, digits));
        }
        if (stores) {
            unit.recent_keys.resize(std::max<std::size_t>(unit.recent_keys.size(), place.slot + 1));
            unit.recent_values.resize(unit.recent_keys.size());
            unit.recent_keys[place.slot] = key;
            unit.recent_values[place.slot] = value;
        }
    }

    void check_attention(std::uint16_t queries_per_head) {
        aqpim_pim_attend_whole attend{};
        attend.header.opcode = levels == 0 ? AQPIM_PIM_ATTEND_FP16 : AQPIM_PIM_ATTEND_UNIFORM;
        attend.shape = shape_of(heads, levels);
        attend.queries_per_head = queries_per_head;
        attend.kv_heads = kv_heads;
        attend.sequences = sequences;
        attend.column_key = key_at;
        attend.column_value = value_at;
        attend.set_stride = set_stride;
        attend.value_block_stride = block_stride;
        attend.column_key_codes = key_codes_at;
        attend.column_key_parameters = key_parameters_at;
        attend.column_value_codes = value_codes_at;
        attend.column_value_parameters = value_parameters_at;
        attend.query = buffers_at;
        attend.output = output_at;
        const Matrix queries = random_tokens(units.size() * queries_per_head, head_dim, 99);
        write_halves(store, buffers_at, queries);
        compute_attend_whole(store, layout, attend, table, Arithmetic::fp16_fp32);
        std::vector<Half> output(queries.size() * head_dim);
        store.read(output_at, reinterpret_cast<std::uint8_t*>(output.data()), output.size() * sizeof(Half));
        for (std::size_t q = 0; q < queries.size(); ++q) {
            const Unit& unit = units[q / queries_per_head];
            Matrix keys = unit.keys;
            Matrix values = unit.values;
            keys.insert(keys.end(), unit.recent_keys.begin(), unit.recent_keys.end());
            values.insert(values.end(), unit.recent_values.begin(), unit.recent_values.end());
            std::vector<double> found;
            for (std::size_t j = 0; j < head_dim; ++j) {
                found.push_back(to_float(output[q * head_dim + j]));
            }
            CAPTURE(q);
            CHECK(relative_error(found, attention(queries[q], keys, values)) < 2e-3);
        }
    }
};

}  // namespace aqpim::uniform_reference
