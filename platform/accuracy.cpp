#include "platform/accuracy.h"

#include <algorithm>
#include <cmath>

#include "models/common/fp16.h"

namespace aqpim {

namespace {

constexpr double most_operations = 4e9;

/// Sums for one relative L2 error.
struct Error {
    double difference = 0;
    double norm = 0;

    void add(const float* found, const std::vector<double>& expected) {
        for (std::size_t j = 0; j < expected.size(); ++j) {
            difference += (found[j] - expected[j]) * (found[j] - expected[j]);
            norm += expected[j] * expected[j];
        }
    }
    double relative() const { return norm > 0 ? std::sqrt(difference / norm) : 0; }
};

/// Keys and values of one layer and KV head as float64 [tokens][head_dim].
struct Cache {
    std::vector<double> keys;
    std::vector<double> values;
};

class Reference {
 public:
    Reference(const Inputs& inputs, const QuantizationParameters& quantization)
        : shape_(inputs.shape), pq_(quantization) {}

    std::vector<double> exact(const Tensor& tensor, std::size_t layer, std::size_t head) const {
        const std::size_t count = std::size_t{shape_.tokens()} * shape_.head_dim;
        const float* const first = &tensor.data[(layer * shape_.kv_heads + head) * count];
        std::vector<double> vectors(count);
        std::transform(first, first + count, vectors.begin(), round_to_half);
        return vectors;
    }

    /// `vectors` with each token that has a code replaced by what it stands for.
    std::vector<double> coded(std::vector<double> vectors, const PqContents& contents, std::size_t layer,
                              std::size_t head) const {
        const std::size_t dims = shape_.head_dim / pq_.subvectors;
        const std::size_t row = layer * shape_.kv_heads + head;
        for (std::size_t t = 0; t < shape_.tokens(); ++t) {
            for (std::size_t i = 0; i < pq_.subvectors; ++i) {
                const std::uint16_t code = contents.codes[(row * shape_.tokens() + t) * pq_.subvectors + i];
                if (code == uncoded) {
                    continue;
                }
                const float* const centroid =
                    &contents.codebook[((row * pq_.subvectors + i) * pq_.centroids + code) * dims];
                std::copy_n(centroid, dims, &vectors[t * shape_.head_dim + i * dims]);
            }
        }
        return vectors;
    }

    /// Attention of one query over tokens 0 to `last`, of which those with codes (and out of the recent window by then)
    /// are taken from `coded`.
    std::vector<double> attend(const float* query, std::size_t last, const Cache& exact, const Cache& coded) const {
        const std::size_t d = shape_.head_dim;
        const auto cache = [&](std::size_t t) -> const Cache& {
            return t >= pq_.sinks && t + pq_.recent <= last ? coded : exact;
        };
        std::vector<double> weights(last + 1);
        for (std::size_t t = 0; t <= last; ++t) {
            const double* const key = &cache(t).keys[t * d];
            for (std::size_t j = 0; j < d; ++j) {
                weights[t] += static_cast<double>(round_to_half(query[j])) * key[j];
            }
            weights[t] /= std::sqrt(static_cast<double>(d));
        }
        const double most = *std::max_element(weights.begin(), weights.end());
        std::vector<double> output(d);
        double sum = 0;
        for (std::size_t t = 0; t <= last; ++t) {
            const double weight = std::exp(weights[t] - most);
            const double* const value = &cache(t).values[t * d];
            sum += weight;
            for (std::size_t j = 0; j < d; ++j) {
                output[j] += weight * value[j];
            }
        }
        for (double& value : output) {
            value /= sum;
        }
        return output;
    }

 private:
    const Shape& shape_;
    const QuantizationParameters& pq_;
};

/// Of the codes, the share that name a centroid than which none is nearer.
class NearestShare {
 public:
    explicit NearestShare(std::size_t dims) : dims_(dims) {}

    void add(const double* vector, const float* codebook, std::size_t centroids, std::size_t code) {
        const double chosen = distance(vector, codebook + code * dims_);
        bool nearest = true;
        for (std::size_t c = 0; c < centroids && nearest; ++c) {
            nearest = distance(vector, codebook + c * dims_) >= chosen;
        }
        nearest_ += nearest ? 1 : 0;
        ++codes_;
    }
    std::optional<double> share() const {
        return codes_ == 0 ? std::nullopt : std::optional(static_cast<double>(nearest_) / static_cast<double>(codes_));
    }

 private:
    double distance(const double* vector, const float* centroid) const {
        double sum = 0;
        for (std::size_t j = 0; j < dims_; ++j) {
            sum += (vector[j] - centroid[j]) * (vector[j] - centroid[j]);
        }
        return sum;
    }
    std::size_t dims_;
    std::size_t nearest_ = 0;
    std::size_t codes_ = 0;
};

void add_nearest(NearestShare& share, const Shape& shape, const QuantizationParameters& pq, const PqContents& contents,
                 const std::vector<double>& vectors, std::size_t row) {
    const std::size_t dims = shape.head_dim / pq.subvectors;
    for (std::size_t t = 0; t < shape.tokens(); ++t) {
        for (std::size_t i = 0; i < pq.subvectors; ++i) {
            const std::uint16_t code = contents.codes[(row * shape.tokens() + t) * pq.subvectors + i];
            if (code != uncoded) {
                share.add(&vectors[t * shape.head_dim + i * dims],
                          &contents.codebook[(row * pq.subvectors + i) * pq.centroids * dims], pq.centroids, code);
            }
        }
    }
}

}  // namespace

std::optional<Accuracy> measure_accuracy(const Inputs& inputs, const QuantizationParameters& pq, const PqContents& keys,
                                         const PqContents& values, const Tensor& attention) {
    const Shape& shape = inputs.shape;
    const bool quantized = !keys.codebook.empty() && !values.codebook.empty();
    const double attended = 4.0 * shape.layers * shape.heads * shape.steps * shape.tokens() * shape.head_dim;
    const double compared = 2.0 * shape.layers * shape.kv_heads * shape.tokens() * shape.head_dim * pq.centroids;
    if (attended + (quantized ? compared : 0) > most_operations || keys.codes.empty() || values.codes.empty()) {
        return std::nullopt;
    }
    const Reference reference(inputs, pq);
    Error against_exact;
    Error against_coded;
    NearestShare nearest(shape.head_dim / pq.subvectors);
    const std::size_t group = shape.heads / shape.kv_heads;
    for (std::size_t layer = 0; layer < shape.layers; ++layer) {
        for (std::size_t head = 0; head < shape.kv_heads; ++head) {
            const Cache exact{reference.exact(inputs.keys, layer, head), reference.exact(inputs.values, layer, head)};
            Cache coded;
            if (quantized) {
                coded = {reference.coded(exact.keys, keys, layer, head),
                         reference.coded(exact.values, values, layer, head)};
                add_nearest(nearest, shape, pq, keys, exact.keys, layer * shape.kv_heads + head);
                add_nearest(nearest, shape, pq, values, exact.values, layer * shape.kv_heads + head);
            }
            for (std::size_t step = 0; step < shape.steps; ++step) {
                for (std::size_t g = 0; g < group; ++g) {
                    const std::size_t at =
                        ((step * shape.layers + layer) * shape.heads + head * group + g) * shape.head_dim;
                    const std::size_t last = shape.prompt + step;
                    const auto on_exact = reference.attend(&inputs.queries.data[at], last, exact, exact);
                    against_exact.add(&attention.data[at], on_exact);
                    if (quantized) {
                        against_coded.add(&attention.data[at],
                                          reference.attend(&inputs.queries.data[at], last, exact, coded));
                    }
                }
            }
        }
    }
    return Accuracy{against_exact.relative(), quantized ? std::optional(against_coded.relative()) : std::nullopt,
                    nearest.share()};
}

}  // namespace aqpim
