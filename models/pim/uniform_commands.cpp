#include "models/pim/uniform_commands.h"

#include "models/common/parallel.h"
#include "models/pim/uniform_quantizer.h"
#include "models/pim/unit_vectors.h"

namespace aqpim {

namespace {

constexpr std::uint32_t word_bytes = 2;

/// Encodes `vector`, of one token, as element `element`.
void encode(UnitVectors& unit, const aqpim_pim_append& append, std::uint32_t element, const std::vector<float>& vector,
            Arithmetic arithmetic) {
    const std::uint32_t levels = append.shape.centroids;
    if ((append.header.flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0) {
        const UniformCodes token = quantize_tokens(vector, vector.size(), levels, arithmetic);
        unit.write_token_parameters(append.column_codebook, element, token.parameters);
        unit.write_codes(append.column_codes, element, token.codes);
        return;
    }
    const std::vector<UniformParameters> channels = unit.read_channel_parameters(append.column_codebook);
    std::vector<std::uint8_t> codes(vector.size());
    for (std::size_t j = 0; j < codes.size(); ++j) {
        codes[j] = uniform_code(vector[j], channels[j], levels);
    }
    unit.write_codes(append.column_codes, element, codes);
}

}  // namespace

void compute_quantize(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_quantize& quantize,
                      const std::vector<aqpim_pim_sequence>& sequences, Arithmetic arithmetic) {
    const aqpim_pim_shape& shape = quantize.shape;
    const bool per_token = (quantize.header.flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0;
    for (std::uint32_t group = 0; group < shape.heads * quantize.sequences; ++group) {
        UnitVectors unit(store, layout, shape, group, arithmetic);
        const std::vector<float> image =
            unit.read({quantize.column_image}, 0, sequences[group % quantize.sequences].coded);
        if (per_token) {
            const UniformCodes result = quantize_tokens(image, shape.head_dim, shape.centroids, arithmetic);
            unit.write_token_parameters(quantize.column_parameters, 0, result.parameters);
            unit.write_codes(quantize.column_codes, 0, result.codes);
        } else {
            const UniformCodes result = quantize_channels(image, shape.head_dim, shape.centroids, arithmetic);
            unit.write_channel_parameters(quantize.column_parameters, result.parameters);
            unit.write_codes(quantize.column_codes, 0, result.codes);
        }
    }
}

void compute_append_uniform(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_append& append,
                            const std::vector<aqpim_pim_sequence>& sequences, Arithmetic arithmetic) {
    const aqpim_pim_shape& shape = append.shape;
    const bool per_token = (append.header.flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0;
    const UnitVectors::Place uncoded = {append.column_uncoded,
                                        per_token ? aqpim_fp16_value_blocks(shape.head_dim, shape.subvectors) : 1,
                                        append.value_block_stride};
    for (std::uint32_t group = 0; group < shape.heads * append.sequences; ++group) {
        UnitVectors unit(store, layout, shape, group, arithmetic);
        const aqpim_pim_sequence& sequence = sequences[group % append.sequences];
        const std::vector<float> arriving = load_words(
            read_words(store, append.source + std::uint64_t{group} * shape.head_dim * word_bytes, shape.head_dim),
            arithmetic);
        const bool stores = sequence.slot != AQPIM_PIM_NONE;
        if (sequence.element != AQPIM_PIM_NONE) {
            const std::vector<float> leaving = stores ? unit.read(uncoded, sequence.slot, 1) : arriving;
            encode(unit, append, sequence.element, leaving, arithmetic);
        }
        if (stores) {
            unit.write(uncoded, sequence.slot, arriving);
        }
    }
}

namespace {

/// Keys and values of one unit.
struct UnitTokens {
    UniformVectors keys;
    UniformVectors values;
};

UnitTokens read_tokens(const UnitVectors& unit, const aqpim_pim_attend_whole& attend, std::uint32_t set,
                       const aqpim_pim_sequence& sequence) {
    const std::uint32_t behind = set * attend.set_stride;
    const std::uint32_t blocks = aqpim_fp16_value_blocks(attend.shape.head_dim, attend.shape.subvectors);
    UnitTokens tokens;
    tokens.keys.uncoded = unit.read({attend.column_key + behind}, 0, sequence.uncoded);
    tokens.values.uncoded =
        unit.read({attend.column_value + behind, blocks, attend.value_block_stride}, 0, sequence.uncoded);
    if (attend.header.opcode == AQPIM_PIM_ATTEND_UNIFORM) {
        tokens.keys.codes = unit.read_codes(attend.column_key_codes + behind, sequence.coded);
        tokens.keys.parameters = unit.read_channel_parameters(attend.column_key_parameters + behind);
        tokens.values.codes = unit.read_codes(attend.column_value_codes + behind, sequence.coded);
        tokens.values.parameters = unit.read_token_parameters(attend.column_value_parameters + behind, sequence.coded);
    }
    return tokens;
}

/// Of each of `queries`, [queries][head_dim]; the results follow one another, as the interface fetches them.
std::vector<std::uint16_t> attend_each(const UnitTokens& tokens, const std::vector<float>& queries,
                                       std::size_t head_dim, Arithmetic arithmetic) {
    std::vector<std::uint16_t> results;
    for (std::size_t first = 0; first < queries.size(); first += head_dim) {
        const std::vector<float> query(&queries[first], &queries[first] + head_dim);
        const std::vector<std::uint16_t> words =
            store_words(attend_uniform(tokens.keys, tokens.values, query, arithmetic), arithmetic);
        results.insert(results.end(), words.begin(), words.end());
    }
    return results;
}

}  // namespace

void compute_attend_whole(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_attend_whole& attend,
                          const std::vector<aqpim_pim_sequence>& sequences, Arithmetic arithmetic) {
    const aqpim_pim_shape& shape = attend.shape;
    const std::size_t words_of_unit = std::size_t{attend.queries_per_head} * shape.head_dim;
    std::vector<std::vector<std::uint16_t>> outputs(std::size_t{attend.kv_heads} * attend.sequences);
    parallel_for(outputs.size(), [&](std::size_t index) {
        const auto head = static_cast<std::uint32_t>(index / attend.sequences);
        const auto s = static_cast<std::uint32_t>(index % attend.sequences);
        const UnitVectors unit(store, layout, shape, head % shape.heads * attend.sequences + s, arithmetic);
        const UnitTokens tokens = read_tokens(unit, attend, head / shape.heads, sequences[s]);
        const std::vector<float> queries =
            load_words(read_words(store, attend.query + index * words_of_unit * word_bytes, words_of_unit), arithmetic);
        outputs[index] = attend_each(tokens, queries, shape.head_dim, arithmetic);
    });
    for (std::size_t index = 0; index < outputs.size(); ++index) {
        store.write(attend.output + index * words_of_unit * word_bytes,
                    reinterpret_cast<const std::uint8_t*>(outputs[index].data()), words_of_unit * word_bytes);
    }
}

}  // namespace aqpim
