#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/pim/kmeans_scene.h"

using namespace aqpim;
using namespace kmeans_scene;

namespace {

/// What the documentation of `cluster` says, one vector, centroid and dimension after the other.
class PlainKmeans {
 public:
    PlainKmeans(const KmeansInput& input, const KmeansOptions& wanted) : input_(input), wanted_(wanted) {}

    KmeansResult run() {
        KmeansResult result{wanted_.initial == Initial::given ? input_.initial : plus_plus(), {}};
        for (unsigned iteration = 0; iteration < wanted_.iterations; ++iteration) {
            result.codes = assign(result.centroids);
            update(result.codes, result.centroids);
        }
        result.codes = assign(result.centroids);
        return result;
    }

 private:
    float lane(float value) const { return wanted_.arithmetic == Arithmetic::fp16 ? to_float(to_half(value)) : value; }
    float move(float value) const { return load_word(store_word(value, wanted_.arithmetic), wanted_.arithmetic); }

    float distance(std::size_t i, const float* centroid) const {
        float sum = 0;
        for (std::size_t j = 0; j < input_.dims; ++j) {
            const float difference = lane(input_.vectors[i * input_.dims + j] - centroid[j]);
            sum = lane(sum + lane(difference * difference));
        }
        return move(sum);
    }

    std::vector<std::uint16_t> assign(const std::vector<float>& centroids) const {
        std::vector<std::uint16_t> codes;
        for (std::size_t i = 0; i < input_.count; ++i) {
            float least = std::numeric_limits<float>::quiet_NaN();
            std::size_t best = 0;
            for (std::size_t c = 0; c < wanted_.centroids; ++c) {
                const float found = distance(i, &centroids[c * input_.dims]);
                const bool wins = wanted_.ties == Ties::lowest ? found < least : found <= least;
                if (!std::isnan(found) && (std::isnan(least) || wins)) {
                    least = found;
                    best = c;
                }
            }
            codes.push_back(static_cast<std::uint16_t>(best));
        }
        return codes;
    }

    void update(const std::vector<std::uint16_t>& codes, std::vector<float>& centroids) const {
        for (std::size_t c = 0; c < wanted_.centroids; ++c) {
            float denominator = 0;
            std::vector<float> numerators(input_.dims);
            for (std::size_t i = 0; i < input_.count; ++i) {
                if (codes[i] != c) {
                    continue;
                }
                const auto weight = static_cast<float>(kmeans_scene::weight(input_, i));
                denominator = lane(denominator + weight);
                for (std::size_t j = 0; j < input_.dims; ++j) {
                    numerators[j] = lane(numerators[j] + lane(weight * input_.vectors[i * input_.dims + j]));
                }
            }
            for (std::size_t j = 0; j < input_.dims && denominator > 0; ++j) {
                centroids[c * input_.dims + j] = move(numerators[j] / denominator);
            }
        }
    }

    /// Sums of masses of 256 vectors each: 32 lanes, brought together by halves.
    static std::vector<double> group_sums(const std::vector<double>& masses) {
        std::vector<double> sums;
        for (std::size_t first = 0; first < masses.size(); first += 256) {
            std::array<double, 32> lanes{};
            for (std::size_t i = first; i < std::min(first + 256, masses.size()); ++i) {
                lanes[i % 32] += masses[i];
            }
            for (const std::size_t half : {16, 8, 4, 2, 1}) {
                for (std::size_t lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            }
            sums.push_back(lanes[0]);
        }
        return sums;
    }

    static std::size_t find(const std::vector<double>& masses, std::size_t first, std::size_t end, double& left) {
        std::size_t last = first;
        for (std::size_t i = first; i < end; ++i) {
            if (masses[i] > 0) {
                if (left < masses[i]) {
                    return i;
                }
                left -= masses[i];
                last = i;
            }
        }
        return last;
    }

    double uniform() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return std::ldexp(static_cast<double>((z ^ (z >> 31)) >> 11), -53);
    }

    std::vector<float> plus_plus() {
        state_ = wanted_.seed;
        std::vector<float> chosen;
        std::vector<float> nearest(input_.count, 1.0F);
        for (std::size_t c = 0; c < wanted_.centroids; ++c) {
            std::vector<double> masses;
            for (std::size_t i = 0; i < input_.count; ++i) {
                masses.push_back(nearest[i] * kmeans_scene::weight(input_, i));
            }
            const std::vector<double> groups = group_sums(masses);
            double left = uniform() * std::accumulate(groups.begin(), groups.end(), 0.0);
            const std::size_t group = find(groups, 0, groups.size(), left);
            const std::size_t pick = find(masses, group * 256, std::min(group * 256 + 256, input_.count), left);
            const auto first = input_.vectors.begin() + static_cast<std::ptrdiff_t>(pick * input_.dims);
            chosen.insert(chosen.end(), first, first + static_cast<std::ptrdiff_t>(input_.dims));
            for (std::size_t i = 0; i < input_.count; ++i) {
                const float found = distance(i, &chosen[c * input_.dims]);
                nearest[i] = c == 0 ? found : std::min(nearest[i], found);
            }
        }
        return chosen;
    }

    const KmeansInput& input_;
    const KmeansOptions& wanted_;
    std::uint64_t state_ = 0;
};

void check_equal(const KmeansInput& input, const KmeansOptions& wanted) {
    const KmeansResult expected = PlainKmeans(input, wanted).run();
    const KmeansResult found = cluster(input, wanted);
    CAPTURE(input.count, input.dims, wanted.centroids, static_cast<int>(wanted.arithmetic));
    CHECK(found.codes == expected.codes);
    CHECK(found.centroids == expected.centroids);
}

}  // namespace

TEST_CASE("clustering has the bits of its plain definition, in every arithmetic") {
    for (const Arithmetic arithmetic : {Arithmetic::fp16_fp32, Arithmetic::fp16, Arithmetic::bf16}) {
        for (const std::size_t dims : {1, 2, 3, 4, 8, 64}) {
            for (const std::size_t centroids : {2, 33, 100}) {
                const KmeansInput input = random_input(777, dims, 31, dims % 2 == 0, arithmetic);
                KmeansOptions wanted = options(centroids, 2, 17);
                wanted.arithmetic = arithmetic;
                wanted.ties = dims == 4 ? Ties::highest : Ties::lowest;
                check_equal(input, wanted);
            }
        }
    }
}

TEST_CASE("a head's subvector at full width has the bits of its plain definition") {
    const KmeansInput input = random_input(4096, 4, 32, true);
    check_equal(input, options(512, 4, 18));
}

TEST_CASE("values so small or large that distances are subnormal or infinite have the bits of the plain definition") {
    for (const Arithmetic arithmetic : {Arithmetic::fp16_fp32, Arithmetic::fp16, Arithmetic::bf16}) {
        for (const float scale : {0x1p-13F, 0x1p-10F, 0x1p7F, 0x1p12F}) {
            KmeansInput input = random_input(300, 4, 33, false, arithmetic);
            for (float& value : input.vectors) {
                value = load_word(store_word(value * scale, arithmetic), arithmetic);
            }
            input.initial.assign(input.vectors.begin(), input.vectors.begin() + 20 * 4);
            KmeansOptions wanted = options(20, 2, 0);
            wanted.initial = Initial::given;
            wanted.arithmetic = arithmetic;
            check_equal(input, wanted);
        }
    }
}
