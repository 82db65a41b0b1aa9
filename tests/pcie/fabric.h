#pragma once

#include <memory>
#include <vector>

#include "tests/pcie/tree.h"

namespace aqpim {

/// A root complex and any tree of switches behind it, with a device of one function on each port that no switch is on.
struct Fabric : sc_core::sc_module {
    /// Switch i + 1 hangs on port `port` of switch `above`; switch 0 on the root.
    struct Below {
        unsigned above;
        unsigned port;
    };
    struct Shape {
        std::vector<unsigned> ports;  ///< of each switch
        std::vector<Below> below;
    };
    /// A device that enumeration has found, in the order of bus numbers.
    struct Found {
        RoutingId id;
        std::uint64_t registers;
        std::uint64_t memory;
    };

    TlpScheduler scheduler;
    TestHost host;
    PcieRootComplex root;
    std::vector<std::unique_ptr<PcieLink>> links;
    std::vector<std::unique_ptr<PcieSwitch>> switches;
    std::vector<std::unique_ptr<PcieDevice>> devices;  ///< in the order of switches and their ports
    std::vector<std::unique_ptr<TestCore>> cores;

    Fabric(sc_core::sc_module_name name, const PcieParameters& parameters, const Shape& shape, Recorder& recorder);

    /// Depth first, as system software does it: bus numbers, then windows around what was found. From a thread.
    std::vector<Found> enumerate();

 private:
    PcieLink& add_link(const PcieParameters& parameters, Recorder& recorder);
    void add_device(unsigned above, unsigned port, const PcieParameters& parameters, Recorder& recorder);
    void scan_bus(unsigned bus, std::vector<Found>& found);
    void scan_bridge(RoutingId bridge, std::vector<Found>& found);
    void place_device(RoutingId id, std::vector<Found>& found);
    std::uint64_t place_bar(RoutingId id, unsigned offset, std::uint64_t& next);

    unsigned last_bus_ = 0;
    std::uint64_t next_registers_ = 0;
    std::uint64_t next_memory_ = 0;
};

}  // namespace aqpim
