#include "models/pim/attention.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "models/common/error.h"
#include "models/pim/softmax.h"

namespace aqpim {

namespace {

std::size_t coded_tokens(const CodedVectors& vectors) {
    return vectors.codes.empty() ? 0 : vectors.codes.front().size();
}

std::size_t all_tokens(const CodedVectors& vectors, std::size_t head_dim) {
    return coded_tokens(vectors) + vectors.uncoded.size() / head_dim;
}

void check(const char* what, const CodedVectors& vectors, std::size_t head_dim) {
    const std::size_t coded = coded_tokens(vectors);
    const auto require = [what](bool right, const char* part, std::size_t found, std::size_t allowed) {
        if (!right) {
            throw InputError(fmt::format("attention: {} have {} {}, must be {}", what, found, part, allowed));
        }
    };
    require(vectors.uncoded.size() % head_dim == 0, "values beyond whole uncompressed tokens",
            vectors.uncoded.size() % head_dim, 0);
    if (coded == 0) {
        return;
    }
    const std::size_t subvectors = vectors.codes.size();
    require(head_dim % subvectors == 0, "dimensions left over by their subvectors", head_dim % subvectors, 0);
    require(vectors.codebooks.size() == vectors.window_end.size() * subvectors, "codebooks", vectors.codebooks.size(),
            vectors.window_end.size() * subvectors);
    const std::size_t last = vectors.window_end.empty() ? 0 : vectors.window_end.back();
    require(last == coded, "tokens in their windows", last, coded);
    require(std::is_sorted(vectors.window_end.begin(), vectors.window_end.end()), "windows that do not ascend", 1, 0);
    for (const auto& codes : vectors.codes) {
        require(codes.size() == coded, "codes in a subvector", codes.size(), coded);
    }
}

/// Calls `body(codebook, codes, begin, end)` for subvector `i` in each window: tokens begin to end - 1.
template <typename Body>
void for_each_window(const CodedVectors& vectors, std::size_t i, const Body& body) {
    std::size_t begin = 0;
    for (std::size_t window = 0; window < vectors.window_end.size() && coded_tokens(vectors) != 0; ++window) {
        const std::size_t end = vectors.window_end[window];
        body(vectors.codebooks[window * vectors.codes.size() + i], vectors.codes[i], begin, end);
        begin = end;
    }
}

template <typename Policy>
float multiply_add(float sum, float a, float b) {
    return Policy::lane(sum + Policy::lane(a * b));
}

/// Inner products of the query's part with every centroid, as they move.
template <typename Policy>
std::vector<float> product_table(const std::vector<float>& codebook, const float* query, std::size_t dims) {
    std::vector<float> products(codebook.size() / dims);
    for (std::size_t c = 0; c < products.size(); ++c) {
        float sum = 0;
        for (std::size_t j = 0; j < dims; ++j) {
            sum = multiply_add<Policy>(sum, query[j], codebook[c * dims + j]);
        }
        products[c] = Policy::move(sum);
    }
    return products;
}

template <typename Policy>
float inner_product(const std::vector<float>& query, const float* vector) {
    std::array<float, sum_lanes> lanes{};
    for (std::size_t first = 0; first < query.size(); first += sum_lanes) {
        for (std::size_t lane = 0; lane < std::min(sum_lanes, query.size() - first); ++lane) {
            lanes[lane] = multiply_add<Policy>(lanes[lane], query[first + lane], vector[first + lane]);
        }
    }
    return add_lanes<Policy>(lanes);
}

template <typename Policy>
std::vector<float> scores(const CodedVectors& keys, const std::vector<float>& query) {
    const std::size_t coded = coded_tokens(keys);
    std::vector<float> result(all_tokens(keys, query.size()));
    for (std::size_t i = 0; i < keys.codes.size(); ++i) {
        const std::size_t dims = query.size() / keys.codes.size();
        for_each_window(keys, i, [&](const auto& codebook, const auto& codes, std::size_t begin, std::size_t end) {
            const std::vector<float> products = product_table<Policy>(codebook, &query[i * dims], dims);
            for (std::size_t t = begin; t < end; ++t) {
                result[t] = Policy::lane(result[t] + products[codes[t]]);
            }
        });
    }
    for (std::size_t t = coded; t < result.size(); ++t) {
        result[t] = inner_product<Policy>(query, &keys.uncoded[(t - coded) * query.size()]);
    }
    return result;
}

/// The weighted sums of all dimensions, in lanes.
template <typename Policy>
class ValueSums {
 public:
    explicit ValueSums(std::size_t head_dim) : head_dim_(head_dim), lanes_(sum_lanes * head_dim) {}

    /// Adds `weight` times a vector of `dims` to dimension `first` and on, in the lane of `number`.
    void add(std::size_t number, float weight, const float* vector, std::size_t first, std::size_t dims) {
        float* const sums = &lanes_[number % sum_lanes * head_dim_ + first];
        std::size_t j = 0;
        // Four at once, loaded before any is stored: the compiler cannot know that sums and vector are apart.
        for (; j + 4 <= dims; j += 4) {
            std::array<float, 4> part;
            for (std::size_t k = 0; k < 4; ++k) {
                part[k] = multiply_add<Policy>(sums[j + k], weight, vector[j + k]);
            }
            std::copy_n(part.begin(), 4, &sums[j]);
        }
        for (; j < dims; ++j) {
            sums[j] = multiply_add<Policy>(sums[j], weight, vector[j]);
        }
    }

    void add_loop(const CodedVectors& values, const std::vector<float>& weights) {
        const std::size_t dims = head_dim_ / std::max<std::size_t>(1, values.codes.size());
        for (std::size_t i = 0; i < values.codes.size(); ++i) {
            for_each_window(values, i,
                            [&](const auto& codebook, const auto& codes, std::size_t begin, std::size_t end) {
                                for (std::size_t t = begin; t < end; ++t) {
                                    add(t, weights[t], &codebook[codes[t] * dims], i * dims, dims);
                                }
                            });
        }
    }

    void add_histograms(const CodedVectors& values, const std::vector<float>& weights) {
        const std::size_t dims = head_dim_ / std::max<std::size_t>(1, values.codes.size());
        for (std::size_t i = 0; i < values.codes.size(); ++i) {
            for_each_window(values, i,
                            [&](const auto& codebook, const auto& codes, std::size_t begin, std::size_t end) {
                                std::vector<float> histogram(codebook.size() / dims);
                                for (std::size_t t = begin; t < end; ++t) {
                                    histogram[codes[t]] = Policy::lane(histogram[codes[t]] + weights[t]);
                                }
                                for (std::size_t c = 0; c < histogram.size(); ++c) {
                                    add(c, Policy::move(histogram[c]), &codebook[c * dims], i * dims, dims);
                                }
                            });
        }
    }

    /// The lanes together: [head_dim].
    std::vector<float> total() {
        for (std::size_t half = sum_lanes / 2; half != 0; half /= 2) {
            for (std::size_t place = 0; place < half * head_dim_; ++place) {
                lanes_[place] = Policy::lane(lanes_[place] + lanes_[place + half * head_dim_]);
            }
        }
        return {lanes_.begin(), lanes_.begin() + static_cast<std::ptrdiff_t>(head_dim_)};
    }

 private:
    std::size_t head_dim_;
    std::vector<float> lanes_;  ///< [sum_lanes][head_dim]
};

template <typename Policy>
std::vector<float> attend_by(const CodedVectors& keys, const CodedVectors& values, const std::vector<float>& query,
                             aqpim_value_path path, Arithmetic arithmetic) {
    std::vector<float> weights = scores<Policy>(keys, query);
    const float sum = exponentials(weights, score_scale(query.size()), arithmetic);
    ValueSums<Policy> sums(query.size());
    if (path == AQPIM_VALUE_LOOP) {
        sums.add_loop(values, weights);
    } else {
        sums.add_histograms(values, weights);
    }
    const std::size_t coded = coded_tokens(values);
    for (std::size_t t = coded; t < weights.size(); ++t) {
        sums.add(t, weights[t], &values.uncoded[(t - coded) * query.size()], 0, query.size());
    }
    std::vector<float> output = sums.total();
    for (float& value : output) {
        value = Policy::lane(value / sum);
    }
    return output;
}

}  // namespace

std::vector<float> attend(const CodedVectors& keys, const CodedVectors& values, const std::vector<float>& query,
                          aqpim_value_path path, Arithmetic arithmetic) {
    check("keys", keys, query.size());
    check("values", values, query.size());
    const std::size_t tokens = all_tokens(keys, query.size());
    if (tokens != all_tokens(values, query.size())) {
        throw InputError(fmt::format("attention: values of {} tokens, must be {} as there are keys",
                                     all_tokens(values, query.size()), tokens));
    }
    if (tokens == 0) {
        return std::vector<float>(query.size());
    }
    return with_arithmetic(
        arithmetic, [&](auto policy) { return attend_by<decltype(policy)>(keys, values, query, path, arithmetic); });
}

}  // namespace aqpim
