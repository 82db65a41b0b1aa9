#pragma once

#include <systemc>
#include <tlm>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aqpim/pci_ids.h"
#include "models/common/base_protocol_checker.h"
#include "models/common/sockets.h"
#include "models/common/sparse_memory.h"
#include "models/pcie/connect.h"
#include "models/pcie/device.h"
#include "models/pcie/link.h"
#include "models/pcie/root_complex.h"
#include "models/pcie/switch.h"
#include "tests/pcie/parameters.h"
#include "tests/pcie/play.h"

namespace aqpim {

/// A memory without latency that notes when each access reached it. It may be slow, or fail.
class NotingMemory : public sc_core::sc_module {
 public:
    struct Access {
        bool write;
        std::uint64_t address;
        std::uint64_t bytes;
        Picoseconds time;
    };
    static constexpr std::uint64_t size = 1ull << 40;  ///< beyond: an address error

    TargetSocket<NotingMemory> socket;
    std::vector<Access> accesses;
    SparseMemory contents;
    bool notes = true;
    tlm::tlm_response_status answer = tlm::TLM_OK_RESPONSE;
    Picoseconds latency = 0;
    std::uint64_t latency_below = size;  ///< of addresses below this one
    std::uint64_t bandwidth = 0;         ///< B/s; 0: without limit

    explicit NotingMemory(sc_core::sc_module_name name);
    std::uint32_t word(std::uint64_t address) const;

 private:
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& payload);
    bool move(tlm::tlm_generic_payload& payload);

    Picoseconds free_at_ = 0;
};

/// A function's core: two BARs full of memory and a way out, over which a checker of the base protocol watches.
struct TestCore : sc_core::sc_module {
    InitiatorSocket<TestCore> dma;
    BaseProtocolChecker checker;
    NotingMemory registers;
    NotingMemory memory;
    /// What nb_transport answers: a payload, and when its response begins.
    std::function<void(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay)> on_response;

    explicit TestCore(sc_core::sc_module_name name);

 private:
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
};

/// The host's side of the root complex.
struct TestHost : sc_core::sc_module {
    InitiatorSocket<TestHost> ecam;
    InitiatorSocket<TestHost> mmio;
    NotingMemory memory;

    explicit TestHost(sc_core::sc_module_name name);

    std::uint32_t config_read(RoutingId function, unsigned offset, unsigned bytes = 4);
    void config_write(RoutingId function, unsigned offset, std::uint32_t value, unsigned bytes = 4);
    /// Each starts at `delay` and leaves its end there.
    std::uint32_t read(std::uint64_t address, sc_core::sc_time& delay);
    std::uint32_t read(std::uint64_t address);
    void write(std::uint64_t address, std::uint32_t value, sc_core::sc_time& delay);
    void write(std::uint64_t address, std::uint32_t value);
};

/// Root complex, link, switch with two ports, and behind each a link and a device. Device 1 has two functions.
struct Tree : sc_core::sc_module {
    static constexpr std::uint64_t register_bytes = AQPIM_BAR_REGISTERS_SIZE;
    static constexpr std::uint64_t memory_bytes = 16 << 20;
    static constexpr RoutingId root_port = routing_id(0, 1, 0);
    static constexpr RoutingId switch_upstream = routing_id(1, 0, 0);
    static constexpr RoutingId switch_port(unsigned port) { return routing_id(2, port, 0); }
    static constexpr RoutingId function_id(unsigned device, unsigned function = 0) {
        return routing_id(3 + device, 0, function);
    }
    /// Where enumerate() places BARs.
    static constexpr std::uint64_t registers_at(unsigned device, unsigned function = 0) {
        return 0x4000'0000 + device * 0x10'0000 + function * 0x4'0000;
    }
    static constexpr std::uint64_t msix_at(unsigned device, unsigned function = 0) {
        return registers_at(device, function) + 0x2'0000;
    }
    static constexpr std::uint64_t memory_at(unsigned device, unsigned function = 0) {
        return 0x4'0000'0000 + (device * 2 + function) * memory_bytes;
    }

    TlpScheduler scheduler;
    TestHost host;
    PcieRootComplex root;
    PcieLink root_link;
    PcieSwitch pcie_switch;
    PcieLink link0;
    PcieLink link1;
    PcieDevice device0;
    PcieDevice device1;
    TestCore core0;
    TestCore core1;
    TestCore core1b;  ///< device 1, function 1

    Tree(sc_core::sc_module_name name, const PcieParameters& parameters, Recorder& recorder);

    /// Gives numbers to buses, addresses to BARs and windows, and enables everything.
    void enumerate();
    void open_bridge(RoutingId bridge, unsigned secondary, unsigned subordinate, unsigned first_device,
                     unsigned last_device);
    void place_bars(unsigned device, unsigned function);

    /// DMA at `delay` by a core; returns the status and leaves the end in `delay`.
    tlm::tlm_response_status dma(TestCore& core, tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes,
                                 sc_core::sc_time& delay);
};

/// The tree alone, enumerated, with idle links.
struct EnumeratedTree {
    explicit EnumeratedTree(const PcieParameters& parameters = default_pcie_parameters());

    Recorder recorder;
    Tree tree;
};

/// The same tree in both fidelities, enumerated, with idle links.
struct BothFidelities {
    explicit BothFidelities(const PcieParameters& parameters = default_pcie_parameters());

    /// Plays `scene` with one after the other; false if it did not end.
    bool play(const std::function<void(Tree&)>& scene);

    Recorder recorder;
    std::vector<std::unique_ptr<Tree>> trees;  ///< fast, detailed
};

}  // namespace aqpim
