#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "models/common/error.h"
#include "platform/channel_order.h"

namespace aqpim {

namespace {

/// Channels that move together: one, or a pair of RoPE's.
using RotatedUnit = std::vector<std::uint16_t>;

std::vector<RotatedUnit> units_of(std::size_t head_dim, RopePairs pairs) {
    const std::size_t members = pairs == RopePairs::none ? 1 : 2;
    const std::size_t units = head_dim / members;
    std::vector<RotatedUnit> all(units);
    for (std::size_t unit = 0; unit < units; ++unit) {
        for (std::size_t member = 0; member < members; ++member) {
            const std::size_t channel = pairs == RopePairs::half ? unit + member * units : unit * members + member;
            all[unit].push_back(static_cast<std::uint16_t>(channel));
        }
    }
    return all;
}

/// [dims][dims] of vectors [tokens][dims]. Products of float are exact in double, and sums run in the order of tokens,
/// so every machine finds the same.
std::vector<float> cosines_of(const float* vectors, std::size_t tokens, std::size_t dims) {
    std::vector<double> products(dims * dims);
    std::vector<double> vector(dims);
    for (std::size_t token = 0; token < tokens; ++token) {
        std::copy_n(vectors + token * dims, dims, vector.begin());
        for (std::size_t a = 0; a < dims; ++a) {
            for (std::size_t b = 0; b < dims; ++b) {
                products[a * dims + b] += vector[a] * vector[b];
            }
        }
    }
    std::vector<float> cosines(dims * dims);
    for (std::size_t a = 0; a < dims; ++a) {
        for (std::size_t b = 0; b < dims; ++b) {
            const double lengths = std::sqrt(products[a * dims + a] * products[b * dims + b]);
            const double cosine = products[a * dims + b] / lengths;
            cosines[a * dims + b] = std::isfinite(cosine) ? static_cast<float>(cosine) : 0.0F;
        }
    }
    return cosines;
}

/// Grows with the similarity that sort_channels ranks by: the cosine of two channels, the mean square of two pairs'.
double similarity(const std::vector<float>& cosines, std::size_t head_dim, const RotatedUnit& a, const RotatedUnit& b) {
    if (a.size() == 1) {
        return cosines[a[0] * head_dim + b[0]];
    }
    double sum = 0;
    for (const std::uint16_t in_a : a) {
        for (const std::uint16_t in_b : b) {
            const double cosine = cosines[in_a * head_dim + in_b];
            sum += cosine * cosine;
        }
    }
    return sum / static_cast<double>(a.size() * b.size());
}

/// Takes a reference at random and the units most similar to it out of `left`; ascending.
std::vector<std::size_t> take_subvector(std::vector<std::size_t>& left, const std::vector<RotatedUnit>& units,
                                        const std::vector<float>& cosines, std::size_t head_dim, std::size_t count,
                                        std::mt19937_64& random) {
    const auto reference = left.begin() + static_cast<std::ptrdiff_t>(random() % left.size());
    std::rotate(left.begin(), reference, reference + 1);
    const RotatedUnit& wanted = units[left.front()];
    std::vector<double> rank(units.size());
    for (const std::size_t unit : left) {
        rank[unit] = similarity(cosines, head_dim, wanted, units[unit]);
    }
    const auto end = left.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(left.begin() + 1, end, left.end(),
                      [&](std::size_t a, std::size_t b) { return rank[a] != rank[b] ? rank[a] > rank[b] : a < b; });
    std::vector<std::size_t> taken(left.begin(), end);
    std::sort(taken.begin(), taken.end());
    left.erase(left.begin(), end);
    std::sort(left.begin(), left.end());
    return taken;
}

void sort_head(const float* vectors, std::size_t tokens, const std::vector<RotatedUnit>& units, std::size_t subvectors,
               std::mt19937_64& random, std::span<std::uint16_t> order) {
    const std::vector<float> cosines = cosines_of(vectors, tokens, order.size());
    std::vector<std::size_t> left(units.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    std::vector<std::vector<std::size_t>> taken;
    for (std::size_t subvector = 0; subvector < subvectors; ++subvector) {
        taken.push_back(take_subvector(left, units, cosines, order.size(), units.size() / subvectors, random));
    }
    std::sort(taken.begin(), taken.end());
    auto place = order.begin();
    for (const std::vector<std::size_t>& subvector : taken) {
        for (const std::size_t unit : subvector) {
            place = std::copy(units[unit].begin(), units[unit].end(), place);
        }
    }
}

/// Throws InputError.
void check_samples(const Tensor& activations, std::size_t subvectors, RopePairs pairs) {
    constexpr std::size_t most_channels = 1024;  // as workload.head_dim
    const auto& shape = activations.shape;
    if (shape.size() != 4 || activations.elements() == 0 || shape[3] > most_channels) {
        throw InputError(fmt::format(
            "sample activations: shape {} found; [layers, kv_heads, tokens, head_dim] is allowed, each 1 or more, "
            "head_dim up to {}",
            shape_text(shape), most_channels));
    }
    const std::size_t head_dim = shape[3];
    if (subvectors == 0 || head_dim % subvectors != 0) {
        throw InputError(
            fmt::format("pq.subvectors: {} found; a divisor of head_dim {} is allowed", subvectors, head_dim));
    }
    const std::size_t width = head_dim / subvectors;
    if (pairs != RopePairs::none && width != 1 && width % 2 != 0) {
        throw InputError(fmt::format(
            "pq.subvectors: {} found, {} channels in each; an even number of channels is allowed where RoPE's pairs "
            "are sorted, or one",
            subvectors, width));
    }
}

/// Absolute cosines between these channels of one head of [layers, kv_heads, tokens, head_dim], summed over their
/// pairs.
double similarity_sum(const Tensor& activations, std::size_t head, std::span<const std::uint16_t> channels) {
    const std::size_t tokens = activations.shape[2];
    const std::size_t head_dim = activations.shape[3];
    std::vector<float> vectors;
    for (std::size_t token = 0; token < tokens; ++token) {
        for (const std::uint16_t channel : channels) {
            vectors.push_back(activations.data[(head * tokens + token) * head_dim + channel]);
        }
    }
    const std::vector<float> cosines = cosines_of(vectors.data(), tokens, channels.size());
    double sum = 0;
    for (std::size_t a = 0; a < channels.size(); ++a) {
        for (std::size_t b = a + 1; b < channels.size(); ++b) {
            sum += std::abs(cosines[a * channels.size() + b]);
        }
    }
    return sum;
}

}  // namespace

ChannelOrder sort_channels(const Tensor& activations, std::size_t subvectors, RopePairs pairs, std::uint64_t seed) {
    check_samples(activations, subvectors, pairs);
    const auto& shape = activations.shape;
    ChannelOrder order = identity_order(shape[0], shape[1], shape[3]);
    if (subvectors == order.head_dim) {
        return order;
    }
    const std::vector<RotatedUnit> units = units_of(order.head_dim, pairs);
    std::mt19937_64 random(seed);
    const std::size_t matrix = shape[2] * order.head_dim;
    for (std::size_t head = 0; head < order.layers * order.kv_heads; ++head) {
        sort_head(activations.data.data() + head * matrix, shape[2], units, subvectors, random,
                  std::span(order.channels).subspan(head * order.head_dim, order.head_dim));
    }
    return order;
}

double mean_similarity(const Tensor& activations, const ChannelOrder& order, std::size_t subvectors) {
    const std::size_t width = order.head_dim / subvectors;
    double sum = 0;
    for (std::size_t layer = 0; layer < order.layers; ++layer) {
        for (std::size_t kv_head = 0; kv_head < order.kv_heads; ++kv_head) {
            for (std::size_t place = 0; place < order.head_dim; place += width) {
                sum += similarity_sum(activations, layer * order.kv_heads + kv_head,
                                      order.head(layer, kv_head).subspan(place, width));
            }
        }
    }
    const std::size_t pairs = order.layers * order.kv_heads * subvectors * (width * (width - 1) / 2);
    return pairs == 0 ? 0 : sum / static_cast<double>(pairs);
}

}  // namespace aqpim
