#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <set>

#include "models/common/error.h"
#include "tests/pim/kmeans_scene.h"

using namespace aqpim;
using namespace kmeans_scene;

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
const float not_a_number = std::nanf("");

/// One-dimensional vectors, and centroids to start from.
KmeansInput line(std::vector<float> vectors, std::vector<float> initial) {
    const std::size_t count = vectors.size();
    return {std::move(vectors), {}, count, 1, std::move(initial)};
}

KmeansOptions from_given(const KmeansInput& input, unsigned iterations) {
    KmeansOptions wanted = options(input.initial.size() / input.dims, iterations, 0);
    wanted.initial = Initial::given;
    return wanted;
}

}  // namespace

TEST_CASE("given centroids are where clustering starts") {
    const KmeansInput input = line({1, 2, 9, 10}, {0, 19});
    CHECK(cluster(input, from_given(input, 0)).centroids == std::vector<float>{0, 19});
    CHECK(cluster(input, from_given(input, 1)).centroids == std::vector<float>{4, 10});
    CHECK(cluster(input, from_given(input, 2)).centroids == std::vector<float>{1.5F, 9.5F});
}

TEST_CASE("the first start takes vectors at even steps") {
    KmeansInput input = line({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {});
    KmeansOptions wanted = options(4, 0, 0);
    wanted.initial = Initial::first;
    CHECK(cluster(input, wanted).centroids == std::vector<float>{0, 2, 5, 7});
}

TEST_CASE("the random start takes different vectors, each as likely as another") {
    KmeansInput input = line({0, 1, 2, 3, 4, 5, 6, 7}, {});
    std::vector<unsigned> taken(8);
    for (unsigned seed = 0; seed < 1000; ++seed) {
        KmeansOptions wanted = options(3, 0, seed);
        wanted.initial = Initial::random;
        const auto centroids = cluster(input, wanted).centroids;
        CHECK(std::set<float>(centroids.begin(), centroids.end()).size() == 3);
        for (const float vector : centroids) {
            ++taken[static_cast<std::size_t>(vector)];
        }
    }
    // 375 of each are expected, with a standard deviation of 15.3.
    CHECK(*std::min_element(taken.begin(), taken.end()) > 375 - 62);
    CHECK(*std::max_element(taken.begin(), taken.end()) < 375 + 62);
}

TEST_CASE("k-means++ prefers heavy and distant vectors, and never takes one without weight") {
    KmeansInput input = line({0, 1, 50, 0}, {});
    input.weights = {1, 1, 1, 0};
    unsigned distant = 0;
    for (unsigned seed = 0; seed < 200; ++seed) {
        input.weights[3] = 0;
        const auto centroids = cluster(input, options(2, 0, seed)).centroids;
        distant += centroids[0] == 50 || centroids[1] == 50 ? 1 : 0;
        input.vectors[3] = -70;
        const auto with_weightless = cluster(input, options(3, 0, seed)).centroids;
        CHECK(std::count(with_weightless.begin(), with_weightless.end(), -70.0F) == 0);
        input.vectors[3] = 0;
    }
    CHECK(distant >= 198);
}

TEST_CASE("a centroid without vectors or weight keeps its place, unless it is to become the farthest vector") {
    const KmeansInput input = line({0, 2, 4, 14, 16, 10}, {5, 100, 200});
    KmeansOptions wanted = from_given(input, 1);
    // All go to 5; their mean is 46 / 6.
    const float mean = round_to_half(46.0F / 6);
    CHECK(cluster(input, wanted).centroids == std::vector<float>{mean, 100, 200});
    // The farthest from 5 are 16 (11 away) and 14 (9 away).
    wanted.empty = EmptyCluster::farthest;
    CHECK(cluster(input, wanted).centroids == std::vector<float>{mean, 16, 14});

    KmeansInput weightless = line({0, 10}, {0, 9});
    weightless.weights = {1, 0};
    CHECK(cluster(weightless, from_given(weightless, 3)).centroids == std::vector<float>{0, 9});
}

TEST_CASE("of equally far vectors the first fills an empty cluster, each vector once") {
    const KmeansInput input = line({-3, 3, 0}, {0, 50, 60, 70, 80});
    KmeansOptions wanted = from_given(input, 1);
    wanted.empty = EmptyCluster::farthest;
    CHECK(cluster(input, wanted).centroids == std::vector<float>{0, -3, 3, 0, 80});
}

TEST_CASE("ties take the lowest or the highest index") {
    const std::vector<float> centroids = {4, 2, 0, 2, 4};
    for (const float vector : {1.0F, 2.0F, 3.0F}) {
        const bool exact = vector == 2;
        const auto lowest = nearest_centroid(&vector, centroids, 1, Arithmetic::fp16_fp32, Ties::lowest);
        const auto highest = nearest_centroid(&vector, centroids, 1, Arithmetic::fp16_fp32, Ties::highest);
        CHECK(lowest == (vector == 3 ? 0 : 1));
        CHECK(highest == (exact || vector == 1 ? 3 : 4));
    }
}

TEST_CASE("distances tie as soon as they are the same in sixteen bits") {
    // 32.0156² = 1025 and 32² = 1024 are apart in fp16 (steps of 1) and the same in bf16 (steps of 8). 1024.75² and
    // 1024² are beyond fp16, and the same in bf16 (steps of 8192); 1100² is not.
    const float zero = 0;
    const std::vector<float> near = {32.015625F, 32};
    CHECK(nearest_centroid(&zero, near, 1, Arithmetic::fp16_fp32) == 1);
    CHECK(nearest_centroid(&zero, near, 1, Arithmetic::bf16) == 0);
    const std::vector<float> beyond = {1024.75F, 1024};
    CHECK(nearest_centroid(&zero, beyond, 1, Arithmetic::fp16_fp32) == 0);
    CHECK(nearest_centroid(&zero, beyond, 1, Arithmetic::bf16) == 0);
    CHECK(nearest_centroid(&zero, {1100, 1024}, 1, Arithmetic::bf16) == 1);
}

TEST_CASE("a NaN distance never wins, and where all are NaN the code is 0") {
    for (const Arithmetic arithmetic : {Arithmetic::fp16_fp32, Arithmetic::fp16, Arithmetic::bf16}) {
        for (const Ties ties : {Ties::lowest, Ties::highest}) {
            const float zero = 0;
            CHECK(nearest_centroid(&zero, {not_a_number, -not_a_number, 60000, not_a_number}, 1, arithmetic, ties) ==
                  2);
            CHECK(nearest_centroid(&zero, {not_a_number, infinite, not_a_number}, 1, arithmetic, ties) == 1);
            CHECK(nearest_centroid(&not_a_number, {1, 2, 3}, 1, arithmetic, ties) == 0);
            CHECK(nearest_centroid(&infinite, {infinite, infinite}, 1, arithmetic, ties) == 0);
        }
    }
}

TEST_CASE("subnormal distances are kept") {
    // 0.00025² = 6.25e-8 rounds to 2^-24, 0.00045² to 3 · 2^-24; smaller than a normal fp16 all the same.
    const float zero = 0;
    const std::vector<float> centroids = {round_to_half(0.00045F), round_to_half(0.00025F)};
    CHECK(nearest_centroid(&zero, centroids, 1, Arithmetic::fp16_fp32) == 1);
    CHECK(nearest_centroid(&zero, centroids, 1, Arithmetic::fp16) == 1);
    CHECK(nearest_centroid(&zero, centroids, 1, Arithmetic::bf16) == 1);
}

TEST_CASE("vectors that are not finite are never drawn, and a NaN in one cluster leaves the others alone") {
    KmeansInput input = line({not_a_number, 1, 2, infinite, 21, 22, not_a_number}, {});
    for (unsigned seed = 0; seed < 50; ++seed) {
        for (const float centroid : cluster(input, options(4, 0, seed)).centroids) {
            CHECK(std::isfinite(centroid));
        }
    }
    input.initial = {0, 1.75F, 21.5F};
    const auto result = cluster(input, from_given(input, 1));
    CHECK(std::isnan(result.centroids[0]));
    CHECK(result.centroids[1] == 1.5F);
    CHECK(result.centroids[2] == 21.5F);
    CHECK(result.codes == std::vector<std::uint16_t>{0, 1, 1, 1, 2, 2, 0});
}

TEST_CASE("clustering refuses sizes that do not fit") {
    const KmeansInput right = line({1, 2, 3}, {1, 2});
    KmeansInput input = right;
    CHECK_THROWS_AS(cluster(input, options(0, 1, 0)), InputError);
    CHECK_THROWS_AS(cluster(input, options(65536, 1, 0)), InputError);
    input.weights = {1, 1};
    CHECK_THROWS_WITH(cluster(input, options(2, 1, 0)), "clustering: 2 weights, must be 3");
    input = right;
    input.vectors.pop_back();
    CHECK_THROWS_AS(cluster(input, options(2, 1, 0)), InputError);
    input = right;
    input.initial.push_back(3);
    KmeansOptions wanted = options(2, 1, 0);
    wanted.initial = Initial::given;
    CHECK_THROWS_AS(cluster(input, wanted), InputError);
    CHECK_THROWS_AS(cluster(line({}, {}), options(2, 1, 0)), InputError);
}
