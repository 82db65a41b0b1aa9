#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "models/common/fp16.h"

namespace aqpim::uniform_reference {

/// Uniform quantization and attention on it by their definitions (arXiv 2402.02750), in float64.
using Matrix = std::vector<std::vector<double>>;  ///< [tokens][channels]

/// `value`, within the normal range of a format with `digits` binary digits, rounded to it.
inline double rounded(double value, int digits) {
    if (value == 0) {
        return 0;
    }
    const double unit = std::ldexp(1.0, std::ilogb(value) + 1 - digits);
    return std::nearbyint(value / unit) * unit;
}

struct Scale {
    double scale;
    double zero;
};

inline Scale scale_of(const std::vector<double>& values, int levels, int digits) {
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    return {rounded((*greatest - *least) / (levels - 1), digits), rounded(*least, digits)};
}

inline double code_of(double value, const Scale& scale, int levels) {
    if (scale.scale == 0) {
        return 0;
    }
    return std::clamp(std::nearbyint((value - scale.zero) / scale.scale), 0.0, levels - 1.0);
}

inline std::vector<double> channel_of(const Matrix& tokens, std::size_t channel) {
    std::vector<double> values;
    for (const std::vector<double>& token : tokens) {
        values.push_back(token[channel]);
    }
    return values;
}

inline std::vector<Scale> channel_scales(const Matrix& tokens, std::size_t channels, int levels, int digits) {
    std::vector<Scale> scales;
    for (std::size_t j = 0; j < channels; ++j) {
        scales.push_back(tokens.empty() ? Scale{0, 0} : scale_of(channel_of(tokens, j), levels, digits));
    }
    return scales;
}

/// What is left of a key under its channels' scales, and of a value under its own.
inline std::vector<double> key_from_codes(const std::vector<double>& key, const std::vector<Scale>& scales,
                                          int levels) {
    std::vector<double> result;
    for (std::size_t j = 0; j < key.size(); ++j) {
        result.push_back(scales[j].zero + code_of(key[j], scales[j], levels) * scales[j].scale);
    }
    return result;
}
inline std::vector<double> value_from_codes(const std::vector<double>& value, int levels, int digits) {
    return key_from_codes(value, std::vector<Scale>(value.size(), scale_of(value, levels, digits)), levels);
}

inline std::vector<double> attention(const std::vector<double>& query, const Matrix& keys, const Matrix& values) {
    std::vector<double> scores;
    for (const std::vector<double>& key : keys) {
        double dot = 0;
        for (std::size_t j = 0; j < query.size(); ++j) {
            dot += query[j] * key[j];
        }
        scores.push_back(dot / std::sqrt(static_cast<double>(query.size())));
    }
    std::vector<double> output(query.size());
    double sum = 0;
    for (std::size_t t = 0; t < keys.size(); ++t) {
        const double weight = std::exp(scores[t] - *std::max_element(scores.begin(), scores.end()));
        sum += weight;
        for (std::size_t j = 0; j < output.size(); ++j) {
            output[j] += weight * values[t][j];
        }
    }
    for (double& value : output) {
        value /= sum;
    }
    return output;
}

template <typename Values>
double relative_error(const Values& found, const std::vector<double>& expected) {
    double error = 0;
    double norm = 0;
    for (std::size_t j = 0; j < expected.size(); ++j) {
        error += std::pow(found[j] - expected[j], 2);
        norm += std::pow(expected[j], 2);
    }
    return std::sqrt(error / norm);
}

/// fp16 values whose channels differ in offset and spread, as keys' do.
inline Matrix random_tokens(std::size_t tokens, std::size_t channels, unsigned seed) {
    std::mt19937 random(seed);
    const auto next = [&] { return static_cast<double>(random() % 20001) / 10000 - 1; };
    std::vector<double> offsets(channels);
    std::vector<double> spreads(channels);
    for (std::size_t j = 0; j < channels; ++j) {
        offsets[j] = next();
        spreads[j] = 0.5 + std::abs(next());
    }
    Matrix matrix(tokens, std::vector<double>(channels));
    for (std::vector<double>& token : matrix) {
        for (std::size_t j = 0; j < channels; ++j) {
            token[j] = rounded(offsets[j] + spreads[j] * next(), 8);  // exact in fp16 and in bf16
        }
    }
    return matrix;
}

inline std::vector<float> flat(const Matrix& matrix) {
    std::vector<float> values;
    for (const std::vector<double>& row : matrix) {
        values.insert(values.end(), row.begin(), row.end());
    }
    return values;
}

}  // namespace aqpim::uniform_reference
