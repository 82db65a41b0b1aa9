#pragma once

#include <cstdint>

#include "models/common/parameter.h"

namespace aqpim {

/// The PCIe fabric: every link, port and endpoint of a platform shares these.
///
/// An idle MMIO read through one switch takes 2 root + 4 link + 2 switch traversals and the endpoint once:
/// 2 * 150 + 4 * 20 + 2 * 105 + 200 = 790 ns, plus under 2 ns of serialisation at Gen5 x16. Only this sum is measured
/// (0.79 us, system.md §4) and the switch is on data sheets; how the rest is split is open, hence round values.
struct PcieParameters {
    std::uint32_t generation = 0;
    std::uint32_t lanes = 0;
    std::uint32_t max_payload = 0;       ///< bytes
    std::uint32_t max_read_request = 0;  ///< bytes
    Picoseconds propagation_ps = 0;
    Picoseconds switch_latency_ps = 0;
    Picoseconds root_latency_ps = 0;
    Picoseconds endpoint_latency_ps = 0;
    Picoseconds package_latency_ps = 0;
    std::uint64_t package_bandwidth = 0;  ///< B/s

    void declare(ParameterSection pcie) {
        pcie.count(generation, "generation", 5, {1, 6}, {"PCIe generation of every link", "H100 data sheet: Gen5"});
        pcie.power_of_two(lanes, "lanes", 16, {1, 16}, {"lanes of every link", "H100 data sheet: x16"});
        pcie.power_of_two(max_payload, "max_payload", 256, {128, 512},
                          {"bytes a TLP carries at most", "system.md §4; 256 B is what most servers set"});
        pcie.power_of_two(max_read_request, "max_read_request", 512, {128, 4096},
                          {"bytes one read request asks for at most", "PCIe Base Specification 7.5.3.4: reset value"});
        pcie.time(
            propagation_ps, "propagation", "20ns",
            {"latency of a link beyond serialisation, one way", "open: from the 0.79 us MMIO read of system.md §4"});
        pcie.time(switch_latency_ps, "switch_latency", "105ns",
                  {"one traversal of a switch", "switch data sheets: 85 ns to 140 ns, system.md §4"});
        pcie.time(root_latency_ps, "root_latency", "150ns",
                  {"one traversal of the root complex", "open: from the 0.79 us MMIO read of system.md §4"});
        pcie.time(endpoint_latency_ps, "endpoint_latency", "200ns",
                  {"from a TLP's arrival at a device to the access of its BAR",
                   "open: from the 0.79 us MMIO read of system.md §4"});
        pcie.time(package_latency_ps, "package_latency", "20ns",
                  {"between two functions of one package", "open: interposer and two on-die crossings"});
        pcie.bandwidth(package_bandwidth, "package_bandwidth", "670.4GB/s",
                       {"between two functions of one package", "one HBM3 stack of the H100's five, system.md §4"});
    }
};

}  // namespace aqpim
