#pragma once

#include <cstdint>
#include <vector>

#include "models/pim/kmeans.h"

namespace aqpim {

/// The centroids that `cluster` starts from: [centroids][dims], by `options.initial`. Input and options are right.
std::vector<float> initial_centroids(const KmeansInput& input, const KmeansOptions& options);

}  // namespace aqpim
