#include "models/gpu/gpu.h"

#include <fmt/format.h>

#include <numeric>
#include <utility>

namespace aqpim {

Gpu::Gpu(sc_core::sc_module_name name, const GpuParameters& parameters, Recorder& recorder)
    : sc_module(name),
      registers("registers"),
      memory("memory"),
      bus("bus"),
      parameters_(parameters),
      name_(basename()),
      requests_("requests", [this](auto& payload, auto& phase,
                                   auto& delay) { return bus->nb_transport_fw(payload, phase, delay); }),
      synchronisation_(parameters, {[this](auto command, auto address, auto* data, auto bytes, auto& delay) {
                                        return access(memory, command, address, data, bytes, delay);
                                    },
                                    bus_master()}),
      compute_unit_(parameters,
                    {[this](std::uint64_t address, void* data, std::uint64_t bytes) {
                         return access_contents(tlm::TLM_READ_COMMAND, address, data, bytes);
                     },
                     [this](std::uint64_t address, const void* data, std::uint64_t bytes) {
                         return access_contents(tlm::TLM_WRITE_COMMAND, address, const_cast<void*>(data), bytes);
                     }},
                    recorder, name_) {
    registers.register_b_transport(this, &Gpu::register_transport);
    registers.register_transport_dbg(this, &Gpu::register_debug);
    bus.register_nb_transport_bw(this, &Gpu::bus_backward);
    for (unsigned i = 0; i < parameters.copy_engines; ++i) {
        add_copy_engine(i, recorder);
    }
    for (unsigned i = 0; i < parameters.streams; ++i) {
        add_stream(i, recorder);
    }
    add_registers();
}

Gpu::~Gpu() = default;

void Gpu::add_copy_engine(unsigned index, Recorder& recorder) {
    const std::string unit = fmt::format("copy{}", index);
    const Bursts::Ports ports{[this](auto& payload, auto& delay) { memory->b_transport(payload, delay); }, requests_};
    CopyEngine& engine = *copy_engines_.emplace_back(
        std::make_unique<CopyEngine>(parameters_, ports, recorder, fmt::format("{}.{}", name_, unit)));
    const auto execute = [this, &engine](const CommandQueue::Command& command) {
        const auto outcome = synchronisation_.execute(command);
        return outcome ? *outcome : engine.execute(command);
    };
    const unsigned number = AQPIM_GPU_QUEUE_COPY + index;
    queues_.at(number) = make_queue(number, unit, execute, recorder);
}

void Gpu::add_stream(unsigned index, Recorder& recorder) {
    const auto execute = [this](const CommandQueue::Command& command) {
        const auto outcome = synchronisation_.execute(command);
        return outcome ? *outcome : compute_unit_.execute(command);
    };
    const unsigned number = AQPIM_GPU_QUEUE_COMPUTE + index;
    queues_.at(number) = make_queue(number, fmt::format("stream{}", index), execute, recorder);
}

Gpu::Queue Gpu::make_queue(unsigned number, const std::string& unit, CommandQueue::Execute execute,
                           Recorder& recorder) {
    CommandQueue::Ports ports{bus_master(),
                              [this](unsigned vector, sc_core::sc_time& delay) { raise_interrupt(vector, delay); },
                              std::move(execute)};
    return std::make_unique<CommandQueue>(fmt::format("{}_queue", unit).c_str(), std::move(ports),
                                          parameters_.queue_prefetch, recorder,
                                          fmt::format("{}.{}.interrupt", name_, unit), number);
}

void Gpu::add_registers() {
    registers_.add("ID", AQPIM_GPU_ID, 8, [] { return AQPIM_GPU_MAGIC; });
    registers_.add("MEMORY_BYTES", AQPIM_GPU_MEMORY_BYTES, 8, [this] { return parameters_.memory_bytes; });
    registers_.add("ERRORS", AQPIM_GPU_ERRORS, 8, [this] { return errors(); });
    registers_.add("COPY_ENGINES", AQPIM_GPU_COPY_ENGINES, 8, [this] { return parameters_.copy_engines; });
    registers_.add("STREAMS", AQPIM_GPU_STREAMS, 8, [this] { return parameters_.streams; });
    registers_.add("TIME", AQPIM_GPU_TIME, 8, [this] { return access_ps_; });
    registers_.add_array(
        "EVENT", AQPIM_GPU_EVENT, 8, AQPIM_GPU_EVENTS, 8,
        [this](unsigned index) { return synchronisation_.event(index); },
        [this](unsigned index, std::uint64_t value, const sc_core::sc_time& delay) {
            synchronisation_.set_event(index, value, delay);
        });
    for (unsigned number = 0; number < AQPIM_GPU_QUEUES; ++number) {
        add_queue_registers(number);
    }
}

void Gpu::add_queue_registers(unsigned number) {
    constexpr unsigned register_bytes = 8;
    const std::uint64_t offset = AQPIM_QUEUE_BASE + std::uint64_t{number} * AQPIM_QUEUE_STRIDE;
    if (queues_[number]) {
        queues_[number]->add_registers(registers_, offset);
        return;
    }
    registers_.add_array(
        "ABSENT", offset, register_bytes, AQPIM_QUEUE_STRIDE / register_bytes, register_bytes,
        [](unsigned) { return 0; }, [](unsigned, std::uint64_t, const sc_core::sc_time&) {});
}

BusMaster Gpu::bus_master() {
    return [this](auto command, auto address, auto* data, auto bytes, auto& delay) {
        return access(bus, command, address, data, bytes, delay);
    };
}

void Gpu::reset() {
    for (const Queue& queue : queues_) {
        if (queue) {
            queue->reset();
        }
    }
    synchronisation_.reset();
}

std::uint64_t Gpu::errors() const {
    return std::accumulate(queues_.begin(), queues_.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const Queue& queue) { return sum + (queue ? queue->errors() : 0); });
}

std::uint64_t Gpu::bytes_copied() const {
    return std::accumulate(copy_engines_.begin(), copy_engines_.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& engine) { return sum + engine->bytes_copied(); });
}

void Gpu::register_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    access_ps_ = local_time_ps(delay);
    registers_.transport(transaction, delay);
}

unsigned Gpu::register_debug(tlm::tlm_generic_payload& transaction) {
    access_ps_ = to_ps(sc_core::sc_time_stamp());
    return registers_.debug_read(transaction);
}

tlm::tlm_sync_enum Gpu::bus_backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    return requests_.nb_transport_bw(payload, phase, delay);
}

bool Gpu::access_contents(tlm::tlm_command command, std::uint64_t address, void* data, std::uint64_t bytes) {
    const bool inside = bytes <= parameters_.memory_bytes && address <= parameters_.memory_bytes - bytes;
    return inside && debug_access(memory, command, address, data, bytes);
}

}  // namespace aqpim
