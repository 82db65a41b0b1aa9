#include "platform/platform.h"

#include <fmt/format.h>

#include <stdexcept>

#include "aqpim/memory_map.h"
#include "aqpim/pci_ids.h"

namespace aqpim {

namespace {

constexpr unsigned gpu_function = 0;
constexpr unsigned gpu_port = 0;
constexpr unsigned pim_port = 1;

bool pim_is_in_gpu(const Configuration& configuration) {
    return configuration.pim_attach == "gpu";
}

FunctionDescription describe_function(const char* name, std::uint16_t device, std::uint32_t class_code,
                                      unsigned vectors, std::uint64_t memory_bytes) {
    return {
        AQPIM_PCI_VENDOR,
        device,
        class_code,
        name,
        vectors,
        {{AQPIM_BAR_REGISTERS, AQPIM_BAR_REGISTERS_SIZE, true, false}, {AQPIM_BAR_MEMORY, memory_bytes, true, true}}};
}

FunctionDescription describe_gpu(const Configuration& configuration) {
    return describe_function("gpu", AQPIM_PCI_DEVICE_GPU, AQPIM_PCI_CLASS_GPU, AQPIM_GPU_QUEUES,
                             configuration.gpu.memory_bytes);
}

FunctionDescription describe_pim(const Configuration& configuration) {
    return describe_function("pim", AQPIM_PCI_DEVICE_PIM, AQPIM_PCI_CLASS_PIM, 1,
                             configuration.dram.organization().capacity_bytes());
}

std::vector<FunctionDescription> gpu_package(const Configuration& configuration) {
    std::vector<FunctionDescription> functions{describe_gpu(configuration)};
    if (pim_is_in_gpu(configuration)) {
        functions.push_back(describe_pim(configuration));
    }
    return functions;
}

MemoryParameters gpu_memory_parameters(const GpuParameters& gpu) {
    return {gpu.memory_bytes, gpu.memory_latency_ps, gpu.memory_bandwidth};
}

}  // namespace

Platform::Platform(const Configuration& c, std::ostream& uart_output, dram::CommandSink* dram_trace, Recorder& recorder)
    : bus("bus", c.bus),
      ram("ram", c.ram),
      flash("flash", AQPIM_FLASH_BANKS),
      uart("uart", uart_output),
      clint("clint", c.hart.harts),
      plic("plic", c.hart.harts),
      msi_frame("msi_frame"),
      finisher("finisher"),
      trace_port("trace_port", recorder),
      root_complex("root_complex", c.pcie, recorder),
      host_link("host_link", c.pcie, recorder),
      pcie_switch("switch", c.pcie, pim_is_in_gpu(c) ? 1 : 2),
      gpu_link("gpu_link", c.pcie, recorder),
      gpu_endpoint("gpu_endpoint", c.pcie, gpu_package(c), recorder),
      gpu_crossbar("gpu_crossbar", BusParameters{}),
      gpu_memory("gpu_memory", gpu_memory_parameters(c.gpu)),
      gpu("gpu", c.gpu, recorder),
      pim_memory("pim_memory", c.dram, dram_trace, &recorder),
      pim_memory_checker(c.sim.check_protocol ? std::make_unique<BaseProtocolChecker>("pim_memory_checker") : nullptr),
      pim("pim", c.pim, c.dram, pim_memory, recorder),
      uart_output_(uart_output),
      software_interrupts_("software_interrupt", c.hart.harts),
      timer_interrupts_("timer_interrupt", c.hart.harts),
      external_interrupts_("external_interrupt", c.hart.harts * Plic::contexts_per_hart) {
    for (unsigned id = 0; id < c.hart.harts; ++id) {
        const std::string name = fmt::format("hart{}", id);
        harts.push_back(std::make_unique<Hart>(name.c_str(), c.hart, c.hart.quantum_ps, id, hart_group, recorder));
    }
    if (!pim_is_in_gpu(c)) {
        pim_link = std::make_unique<PcieLink>("pim_link", c.pcie, recorder);
        pim_endpoint = std::make_unique<PcieDevice>("pim_endpoint", c.pcie, std::vector{describe_pim(c)}, recorder);
    }
    wire_host();
    wire_interrupts();
    wire_pcie();
    wire_gpu();
    if (pim_endpoint) {
        wire_pim(*pim_endpoint, 0);
    } else {
        wire_pim(gpu_endpoint, gpu_function + 1);
    }
}

void Platform::add_htif(std::uint64_t tohost, std::optional<std::uint64_t> fromhost) {
    const auto move = [this](tlm::tlm_command command, std::uint64_t address, std::uint64_t& value) {
        if (!debug_access(harts.front()->socket, command, address, &value, sizeof value)) {
            throw std::logic_error("HTIF's double words lie outside RAM");
        }
    };
    Htif::Memory memory{
        [move](std::uint64_t address) {
            std::uint64_t value = 0;
            move(tlm::TLM_READ_COMMAND, address, value);
            return value;
        },
        [move](std::uint64_t address, std::uint64_t value) { move(tlm::TLM_WRITE_COMMAND, address, value); }};
    htif = std::make_unique<Htif>(tohost, fromhost, std::move(memory), uart_output_);
    for (const auto& hart : harts) {
        hart->watch_store(tohost, [this] { htif->look(); });
    }
}

void Platform::reset_devices() {
    trace_port.finish(to_ps(sc_core::sc_time_stamp()));
    for (CfiFlash& bank : flash) {
        bank.reset();
    }
    uart.reset();
    clint.reset();
    plic.reset();
    msi_frame.reset();
    root_complex.reset();
    pcie_switch.reset();
    gpu_endpoint.reset();
    gpu.reset();
    if (pim_endpoint) {
        pim_endpoint->reset();
    }
    pim_memory.reset();
    pim.reset();
}

FirmwareOutcome Platform::outcome() const {
    FirmwareOutcome outcome;
    outcome.resets = finisher.resets();
    if (const auto& end = finisher.outcome()) {
        outcome.exited = true;
        outcome.passed = end->kind == Finisher::Kind::pass;
        outcome.code = end->code;
    } else if (htif && htif->exit_code()) {
        outcome.exited = true;
        outcome.passed = *htif->exit_code() == 0;
        outcome.code = *htif->exit_code();
    }
    return outcome;
}

void Platform::finish_recording() {
    for (const auto& hart : harts) {
        hart->finish();
    }
    trace_port.finish(to_ps(sc_core::sc_time_stamp()));
    root_complex.finish();
    gpu_endpoint.finish();
    if (pim_endpoint) {
        pim_endpoint->finish();
    }
    pim_memory.finish_trace();
}

void Platform::wire_host() {
    for (const auto& hart : harts) {
        hart->socket.bind(bus.add_initiator(hart->basename()));
    }
    root_complex.memory.bind(bus.add_initiator("root_complex"));

    bus.map("finisher", AQPIM_FINISHER_BASE, AQPIM_FINISHER_SIZE).bind(finisher.socket);
    bus.map("trace_port", AQPIM_TRACE_PORT_BASE, AQPIM_TRACE_PORT_SIZE).bind(trace_port.socket);
    bus.map("clint", AQPIM_CLINT_BASE, AQPIM_CLINT_SIZE).bind(clint.socket);
    bus.map("plic", AQPIM_PLIC_BASE, AQPIM_PLIC_SIZE).bind(plic.socket);
    bus.map("uart", AQPIM_UART_BASE, AQPIM_UART_SIZE).bind(uart.socket);
    static_assert(CfiFlash::size == AQPIM_FLASH_BANK_SIZE);
    for (unsigned bank = 0; bank < AQPIM_FLASH_BANKS; ++bank) {
        bus.map(fmt::format("flash{}", bank), AQPIM_FLASH_BASE + bank * AQPIM_FLASH_BANK_SIZE, AQPIM_FLASH_BANK_SIZE)
            .bind(flash[bank].socket);
    }
    bus.map("msi_frame", AQPIM_MSI_BASE, AQPIM_MSI_SIZE).bind(msi_frame.socket);
    bus.map("ram", AQPIM_RAM_BASE, ram.size()).bind(ram.socket);
    bus.map("ecam", AQPIM_ECAM_BASE, AQPIM_ECAM_SIZE).bind(root_complex.ecam);
    bus.map("mmio",
            {{AQPIM_PCIE_MMIO32_BASE, AQPIM_PCIE_MMIO32_SIZE}, {AQPIM_PCIE_MMIO64_BASE, AQPIM_PCIE_MMIO64_SIZE}})
        .bind(root_complex.mmio);

    for (const auto& hart : harts) {
        hart->set_time_source([this](const sc_core::sc_time& at) { return clint.time(at); });
    }
}

void Platform::wire_interrupts() {
    msi_frame.interrupts.bind(plic);
    uart.interrupt.bind(uart_interrupt_);
    plic.source[AQPIM_IRQ_UART].bind(uart_interrupt_);
    plic.external_interrupt.bind(external_interrupts_);
    clint.software_interrupt.bind(software_interrupts_);
    clint.timer_interrupt.bind(timer_interrupts_);
    for (unsigned id = 0; id < harts.size(); ++id) {
        Hart& hart = *harts[id];
        hart.software_interrupt.bind(software_interrupts_[id]);
        hart.timer_interrupt.bind(timer_interrupts_[id]);
        hart.external_interrupt.bind(external_interrupts_[id * Plic::contexts_per_hart]);
        hart.supervisor_external_interrupt.bind(external_interrupts_[id * Plic::contexts_per_hart + 1]);
    }
}

void Platform::wire_pcie() {
    root_complex.port_initiator.bind(host_link.upstream_target);
    host_link.upstream_initiator.bind(root_complex.port_target);
    host_link.downstream_initiator.bind(pcie_switch.upstream_target);
    pcie_switch.upstream_initiator.bind(host_link.downstream_target);

    const auto attach = [this](unsigned port, PcieLink& link, PcieDevice& device) {
        pcie_switch.downstream_initiator[port].bind(link.upstream_target);
        link.upstream_initiator.bind(pcie_switch.downstream_target[port]);
        link.downstream_initiator.bind(device.link_target);
        device.link_initiator.bind(link.downstream_target);
    };
    attach(gpu_port, gpu_link, gpu_endpoint);
    if (pim_link) {
        attach(pim_port, *pim_link, *pim_endpoint);
    }
}

void Platform::wire_gpu() {
    gpu_crossbar.map("memory", 0, gpu_memory.size()).bind(gpu_memory.socket);
    gpu.memory.bind(gpu_crossbar.add_initiator("core"));
    gpu_endpoint.bar(gpu_function, AQPIM_BAR_MEMORY).bind(gpu_crossbar.add_initiator("bar"));
    gpu_endpoint.bar(gpu_function, AQPIM_BAR_REGISTERS).bind(gpu.registers);
    gpu.bus.bind(gpu_endpoint.dma(gpu_function));
    gpu.raise_interrupt = [this](unsigned vector, sc_core::sc_time& delay) {
        gpu_endpoint.msix(gpu_function).raise(vector, delay);
    };
}

void Platform::wire_pim(PcieDevice& endpoint, unsigned function) {
    endpoint.bar(function, AQPIM_BAR_REGISTERS).bind(pim.registers);
    if (pim_memory_checker) {
        endpoint.bar(function, AQPIM_BAR_MEMORY).bind(pim_memory_checker->target);
        pim_memory_checker->initiator.bind(pim_memory.socket);
    } else {
        endpoint.bar(function, AQPIM_BAR_MEMORY).bind(pim_memory.socket);
    }
    pim.bus.bind(endpoint.dma(function));
    pim.raise_interrupt = [&endpoint, function](unsigned vector, sc_core::sc_time& delay) {
        endpoint.msix(function).raise(vector, delay);
    };
}

}  // namespace aqpim
