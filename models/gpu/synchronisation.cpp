#include "models/gpu/synchronisation.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "models/common/sockets.h"
#include "models/queue/bus_status.h"

namespace aqpim {

namespace {

/// What a semaphore's timeout of 0 means: longer than any simulation.
constexpr Picoseconds never = std::numeric_limits<Picoseconds>::max();

Picoseconds timeout_ps(const aqpim_gpu_semaphore& semaphore) {
    constexpr Picoseconds ps_per_ns = 1000;
    return semaphore.timeout_ns == 0 || semaphore.timeout_ns > never / ps_per_ns ? never
                                                                                 : semaphore.timeout_ns * ps_per_ns;
}

}  // namespace

Synchronisation::Synchronisation(const GpuParameters& parameters, Ports ports)
    : parameters_(parameters), ports_(std::move(ports)) {}

std::optional<Synchronisation::Outcome> Synchronisation::execute(const Command& command) {
    switch (command.as<aqpim_descriptor_header>().opcode) {
        case AQPIM_GPU_NOP:
            return Outcome{};
        case AQPIM_GPU_SIGNAL:
            return signal(command.as<aqpim_gpu_event>());
        case AQPIM_GPU_WAIT:
            return wait(command);
        case AQPIM_GPU_RELEASE:
            return write(command.as<aqpim_gpu_semaphore>(), command.as<aqpim_gpu_semaphore>().value);
        case AQPIM_GPU_ACQUIRE:
            return acquire(command);
        case AQPIM_GPU_TIMESTAMP:
            return write(command.as<aqpim_gpu_semaphore>(), to_ps(sc_core::sc_time_stamp()));
        default:
            return std::nullopt;
    }
}

Synchronisation::Outcome Synchronisation::signal(const aqpim_gpu_event& descriptor) {
    if (descriptor.event >= AQPIM_GPU_EVENTS) {
        return {AQPIM_BAD_FIELD};
    }
    Event& event = events_[descriptor.event];
    event.value = std::max(event.value, descriptor.value);
    event.changed.notify(sc_core::SC_ZERO_TIME);
    return {};
}

Synchronisation::Outcome Synchronisation::wait(const Command& command) {
    const auto descriptor = command.as<aqpim_gpu_event>();
    if (descriptor.event >= AQPIM_GPU_EVENTS) {
        return {AQPIM_BAD_FIELD};
    }
    const Event& event = events_[descriptor.event];
    while (event.value < descriptor.value && !command.is_cancelled()) {
        command.wait(event.changed);
    }
    return {};
}

Synchronisation::Outcome Synchronisation::acquire(const Command& command) {
    constexpr Picoseconds shortest_poll_ps = 1000;
    const auto semaphore = command.as<aqpim_gpu_semaphore>();
    if (!is_valid(semaphore)) {
        return {AQPIM_BAD_FIELD};
    }
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    const Picoseconds poll_ps = std::max(parameters_.semaphore_poll_ps, shortest_poll_ps);
    while (!command.is_cancelled()) {
        std::uint64_t word = 0;
        const Outcome outcome = access_word(tlm::TLM_READ_COMMAND, semaphore, word);
        if (outcome.status != AQPIM_DONE || word >= semaphore.value) {
            return outcome;
        }
        const Picoseconds waited_ps = to_ps(sc_core::sc_time_stamp()) - start_ps;
        if (waited_ps >= timeout_ps(semaphore)) {
            return {AQPIM_TIMED_OUT};
        }
        command.wait(from_ps(std::min(poll_ps, timeout_ps(semaphore) - waited_ps)));
    }
    return {};
}

Synchronisation::Outcome Synchronisation::write(const aqpim_gpu_semaphore& semaphore, std::uint64_t word) {
    return is_valid(semaphore) ? access_word(tlm::TLM_WRITE_COMMAND, semaphore, word) : Outcome{AQPIM_BAD_FIELD};
}

bool Synchronisation::is_valid(const aqpim_gpu_semaphore& semaphore) const {
    const bool on_bus = (semaphore.header.flags & AQPIM_GPU_FLAG_TARGET_BUS) != 0;
    const bool aligned = semaphore.address % sizeof(std::uint64_t) == 0;
    return aligned &&
           (on_bus || semaphore.address / sizeof(std::uint64_t) < parameters_.memory_bytes / sizeof(std::uint64_t));
}

Synchronisation::Outcome Synchronisation::access_word(tlm::tlm_command command, const aqpim_gpu_semaphore& semaphore,
                                                      std::uint64_t& word) {
    const bool on_bus = (semaphore.header.flags & AQPIM_GPU_FLAG_TARGET_BUS) != 0;
    sc_core::sc_time delay;
    const auto response = (on_bus ? ports_.bus : ports_.memory)(command, semaphore.address, &word, sizeof word, delay);
    sc_core::wait(delay);
    const aqpim_completion_status status = completion_status(response);
    return {status, status == AQPIM_DONE ? 0 : semaphore.address};
}

void Synchronisation::set_event(unsigned index, std::uint64_t value, const sc_core::sc_time& delay) {
    events_.at(index).value = value;
    events_[index].changed.notify(delay);
}

void Synchronisation::reset() {
    for (Event& event : events_) {
        event.value = 0;
    }
}

}  // namespace aqpim
