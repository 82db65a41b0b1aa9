#include "models/pim/uniform_quantizer.h"

#include <algorithm>
#include <cmath>

#include "models/pim/softmax.h"

namespace aqpim {

namespace {

float largest_finite(Arithmetic arithmetic) {
    return arithmetic == Arithmetic::bf16 ? bfloat_to_float(0x7f7f) : to_float(0x7bff);
}

float as_stored(float value, Arithmetic arithmetic) {
    return load_word(store_word(value, arithmetic), arithmetic);
}

/// Adds the upper half of the lanes of `width` values to the lower one until one is left.
template <typename Policy>
void bring_together(std::vector<float>& lanes, std::size_t width) {
    for (std::size_t half = sum_lanes / 2; half != 0; half /= 2) {
        for (std::size_t place = 0; place < half * width; ++place) {
            lanes[place] = Policy::lane(lanes[place] + lanes[place + half * width]);
        }
    }
}

template <typename Policy, typename Value>
float inner_product(const std::vector<float>& query, const Value* vector) {
    std::vector<float> lanes(sum_lanes);
    for (std::size_t first = 0; first < query.size(); first += sum_lanes) {
        const std::size_t count = std::min(sum_lanes, query.size() - first);
        for (std::size_t lane = 0; lane < count; ++lane) {
            const float product = Policy::lane(query[first + lane] * static_cast<float>(vector[first + lane]));
            lanes[lane] = Policy::lane(lanes[lane] + product);
        }
    }
    bring_together<Policy>(lanes, 1);
    return lanes[0];
}

/// Of coded tokens, then of uncompressed ones.
template <typename Policy>
std::vector<float> scores(const UniformVectors& keys, const std::vector<float>& query) {
    const std::size_t dims = query.size();
    const std::size_t coded = keys.codes.size() / dims;
    std::vector<float> result(coded + keys.uncoded.size() / dims);
    if (coded != 0) {
        std::vector<float> scaled_query(dims);
        std::vector<float> zeros(dims);
        for (std::size_t j = 0; j < dims; ++j) {
            scaled_query[j] = Policy::move(query[j] * keys.parameters[j].scale);
            zeros[j] = keys.parameters[j].zero;
        }
        const float offset = inner_product<Policy>(query, zeros.data());
        for (std::size_t e = 0; e < coded; ++e) {
            result[e] = Policy::lane(inner_product<Policy>(scaled_query, &keys.codes[e * dims]) + offset);
        }
    }
    for (std::size_t t = coded; t < result.size(); ++t) {
        result[t] = inner_product<Policy>(query, &keys.uncoded[(t - coded) * dims]);
    }
    return result;
}

/// Sums over tokens, in lanes: of each dimension, and of what the zeros add to all of them.
template <typename Policy>
class TokenSums {
 public:
    explicit TokenSums(std::size_t dims) : dims_(dims), lanes_(sum_lanes * dims), offsets_(sum_lanes) {}

    template <typename Value>
    void add(std::size_t token, float weight, const Value* vector) {
        float* const sums = &lanes_[token % sum_lanes * dims_];
        for (std::size_t j = 0; j < dims_; ++j) {
            sums[j] = Policy::lane(sums[j] + Policy::lane(weight * static_cast<float>(vector[j])));
        }
    }
    void add_zero(std::size_t token, float weight, float zero) {
        float& offset = offsets_[token % sum_lanes];
        offset = Policy::lane(offset + Policy::lane(weight * zero));
    }
    /// [dims]
    std::vector<float> total() {
        bring_together<Policy>(lanes_, dims_);
        bring_together<Policy>(offsets_, 1);
        std::vector<float> result(dims_);
        for (std::size_t j = 0; j < dims_; ++j) {
            result[j] = Policy::lane(lanes_[j] + offsets_[0]);
        }
        return result;
    }

 private:
    std::size_t dims_;
    std::vector<float> lanes_;  ///< [sum_lanes][dims]
    std::vector<float> offsets_;
};

template <typename Policy>
std::vector<float> weighted_sums(const UniformVectors& values, const std::vector<float>& weights, std::size_t dims) {
    const std::size_t coded = values.parameters.size();
    TokenSums<Policy> sums(dims);
    for (std::size_t t = 0; t < coded; ++t) {
        const UniformParameters& token = values.parameters[t];
        sums.add(t, Policy::move(weights[t] * token.scale), &values.codes[t * dims]);
        sums.add_zero(t, weights[t], token.zero);
    }
    for (std::size_t t = coded; t < weights.size(); ++t) {
        sums.add(t, weights[t], &values.uncoded[(t - coded) * dims]);
    }
    return sums.total();
}

}  // namespace

UniformParameters UniformRange::parameters(std::uint32_t levels, Arithmetic arithmetic) const {
    if (least_ > greatest_) {
        return {};
    }
    const float limit = largest_finite(arithmetic);
    const float least = std::clamp(least_, -limit, limit);
    const float greatest = std::clamp(greatest_, -limit, limit);
    const float scale = std::min((greatest - least) / static_cast<float>(levels - 1), limit);
    return {as_stored(scale, arithmetic), as_stored(least, arithmetic)};
}

std::uint8_t uniform_code(float value, const UniformParameters& parameters, std::uint32_t levels) {
    if (!(parameters.scale > 0)) {
        return 0;
    }
    const float step = std::nearbyint((value - parameters.zero) / parameters.scale);
    return step > 0 ? static_cast<std::uint8_t>(std::min(step, static_cast<float>(levels - 1))) : std::uint8_t{0};
}

UniformCodes quantize_channels(const std::vector<float>& vectors, std::size_t dims, std::uint32_t levels,
                               Arithmetic arithmetic) {
    std::vector<UniformRange> ranges(dims);
    for (std::size_t at = 0; at < vectors.size(); ++at) {
        ranges[at % dims].add(vectors[at]);
    }
    UniformCodes result;
    for (const UniformRange& range : ranges) {
        result.parameters.push_back(range.parameters(levels, arithmetic));
    }
    for (std::size_t at = 0; at < vectors.size(); ++at) {
        result.codes.push_back(uniform_code(vectors[at], result.parameters[at % dims], levels));
    }
    return result;
}

UniformCodes quantize_tokens(const std::vector<float>& vectors, std::size_t dims, std::uint32_t levels,
                             Arithmetic arithmetic) {
    UniformCodes result;
    for (std::size_t at = 0; at < vectors.size(); at += dims) {
        UniformRange range;
        for (std::size_t j = 0; j < dims; ++j) {
            range.add(vectors[at + j]);
        }
        result.parameters.push_back(range.parameters(levels, arithmetic));
        for (std::size_t j = 0; j < dims; ++j) {
            result.codes.push_back(uniform_code(vectors[at + j], result.parameters.back(), levels));
        }
    }
    return result;
}

std::vector<float> attend_uniform(const UniformVectors& keys, const UniformVectors& values,
                                  const std::vector<float>& query, Arithmetic arithmetic) {
    return with_arithmetic(arithmetic, [&](auto policy) {
        using Policy = decltype(policy);
        std::vector<float> weights = scores<Policy>(keys, query);
        if (weights.empty()) {
            return std::vector<float>(query.size());
        }
        const float sum = exponentials(weights, score_scale(query.size()), arithmetic);
        std::vector<float> output = weighted_sums<Policy>(values, weights, query.size());
        for (float& value : output) {
            value = Policy::lane(value / sum);
        }
        return output;
    });
}

}  // namespace aqpim
