#pragma once

#include <optional>

#include "models/common/npy.h"
#include "models/pim/arithmetic.h"
#include "platform/inputs.h"
#include "platform/pq_contents.h"
#include "platform/results/stats.h"

namespace aqpim {

/// Attention that is further than this from float64 attention over the coded vectors means that a part of the hardware
/// or the firmware has erred. Nothing where there is no such bound.
/// fp16 storage keeps 11 bits of each value, bf16 8: what is allowed is some 20 roundings of the largest values. In
/// pure fp16 the error grows with the number of tokens that are added up.
std::optional<double> largest_error(Arithmetic arithmetic);

/// Whether the measurement is a matter of seconds.
bool is_measurable(const Inputs& inputs, const aqpim_job& job);

/// How close `attention` ([batch][steps][layers][heads][head_dim]) is to float64 attention over the inputs, and over
/// the vectors that the codes stand for; how close these are to the inputs; and how many codes name the nearest
/// centroid. Computed from inputs and memory contents alone, apart from the engines; the codes' part where `keys` and
/// `values` have any.
Accuracy measure_accuracy(const Inputs& inputs, const aqpim_job& job, const PqContents& keys, const PqContents& values,
                          const Tensor& attention);

}  // namespace aqpim
