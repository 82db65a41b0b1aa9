#pragma once

#include <cstdint>
#include <string>

#include "models/common/parameter.h"

namespace aqpim {

/// The PCIe fabric: every link, port and endpoint of a platform shares these.
///
/// An idle MMIO read through one switch takes 2 root + 4 link + 2 switch traversals and the endpoint once:
/// 2 * 150 + 4 * 20 + 2 * 105 + 200 = 790 ns, plus under 2 ns of serialisation at Gen5 x16. Only this sum is measured
/// (0.79 us, system.md §4) and the switch is on data sheets; how the rest is split is open, hence round values.
struct PcieParameters {
    std::string fidelity;
    std::uint32_t generation = 0;
    std::uint32_t lanes = 0;
    std::uint64_t payload_bandwidth = 0;         ///< B/s; 0: as generation and lanes give
    std::uint32_t max_payload = 0;               ///< bytes
    std::uint32_t max_read_request = 0;          ///< bytes
    std::uint32_t read_completion_boundary = 0;  ///< bytes
    std::uint32_t tags = 0;
    Picoseconds completion_timeout_ps = 0;
    Picoseconds propagation_ps = 0;
    Picoseconds switch_latency_ps = 0;
    Picoseconds root_latency_ps = 0;
    Picoseconds endpoint_latency_ps = 0;
    Picoseconds package_latency_ps = 0;
    std::uint64_t package_bandwidth = 0;  ///< B/s
    std::string forwarding;
    std::string arbitration;
    std::string port_weights;  ///< of a switch's ports, separated by commas; upstream port first
    bool acs_redirect = false;
    // What each receiver has room for, for each kind of TLP.
    std::uint32_t posted_headers = 0;
    std::uint64_t posted_buffer = 0;  ///< bytes
    std::uint32_t nonposted_headers = 0;
    std::uint32_t completion_headers = 0;
    std::uint64_t completion_buffer = 0;  ///< bytes
    Picoseconds dllp_latency_ps = 0;
    std::uint64_t replay_buffer = 0;  ///< bytes
    double bit_error_rate = 0;
    std::uint64_t seed = 1;  ///< of bit errors; set by the platform
    Picoseconds training_time_ps = 0;
    std::string faults;  ///< as parse_link_faults (models/pcie/link_faults.h) takes it

    void declare(ParameterSection pcie);
    /// Throws InputError where single values are allowed but do not go together, or lists do not parse.
    void check() const;

    bool is_detailed() const { return fidelity == "detailed"; }
    bool is_cut_through() const { return forwarding == "cut_through"; }
    /// Of port `port` (0: upstream) in weighted arbitration; 1 where none is given.
    std::uint32_t port_weight(unsigned port) const;
};

}  // namespace aqpim
