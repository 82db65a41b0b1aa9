#pragma once

#include <systemc>

#include <memory>
#include <optional>
#include <ostream>
#include <vector>

#include "models/bus/bus.h"
#include "models/clint/clint.h"
#include "models/common/base_protocol_checker.h"
#include "models/cpu/hart.h"
#include "models/dram/dram_memory.h"
#include "models/finisher/finisher.h"
#include "models/flash/cfi_flash.h"
#include "models/gpu/gpu.h"
#include "models/htif/htif.h"
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
#include "platform/results/stats.h"

namespace aqpim {

/// The whole system, wired. The constructor reads from the host outwards, like the block diagram in
/// docs/architecture.md.
class Platform {
 public:
    Platform(const Configuration& configuration, std::ostream& uart_output, dram::CommandSink* dram_trace,
             Recorder& recorder);

    /// Gives the harts a host-target interface, whose console is the UART's output. The double words at `tohost` and
    /// `fromhost` lie in RAM.
    void add_htif(std::uint64_t tohost, std::optional<std::uint64_t> fromhost);

    /// Every device as at power-on; memories keep their contents. The harts are not touched.
    void reset_devices();

    /// How firmware ended the run, through the finisher or HTIF.
    FirmwareOutcome outcome() const;

    /// Completes what the models record, at the end of the simulation.
    void finish_recording();

    // The host.
    Bus bus;
    Memory ram;
    sc_core::sc_vector<CfiFlash> flash;  ///< by bank
    Uart uart;
    Clint clint;
    Plic plic;
    MsiFrame msi_frame;
    Finisher finisher;
    TracePort trace_port;
    std::unique_ptr<Htif> htif;  ///< only for programs that use it
    HartGroup hart_group;
    std::vector<std::unique_ptr<Hart>> harts;

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
    std::unique_ptr<BaseProtocolChecker> pim_memory_checker;  ///< before its socket; only with sim.check_protocol
    PimDevice pim;

 private:
    void wire_host();
    void wire_interrupts();
    void wire_pcie();
    void wire_gpu();
    void wire_pim(PcieDevice& endpoint, unsigned function);

    using Wires = sc_core::sc_vector<sc_core::sc_signal<bool>>;

    std::ostream& uart_output_;
    sc_core::sc_signal<bool> uart_interrupt_{"uart_interrupt"};
    Wires software_interrupts_;  // by hart
    Wires timer_interrupts_;
    Wires external_interrupts_;  // by context of the PLIC
};

}  // namespace aqpim
