#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aqpim/gpu.h"
#include "models/common/recorder.h"
#include "models/gpu/bursts.h"
#include "models/gpu/gpu_parameters.h"
#include "models/queue/command_queue.h"

namespace aqpim {

/// One of the GPU's copy engines: moves bytes between the GPU's memory and bus addresses, as bursts of `copy_burst` of
/// which `copy_outstanding` may be in flight. Runs in the process of its queue.
class CopyEngine {
 public:
    using Command = CommandQueue::Command;
    using Outcome = CommandQueue::Outcome;

    /// `track` is where commands are recorded ("gpu.copy0").
    CopyEngine(const GpuParameters& parameters, Bursts::Ports ports, Recorder& recorder, const std::string& track);

    /// Carries out one COPY, FILL or GATHER, waiting until its last byte has arrived. An error ends it when what is in
    /// flight by then has been answered.
    Outcome execute(const Command& command);

    std::uint64_t bytes_copied() const { return bursts_.bytes_written(); }

 private:
    Outcome copy(const Command& command);
    Outcome fill(const Command& command);
    Outcome gather(const Command& command);
    void copy_row(Bursts::Place source, Bursts::Place target, std::uint64_t bytes, std::uint64_t burst);
    void fill_row(Bursts::Place target, std::uint64_t bytes, std::uint64_t pattern, std::uint64_t burst);
    aqpim_completion_status gather_pieces(const aqpim_gpu_gather& descriptor);
    void read_list(const aqpim_gpu_gather& descriptor, std::uint64_t first);
    std::vector<aqpim_gpu_piece> take_list();

    std::uint64_t burst_bytes(std::uint64_t bytes) const;
    std::uint64_t pieces_at_once() const;
    bool is_valid(const aqpim_gpu_piece& piece, std::uint16_t flags) const;
    std::uint64_t size_of(bool on_bus) const;

    const GpuParameters& parameters_;
    Recorder& recorder_;
    TrackId track_;
    Bursts bursts_;
};

}  // namespace aqpim
