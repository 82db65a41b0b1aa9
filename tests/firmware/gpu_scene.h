#pragma once

#include <cstdint>
#include <vector>

#include "fake_gpu.h"

extern "C" {
#include "capacity.h"
#include "decode.h"
#include "gpu_cache.h"
#include "kernels.h"
#include "pim_plan.h"
#include "plan.h"
#include "prefill.h"
}

/// The main job behind the enumeration, without a PIM device.
struct GpuScene {
    aqpim_job job{};
    std::vector<aqpim_job_sequence> sequences;
    run state{};
    FakeGpu fake{state};
    std::vector<std::uint8_t> given;  ///< the GPU's memory before the job

    /// A small model: 3 layers, 4 heads on 2 KV heads of 16 dimensions.
    GpuScene(aqpim_kv kv, const std::vector<unsigned>& prompts, unsigned steps);

    void set_prompts(const std::vector<unsigned>& prompts);
    /// Places the tensors, and makes both memories just as large as the job needs them.
    void place_tensors();
    /// The GPU's memory and the RAM are just large enough for so many layers in the one and the others in the other.
    void overflow(unsigned kept);
    /// Of the cache.
    std::uint64_t layer_bytes() const;
    /// Fills both memories with random words: tensors are what lies in their places.
    void fill();
    bool run_job() { return make_plan(&state) && run_prefill(&state) && run_decode(&state); }

    /// Every output of the job equals float64 attention over the given tensors.
    void check_outputs() const;

 private:
    double given_word(std::uint64_t address) const;
    std::uint64_t vector_of_token(bool value, unsigned sequence, unsigned layer, unsigned head, unsigned token) const;
    std::vector<double> expected(unsigned step, unsigned layer, unsigned sequence, unsigned query_head) const;
};
