#include "models/pim/attention.h"

#include <algorithm>
#include <cmath>

#include "models/common/fp16.h"

namespace aqpim {

namespace {

/// Inner products of the query's subvector `i` with every centroid, rounded to fp16: one table.
std::vector<float> inner_products(const std::vector<float>& codebook, const float* query, std::size_t dims) {
    std::vector<float> table(codebook.size() / dims);
    for (std::size_t c = 0; c < table.size(); ++c) {
        float sum = 0;
        for (std::size_t j = 0; j < dims; ++j) {
            sum += query[j] * codebook[c * dims + j];
        }
        table[c] = round_to_half(sum);
    }
    return table;
}

std::vector<float> scores(const QuantizedVectors& keys, const std::vector<float>& query) {
    const std::size_t subvectors = keys.codebooks.size();
    const std::size_t dims = query.size() / subvectors;
    const std::size_t coded = keys.codes.front().size();
    const std::size_t uncoded = keys.uncoded.size() / query.size();
    std::vector<float> result(coded + uncoded);
    for (std::size_t i = 0; i < subvectors; ++i) {
        const std::vector<float> table = inner_products(keys.codebooks[i], &query[i * dims], dims);
        for (std::size_t e = 0; e < coded; ++e) {
            result[e] += table[keys.codes[i][e]];
        }
    }
    for (std::size_t slot = 0; slot < uncoded; ++slot) {
        for (std::size_t j = 0; j < query.size(); ++j) {
            result[coded + slot] += query[j] * keys.uncoded[slot * query.size() + j];
        }
    }
    return result;
}

/// exp(scale * (score - max)) as fp16, in place; returns their sum.
float exponentials(std::vector<float>& values, std::size_t head_dim) {
    const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim));
    const float most = *std::max_element(values.begin(), values.end());
    float sum = 0;
    for (float& value : values) {
        value = round_to_half(std::exp((value - most) * scale));
        sum += value;
    }
    return sum;
}

void add_loop(const std::vector<float>& codebook, const std::vector<std::uint16_t>& codes,
              const std::vector<float>& weights, std::size_t dims, float* output) {
    for (std::size_t e = 0; e < codes.size(); ++e) {
        const float* const centroid = &codebook[codes[e] * dims];
        for (std::size_t j = 0; j < dims; ++j) {
            output[j] += weights[e] * centroid[j];
        }
    }
}

void add_histogram(const std::vector<float>& codebook, const std::vector<std::uint16_t>& codes,
                   const std::vector<float>& weights, std::size_t dims, float* output) {
    std::vector<float> histogram(codebook.size() / dims);
    for (std::size_t e = 0; e < codes.size(); ++e) {
        histogram[codes[e]] += weights[e];
    }
    for (std::size_t c = 0; c < histogram.size(); ++c) {
        const float weight = round_to_half(histogram[c]);
        for (std::size_t j = 0; j < dims; ++j) {
            output[j] += weight * codebook[c * dims + j];
        }
    }
}

}  // namespace

std::vector<float> attend(const QuantizedVectors& keys, const QuantizedVectors& values, const std::vector<float>& query,
                          aqpim_value_path path) {
    std::vector<float> weights = scores(keys, query);
    const float sum = exponentials(weights, query.size());
    const std::size_t dims = query.size() / values.codebooks.size();
    std::vector<float> output(query.size());
    const auto add = path == AQPIM_VALUE_LOOP ? add_loop : add_histogram;
    for (std::size_t i = 0; i < values.codebooks.size(); ++i) {
        add(values.codebooks[i], values.codes[i], weights, dims, &output[i * dims]);
    }
    const std::size_t coded = values.codes.front().size();
    for (std::size_t slot = 0; coded + slot < weights.size(); ++slot) {
        for (std::size_t j = 0; j < output.size(); ++j) {
            output[j] += weights[coded + slot] * values.uncoded[slot * output.size() + j];
        }
    }
    for (float& value : output) {
        value /= sum;
    }
    return output;
}

}  // namespace aqpim
