#pragma once

#include <catch2/catch.hpp>

#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include "host_bus.h"
#include "models/common/base_protocol_checker.h"
#include "models/gpu/gpu.h"
#include "models/memory/memory.h"

namespace aqpim {

inline constexpr std::uint64_t ring = 0x1000;
inline constexpr std::uint64_t completions = 0x10000;
inline constexpr std::uint64_t ring_entries = 16;
inline constexpr unsigned from_bus = AQPIM_GPU_FLAG_SOURCE_BUS;
inline constexpr unsigned to_bus = AQPIM_GPU_FLAG_TARGET_BUS;

using Settings = std::vector<std::pair<std::string, std::string>>;

struct GpuSceneParameters {
    ParameterTable table;
    GpuParameters gpu;
    explicit GpuSceneParameters(const Settings& settings) {
        gpu.declare(table.section("gpu"));
        table.set("gpu.memory", "1MiB", "test");
        for (const auto& [key, value] : settings) {
            table.set("gpu." + key, value, "test");
        }
    }
};

/// A GPU whose bus addresses lead to a host memory through a checker of the base protocol, and a process that plays the
/// firmware. Ends when that returns.
struct GpuScene : sc_core::sc_module {
    GpuSceneParameters parameters;
    Recorder recorder;
    Gpu gpu{"gpu", parameters.gpu, recorder};
    Memory own{"own", MemoryParameters{parameters.gpu.memory_bytes, 100'000, 670'400'000'000}};
    BaseProtocolChecker checker{"checker"};
    HostBus host{"host"};
    InitiatorSocket<GpuScene> registers{"registers"};
    std::vector<unsigned> raised;  ///< vectors
    std::uint64_t submitted[AQPIM_GPU_QUEUES] = {};
    sc_core::sc_time poll{100, sc_core::SC_NS};  ///< how often firmware looks for a completion
    std::function<void()> firmware;

    explicit GpuScene(sc_core::sc_module_name name, const Settings& settings = {})
        : sc_module(name), parameters(settings) {
        registers.bind(gpu.registers);
        gpu.memory.bind(own.socket);
        gpu.bus.bind(checker.target);
        checker.initiator.bind(host.socket);
        gpu.raise_interrupt = [this](unsigned vector, sc_core::sc_time&) { raised.push_back(vector); };
        SC_HAS_PROCESS(GpuScene);
        SC_THREAD(run);
    }
    void run() {
        for (unsigned queue = 0; queue < AQPIM_GPU_QUEUES; ++queue) {
            enable(queue);
        }
        firmware();
        sc_core::sc_stop();
    }
    void play(std::function<void()> what) {
        firmware = std::move(what);
        sc_core::sc_start();
        for (const std::string& violation : checker.violations().texts()) {
            FAIL_CHECK(violation);
        }
    }

    std::uint64_t register_of(unsigned queue, std::uint64_t offset) const {
        return AQPIM_QUEUE_BASE + queue * AQPIM_QUEUE_STRIDE + offset;
    }
    void write_register(std::uint64_t offset, std::uint64_t value) {
        sc_core::sc_time delay;
        REQUIRE(access(registers, tlm::TLM_WRITE_COMMAND, offset, &value, 8, delay) == tlm::TLM_OK_RESPONSE);
    }
    std::uint64_t read_register(std::uint64_t offset) {
        std::uint64_t value = 0;
        sc_core::sc_time delay;
        REQUIRE(access(registers, tlm::TLM_READ_COMMAND, offset, &value, 8, delay) == tlm::TLM_OK_RESPONSE);
        return value;
    }
    void write(unsigned queue, std::uint64_t offset, std::uint64_t value) {
        write_register(register_of(queue, offset), value);
    }
    std::uint64_t read(unsigned queue, std::uint64_t offset) { return read_register(register_of(queue, offset)); }

    void enable(unsigned queue) {
        write(queue, AQPIM_QUEUE_CONTROL, 0);
        write(queue, AQPIM_QUEUE_ENTRIES, ring_entries);
        write(queue, AQPIM_QUEUE_SUBMIT_BASE, ring + queue * 0x800);
        write(queue, AQPIM_QUEUE_COMPLETE_BASE, completions + queue * 0x100);
        write(queue, AQPIM_QUEUE_CONTROL, 1);
        const std::vector<std::uint8_t> zeros(ring_entries * sizeof(aqpim_completion));
        put(host.contents, completions + queue * 0x100, zeros);
        submitted[queue] = 0;
    }
    /// Into the ring, with its doorbell; returns its index. Firmware does not put more than there is room for.
    template <class T>
    std::uint64_t submit(unsigned queue, const T& descriptor) {
        const std::uint64_t index = submitted[queue]++;
        std::memcpy(&host.contents[ring + queue * 0x800 + index % ring_entries * 128], &descriptor, sizeof descriptor);
        write(queue, AQPIM_QUEUE_SUBMIT_TAIL, submitted[queue]);
        return index;
    }
    aqpim_completion completion(unsigned queue, std::uint64_t index) const {
        aqpim_completion value;
        std::memcpy(&value, &host.contents[completions + queue * 0x100 + index % ring_entries * sizeof value],
                    sizeof value);
        return value;
    }
    bool is_done(unsigned queue, std::uint64_t index) const {
        return completion(queue, index).phase == (index / ring_entries % 2 == 0 ? 1 : 0);
    }
    /// Waits for up to `limit`.
    aqpim_completion await(unsigned queue, std::uint64_t index,
                           const sc_core::sc_time& limit = sc_core::sc_time(1, sc_core::SC_SEC)) {
        const sc_core::sc_time end = sc_core::sc_time_stamp() + limit;
        while (!is_done(queue, index) && sc_core::sc_time_stamp() < end) {
            sc_core::wait(poll);
        }
        REQUIRE(is_done(queue, index));
        return completion(queue, index);
    }
    template <class T>
    aqpim_completion command(unsigned queue, const T& descriptor) {
        return await(queue, submit(queue, descriptor));
    }

    static void put(std::vector<std::uint8_t>& contents, std::uint64_t address, const std::vector<std::uint8_t>& data) {
        std::copy(data.begin(), data.end(), contents.begin() + static_cast<std::ptrdiff_t>(address));
    }
    void put_host(std::uint64_t address, const std::vector<std::uint8_t>& data) { put(host.contents, address, data); }
    std::vector<std::uint8_t> host_bytes(std::uint64_t address, std::size_t bytes) const {
        const auto first = host.contents.begin() + static_cast<std::ptrdiff_t>(address);
        return {first, first + static_cast<std::ptrdiff_t>(bytes)};
    }
    void put_own(std::uint64_t address, std::vector<std::uint8_t> data) {
        REQUIRE(debug_access(gpu.memory, tlm::TLM_WRITE_COMMAND, address, data.data(), data.size()));
    }
    std::vector<std::uint8_t> own_bytes(std::uint64_t address, std::size_t bytes) {
        std::vector<std::uint8_t> data(bytes);
        REQUIRE(debug_access(gpu.memory, tlm::TLM_READ_COMMAND, address, data.data(), data.size()));
        return data;
    }
};

inline aqpim_gpu_copy copy_of(std::uint64_t source, std::uint64_t target, std::uint64_t bytes, unsigned flags) {
    aqpim_gpu_copy copy{};
    copy.header = {AQPIM_GPU_COPY, static_cast<std::uint16_t>(flags), 7};
    copy.source = source;
    copy.target = target;
    copy.row_bytes = bytes;
    copy.rows = 1;
    return copy;
}

inline aqpim_gpu_event event_command(unsigned opcode, unsigned event, std::uint64_t value) {
    aqpim_gpu_event command{};
    command.header.opcode = static_cast<std::uint16_t>(opcode);
    command.event = event;
    command.value = value;
    return command;
}

inline aqpim_gpu_semaphore semaphore_command(unsigned opcode, std::uint64_t address, std::uint64_t value,
                                             unsigned flags = AQPIM_GPU_FLAG_TARGET_BUS) {
    aqpim_gpu_semaphore command{};
    command.header = {static_cast<std::uint16_t>(opcode), static_cast<std::uint16_t>(flags), 9};
    command.address = address;
    command.value = value;
    return command;
}

/// Bytes that differ from their neighbours and from those a burst further on.
inline std::vector<std::uint8_t> pattern(std::size_t bytes) {
    std::vector<std::uint8_t> data(bytes);
    for (std::size_t i = 0; i < bytes; ++i) {
        data[i] = static_cast<std::uint8_t>(i * 7 + i / 251 + 3);
    }
    return data;
}

inline std::uint64_t word_at(const std::vector<std::uint8_t>& bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    return word;
}

}  // namespace aqpim
