#include "models/gpu/compute_unit.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "aqpim/gpu.h"
#include "models/common/sockets.h"
#include "models/gpu/kernel_work.h"
#include "models/gpu/memory_kernels.h"

namespace aqpim {

namespace {

constexpr Picoseconds longest_ps = 3'600'000'000'000'000;  // an hour; beyond is a mistake
constexpr Picoseconds longest_fixed_ps = 1'000'000'000'000;

std::string_view name_of(KernelBound bound) {
    switch (bound) {
        case KernelBound::compute:
            return "compute";
        case KernelBound::memory:
            return "memory";
        default:
            return "fixed";
    }
}

}  // namespace

/// One kernel's use of the unit: from when it has it to the end of this object, or none if it is cancelled before.
class ComputeUnit::Turn {
 public:
    Turn(ComputeUnit& unit, const CommandQueue::Command& command) : unit_(unit), command_(command) {
        unit_.ready_.push_back(&command);
        while (unit_.ready_.front() != &command && !command.is_cancelled()) {
            command.wait(unit_.next_turn_);
        }
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        std::erase(unit_.ready_, &command_);
        unit_.next_turn_.notify(sc_core::SC_ZERO_TIME);
    }

 private:
    ComputeUnit& unit_;
    const CommandQueue::Command& command_;
};

ComputeUnit::ComputeUnit(const GpuParameters& parameters, Contents contents, Recorder& recorder,
                         const std::string& gpu_name)
    : parameters_(parameters),
      contents_(std::move(contents)),
      recorder_(recorder),
      track_(recorder.add_track(gpu_name + ".compute")) {}

CommandQueue::Outcome ComputeUnit::execute(const CommandQueue::Command& command) {
    try {
        return {dispatch(command)};
    } catch (const KernelAddressError& error) {
        return {AQPIM_ADDRESS_ERROR, error.address};
    }
}

aqpim_completion_status ComputeUnit::dispatch(const CommandQueue::Command& command) {
    switch (command.as<aqpim_descriptor_header>().opcode) {
        case AQPIM_GPU_KERNEL:
            return run(command, by_roofline("KERNEL", work_of(command.as<aqpim_gpu_kernel>())));
        case AQPIM_GPU_PACK: {
            const auto descriptor = command.as<aqpim_gpu_pack>();
            return run(command, by_roofline("PACK", work_of(descriptor)),
                       [&](KernelMemory& memory) { pack(memory, descriptor); });
        }
        case AQPIM_GPU_IMPORTANCE: {
            const auto descriptor = command.as<aqpim_gpu_importance>();
            return run(command, by_roofline("IMPORTANCE", work_of(descriptor)),
                       [&](KernelMemory& memory) { weigh_importance(memory, descriptor); });
        }
        case AQPIM_GPU_MATMUL:
            return run(command, by_roofline("MATMUL", work_of(command.as<aqpim_gpu_matmul>())));
        case AQPIM_GPU_ATTENTION:
            return attention(command);
        case AQPIM_GPU_NORM:
            return elementwise("NORM", command, parameters_.norm_time_ps);
        case AQPIM_GPU_ACTIVATION:
            return elementwise("ACTIVATION", command, parameters_.activation_time_ps);
        case AQPIM_GPU_FIXED:
            return fixed(command);
        default:
            return AQPIM_BAD_OPCODE;
    }
}

aqpim_completion_status ComputeUnit::elementwise(std::string_view name, const CommandQueue::Command& command,
                                                 Picoseconds each_ps) {
    const std::uint64_t count = command.as<aqpim_gpu_elementwise>().count;
    const bool in_range = count != 0 && each_ps <= longest_ps / count;
    return in_range ? run(command, Kernel{name, {}, {count * each_ps}}) : AQPIM_BAD_FIELD;
}

aqpim_completion_status ComputeUnit::fixed(const CommandQueue::Command& command) {
    const Picoseconds time_ps = command.as<aqpim_gpu_fixed>().time_ps;
    return time_ps <= longest_fixed_ps ? run(command, Kernel{"FIXED", {}, {time_ps}}) : AQPIM_BAD_FIELD;
}

aqpim_completion_status ComputeUnit::attention(const CommandQueue::Command& command) {
    const auto descriptor = command.as<aqpim_gpu_attention>();
    const auto kernel = by_roofline("ATTENTION", work_of(descriptor));
    std::vector<std::uint32_t> tokens;
    if (kernel && parameters_.functional) {
        tokens = token_counts(KernelMemory(contents_, parameters_.memory_bytes), descriptor);
        if (tokens.empty()) {
            return AQPIM_BAD_FIELD;
        }
    }
    return run(command, kernel, [&](KernelMemory& memory) { attend(memory, descriptor, tokens); });
}

std::optional<ComputeUnit::Kernel> ComputeUnit::by_roofline(std::string_view name,
                                                            const std::optional<KernelWork>& work) const {
    if (!work) {
        return std::nullopt;
    }
    const KernelTime time = roofline(parameters_, *work);
    return time.time_ps <= longest_ps ? std::optional(Kernel{name, *work, time}) : std::nullopt;
}

aqpim_completion_status ComputeUnit::run(const CommandQueue::Command& command, const std::optional<Kernel>& kernel,
                                         const Compute& compute) {
    if (!kernel) {
        return AQPIM_BAD_FIELD;
    }
    if (kernel->time.bound != KernelBound::fixed) {
        wait_for_launch(command);
    }
    const Turn turn(*this, command);
    spend(command, *kernel);
    if (compute && parameters_.functional && !command.is_cancelled()) {
        KernelMemory memory(contents_, parameters_.memory_bytes);
        compute(memory);
    }
    return AQPIM_DONE;
}

void ComputeUnit::wait_for_launch(const CommandQueue::Command& command) const {
    const Picoseconds launched_ps = command.fetched_ps + parameters_.kernel_overhead_ps;
    const Picoseconds now_ps = to_ps(sc_core::sc_time_stamp());
    if (launched_ps > now_ps) {
        command.wait(from_ps(launched_ps - now_ps));
    }
}

void ComputeUnit::spend(const CommandQueue::Command& command, const Kernel& kernel) {
    if (command.is_cancelled()) {
        return;
    }
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    command.wait(from_ps(kernel.time.time_ps));
    const Picoseconds end_ps = to_ps(sc_core::sc_time_stamp());
    recorder_.slice(track_, kernel.name, start_ps, end_ps, Activity::gpu,
                    {{"flop", kernel.work.flop}, {"bytes", kernel.work.bytes}, {"bound", name_of(kernel.time.bound)}});
    if (command.is_cancelled()) {
        return;
    }
    KernelTotals& totals = totals_[kernel.name];
    ++totals.count;
    totals.time_ps += end_ps - start_ps;
    totals.flop += static_cast<double>(kernel.work.flop);
    totals.bytes += kernel.work.bytes;
    totals.compute_bound += kernel.time.bound == KernelBound::compute ? 1 : 0;
    totals.memory_bound += kernel.time.bound == KernelBound::memory ? 1 : 0;
}

double ComputeUnit::flop() const {
    return std::accumulate(totals_.begin(), totals_.end(), 0.0,
                           [](double sum, const auto& kind) { return sum + kind.second.flop; });
}

std::uint64_t ComputeUnit::bytes() const {
    return std::accumulate(totals_.begin(), totals_.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& kind) { return sum + kind.second.bytes; });
}

}  // namespace aqpim
