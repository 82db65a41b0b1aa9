#include "reference_attention.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "models/common/bf16.h"
#include "models/common/fp16.h"

namespace aqpim {

namespace {

double value_of(std::uint16_t word, aqpim_gpu_format format) {
    return format == AQPIM_GPU_BF16 ? bfloat_to_float(word) : to_float(word);
}

}  // namespace

std::vector<std::uint16_t> random_words(std::size_t count, unsigned seed, aqpim_gpu_format format, float spread) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<std::uint16_t> words(count);
    for (std::uint16_t& word : words) {
        const float value = normal(random) * spread;
        word = format == AQPIM_GPU_BF16 ? to_bfloat(value) : to_half(value);
    }
    return words;
}

std::vector<double> reference_attention(const std::vector<std::uint16_t>& keys,
                                        const std::vector<std::uint16_t>& values,
                                        const std::vector<std::uint16_t>& queries, std::size_t head_dim,
                                        aqpim_gpu_format format) {
    const std::size_t tokens = keys.size() / head_dim;
    std::vector<double> outputs(queries.size());
    for (std::size_t query = 0; query < queries.size(); query += head_dim) {
        std::vector<double> scores(tokens);
        for (std::size_t t = 0; t < tokens; ++t) {
            for (std::size_t j = 0; j < head_dim; ++j) {
                scores[t] += value_of(queries[query + j], format) * value_of(keys[t * head_dim + j], format);
            }
            scores[t] /= std::sqrt(static_cast<double>(head_dim));
        }
        const double most = *std::max_element(scores.begin(), scores.end());
        double sum = 0;
        for (double& score : scores) {
            sum += score = std::exp(score - most);
        }
        for (std::size_t t = 0; t < tokens; ++t) {
            for (std::size_t j = 0; j < head_dim; ++j) {
                outputs[query + j] += scores[t] / sum * value_of(values[t * head_dim + j], format);
            }
        }
    }
    return outputs;
}

bool is_near(std::uint16_t word, double expected, aqpim_gpu_format format) {
    const double half_unit = format == AQPIM_GPU_BF16 ? 0x1p-8 : 0x1p-11;  // in the last place, of the value
    const double slack = 4e-6;  // of fp32, where weights and values are about one
    return std::abs(value_of(word, format) - expected) <= half_unit * std::abs(expected) + slack;
}

}  // namespace aqpim
