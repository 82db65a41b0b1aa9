#pragma once

#include <catch2/catch.hpp>

#include <functional>
#include <initializer_list>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "models/common/fp16.h"
#include "models/memory/memory.h"
#include "models/pim/pim_device.h"

namespace aqpim {

struct Parameters {
    using Settings = std::vector<std::pair<std::string, std::string>>;

    ParameterTable table;
    PimParameters pim;
    dram::DramParameters dram;
    explicit Parameters(const Settings& settings) {
        dram.declare_memory(table.section("memory"));
        dram.declare_pim(table.section("pim"));
        pim.declare(table.section("pim"));
        dram.declare_dram(table.section("dram"));
        table.set("pim.channels", "2", "test");
        for (const auto& [key, value] : settings) {
            table.set(key, value, "test");
        }
        dram.apply_presets(table);
    }
};

/// The device with its memory, a host memory for the rings, and a process that plays the firmware.
struct Scene : sc_core::sc_module {
    static constexpr std::uint64_t ring = 0x1000;
    static constexpr std::uint64_t completions = 0x8000;

    Parameters parameters;
    Recorder recorder;
    dram::DramMemory memory{"memory", parameters.dram};
    PimDevice device{"device", parameters.pim, parameters.dram, memory, recorder};
    Memory host{"host", MemoryParameters{1 << 20, 1000, 1'000'000'000'000}};
    InitiatorSocket<Scene> registers{"registers"};
    InitiatorSocket<Scene> contents{"contents"};
    unsigned interrupts = 0;
    std::uint32_t submitted = 0;
    std::function<void()> firmware;
    std::function<void()> host_traffic;  ///< a second process, beside the firmware

    explicit Scene(sc_core::sc_module_name name, const Parameters::Settings& settings = {})
        : sc_module(name), parameters(settings) {
        registers.bind(device.registers);
        contents.bind(memory.socket);
        device.bus.bind(host.socket);
        device.raise_interrupt = [this](unsigned, sc_core::sc_time&) { ++interrupts; };
        SC_HAS_PROCESS(Scene);
        SC_THREAD(run);
        SC_THREAD(run_host_traffic);
    }
    void run() {
        enable();
        firmware();
    }
    void run_host_traffic() {
        if (host_traffic) {
            host_traffic();
        }
    }
    void write(std::uint64_t offset, std::uint64_t value) {
        sc_core::sc_time delay;
        REQUIRE(access(registers, tlm::TLM_WRITE_COMMAND, offset, &value, 8, delay) == tlm::TLM_OK_RESPONSE);
    }
    std::uint64_t read(std::uint64_t offset) {
        std::uint64_t value = 0;
        sc_core::sc_time delay;
        REQUIRE(access(registers, tlm::TLM_READ_COMMAND, offset, &value, 8, delay) == tlm::TLM_OK_RESPONSE);
        return value;
    }
    void host_access(tlm::tlm_command command, std::uint64_t address, void* data, std::uint32_t bytes) {
        REQUIRE(debug_access(device.bus, command, address, data, bytes));
    }
    void enable() {
        write(AQPIM_QUEUE_BASE + AQPIM_QUEUE_ENTRIES, 4);
        write(AQPIM_QUEUE_BASE + AQPIM_QUEUE_SUBMIT_BASE, ring);
        write(AQPIM_QUEUE_BASE + AQPIM_QUEUE_COMPLETE_BASE, completions);
        write(AQPIM_QUEUE_BASE + AQPIM_QUEUE_CONTROL, 1);
    }
    /// Submits one descriptor, waits for its interrupt, and returns the completion.
    template <class T>
    aqpim_completion command(T descriptor) {
        static_assert(sizeof descriptor == 128);
        descriptor.header.flags |= AQPIM_FLAG_INTERRUPT;
        descriptor.header.cookie = 1000 + submitted;
        host_access(tlm::TLM_WRITE_COMMAND, ring + submitted % 4 * 128, &descriptor, sizeof descriptor);
        const unsigned before = interrupts;
        write(AQPIM_QUEUE_BASE + AQPIM_QUEUE_SUBMIT_TAIL, ++submitted);
        while (interrupts == before) {
            wait(10, sc_core::SC_US);
        }
        aqpim_completion completion;
        host_access(tlm::TLM_READ_COMMAND, completions + (submitted - 1) % 4 * 16, &completion, sizeof completion);
        CHECK(completion.cookie == descriptor.header.cookie);
        CHECK(completion.phase == ((submitted - 1) / 4 % 2 == 0 ? 1 : 0));
        return completion;
    }
    /// The byte address of a column in the first bank of the first channel: where a linear object at it begins.
    std::uint64_t address_of(std::uint32_t column) const {
        const dram::Organization& o = memory.organization();
        return std::uint64_t{column} * o.channels * o.banks_per_channel() * AQPIM_BURST_BYTES;
    }
    /// Puts a table of sequences or extents into the PIM memory, without time.
    template <class Entry>
    void put_table(std::uint64_t address, const std::vector<Entry>& entries) {
        memory.store().write(address, reinterpret_cast<const std::uint8_t*>(entries.data()),
                             entries.size() * sizeof(Entry));
    }
    void memory_access(tlm::tlm_command command, std::uint64_t address, void* data, std::uint32_t bytes) {
        sc_core::sc_time delay;
        REQUIRE(access(contents, command, address, data, bytes, delay) == tlm::TLM_OK_RESPONSE);
        wait(delay);
    }
};

inline aqpim_pim_sequence sequence_of(std::uint32_t coded, std::uint32_t uncoded, std::uint32_t windows = 1) {
    aqpim_pim_sequence sequence{};
    sequence.coded = coded;
    sequence.uncoded = uncoded;
    sequence.slot = AQPIM_PIM_NONE;
    sequence.element = AQPIM_PIM_NONE;
    sequence.windows = windows;
    return sequence;
}

inline std::vector<Half> random_halves(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<Half> halves(count);
    for (Half& half : halves) {
        half = to_half(normal(random));
    }
    return halves;
}

}  // namespace aqpim
