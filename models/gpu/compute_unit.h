#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "aqpim/gpu.h"
#include "models/common/fp16.h"
#include "models/common/recorder.h"
#include "models/common/sockets.h"
#include "models/gpu/gpu_parameters.h"

namespace aqpim {

/// The GPU's compute unit: kernels that take the roofline's time; those that produce data do so on the GPU's memory,
/// when they end. Runs in the process of the queue that calls it.
class ComputeUnit {
 public:
    /// Contents of the GPU's memory, without time: the kernel's time is the roofline's.
    struct Contents {
        std::function<bool(std::uint64_t address, void* data, std::uint64_t bytes)> read;
        std::function<bool(std::uint64_t address, const void* data, std::uint64_t bytes)> write;
    };
    ComputeUnit(const GpuParameters& parameters, Contents contents, Recorder& recorder);

    aqpim_completion_status kernel(const aqpim_gpu_kernel& descriptor);
    aqpim_completion_status pack(const aqpim_gpu_pack& descriptor);
    aqpim_completion_status importance(const aqpim_gpu_importance& descriptor);

    double flop() const { return flop_; }
    std::uint64_t bytes() const { return bytes_; }

 private:
    void spend(std::string_view name, double flop, std::uint64_t bytes);
    bool pack_head(const aqpim_gpu_pack& descriptor, std::uint32_t head);
    bool importance_of_head(const aqpim_gpu_importance& descriptor, std::uint32_t kv_head);

    const GpuParameters& parameters_;
    Contents contents_;
    Recorder& recorder_;
    TrackId track_;
    double flop_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace aqpim
