#pragma once

#include <systemc>

#include <memory>
#include <ostream>

#include "models/bus/bus.h"
#include "models/clint/clint.h"
#include "models/cpu/hart.h"
#include "models/dram/dram_memory.h"
#include "models/finisher/finisher.h"
#include "models/gpu/gpu.h"
#include "models/memory/memory.h"
#include "models/msi_frame/msi_frame.h"
#include "models/pcie/device.h"
#include "models/pcie/link.h"
#include "models/pcie/root_complex.h"
#include "models/pcie/switch.h"
#include "models/pim/pim_device.h"
#include "models/plic/plic.h"
#include "models/trace_port/trace_port.h"
#include "models/uart/uart.h"
#include "platform/configuration.h"

namespace aqpim {

/// The whole system, wired. The constructor reads from the host outwards, like the block diagram in
/// docs/architecture.md.
class Platform {
 public:
    Platform(const Configuration& configuration, std::ostream& uart_output, dram::CommandSink* dram_trace,
             Recorder& recorder);

    /// Completes what the models record, at the end of the simulation.
    void finish_recording();

    // The host.
    Bus bus;
    Memory ram;
    Uart uart;
    Clint clint;
    Plic plic;
    MsiFrame msi_frame;
    Finisher finisher;
    TracePort trace_port;
    Hart hart;

    // PCIe. The PIM device has a link of its own, or shares the GPU's.
    PcieRootComplex root_complex;
    PcieLink host_link;
    PcieSwitch pcie_switch;
    PcieLink gpu_link;
    PcieDevice gpu_endpoint;
    std::unique_ptr<PcieLink> pim_link;
    std::unique_ptr<PcieDevice> pim_endpoint;

    // What is behind it.
    Bus gpu_crossbar;
    Memory gpu_memory;
    Gpu gpu;
    dram::DramMemory pim_memory;
    PimDevice pim;

 private:
    void wire_host();
    void wire_pcie();
    void wire_gpu();
    void wire_pim(PcieDevice& endpoint, unsigned function);

    sc_core::sc_signal<bool> uart_interrupt_{"uart_interrupt"};
    sc_core::sc_signal<bool> software_interrupt_{"software_interrupt"};
    sc_core::sc_signal<bool> timer_interrupt_{"timer_interrupt"};
    sc_core::sc_signal<bool> external_interrupt_{"external_interrupt"};
};

}  // namespace aqpim
