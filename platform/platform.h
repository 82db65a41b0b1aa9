#pragma once

#include <systemc>

#include <deque>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "models/bus/bus.h"
#include "models/clint/clint.h"
#include "models/cpu/hart.h"
#include "models/finisher/finisher.h"
#include "models/flash/cfi_flash.h"
#include "models/htif/htif.h"
#include "models/memory/memory.h"
#include "models/msi_frame/msi_frame.h"
#include "models/pcie/connect.h"
#include "models/pcie/link_fault_injector.h"
#include "models/pcie/tlp_scheduler.h"
#include "models/plic/plic.h"
#include "models/trace_port/trace_port.h"
#include "models/uart/uart.h"
#include "platform/configuration.h"
#include "platform/nodes.h"
#include "platform/results/stats.h"

namespace aqpim {

/// The whole system, wired. The constructor reads from the host outwards, like the block diagram in
/// docs/architecture.md.
class Platform {
 public:
    /// `dram_trace` receives the commands of the first PIM device's memory; may be null.
    Platform(const Configuration& configuration, std::ostream& uart_output, dram::CommandSink* dram_trace,
             Recorder& recorder);
    ~Platform();

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

    // PCIe.
    TlpScheduler tlp_scheduler;
    PcieRootComplex root_complex;
    PcieLink host_link;
    PcieSwitch pcie_switch;
    std::unique_ptr<PcieLink> pim_switch_link;  ///< only with platform.topology = cascaded
    std::unique_ptr<PcieSwitch> pim_switch;
    std::unique_ptr<LinkFaultInjector> link_faults;  ///< only with pcie.faults

    // What is behind it, each with its link; the job is done by the first of each.
    std::deque<GpuNode> gpus;
    std::deque<PimNode> pims;

    const GpuNode& job_gpu() const { return gpus.front(); }
    GpuNode& job_gpu() { return gpus.front(); }
    const PimNode& job_pim() const { return pims.front(); }
    PimNode& job_pim() { return pims.front(); }

    /// From the host outwards.
    const std::vector<PcieLink*>& links() const { return links_; }

 private:
    void add_devices(const Configuration& configuration, dram::CommandSink* dram_trace, Recorder& recorder);
    void wire_host();
    void wire_interrupts();
    void wire_pcie();
    void add_link_faults(const std::string& faults);

    using Wires = sc_core::sc_vector<sc_core::sc_signal<bool>>;

    std::ostream& uart_output_;
    std::vector<PcieLink*> links_;
    sc_core::sc_signal<bool> uart_interrupt_{"uart_interrupt"};
    Wires software_interrupts_;  // by hart
    Wires timer_interrupts_;
    Wires external_interrupts_;  // by context of the PLIC
};

}  // namespace aqpim
