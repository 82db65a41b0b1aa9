#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "models/bus/bus.h"
#include "models/common/base_protocol_checker.h"
#include "models/dram/dram_memory.h"
#include "models/gpu/gpu.h"
#include "models/memory/memory.h"
#include "models/pcie/device.h"
#include "models/pcie/link.h"
#include "models/pim/pim_device.h"
#include "platform/configuration.h"

namespace aqpim {

/// One of `count` devices of a kind, "gpu" or "pim".
struct NodeName {
    std::string kind;
    unsigned index;
    unsigned count;

    /// The only one of its kind has no number: "gpu", else "gpu0".
    std::string text() const;
    std::uint64_t serial_number() const;
};

/// A GPU's own memory, as `gpu.memory_model` has it: a data bus with a latency, or DRAM.
class GpuMemory {
 public:
    GpuMemory(const std::string& name, const Configuration& configuration);

    /// Binds `initiator` to whichever it is.
    void bind_to(TaggedInitiatorSocket<Bus>& initiator);
    void reset();

    std::uint64_t size() const;
    /// Read and written by transactions.
    std::uint64_t bytes_moved() const;

 private:
    std::unique_ptr<Memory> stream_;
    std::unique_ptr<dram::DramMemory> dram_;
};

/// A GPU with its memory, and the PCIe device and link before it. The PCIe device has function 1 too where a PIM device
/// is in the GPU's package.
///
///     link ── endpoint ─┬─ registers ── gpu
///                       └─ memory ──┐    │
///                                 crossbar ── memory
struct GpuNode {
    PcieLink link;
    PcieDevice endpoint;
    Bus crossbar;
    GpuMemory memory;
    Gpu gpu;

    GpuNode(const NodeName& node, const Configuration& configuration, bool has_pim, TlpScheduler& scheduler,
            Recorder& recorder);

    void reset();

 private:
    void wire();
};

/// A PIM device with its memory, and the PCIe device and link before it; in a GPU's package these are the GPU's.
///
///     link ── endpoint ─┬─ registers ── pim ┄┄┐ commands
///                       └─ memory ───────── memory
struct PimNode {
    std::unique_ptr<PcieLink> link;
    std::unique_ptr<PcieDevice> endpoint;
    dram::DramMemory memory;
    std::unique_ptr<BaseProtocolChecker> memory_checker;  ///< before its socket; only with sim.check_protocol
    PimDevice pim;

    /// `package`: the GPU's PCIe device, or null. `trace` may be null.
    PimNode(const NodeName& node, const Configuration& configuration, PcieDevice* package, dram::CommandSink* trace,
            TlpScheduler& scheduler, Recorder& recorder);

    void reset();

 private:
    void wire(PcieDevice& device, unsigned function);
};

}  // namespace aqpim
