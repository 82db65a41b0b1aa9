#include "platform/accuracy.h"

#include <algorithm>
#include <cmath>

#include "models/common/parallel.h"
#include "platform/job_image.h"

namespace aqpim {

namespace {

constexpr double most_operations = 4e9;

/// Sums for one relative L2 error.
struct Error {
    double difference = 0;
    double norm = 0;

    template <typename Found>
    void add(const Found* found, const double* expected, std::size_t count) {
        for (std::size_t j = 0; j < count; ++j) {
            difference += (found[j] - expected[j]) * (found[j] - expected[j]);
            norm += expected[j] * expected[j];
        }
    }
    void add(const Error& other) {
        difference += other.difference;
        norm += other.norm;
    }
    double relative() const { return norm > 0 ? std::sqrt(difference / norm) : 0; }
};

/// Of codes, how many name a centroid than which none is nearer.
struct Nearest {
    std::size_t codes = 0;
    std::size_t nearest = 0;

    void add(const Nearest& other) {
        codes += other.codes;
        nearest += other.nearest;
    }
    std::optional<double> share() const {
        return codes == 0 ? std::nullopt : std::optional(static_cast<double>(nearest) / static_cast<double>(codes));
    }
};

/// What there is to say of one unit, or of all.
struct Findings {
    Error against_exact;
    Error against_coded;
    Error keys;
    Error values;
    Nearest nearest;

    void add(const Findings& other) {
        against_exact.add(other.against_exact);
        against_coded.add(other.against_coded);
        keys.add(other.keys);
        values.add(other.values);
        nearest.add(other.nearest);
    }
};

double distance(const double* vector, const float* centroid, std::size_t dims) {
    double sum = 0;
    for (std::size_t j = 0; j < dims; ++j) {
        sum += (vector[j] - centroid[j]) * (vector[j] - centroid[j]);
    }
    return sum;
}

/// One KV head of one sequence in one layer, as float64 [tokens][head_dim].
struct Cache {
    std::vector<double> keys;
    std::vector<double> values;
};

class Unit {
 public:
    Unit(const Inputs& inputs, const aqpim_job& job, std::size_t index)
        : inputs_(inputs),
          job_(job),
          index_(index),
          layer_(index / job.kv_heads % job.layers),
          head_(index % job.kv_heads),
          sequence_(index / job.kv_heads / job.layers),
          tokens_(inputs.shape.prompts[sequence_] + job.steps),
          stored_(stored_arithmetic(job)) {
        exact_ = {exact(inputs.of(sequence_).keys), exact(inputs.of(sequence_).values)};
        coded_ = exact_;
    }

    void add_codes(const PqContents& keys, const PqContents& values, Findings& findings) {
        replace(coded_.keys, exact_.keys, keys, findings.keys, findings.nearest);
        replace(coded_.values, exact_.values, values, findings.values, findings.nearest);
    }

    /// The same for uniform quantization.
    void add_vectors(const PqContents& keys, const PqContents& values, Findings& findings) const {
        compare(exact_.keys, keys, findings.keys);
        compare(exact_.values, values, findings.values);
    }

    void add_attention(const Tensor& attention, bool is_quantized, Findings& findings) const {
        const std::size_t group = job_.heads / job_.kv_heads;
        for (std::size_t step = 0; step < job_.steps; ++step) {
            for (std::size_t g = 0; g < group; ++g) {
                const std::size_t row = (step * job_.layers + layer_) * job_.heads + head_ * group + g;
                const std::size_t rows = std::size_t{job_.steps} * job_.layers * job_.heads;
                const float* const found = &attention.data[(sequence_ * rows + row) * job_.head_dim];
                const std::vector<double> query = stored(&inputs_.of(sequence_).queries.data[row * job_.head_dim]);
                const std::size_t last = tokens_ - job_.steps + step;
                findings.against_exact.add(found, attend(query, last, exact_).data(), job_.head_dim);
                if (is_quantized) {
                    findings.against_coded.add(found, attend(query, last, coded_).data(), job_.head_dim);
                }
            }
        }
    }

 private:
    std::vector<double> stored(const float* values) const {
        std::vector<double> vector(job_.head_dim);
        std::transform(values, values + job_.head_dim, vector.begin(),
                       [this](float value) { return load_word(store_word(value, stored_), stored_); });
        return vector;
    }

    std::vector<double> exact(const Tensor& tensor) const {
        const std::size_t first = (layer_ * job_.kv_heads + head_) * tensor.shape[2];
        std::vector<double> vectors;
        vectors.reserve(tokens_ * job_.head_dim);
        for (std::size_t t = 0; t < tokens_; ++t) {
            const std::vector<double> vector = stored(&tensor.data[(first + t) * job_.head_dim]);
            vectors.insert(vectors.end(), vector.begin(), vector.end());
        }
        return vectors;
    }

    /// Each token that has a code by what it stands for.
    void replace(std::vector<double>& vectors, const std::vector<double>& exact, const PqContents& contents,
                 Error& error, Nearest& nearest) const {
        const std::size_t dims = job_.head_dim / job_.subvectors;
        for (std::size_t t = 0; t < tokens_; ++t) {
            const std::size_t window = contents.window[sequence_ * contents.tokens + t];
            for (std::size_t i = 0; i < job_.subvectors; ++i) {
                const std::uint16_t code = contents.codes[(index_ * contents.tokens + t) * job_.subvectors + i];
                if (code == uncoded) {
                    continue;
                }
                const float* const codebook =
                    &contents.codebook[((index_ * contents.windows + window) * job_.subvectors + i) * job_.centroids *
                                       dims];
                const std::size_t at = t * job_.head_dim + i * dims;
                std::copy_n(codebook + code * dims, dims, &vectors[at]);
                error.add(&vectors[at], &exact[at], dims);
                nearest.codes += 1;
                nearest.nearest += is_nearest(&exact[at], codebook, code, dims) ? 1 : 0;
            }
        }
    }

    void compare(const std::vector<double>& exact, const PqContents& contents, Error& error) const {
        for (std::size_t t = 0; t < tokens_; ++t) {
            const float* const vector = &contents.vectors[(index_ * contents.tokens + t) * job_.head_dim];
            if (!std::isnan(*vector)) {
                error.add(vector, &exact[t * job_.head_dim], job_.head_dim);
            }
        }
    }

    bool is_nearest(const double* vector, const float* codebook, std::size_t code, std::size_t dims) const {
        const double chosen = distance(vector, codebook + code * dims, dims);
        for (std::size_t c = 0; c < job_.centroids; ++c) {
            if (distance(vector, codebook + c * dims, dims) < chosen) {
                return false;
            }
        }
        return true;
    }

    /// Attention of one query over tokens 0 to `last`, of which those out of sinks and recent window are taken from
    /// `others`.
    std::vector<double> attend(const std::vector<double>& query, std::size_t last, const Cache& others) const {
        const std::size_t d = job_.head_dim;
        const auto cache = [&](std::size_t t) -> const Cache& {
            return t >= job_.sinks && t + job_.recent <= last ? others : exact_;
        };
        std::vector<double> weights(last + 1);
        for (std::size_t t = 0; t <= last; ++t) {
            const double* const key = &cache(t).keys[t * d];
            for (std::size_t j = 0; j < d; ++j) {
                weights[t] += query[j] * key[j];
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

    const Inputs& inputs_;
    const aqpim_job& job_;
    std::size_t index_;
    std::size_t layer_;
    std::size_t head_;
    std::size_t sequence_;
    std::size_t tokens_;
    Arithmetic stored_;
    Cache exact_;
    Cache coded_;
};

}  // namespace

std::optional<double> largest_error(Arithmetic arithmetic) {
    if (arithmetic == Arithmetic::fp16) {
        return std::nullopt;
    }
    return arithmetic == Arithmetic::bf16 ? 8e-2 : 1e-2;
}

bool is_measurable(const Inputs& inputs, const aqpim_job& job) {
    double tokens = 0;
    for (const std::uint32_t prompt : inputs.shape.prompts) {
        tokens += prompt + job.steps;
    }
    const double values = tokens * job.layers * job.head_dim;
    const double attended = 4 * values * job.heads * job.steps;
    const double compared = job.policy == AQPIM_POLICY_AQPIM ? 2 * values * job.kv_heads * job.centroids : 0;
    return attended + compared <= most_operations;
}

Accuracy measure_accuracy(const Inputs& inputs, const aqpim_job& job, const PqContents& keys, const PqContents& values,
                          const Tensor& attention) {
    const bool is_quantized = !keys.codebook.empty() && !values.codebook.empty();
    std::vector<Findings> findings(std::size_t{job.batch} * job.layers * job.kv_heads);
    const bool is_uniform = !keys.vectors.empty() && !values.vectors.empty();
    parallel_for(findings.size(), [&](std::size_t index) {
        Unit unit(inputs, job, index);
        if (is_quantized) {
            unit.add_codes(keys, values, findings[index]);
        }
        if (is_uniform) {
            unit.add_vectors(keys, values, findings[index]);
        }
        unit.add_attention(attention, is_quantized, findings[index]);
    });
    Findings all;
    for (const Findings& part : findings) {
        all.add(part);
    }
    Accuracy accuracy;
    accuracy.relative_l2_exact = all.against_exact.relative();
    if (is_quantized) {
        accuracy.relative_l2_coded = all.against_coded.relative();
        accuracy.nearest_codes = all.nearest.share();
    }
    if (all.keys.norm > 0) {
        accuracy.relative_l2_keys = all.keys.relative();
        accuracy.relative_l2_values = all.values.relative();
    }
    return accuracy;
}

}  // namespace aqpim
