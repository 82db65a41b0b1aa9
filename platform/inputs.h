#pragma once

#include <optional>

#include "models/common/npy.h"
#include "platform/workload.h"

namespace aqpim {

/// The activations of a run; queries are empty where none are given.
struct Inputs {
    Shape shape;
    Tensor keys;             ///< [layers, kv_heads, tokens, head_dim]
    Tensor values;           ///< the same
    Tensor queries;          ///< [steps, layers, heads, head_dim]
    Tensor prefill_queries;  ///< [t, layers, heads, head_dim], or no data
};

/// Reads the tensors that `workload` names, or makes random ones of its shape from `seed`, and checks them against each
/// other and against `quantization`. Throws InputError naming file or key, what was found and what is allowed.
Inputs load_inputs(const WorkloadParameters& workload, const QuantizationParameters& quantization, std::uint64_t seed);

}  // namespace aqpim
