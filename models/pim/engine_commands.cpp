#include "models/pim/engine_commands.h"

#include <algorithm>

#include "models/common/parallel.h"
#include "models/pim/attention.h"
#include "models/pim/code_windows.h"
#include "models/pim/head_data.h"
#include "models/pim/kmeans.h"

namespace aqpim {

namespace {

using Words = std::vector<std::uint16_t>;

/// One KV head of one sequence.
struct Unit {
    std::uint32_t head;
    std::uint32_t sequence;
    std::uint32_t group;

    Unit(std::size_t group_index, std::size_t sequences)
        : head(static_cast<std::uint32_t>(group_index / sequences)),
          sequence(static_cast<std::uint32_t>(group_index % sequences)),
          group(static_cast<std::uint32_t>(group_index)) {}
};

std::size_t units_of(const CommandData& data, const aqpim_pim_shape& shape) {
    return shape.heads * data.sequences.size();
}

HeadData data_of(const CommandData& data, const aqpim_pim_shape& shape, const Unit& unit) {
    return {data.store, data.layout, shape.subvectors, unit.group};
}

bool gives_centroids(const aqpim_pim_cluster& cluster) {
    return cluster.initial == AQPIM_INITIAL_CODEBOOK || cluster.initial == AQPIM_INITIAL_VECTORS;
}

Initial initial_of(const aqpim_pim_cluster& cluster) {
    switch (cluster.initial) {
        case AQPIM_INITIAL_RANDOM:
            return Initial::random;
        case AQPIM_INITIAL_FIRST:
            return Initial::first;
        case AQPIM_INITIAL_KMEANS_PP:
            return Initial::kmeans_pp;
        default:
            return Initial::given;
    }
}

Ties ties_of(const aqpim_descriptor_header& header) {
    return (header.flags & AQPIM_PIM_FLAG_HIGHEST) != 0 ? Ties::highest : Ties::lowest;
}

/// Clusters subvector `i` of one unit; nothing where there is nothing to cluster and nothing given.
KmeansResult cluster_subvector(const CommandData& data, const aqpim_pim_cluster& cluster, const Unit& unit,
                               std::uint32_t i) {
    const aqpim_pim_shape& shape = cluster.shape;
    const HeadData head = data_of(data, shape, unit);
    const auto widened = [&](const Words& words) { return load_words(words, data.arithmetic); };
    KmeansInput input;
    input.dims = head.dims();
    input.count = elements_in_window(cluster, data.sequences[unit.sequence].coded);
    if (cluster.initial == AQPIM_INITIAL_CODEBOOK) {
        input.initial = widened(head.read_codebook(cluster.column_initial, i, shape.centroids));
    } else if (cluster.initial == AQPIM_INITIAL_VECTORS) {
        input.initial = widened(head.read_vectors(cluster.column_initial, i, 0, shape.centroids));
    }
    if (input.count == 0) {
        return {input.initial, {}};
    }
    if ((cluster.header.flags & AQPIM_PIM_FLAG_WEIGHTED) != 0) {
        const std::uint64_t row = cluster.weights + unit.group * cluster.weights_stride;
        input.weights =
            load_words(read_words(data.store, row + std::uint64_t{cluster.first} * sizeof(Half), input.count),
                       Arithmetic::fp16_fp32);
    }
    input.vectors =
        widened(head.read_vectors(cluster.column_image, i, cluster.first, static_cast<std::uint32_t>(input.count)));
    KmeansOptions options;
    options.centroids = shape.centroids;
    options.iterations = cluster.iterations;
    options.seed = subvector_seed(cluster.seed, unit.sequence << 16 | unit.head, i);
    options.initial = initial_of(cluster);
    options.empty = (cluster.header.flags & AQPIM_PIM_FLAG_FARTHEST) != 0 ? EmptyCluster::farthest : EmptyCluster::keep;
    options.ties = ties_of(cluster.header);
    options.arithmetic = data.arithmetic;
    return aqpim::cluster(input, options);
}

struct Columns {
    std::uint32_t codebook;
    std::uint32_t uncoded;
    const CodeColumns& codes;
};

CodedVectors read_coded(const CommandData& data, const aqpim_pim_attend& attend, const Unit& unit,
                        const Columns& columns) {
    const aqpim_pim_shape& shape = attend.shape;
    const aqpim_pim_sequence& sequence = data.sequences[unit.sequence];
    const HeadData head = data_of(data, shape, unit);
    const std::uint32_t codebook_columns = aqpim_codebook_columns(&data.layout, shape.centroids);
    CodedVectors vectors;
    for (const CodeWindow& window : code_windows(sequence.coded, attend.window, sequence.windows)) {
        vectors.window_end.push_back(window.end);
        for (std::uint32_t i = 0; i < shape.subvectors; ++i) {
            const std::uint32_t column = columns.codebook + window.index * codebook_columns;
            vectors.codebooks.push_back(load_words(head.read_codebook(column, i, shape.centroids), data.arithmetic));
        }
    }
    vectors.uncoded.resize(std::size_t{sequence.uncoded} * shape.head_dim);
    for (std::uint32_t i = 0; i < shape.subvectors; ++i) {
        Words& codes =
            vectors.codes.emplace_back(head.read_codes(columns.codes, i, 0, sequence.coded, shape.centroids));
        // Codes of a damaged memory may name a centroid that does not exist; the column decoder ignores the upper bits.
        for (std::uint16_t& code : codes) {
            code = code < shape.centroids ? code : static_cast<std::uint16_t>(code % shape.centroids);
        }
        const auto part = load_words(head.read_vectors(columns.uncoded, i, 0, sequence.uncoded), data.arithmetic);
        for (std::uint32_t slot = 0; slot < sequence.uncoded; ++slot) {
            std::copy_n(&part[std::size_t{slot} * head.dims()], head.dims(),
                        &vectors.uncoded[std::size_t{slot} * shape.head_dim + i * head.dims()]);
        }
    }
    return vectors;
}

/// Codes of the vectors that leave each unit's window, and where the new ones go.
void append_unit(const CommandData& data, const aqpim_pim_append& append, const Unit& unit, const CodeColumns& codes) {
    const aqpim_pim_shape& shape = append.shape;
    const aqpim_pim_sequence& place = data.sequences[unit.sequence];
    HeadData head = data_of(data, shape, unit);
    const std::uint64_t source = append.source + std::uint64_t{unit.group} * shape.head_dim * sizeof(Half);
    const Words arriving = read_words(data.store, source, shape.head_dim);
    const bool stores = place.slot != AQPIM_PIM_NONE;
    const std::uint32_t window = window_of(place.element, append.window, place.windows);
    const std::uint32_t codebook_column =
        append.column_codebook + window * aqpim_codebook_columns(&data.layout, shape.centroids);
    for (std::uint32_t i = 0; i < shape.subvectors; ++i) {
        const auto first = arriving.begin() + static_cast<std::ptrdiff_t>(i * head.dims());
        const Words part(first, first + head.dims());
        if (place.element != AQPIM_PIM_NONE) {
            const Words leaving = stores ? head.read_vectors(append.column_uncoded, i, place.slot, 1) : part;
            const auto codebook = load_words(head.read_codebook(codebook_column, i, shape.centroids), data.arithmetic);
            const std::uint16_t code = nearest_centroid(load_words(leaving, data.arithmetic).data(), codebook,
                                                        head.dims(), data.arithmetic, ties_of(append.header));
            head.write_codes(codes, i, place.element, {code}, shape.centroids);
        }
        if (stores) {
            head.write_vectors(append.column_uncoded, i, place.slot, part);
        }
    }
}

}  // namespace

std::uint32_t elements_in_window(const aqpim_pim_cluster& cluster, std::uint32_t coded) {
    return coded > cluster.first ? std::min(cluster.elements, coded - cluster.first) : 0;
}

void compute_cluster(const CommandData& data, const aqpim_pim_cluster& cluster, const CodeColumns& codes) {
    const std::uint32_t m = cluster.shape.subvectors;
    const std::size_t sequences = data.sequences.size();
    std::vector<KmeansResult> results(units_of(data, cluster.shape) * m);
    parallel_for(results.size(), [&](std::size_t index) {
        results[index] =
            cluster_subvector(data, cluster, Unit(index / m, sequences), static_cast<std::uint32_t>(index % m));
    });
    for (std::size_t index = 0; index < results.size(); ++index) {
        HeadData head = data_of(data, cluster.shape, Unit(index / m, sequences));
        const auto i = static_cast<std::uint32_t>(index % m);
        if (!results[index].codes.empty() || gives_centroids(cluster)) {
            head.write_codebook(cluster.column_codebook, i, store_words(results[index].centroids, data.arithmetic));
            head.write_codes(codes, i, cluster.first, results[index].codes, cluster.shape.centroids);
        }
    }
}

void compute_append(const CommandData& data, const aqpim_pim_append& append, const CodeColumns& codes) {
    for (std::size_t group = 0; group < units_of(data, append.shape); ++group) {
        append_unit(data, append, Unit(group, data.sequences.size()), codes);
    }
}

void compute_attend(const CommandData& data, const aqpim_pim_attend& attend, const CodeColumns& key_codes,
                    const CodeColumns& value_codes) {
    const aqpim_pim_shape& shape = attend.shape;
    const auto path = static_cast<aqpim_value_path>(attend.value_path);
    const std::uint64_t unit_words = std::uint64_t{attend.queries_per_head} * shape.head_dim;
    std::vector<Words> outputs(units_of(data, shape));
    parallel_for(outputs.size(), [&](std::size_t group) {
        const Unit unit(group, data.sequences.size());
        const CodedVectors keys =
            read_coded(data, attend, unit, {attend.column_key_codebook, attend.column_key_uncoded, key_codes});
        const CodedVectors values =
            read_coded(data, attend, unit, {attend.column_value_codebook, attend.column_value_uncoded, value_codes});
        const Words queries = read_words(data.store, attend.query + group * unit_words * sizeof(Half), unit_words);
        for (std::size_t at = 0; at < unit_words; at += shape.head_dim) {
            const auto first = queries.begin() + static_cast<std::ptrdiff_t>(at);
            const Words query(first, first + shape.head_dim);
            const Words output =
                store_words(aqpim::attend(keys, values, load_words(query, data.arithmetic), path, data.arithmetic),
                            data.arithmetic);
            outputs[group].insert(outputs[group].end(), output.begin(), output.end());
        }
    });
    for (std::size_t group = 0; group < outputs.size(); ++group) {
        data.store.write(attend.output + group * unit_words * sizeof(Half),
                         reinterpret_cast<const std::uint8_t*>(outputs[group].data()), unit_words * sizeof(Half));
    }
}

}  // namespace aqpim
