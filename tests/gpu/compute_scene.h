#pragma once

#include <cstring>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "aqpim/gpu.h"
#include "models/common/parameter.h"
#include "models/common/sockets.h"
#include "models/gpu/compute_unit.h"

namespace aqpim {

inline constexpr Picoseconds us = 1'000'000;

/// A kernel as its track shows it.
struct RecordedKernel {
    std::string name;
    Picoseconds start_ps;
    Picoseconds end_ps;
    std::string bound;
};

/// A compute unit of 1 TFLOP/s and 1 TB/s, so that an operation or a byte takes a picosecond; over 1 MiB of memory.
/// Launches take 5 us.
class ComputeScene : public RecorderSink {
 public:
    ParameterTable table;
    GpuParameters parameters;
    std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(1 << 20);
    std::uint64_t accesses = 0;
    std::vector<RecordedKernel> kernels;
    Recorder recorder;
    ComputeUnit unit;

    ComputeScene();

    void on_track(TrackId track, const std::string& path) override;
    void on_slice(const Slice& slice) override;

    /// A process of its own, as of a stream.
    void stream(const std::function<void()>& body);
    /// Runs until nothing is left to do, and checks that all streams have come to their end.
    void simulate();

    /// Carries out a descriptor that was fetched at `fetched_ps`.
    template <class T>
    CommandQueue::Outcome run(std::uint16_t opcode, T descriptor, Picoseconds fetched_ps) {
        descriptor.header.opcode = opcode;
        return unit.execute(command_of(descriptor, fetched_ps));
    }
    /// The same, fetched now.
    template <class T>
    CommandQueue::Outcome run(std::uint16_t opcode, T descriptor) {
        return run(opcode, descriptor, to_ps(sc_core::sc_time_stamp()));
    }

    template <class T>
    static CommandQueue::Command command_of(const T& descriptor, Picoseconds fetched_ps) {
        static_assert(sizeof descriptor == CommandQueue::descriptor_bytes);
        CommandQueue::Command command{};
        std::memcpy(command.descriptor.data(), &descriptor, sizeof descriptor);
        command.fetched_ps = fetched_ps;
        return command;
    }

    void put(std::uint64_t address, const std::vector<std::uint16_t>& words) {
        std::memcpy(&memory.at(address), words.data(), words.size() * 2);
    }
    std::vector<std::uint16_t> get(std::uint64_t address, std::size_t words) const {
        std::vector<std::uint16_t> found(words);
        std::memcpy(found.data(), &memory.at(address), words * 2);
        return found;
    }

 private:
    ComputeUnit::Contents contents();

    unsigned running_streams_ = 0;
};

inline Picoseconds now_ps() {
    return to_ps(sc_core::sc_time_stamp());
}

inline aqpim_gpu_kernel kernel_of(std::uint64_t flop, std::uint64_t bytes = 0) {
    aqpim_gpu_kernel kernel{};
    kernel.flop = flop;
    kernel.bytes = bytes;
    return kernel;
}

inline aqpim_gpu_fixed fixed_of(std::uint64_t time_ps) {
    aqpim_gpu_fixed fixed{};
    fixed.time_ps = time_ps;
    return fixed;
}

inline aqpim_gpu_elementwise elementwise_of(std::uint32_t count) {
    aqpim_gpu_elementwise elementwise{};
    elementwise.count = count;
    return elementwise;
}

}  // namespace aqpim
