#include "models/gpu/gpu.h"

#include <utility>

namespace aqpim {

Gpu::Gpu(sc_core::sc_module_name name, const GpuParameters& parameters, Recorder& recorder)
    : sc_module(name),
      registers("registers"),
      memory("memory"),
      bus("bus"),
      parameters_(parameters),
      copy_engine_(parameters,
                   {[this](auto command, auto address, auto* data, auto bytes, auto& delay) {
                        return access(memory, command, address, data, bytes, delay);
                    },
                    [this](auto command, auto address, auto* data, auto bytes, auto& delay) {
                        return access(bus, command, address, data, bytes, delay);
                    }},
                   recorder),
      compute_unit_(parameters,
                    {[this](std::uint64_t address, void* data, std::uint64_t bytes) {
                         return access_contents(tlm::TLM_READ_COMMAND, address, data, bytes);
                     },
                     [this](std::uint64_t address, const void* data, std::uint64_t bytes) {
                         return access_contents(tlm::TLM_WRITE_COMMAND, address, const_cast<void*>(data), bytes);
                     }},
                    recorder),
      copy_queue_("copy_queue", queue_ports([this](const auto& descriptor) { return execute_copy(descriptor); }),
                  parameters.queue_prefetch, recorder, "gpu.copy.interrupt"),
      compute_queue_("compute_queue",
                     queue_ports([this](const auto& descriptor) { return execute_compute(descriptor); }),
                     parameters.queue_prefetch, recorder, "gpu.compute.interrupt") {
    registers.register_b_transport(this, &Gpu::register_transport);
    registers.register_transport_dbg(this, &Gpu::register_debug);

    registers_.add("ID", AQPIM_GPU_ID, 8, [] { return AQPIM_GPU_MAGIC; });
    registers_.add("MEMORY_BYTES", AQPIM_GPU_MEMORY_BYTES, 8, [this] { return parameters_.memory_bytes; });
    registers_.add("ERRORS", AQPIM_GPU_ERRORS, 8, [this] { return errors(); });
    copy_queue_.add_registers(registers_, AQPIM_QUEUE_BASE + AQPIM_GPU_QUEUE_COPY * AQPIM_QUEUE_STRIDE);
    compute_queue_.add_registers(registers_, AQPIM_QUEUE_BASE + AQPIM_GPU_QUEUE_COMPUTE * AQPIM_QUEUE_STRIDE);
}

CommandQueue::Ports Gpu::queue_ports(CommandQueue::Execute execute) {
    return {[this](auto command, auto address, auto* data, auto bytes, auto& delay) {
                return access(bus, command, address, data, bytes, delay);
            },
            [this](unsigned vector, sc_core::sc_time& delay) { raise_interrupt(vector, delay); }, std::move(execute)};
}

void Gpu::reset() {
    copy_queue_.reset();
    compute_queue_.reset();
}

void Gpu::register_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    registers_.transport(transaction, delay);
}

aqpim_completion_status Gpu::execute_copy(const CommandQueue::Descriptor& descriptor) {
    switch (CommandQueue::as<aqpim_descriptor_header>(descriptor).opcode) {
        case AQPIM_GPU_NOP:
            return AQPIM_DONE;
        case AQPIM_GPU_COPY:
            return copy_engine_.copy(CommandQueue::as<aqpim_gpu_copy>(descriptor));
        default:
            return AQPIM_BAD_OPCODE;
    }
}

aqpim_completion_status Gpu::execute_compute(const CommandQueue::Descriptor& descriptor) {
    switch (CommandQueue::as<aqpim_descriptor_header>(descriptor).opcode) {
        case AQPIM_GPU_NOP:
            return AQPIM_DONE;
        case AQPIM_GPU_KERNEL:
            return compute_unit_.kernel(CommandQueue::as<aqpim_gpu_kernel>(descriptor));
        case AQPIM_GPU_PACK:
            return compute_unit_.pack(CommandQueue::as<aqpim_gpu_pack>(descriptor));
        case AQPIM_GPU_IMPORTANCE:
            return compute_unit_.importance(CommandQueue::as<aqpim_gpu_importance>(descriptor));
        default:
            return AQPIM_BAD_OPCODE;
    }
}

bool Gpu::access_contents(tlm::tlm_command command, std::uint64_t address, void* data, std::uint64_t bytes) {
    const bool inside = bytes <= parameters_.memory_bytes && address <= parameters_.memory_bytes - bytes;
    return inside && debug_access(memory, command, address, data, bytes);
}

}  // namespace aqpim
