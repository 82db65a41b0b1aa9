#include "platform/platform.h"

#include <fmt/format.h>

#include <map>
#include <stdexcept>

#include "aqpim/memory_map.h"
#include "models/pcie/connect.h"
#include "platform/ram_map.h"

namespace aqpim {

namespace {

/// Of the switch below the root complex: GPUs first, then the PIM devices, or the second switch in their place.
unsigned switch_ports(const Configuration& configuration) {
    const PlatformParameters& platform = configuration.platform;
    if (configuration.pim_is_in_gpu()) {
        return platform.gpus;
    }
    return platform.gpus + (platform.is_cascaded() ? 1 : platform.pim_devices);
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
      tlp_scheduler("tlp_scheduler"),
      root_complex("root_complex", c.pcie, tlp_scheduler, recorder),
      host_link("host_link", c.pcie, recorder),
      pcie_switch("switch", c.pcie, switch_ports(c), tlp_scheduler, recorder),
      uart_output_(uart_output),
      software_interrupts_("software_interrupt", c.hart.harts),
      timer_interrupts_("timer_interrupt", c.hart.harts),
      external_interrupts_("external_interrupt", c.hart.harts * Plic::contexts_per_hart) {
    add_devices(c, dram_trace, recorder);
    for (unsigned id = 0; id < c.hart.harts; ++id) {
        const std::string name = fmt::format("hart{}", id);
        harts.push_back(std::make_unique<Hart>(name.c_str(), c.hart, c.hart.quantum_ps, id, hart_group, recorder));
    }
    wire_host();
    wire_interrupts();
    wire_pcie();
    add_link_faults(c.pcie.faults);
}

Platform::~Platform() = default;

void Platform::add_devices(const Configuration& c, dram::CommandSink* dram_trace, Recorder& recorder) {
    const PlatformParameters& p = c.platform;
    for (unsigned i = 0; i < p.gpus; ++i) {
        gpus.emplace_back(NodeName{"gpu", i, p.gpus}, c, c.pim_is_in_gpu() && i < p.pim_devices, tlp_scheduler,
                          recorder);
    }
    for (unsigned i = 0; i < p.pim_devices; ++i) {
        pims.emplace_back(NodeName{"pim", i, p.pim_devices}, c, c.pim_is_in_gpu() ? &gpus[i].endpoint : nullptr,
                          i == 0 ? dram_trace : nullptr, tlp_scheduler, recorder);
    }
    if (p.is_cascaded()) {
        pim_switch_link = std::make_unique<PcieLink>("pim_switch_link", c.pcie, recorder);
        pim_switch = std::make_unique<PcieSwitch>("pim_switch", c.pcie, p.pim_devices, tlp_scheduler, recorder);
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
    if (pim_switch) {
        pim_switch->reset();
    }
    for (GpuNode& node : gpus) {
        node.reset();
    }
    for (PimNode& node : pims) {
        node.reset();
    }
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
    for (GpuNode& node : gpus) {
        node.endpoint.finish();
    }
    for (PimNode& node : pims) {
        if (node.endpoint) {
            node.endpoint->finish();
        }
        node.memory.finish_trace();
    }
    for (PcieLink* const link : links_) {
        link->finish();
    }
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
    bus.map("ram", RamMap(ram.size()).windows()).bind(ram.socket);
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
    connect(root_complex, host_link);
    connect(host_link, pcie_switch);
    links_.push_back(&host_link);

    unsigned port = 0;
    for (GpuNode& node : gpus) {
        connect(pcie_switch, port++, node.link);
        connect(node.link, node.endpoint);
        links_.push_back(&node.link);
    }
    PcieSwitch& above_pims = pim_switch ? *pim_switch : pcie_switch;
    if (pim_switch) {
        connect(pcie_switch, port, *pim_switch_link);
        connect(*pim_switch_link, *pim_switch);
        links_.push_back(pim_switch_link.get());
        port = 0;
    }
    for (PimNode& node : pims) {
        if (node.link) {
            connect(above_pims, port++, *node.link);
            connect(*node.link, *node.endpoint);
            links_.push_back(node.link.get());
        }
    }
}

void Platform::add_link_faults(const std::string& faults) {
    if (faults.empty()) {
        return;
    }
    std::map<std::string, PcieLink*> by_name;
    for (PcieLink* const link : links_) {
        by_name[link->basename()] = link;
    }
    link_faults = std::make_unique<LinkFaultInjector>("link_faults", faults, by_name);
}

}  // namespace aqpim
