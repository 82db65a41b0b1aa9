#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "models/common/recorder.h"
#include "models/gpu/gpu_parameters.h"
#include "models/gpu/kernel_memory.h"
#include "models/gpu/roofline.h"
#include "models/queue/command_queue.h"

namespace aqpim {

/// Of all commands of one opcode that came to their end.
struct KernelTotals {
    std::uint64_t count = 0;  ///< commands: an elementwise one may be several kernels
    Picoseconds time_ps = 0;  ///< from their starts to their ends, without launches
    double flop = 0;
    std::uint64_t bytes = 0;
    std::uint64_t compute_bound = 0;  ///< kernels that the peak rate limits
    std::uint64_t memory_bound = 0;   ///< kernels that the memory's bandwidth limits
};

/// The GPU's compute unit, which all streams share: it serves one kernel at a time, in the order in which they become
/// ready. A kernel is ready `gpu.kernel_overhead` after its descriptor has been fetched, so a stream's launches hide
/// behind the kernels before them; norms, activations and fixed kernels, whose times include their launches, at once. A
/// kernel takes the roofline's time, or the one fixed for it; those that produce data do so when they end. Runs in the
/// processes of the queues that call it.
class ComputeUnit {
 public:
    using Contents = KernelMemory::Contents;
    /// `gpu_name` starts the track's name ("gpu.compute").
    ComputeUnit(const GpuParameters& parameters, Contents contents, Recorder& recorder, const std::string& gpu_name);

    /// Carries out one command of a stream, waiting until its end. A cancelled kernel ends at once, and leaves no data.
    CommandQueue::Outcome execute(const CommandQueue::Command& command);

    /// By the kernels' names ("MATMUL"); of those that ran.
    const std::map<std::string_view, KernelTotals>& totals() const { return totals_; }
    double flop() const;
    std::uint64_t bytes() const;

 private:
    struct Kernel {
        std::string_view name;
        KernelWork work;
        KernelTime time;
    };
    class Turn;
    using Compute = std::function<void(KernelMemory&)>;

    aqpim_completion_status dispatch(const CommandQueue::Command& command);
    aqpim_completion_status elementwise(std::string_view name, const CommandQueue::Command& command,
                                        Picoseconds each_ps);
    aqpim_completion_status fixed(const CommandQueue::Command& command);
    aqpim_completion_status attention(const CommandQueue::Command& command);
    std::optional<Kernel> by_roofline(std::string_view name, const std::optional<KernelWork>& work) const;
    aqpim_completion_status run(const CommandQueue::Command& command, const std::optional<Kernel>& kernel,
                                const Compute& compute = {});
    void wait_for_launch(const CommandQueue::Command& command) const;
    void spend(const CommandQueue::Command& command, const Kernel& kernel);

    const GpuParameters& parameters_;
    Contents contents_;
    Recorder& recorder_;
    TrackId track_;
    std::deque<const CommandQueue::Command*> ready_;  // the first one has the unit
    sc_core::sc_event next_turn_;
    std::map<std::string_view, KernelTotals> totals_;
};

}  // namespace aqpim
