#include "models/pim/kmeans.h"

#include <algorithm>
#include <limits>

#include "models/common/fp16.h"

namespace aqpim {

namespace {

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
class Random {
 public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    /// In [0, 1), 53 bits.
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
    std::uint64_t state_;
};

float squared_distance(const float* a, const float* b, std::size_t dims) {
    float sum = 0;
    for (std::size_t j = 0; j < dims; ++j) {
        const float difference = a[j] - b[j];
        sum += difference * difference;
    }
    return sum;
}

float weight_of(const KmeansInput& input, std::size_t index) {
    return input.weights.empty() ? 1.0F : input.weights[index];
}

/// An index drawn with probability proportional to `mass`; the first one where no mass is left.
std::size_t draw(const std::vector<double>& mass, Random& random) {
    double total = 0;
    for (const double part : mass) {
        total += part;
    }
    double left = random.uniform() * total;
    std::size_t last_with_mass = 0;
    for (std::size_t i = 0; i < mass.size(); ++i) {
        if (mass[i] <= 0) {
            continue;
        }
        if (left < mass[i]) {
            return i;
        }
        left -= mass[i];
        last_with_mass = i;
    }
    return last_with_mass;
}

/// k-means++ (Arthur and Vassilvitskii, SODA 2007), with each vector's weight times its squared distance as its mass.
std::vector<float> initial_centroids(const KmeansInput& input, std::size_t centroids, Random& random) {
    std::vector<float> chosen;
    chosen.reserve(centroids * input.dims);
    std::vector<float> nearest(input.count, std::numeric_limits<float>::max());
    std::vector<double> mass(input.count);
    for (std::size_t i = 0; i < input.count; ++i) {
        mass[i] = weight_of(input, i);
    }
    for (std::size_t c = 0; c < centroids; ++c) {
        const float* const pick = &input.vectors[draw(mass, random) * input.dims];
        chosen.insert(chosen.end(), pick, pick + input.dims);
        for (std::size_t i = 0; i < input.count; ++i) {
            nearest[i] = std::min(nearest[i], squared_distance(&input.vectors[i * input.dims], pick, input.dims));
            mass[i] = static_cast<double>(nearest[i]) * weight_of(input, i);
        }
    }
    return chosen;
}

std::vector<std::uint16_t> assign(const KmeansInput& input, const std::vector<float>& centroids) {
    std::vector<std::uint16_t> codes(input.count);
    for (std::size_t i = 0; i < input.count; ++i) {
        codes[i] = nearest_centroid(&input.vectors[i * input.dims], centroids, input.dims);
    }
    return codes;
}

void update(const KmeansInput& input, const std::vector<std::uint16_t>& codes, std::vector<float>& centroids) {
    std::vector<float> numerators(centroids.size());
    std::vector<float> denominators(centroids.size() / input.dims);
    for (std::size_t i = 0; i < input.count; ++i) {
        const float weight = weight_of(input, i);
        denominators[codes[i]] += weight;
        for (std::size_t j = 0; j < input.dims; ++j) {
            numerators[codes[i] * input.dims + j] += weight * input.vectors[i * input.dims + j];
        }
    }
    for (std::size_t c = 0; c < denominators.size(); ++c) {
        if (denominators[c] <= 0) {
            continue;
        }
        for (std::size_t j = 0; j < input.dims; ++j) {
            centroids[c * input.dims + j] = round_to_half(numerators[c * input.dims + j] / denominators[c]);
        }
    }
}

}  // namespace

std::uint64_t subvector_seed(std::uint64_t seed, unsigned head, unsigned subvector) {
    return Random(seed ^ (std::uint64_t{head} << 32 | subvector)).next();
}

std::uint16_t nearest_centroid(const float* vector, const std::vector<float>& centroids, std::size_t dims) {
    const std::size_t count = centroids.size() / dims;
    std::size_t best = 0;
    float least = std::numeric_limits<float>::infinity();
    for (std::size_t c = 0; c < count; ++c) {
        const float exact = squared_distance(vector, &centroids[c * dims], dims);
        // Rounding is monotonic: what is not below the best value before rounding is not below it after.
        if (exact < least) {
            const float moved = round_to_half(exact);
            if (moved < least) {
                least = moved;
                best = c;
            }
        }
    }
    return static_cast<std::uint16_t>(best);
}

KmeansResult cluster(const KmeansInput& input, std::size_t centroids, unsigned iterations, std::uint64_t seed) {
    Random random(seed);
    KmeansResult result;
    result.centroids = initial_centroids(input, centroids, random);
    for (unsigned iteration = 0; iteration < iterations; ++iteration) {
        result.codes = assign(input, result.centroids);
        update(input, result.codes, result.centroids);
    }
    result.codes = assign(input, result.centroids);
    return result;
}

}  // namespace aqpim
