#pragma once

#include <string>
#include <string_view>

#include "platform/inputs.h"

namespace aqpim {

/// Reads a tensor of `dimensions` dimensions, `allowed` in words, whose values `arithmetic` can hold. Throws
/// InputError.
Tensor read_tensor(const std::string& file, std::size_t dimensions, std::string_view allowed, Arithmetic arithmetic);

/// The tensors that the workload names, cut to the steps and tokens that are used, and the shape that follows. Throws
/// InputError when they do not go together.
Inputs read_tensors(const WorkloadParameters& workload, Arithmetic arithmetic);

/// The shape as configured, complete. Throws InputError for what is missing.
Shape complete_shape(const WorkloadParameters& workload);

/// Random activations of each sequence. Throws InputError when they would be too many.
std::vector<Activations> make_random(const Shape& shape, std::uint64_t seed);

}  // namespace aqpim
