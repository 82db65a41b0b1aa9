#include "models/pim/kmeans_kernel.h"

#include <algorithm>
#include <bit>
#include <limits>

// The loops of this file are compiled for several vector units, of which the host's best runs; all give the same bits.
// A program with AddressSanitizer cannot choose between them: the choice comes before the sanitizer has started.
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define AQPIM_VECTOR_CLONES [[gnu::target_clones("avx512f", "avx2", "default")]]
#else
#define AQPIM_VECTOR_CLONES
#endif
// What the clones call must become part of them.
#define AQPIM_IN_CLONE [[gnu::always_inline]] inline

namespace aqpim {

namespace {

constexpr std::size_t lanes = LaneRow::lanes;

/// The bits of 32 distances. Distances have no sign: as integers they are in the same order, with NaN above all.
struct alignas(64) DistanceRow {
    std::array<std::uint32_t, lanes> bits;
};

/// `Dims` other than 0 is the number of dimensions, known to the compiler.
template <typename Policy, std::size_t Dims>
AQPIM_IN_CLONE void block_distances(const float* vector, const LaneRow* block, std::size_t dims, LaneRow& sums) {
    sums = {};
    for (std::size_t j = 0; j < (Dims == 0 ? dims : Dims); ++j) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const float difference = Policy::lane(vector[j] - block[j].values[lane]);
            sums.values[lane] = Policy::lane(sums.values[lane] + Policy::lane(difference * difference));
        }
    }
}

/// Distances of one vector to all centroids, not yet rounded; returns the bits of the least.
template <typename Policy, std::size_t Dims>
AQPIM_IN_CLONE std::uint32_t all_distances(const float* vector, const TurnedVectors& centroids,
                                           DistanceRow* distances) {
    DistanceRow least;
    least.bits.fill(std::numeric_limits<std::uint32_t>::max());
    for (std::size_t b = 0; b < centroids.blocks(); ++b) {
        LaneRow sums;
        block_distances<Policy, Dims>(vector, centroids.block(b), centroids.dims(), sums);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            distances[b].bits[lane] = std::bit_cast<std::uint32_t>(sums.values[lane]);
            least.bits[lane] = std::min(least.bits[lane], distances[b].bits[lane]);
        }
    }
    std::uint32_t result = least.bits[0];
    for (std::size_t lane = 1; lane < lanes; ++lane) {
        result = std::min(result, least.bits[lane]);
    }
    return result;
}

/// The first or last distance that is not above `limit`, of which there is one.
template <Ties ties>
AQPIM_IN_CLONE std::uint32_t find(const DistanceRow* distances, std::size_t blocks, std::uint32_t limit) {
    constexpr bool last = ties == Ties::highest;
    DistanceRow found;
    found.bits.fill(last ? 0 : std::numeric_limits<std::uint32_t>::max());
    for (std::size_t step = 0; step < blocks; ++step) {
        const std::size_t b = last ? step : blocks - 1 - step;
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const auto index = static_cast<std::uint32_t>(b * lanes + lane);
            found.bits[lane] = distances[b].bits[lane] <= limit ? index : found.bits[lane];
        }
    }
    std::uint32_t result = found.bits[0];
    for (std::size_t lane = 1; lane < lanes; ++lane) {
        result = last ? std::max(result, found.bits[lane]) : std::min(result, found.bits[lane]);
    }
    return result;
}

struct Search {
    const float* vectors;
    const TurnedVectors& centroids;
    Ties ties;
    DistanceRow* distances;  ///< [centroids.blocks()], scratch
    std::vector<std::uint16_t>& codes;
};

template <typename Policy, std::size_t Dims>
AQPIM_IN_CLONE void search_dims(const Search& search) {
    const std::size_t blocks = search.centroids.blocks();
    for (std::size_t i = 0; i < search.codes.size(); ++i) {
        const float* const vector = search.vectors + i * search.centroids.dims();
        const auto least =
            std::bit_cast<float>(all_distances<Policy, Dims>(vector, search.centroids, search.distances));
        if (!(least >= 0)) {
            search.codes[i] = 0;
            continue;
        }
        // Rounding keeps the order: what moves as the least value does are the distances up to a limit.
        const auto limit = std::bit_cast<std::uint32_t>(Policy::largest_moving_to(Policy::move(least)));
        search.codes[i] = static_cast<std::uint16_t>(search.ties == Ties::lowest
                                                         ? find<Ties::lowest>(search.distances, blocks, limit)
                                                         : find<Ties::highest>(search.distances, blocks, limit));
    }
}

template <typename Policy>
AQPIM_IN_CLONE void search_all(const Search& search) {
    switch (search.centroids.dims()) {
        case 2:
            return search_dims<Policy, 2>(search);
        case 4:
            return search_dims<Policy, 4>(search);
        case 8:
            return search_dims<Policy, 8>(search);
        default:
            return search_dims<Policy, 0>(search);
    }
}

AQPIM_VECTOR_CLONES void search_fp16_fp32(const Search& search) {
    search_all<Fp16Fp32Policy>(search);
}
AQPIM_VECTOR_CLONES void search_fp16(const Search& search) {
    search_all<Fp16Policy>(search);
}
AQPIM_VECTOR_CLONES void search_bf16(const Search& search) {
    search_all<Bf16Policy>(search);
}

template <typename Policy, std::size_t Dims>
AQPIM_IN_CLONE void include_dims(const TurnedVectors& vectors, const float* pick, std::vector<LaneRow>& nearest) {
    for (std::size_t b = 0; b < vectors.blocks(); ++b) {
        LaneRow distances;
        block_distances<Policy, Dims>(pick, vectors.block(b), vectors.dims(), distances);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const float moved = Policy::move(distances.values[lane]);
            nearest[b].values[lane] = moved < nearest[b].values[lane] ? moved : nearest[b].values[lane];
        }
    }
}

template <typename Policy>
AQPIM_IN_CLONE void include_all(const TurnedVectors& vectors, const float* pick, std::vector<LaneRow>& nearest) {
    if (vectors.dims() == 4) {
        include_dims<Policy, 4>(vectors, pick, nearest);
    } else {
        include_dims<Policy, 0>(vectors, pick, nearest);
    }
}

AQPIM_VECTOR_CLONES void include_fp16_fp32(const TurnedVectors& vectors, const float* pick,
                                           std::vector<LaneRow>& nearest) {
    include_all<Fp16Fp32Policy>(vectors, pick, nearest);
}
AQPIM_VECTOR_CLONES void include_fp16(const TurnedVectors& vectors, const float* pick, std::vector<LaneRow>& nearest) {
    include_all<Fp16Policy>(vectors, pick, nearest);
}
AQPIM_VECTOR_CLONES void include_bf16(const TurnedVectors& vectors, const float* pick, std::vector<LaneRow>& nearest) {
    include_all<Bf16Policy>(vectors, pick, nearest);
}

AQPIM_VECTOR_CLONES double group_mass(const LaneRow* nearest, const LaneRow* weights, std::size_t blocks) {
    std::array<double, lanes> sums{};
    for (std::size_t b = 0; b < blocks; ++b) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            sums[lane] += static_cast<double>(nearest[b].values[lane]) * static_cast<double>(weights[b].values[lane]);
        }
    }
    for (std::size_t half = lanes / 2; half != 0; half /= 2) {
        for (std::size_t lane = 0; lane < half; ++lane) {
            sums[lane] += sums[lane + half];
        }
    }
    return sums[0];
}

}  // namespace

TurnedVectors::TurnedVectors(const std::vector<float>& vectors, std::size_t dims, float filler) : dims_(dims) {
    const std::size_t count = vectors.size() / dims;
    rows_.resize((count + lanes - 1) / lanes * dims);
    for (LaneRow& row : rows_) {
        row.values.fill(filler);
    }
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < dims; ++j) {
            rows_[i / lanes * dims + j].values[i % lanes] = vectors[i * dims + j];
        }
    }
}

std::vector<std::uint16_t> nearest_centroids(const float* vectors, std::size_t count,
                                             const std::vector<float>& centroids, std::size_t dims,
                                             Arithmetic arithmetic, Ties ties) {
    // NaN: what fills the last block is never the nearest.
    const TurnedVectors turned(centroids, dims, std::numeric_limits<float>::quiet_NaN());
    std::vector<DistanceRow> distances(turned.blocks());
    std::vector<std::uint16_t> codes(count);
    const Search search{vectors, turned, ties, distances.data(), codes};
    switch (arithmetic) {
        case Arithmetic::fp16_fp32:
            search_fp16_fp32(search);
            break;
        case Arithmetic::fp16:
            search_fp16(search);
            break;
        case Arithmetic::bf16:
            search_bf16(search);
            break;
    }
    return codes;
}

float moved_distance(const float* a, const float* b, std::size_t dims, Arithmetic arithmetic) {
    return with_arithmetic(arithmetic, [a, b, dims](auto policy) {
        float sum = 0;
        for (std::size_t j = 0; j < dims; ++j) {
            const float difference = policy.lane(a[j] - b[j]);
            sum = policy.lane(sum + policy.lane(difference * difference));
        }
        return policy.move(sum);
    });
}

void SeedMasses::include(const TurnedVectors& vectors, const float* pick, Arithmetic arithmetic) {
    switch (arithmetic) {
        case Arithmetic::fp16_fp32:
            include_fp16_fp32(vectors, pick, nearest);
            break;
        case Arithmetic::fp16:
            include_fp16(vectors, pick, nearest);
            break;
        case Arithmetic::bf16:
            include_bf16(vectors, pick, nearest);
            break;
    }
}

void SeedMasses::sum() {
    groups.clear();
    for (std::size_t first = 0; first < nearest.size(); first += group_blocks) {
        groups.push_back(group_mass(&nearest[first], &weights[first], std::min(group_blocks, nearest.size() - first)));
    }
}

double SeedMasses::mass(std::size_t vector) const {
    return static_cast<double>(nearest[vector / lanes].values[vector % lanes]) *
           static_cast<double>(weights[vector / lanes].values[vector % lanes]);
}

}  // namespace aqpim
