#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/pim/arithmetic.h"

namespace aqpim {

/// Which of several centroids at the same least distance a vector takes.
enum class Ties { lowest, highest };

/// One value of each of 32 neighbouring vectors, as the loops over them want it.
struct alignas(64) LaneRow {
    static constexpr std::size_t lanes = 32;
    std::array<float, lanes> values;
};

/// Vectors turned so that one dimension of 32 neighbours lies together: blocks of [dims] rows. What is left of the
/// last block is filled with a value of the caller's choice.
class TurnedVectors {
 public:
    /// `vectors` is [count][dims].
    TurnedVectors(const std::vector<float>& vectors, std::size_t dims, float filler);

    std::size_t dims() const { return dims_; }
    std::size_t blocks() const { return rows_.size() / dims_; }
    const LaneRow* block(std::size_t index) const { return &rows_[index * dims_]; }

 private:
    std::size_t dims_;
    std::vector<LaneRow> rows_;
};

/// The codes of vectors ([count][dims]): for each the nearest of `centroids` ([1 to 65536][dims]). A bank engine sums
/// the squared differences over the dimensions in order; each distance is rounded to 16 bits as it moves to the buffer
/// engine, which takes the minimum. A NaN distance is never the minimum; where all are NaN the code is 0.
std::vector<std::uint16_t> nearest_centroids(const float* vectors, std::size_t count,
                                             const std::vector<float>& centroids, std::size_t dims,
                                             Arithmetic arithmetic, Ties ties);

/// The distance of two vectors of [dims] as it arrives in the buffer engine.
float moved_distance(const float* a, const float* b, std::size_t dims, Arithmetic arithmetic);

/// For k-means++: each vector's distance to the nearest centroid chosen so far, and its mass, weight times distance.
struct SeedMasses {
    /// Vectors of a group have their masses summed together.
    static constexpr std::size_t group_blocks = 8;

    std::vector<LaneRow> nearest;  ///< [blocks]
    std::vector<LaneRow> weights;  ///< [blocks], 0 where no vector is
    /// [groups]: in float64, each of 32 lanes over the group's blocks in order, then lane l and l + 16, l and l + 8, …
    std::vector<double> groups;

    /// nearest = min(nearest, moved distance to `pick`), where a NaN distance changes nothing.
    void include(const TurnedVectors& vectors, const float* pick, Arithmetic arithmetic);
    /// `groups`, from `nearest` and `weights`.
    void sum();
    double mass(std::size_t vector) const;
};

}  // namespace aqpim
