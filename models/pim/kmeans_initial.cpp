#include "models/pim/kmeans_initial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/common/random.h"

namespace aqpim {

namespace {

/// Where `left` falls in the masses mass(first) … mass(end - 1), one after the other; `left` keeps what it falls short
/// of that place's end. The last place with mass where rounding takes it beyond, and `first` where there is none.
template <typename Mass>
std::size_t find_mass(const Mass& mass, std::size_t first, std::size_t end, double& left) {
    std::size_t last_with_mass = first;
    for (std::size_t i = first; i < end; ++i) {
        if (!(mass(i) > 0)) {
            continue;
        }
        if (left < mass(i)) {
            return i;
        }
        left -= mass(i);
        last_with_mass = i;
    }
    return last_with_mass;
}

/// An index drawn with probability proportional to its mass; 0 where no mass is left.
std::size_t draw(const SeedMasses& masses, std::size_t count, Random& random) {
    constexpr std::size_t group_size = SeedMasses::group_blocks * LaneRow::lanes;
    double left = random.uniform() * std::accumulate(masses.groups.begin(), masses.groups.end(), 0.0);
    const std::size_t group = find_mass([&](std::size_t g) { return masses.groups[g]; }, 0, masses.groups.size(), left);
    const std::size_t first = group * group_size;
    return find_mass([&](std::size_t i) { return masses.mass(i); }, first, std::min(first + group_size, count), left);
}

/// Masses before the first draw: the weights. Vectors that are not finite have none, nor have weights that are not.
SeedMasses first_masses(const KmeansInput& input, std::size_t blocks) {
    SeedMasses masses{std::vector<LaneRow>(blocks), std::vector<LaneRow>(blocks), {}};
    for (std::size_t i = 0; i < input.count; ++i) {
        const float* const vector = &input.vectors[i * input.dims];
        const float weight = input.weights.empty() ? 1.0F : input.weights[i];
        const bool drawable = std::all_of(vector, vector + input.dims, [](float x) { return std::isfinite(x); });
        masses.nearest[i / LaneRow::lanes].values[i % LaneRow::lanes] = drawable ? 1.0F : 0.0F;
        masses.weights[i / LaneRow::lanes].values[i % LaneRow::lanes] =
            weight > 0 && std::isfinite(weight) ? weight : 0;
    }
    masses.sum();
    return masses;
}

std::vector<float> kmeans_pp(const KmeansInput& input, const KmeansOptions& options) {
    Random random(options.seed);
    const TurnedVectors vectors(input.vectors, input.dims, 0);
    SeedMasses masses = first_masses(input, vectors.blocks());
    std::size_t pick = draw(masses, input.count, random);
    for (LaneRow& row : masses.nearest) {
        for (float& distance : row.values) {
            distance = distance > 0 ? std::numeric_limits<float>::max() : 0;
        }
    }
    std::vector<float> chosen;
    for (std::size_t c = 0;; ++c) {
        const float* const vector = &input.vectors[pick * input.dims];
        chosen.insert(chosen.end(), vector, vector + input.dims);
        if (c + 1 == options.centroids) {
            return chosen;
        }
        masses.include(vectors, vector, options.arithmetic);
        masses.sum();
        pick = draw(masses, input.count, random);
    }
}

/// Vectors without repetition, until there are no others: then the same ones again.
std::vector<float> random_vectors(const KmeansInput& input, const KmeansOptions& options) {
    Random random(options.seed);
    std::vector<std::size_t> order(input.count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<float> chosen;
    for (std::size_t c = 0; c < options.centroids; ++c) {
        const std::size_t place = c % input.count;
        if (c < input.count) {
            std::swap(order[place], order[place + random.below(input.count - place)]);
        }
        const float* const vector = &input.vectors[order[place] * input.dims];
        chosen.insert(chosen.end(), vector, vector + input.dims);
    }
    return chosen;
}

std::vector<float> spread_vectors(const KmeansInput& input, const KmeansOptions& options) {
    std::vector<float> chosen;
    for (std::size_t c = 0; c < options.centroids; ++c) {
        const float* const vector = &input.vectors[c * input.count / options.centroids * input.dims];
        chosen.insert(chosen.end(), vector, vector + input.dims);
    }
    return chosen;
}

}  // namespace

std::uint64_t subvector_seed(std::uint64_t seed, unsigned head, unsigned subvector) {
    return Random(seed ^ (std::uint64_t{head} << 32 | subvector)).next();
}

std::vector<float> initial_centroids(const KmeansInput& input, const KmeansOptions& options) {
    switch (options.initial) {
        case Initial::random:
            return random_vectors(input, options);
        case Initial::first:
            return spread_vectors(input, options);
        case Initial::given:
            return input.initial;
        case Initial::kmeans_pp:
            break;
    }
    return kmeans_pp(input, options);
}

}  // namespace aqpim
