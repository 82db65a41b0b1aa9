#include "platform/nodes.h"

#include <fmt/format.h>

#include <functional>
#include <utility>
#include <vector>

#include "aqpim/pci_ids.h"

namespace aqpim {

namespace {

constexpr unsigned gpu_function = 0;
constexpr unsigned pim_vectors = 1;

FunctionDescription describe_function(const char* name, std::uint16_t device, std::uint32_t class_code,
                                      unsigned vectors, std::uint64_t memory_bytes, std::uint64_t serial_number) {
    return {
        AQPIM_PCI_VENDOR,
        device,
        class_code,
        name,
        vectors,
        {{AQPIM_BAR_REGISTERS, AQPIM_BAR_REGISTERS_SIZE, true, false}, {AQPIM_BAR_MEMORY, memory_bytes, true, true}},
        serial_number};
}

FunctionDescription describe_gpu(const Configuration& configuration, std::uint64_t serial_number) {
    return describe_function("gpu", AQPIM_PCI_DEVICE_GPU, AQPIM_PCI_CLASS_GPU, AQPIM_GPU_QUEUES,
                             configuration.gpu.memory_bytes, serial_number);
}

FunctionDescription describe_pim(const Configuration& configuration, std::uint64_t serial_number) {
    return describe_function("pim", AQPIM_PCI_DEVICE_PIM, AQPIM_PCI_CLASS_PIM, pim_vectors,
                             configuration.dram.organization().capacity_bytes(), serial_number);
}

std::vector<FunctionDescription> gpu_package(const Configuration& configuration, bool has_pim,
                                             std::uint64_t serial_number) {
    std::vector<FunctionDescription> functions{describe_gpu(configuration, serial_number)};
    if (has_pim) {
        functions.push_back(describe_pim(configuration, serial_number));
    }
    return functions;
}

/// Has `reset` called whenever this function is reset, beside what the device calls for others.
void add_reset(PcieDevice& device, unsigned function, std::function<void()> reset) {
    device.on_reset = [others = std::move(device.on_reset), function, reset = std::move(reset)](unsigned which) {
        if (which == function) {
            reset();
        } else if (others) {
            others(which);
        }
    };
}

std::string part_name(const std::string& name, const char* part) {
    return fmt::format("{}_{}", name, part);
}

}  // namespace

std::string NodeName::text() const {
    return count == 1 ? kind : fmt::format("{}{}", kind, index);
}

/// A locally administered EUI-64.
std::uint64_t NodeName::serial_number() const {
    constexpr std::uint64_t local = 0x0200'0000'0000'0000;
    const std::uint64_t of_kind = kind == "gpu" ? AQPIM_PCI_DEVICE_GPU : AQPIM_PCI_DEVICE_PIM;
    return local | of_kind << 8 | index;
}

GpuMemory::GpuMemory(const std::string& name, const Configuration& configuration) {
    const GpuParameters& gpu = configuration.gpu;
    if (configuration.gpu_memory_is_dram()) {
        dram_ = std::make_unique<dram::DramMemory>(name.c_str(), configuration.hbm.dram(configuration.dram.controller));
    } else {
        stream_ = std::make_unique<Memory>(
            name.c_str(), MemoryParameters{gpu.memory_bytes, gpu.memory_latency_ps, gpu.memory_bandwidth});
    }
}

void GpuMemory::bind_to(TaggedInitiatorSocket<Bus>& initiator) {
    if (dram_) {
        initiator.bind(dram_->socket);
    } else {
        initiator.bind(stream_->socket);
    }
}

void GpuMemory::reset() {
    if (dram_) {
        dram_->reset();
    }
}

std::uint64_t GpuMemory::size() const {
    return dram_ ? dram_->organization().capacity_bytes() : stream_->size();
}

std::uint64_t GpuMemory::bytes_moved() const {
    if (!dram_) {
        return stream_->bytes_read() + stream_->bytes_written();
    }
    const dram::Counters counters = dram_->counters();
    return (counters.reads + counters.writes) * dram_->organization().burst_bytes;
}

GpuNode::GpuNode(const NodeName& node, const Configuration& c, bool has_pim, TlpScheduler& scheduler,
                 Recorder& recorder)
    : link(part_name(node.text(), "link").c_str(), c.pcie, recorder),
      endpoint(part_name(node.text(), "endpoint").c_str(), c.pcie, gpu_package(c, has_pim, node.serial_number()),
               scheduler, recorder),
      crossbar(part_name(node.text(), "crossbar").c_str(), BusParameters{}),
      memory(part_name(node.text(), "memory"), c),
      gpu(node.text().c_str(), c.gpu, recorder) {
    wire();
}

void GpuNode::wire() {
    memory.bind_to(crossbar.map("memory", 0, memory.size()));
    gpu.memory.bind(crossbar.add_initiator("core"));
    endpoint.bar(gpu_function, AQPIM_BAR_MEMORY).bind(crossbar.add_initiator("bar"));
    endpoint.bar(gpu_function, AQPIM_BAR_REGISTERS).bind(gpu.registers);
    gpu.bus.bind(endpoint.dma(gpu_function));
    gpu.raise_interrupt = [this](unsigned vector, sc_core::sc_time& delay) {
        endpoint.msix(gpu_function).raise(vector, delay);
    };
    add_reset(endpoint, gpu_function, [this] { gpu.function_level_reset(); });
}

void GpuNode::reset() {
    endpoint.reset();
    memory.reset();
    gpu.reset();
}

PimNode::PimNode(const NodeName& node, const Configuration& c, PcieDevice* package, dram::CommandSink* trace,
                 TlpScheduler& scheduler, Recorder& recorder)
    : memory(part_name(node.text(), "memory").c_str(), c.dram, trace, &recorder,
             fmt::format("{}.memory_port", node.text())),
      memory_checker(c.sim.check_protocol
                         ? std::make_unique<BaseProtocolChecker>(part_name(node.text(), "memory_checker").c_str())
                         : nullptr),
      pim(node.text().c_str(), c.pim, c.dram, memory, recorder) {
    if (package != nullptr) {
        wire(*package, gpu_function + 1);
        return;
    }
    link = std::make_unique<PcieLink>(part_name(node.text(), "link").c_str(), c.pcie, recorder);
    endpoint = std::make_unique<PcieDevice>(part_name(node.text(), "endpoint").c_str(), c.pcie,
                                            std::vector{describe_pim(c, node.serial_number())}, scheduler, recorder);
    wire(*endpoint, 0);
}

void PimNode::wire(PcieDevice& device, unsigned function) {
    device.bar(function, AQPIM_BAR_REGISTERS).bind(pim.registers);
    if (memory_checker) {
        device.bar(function, AQPIM_BAR_MEMORY).bind(memory_checker->target);
        memory_checker->initiator.bind(memory.socket);
    } else {
        device.bar(function, AQPIM_BAR_MEMORY).bind(memory.socket);
    }
    pim.bus.bind(device.dma(function));
    pim.raise_interrupt = [&device, function](unsigned vector, sc_core::sc_time& delay) {
        device.msix(function).raise(vector, delay);
    };
    add_reset(device, function, [this] { pim.reset(); });
}

void PimNode::reset() {
    if (endpoint) {
        endpoint->reset();
    }
    memory.reset();
    pim.reset();
}

}  // namespace aqpim
