#pragma once

#include <cstdint>
#include <deque>

#include "aqpim/gpu.h"
#include "models/common/recorder.h"
#include "models/common/sockets.h"
#include "models/gpu/gpu_parameters.h"
#include "models/queue/bus_master.h"

namespace aqpim {

/// Moves bytes between the GPU's memory and bus addresses, as bursts of `copy_burst` of which `copy_outstanding` may be
/// in flight. Runs in the process of the queue that calls it.
class CopyEngine {
 public:
    struct Ports {
        BusMaster memory;  ///< GPU memory by local address
        BusMaster bus;     ///< PCIe bus addresses
    };
    CopyEngine(const GpuParameters& parameters, Ports ports, Recorder& recorder);

    /// Carries out one copy, waiting until its last burst has arrived.
    aqpim_completion_status copy(const aqpim_gpu_copy& descriptor);

    std::uint64_t bytes_copied() const { return bytes_copied_; }

 private:
    bool in_local_memory(std::uint64_t first, std::uint64_t stride, const aqpim_gpu_copy& descriptor) const;
    bool is_valid(const aqpim_gpu_copy& descriptor) const;
    bool copy_row(const aqpim_gpu_copy& descriptor, std::uint64_t row);
    bool copy_burst(const BusMaster& source, std::uint64_t from, const BusMaster& target, std::uint64_t to,
                    std::uint32_t bytes);
    void wait_for_room(std::size_t most_in_flight);

    const GpuParameters& parameters_;
    Ports ports_;
    Recorder& recorder_;
    TrackId track_;
    std::deque<Picoseconds> in_flight_ps_;  // when each burst arrives
    std::uint64_t bytes_copied_ = 0;
};

}  // namespace aqpim
