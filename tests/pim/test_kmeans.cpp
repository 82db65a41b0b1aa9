#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/pim/kmeans_scene.h"

using namespace aqpim;
using namespace kmeans_scene;

namespace {

/// SplitMix64, from its publication: the engines' source of chance.
class SplitMix64 {
 public:
    explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
    double uniform() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return std::ldexp(static_cast<double>((z ^ (z >> 31)) >> 11), -53);
    }

 private:
    std::uint64_t state_;
};

/// The nearest value of 11 significant bits, as which a distance arrives in the buffer engine (none here is subnormal).
double eleven_bits(double value) {
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);
    return std::ldexp(std::nearbyint(std::ldexp(fraction, 11)), exponent - 11);
}

/// k-means++ in float64, on distances as they arrive in the buffer engine: which vector a draw hits hangs on each.
std::vector<double> plus_plus(const KmeansInput& input, std::size_t centroids, std::uint64_t seed) {
    SplitMix64 random(seed);
    std::vector<double> chosen;
    std::vector<double> nearest_distance(input.count, 1.0);
    for (std::size_t c = 0; c < centroids; ++c) {
        double left = 0;
        for (std::size_t i = 0; i < input.count; ++i) {
            left += weight(input, i) * nearest_distance[i];
        }
        left *= random.uniform();
        std::size_t pick = 0;
        while (pick + 1 < input.count && left >= weight(input, pick) * nearest_distance[pick]) {
            left -= weight(input, pick) * nearest_distance[pick];
            ++pick;
        }
        for (std::size_t j = 0; j < input.dims; ++j) {
            chosen.push_back(input.vectors[pick * input.dims + j]);
        }
        for (std::size_t i = 0; i < input.count; ++i) {
            const double found = eleven_bits(distance(input, i, chosen, c));
            nearest_distance[i] = c == 0 ? found : std::min(nearest_distance[i], found);
        }
    }
    return chosen;
}

/// How far above the least, relatively, the distance to the centroid is that vector `i`'s code names.
double excess(const KmeansInput& input, const KmeansResult& result, std::size_t i) {
    const std::vector<double> centroids = widen(result.centroids);
    const double least = distance(input, i, centroids, nearest(input, i, centroids));
    const double chosen = distance(input, i, centroids, result.codes[i]);
    return chosen == least ? 0 : chosen / least - 1;
}

}  // namespace

TEST_CASE("clustering reaches the inertia of float64 clustering with the same seed") {
    for (const bool weighted : {false, true}) {
        for (const std::size_t centroids : {2, 3, 16, 100, 512}) {
            for (unsigned seed = 1; seed <= 3; ++seed) {
                const KmeansInput input = random_input(4096, 4, seed, weighted);
                const double expected = inertia(input, lloyd(input, plus_plus(input, centroids, seed), 4));
                const KmeansResult result = cluster(input, options(centroids, 4, seed));
                CAPTURE(weighted, centroids, seed);
                CHECK(inertia(input, widen(result.centroids)) == Approx(expected).epsilon(0.01));
            }
        }
    }
}

TEST_CASE("any number of tokens and centroids reaches the inertia of float64 Lloyd from the same start") {
    for (const std::size_t tokens : {1, 2, 40, 1000, 4096}) {
        for (const std::size_t centroids : {2, 3, 16, 100, 512, 1024}) {
            const KmeansInput input = random_input(tokens, 4, 11, tokens != 40);
            const KmeansResult start = cluster(input, options(centroids, 0, 5));
            const KmeansResult result = cluster(input, options(centroids, 4, 5));
            const double expected = inertia(input, lloyd(input, widen(start.centroids), 4));
            CAPTURE(tokens, centroids);
            CHECK(inertia(input, widen(result.centroids)) == Approx(expected).epsilon(0.01).margin(1e-9));
        }
    }
}

TEST_CASE("any number of subvectors of a head of 128 reaches the inertia of float64 Lloyd from the same start") {
    for (const std::size_t m : {1, 2, 16, 32, 64, 128}) {
        const KmeansInput input = random_input(1000, 128 / m, 13, true);
        const KmeansResult start = cluster(input, options(16, 0, 6));
        const KmeansResult result = cluster(input, options(16, 4, 6));
        const double expected = inertia(input, lloyd(input, widen(start.centroids), 4));
        CAPTURE(m);
        CHECK(inertia(input, widen(result.centroids)) == Approx(expected).epsilon(0.01));
    }
}

TEST_CASE("codes name the nearest centroid for 999 of 1000 vectors, and for the others one within fp16 of it") {
    for (const std::size_t centroids : {2, 16, 100, 512}) {
        for (const std::size_t dims : {1, 2, 4, 8, 128}) {
            const KmeansInput input = random_input(dims == 128 ? 512 : 4096, dims, 3, false);
            const KmeansResult result = cluster(input, options(centroids, 1, 1));
            std::size_t right = 0;
            for (std::size_t i = 0; i < input.count; ++i) {
                const double above = excess(input, result, i);
                right += above == 0 ? 1 : 0;
                // Either distance may be rounded by half a unit in 1024.
                REQUIRE(above <= 0x1p-10);
            }
            CAPTURE(centroids, dims);
            // With many dimensions all distances are alike, and more of them the same in fp16.
            CHECK(1000 * right >= (dims == 128 ? 990 : 999) * input.count);
        }
    }
}

TEST_CASE("bf16 clusters to the inertia of float64 within what seven bits of a centroid cost") {
    const KmeansInput input = random_input(4096, 4, 21, true, Arithmetic::bf16);
    KmeansOptions wanted = options(64, 0, 3);
    wanted.arithmetic = Arithmetic::bf16;
    const KmeansResult start = cluster(input, wanted);
    wanted.iterations = 4;
    const KmeansResult result = cluster(input, wanted);
    const double expected = inertia(input, lloyd(input, widen(start.centroids), 4));
    CHECK(inertia(input, widen(result.centroids)) == Approx(expected).epsilon(0.02));
    for (std::size_t i = 0; i < input.count; ++i) {
        REQUIRE(excess(input, result, i) <= 0x1p-7);
    }
}

TEST_CASE("pure fp16 clusters to the inertia of float64 within what its accumulators lose") {
    // 1000 vectors in 16 clusters: about 60 additions in each accumulator, each within 2^-11: below 3 % of a centroid's
    // coordinates, and far less in the inertia, which is least at the centroid.
    const KmeansInput input = random_input(1000, 4, 22, false);
    KmeansOptions wanted = options(16, 0, 4);
    wanted.arithmetic = Arithmetic::fp16;
    const KmeansResult start = cluster(input, wanted);
    wanted.iterations = 4;
    const KmeansResult result = cluster(input, wanted);
    const double expected = inertia(input, lloyd(input, widen(start.centroids), 4));
    CHECK(inertia(input, widen(result.centroids)) == Approx(expected).epsilon(0.02));
    for (std::size_t i = 0; i < input.count; ++i) {
        // A difference, its square and a sum: 4 dimensions add at most 2 · 2^-11 + 5 · 2^-11 to either distance.
        REQUIRE(excess(input, result, i) <= 14 * 0x1p-11);
    }
}

TEST_CASE("initial centroids are vectors of the input, and every distinct one is found when there is room") {
    KmeansInput input{{}, {}, 40, 2, {}};
    for (std::size_t i = 0; i < input.count; ++i) {
        input.vectors.push_back(static_cast<float>(i % 5));
        input.vectors.push_back(static_cast<float>(i % 5) * -2);
    }
    const auto centroids = cluster(input, options(5, 0, 99)).centroids;
    std::vector<float> firsts;
    for (std::size_t c = 0; c < 5; ++c) {
        CHECK(centroids[c * 2 + 1] == centroids[c * 2] * -2);
        firsts.push_back(centroids[c * 2]);
    }
    std::sort(firsts.begin(), firsts.end());
    CHECK(firsts == std::vector<float>{0, 1, 2, 3, 4});
}

TEST_CASE("more centroids than vectors reproduce every vector") {
    for (const Initial initial : {Initial::kmeans_pp, Initial::random, Initial::first}) {
        const KmeansInput input = random_input(10, 4, 5, false);
        KmeansOptions wanted = options(32, 4, 8);
        wanted.initial = initial;
        const auto result = cluster(input, wanted);
        for (std::size_t i = 0; i < input.count; ++i) {
            for (std::size_t j = 0; j < input.dims; ++j) {
                CHECK(result.centroids[result.codes[i] * input.dims + j] == input.vectors[i * input.dims + j]);
            }
            CHECK(nearest_centroid(&input.vectors[i * input.dims], result.centroids, input.dims) == result.codes[i]);
        }
    }
}

TEST_CASE("the same seed gives the same clusters, another seed others") {
    const KmeansInput input = random_input(300, 4, 2, false);
    CHECK(cluster(input, options(16, 4, 5)).codes == cluster(input, options(16, 4, 5)).codes);
    CHECK(cluster(input, options(16, 4, 5)).codes != cluster(input, options(16, 4, 6)).codes);
    CHECK(subvector_seed(1, 0, 1) != subvector_seed(1, 1, 0));
}
