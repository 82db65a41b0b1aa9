#pragma once

#include <optional>

#include "models/common/npy.h"
#include "platform/inputs.h"
#include "platform/pq_contents.h"
#include "platform/results/stats.h"

namespace aqpim {

/// How close `attention` ([steps][layers][heads][head_dim]) is to float64 attention over the inputs, and over the
/// vectors that the codes stand for; and how many codes name the nearest centroid. Computed from inputs and memory
/// contents alone, apart from the engines; the codes' part where there are any. Nothing when it would take more than
/// some seconds.
std::optional<Accuracy> measure_accuracy(const Inputs& inputs, const QuantizationParameters& quantization,
                                         const PqContents& keys, const PqContents& values, const Tensor& attention);

}  // namespace aqpim
