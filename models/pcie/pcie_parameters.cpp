#include "models/pcie/pcie_parameters.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "models/common/error.h"
#include "models/pcie/link_faults.h"

namespace aqpim {

namespace {

constexpr std::uint32_t most_weight = 255;

[[noreturn]] void refuse_weights(const std::string& text) {
    throw InputError(fmt::format(
        "pcie.port_weights: '{}' found; numbers from 1 to {}, separated by commas, are allowed", text, most_weight));
}

std::vector<std::uint32_t> parse_weights(const std::string& text) {
    std::vector<std::uint32_t> weights;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        std::uint32_t weight = 0;
        const auto [next, error] = std::from_chars(at, end, weight);
        if (error != std::errc{} || weight == 0 || weight > most_weight || (next != end && *next != ',')) {
            refuse_weights(text);
        }
        weights.push_back(weight);
        at = next == end ? end : next + 1;
    }
    return weights;
}

}  // namespace

void PcieParameters::declare(ParameterSection pcie) {
    pcie.choice(fidelity, "fidelity", "fast", {"fast", "detailed"},
                {"fast: transfers in closed form; detailed: every TLP, with credits, tags, ordering and replay",
                 "fast: within 3 % of detailed for transfers of 64 KiB and more (docs/pcie.md)"});
    pcie.count(generation, "generation", 5, {1, 6}, {"PCIe generation of every link", "H100 data sheet: Gen5"});
    pcie.power_of_two(lanes, "lanes", 16, {1, 16}, {"lanes of every link", "H100 data sheet: x16"});
    pcie.optional_bandwidth(payload_bandwidth, "payload_bandwidth",
                            {"payload that large writes carry in one direction of a link, for measured or future "
                             "links; none: what generation, lanes and max_payload give",
                             "the latter"});
    pcie.power_of_two(max_payload, "max_payload", 256, {128, 512},
                      {"bytes a TLP carries at most", "system.md §4; 256 B is what most servers set"});
    pcie.power_of_two(max_read_request, "max_read_request", 512, {128, 4096},
                      {"bytes one read request asks for at most", "PCIe Base Specification 7.5.3.4: reset value"});
    pcie.power_of_two(read_completion_boundary, "read_completion_boundary", 64, {64, 128},
                      {"address boundary at which completions are cut", "PCIe Base Specification 2.3.1.1"});
    pcie.power_of_two(tags, "tags", 256, {32, 1024},
                      {"reads that a function may have outstanding: 32 (5 bits), 256 (8) or 1024 (10)",
                       "PCIe Base Specification 2.2.6.2: extended tags"});
    pcie.time(completion_timeout_ps, "completion_timeout", "50ms",
              {"after which a requester gives a read up", "system.md §4: 50 us to 50 ms"});
    pcie.time(propagation_ps, "propagation", "20ns",
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
    pcie.choice(forwarding, "forwarding", "cut_through", {"cut_through", "store_and_forward"},
                {"whether a switch sends a TLP on once its header is there, or once all of it is",
                 "switch data sheets: cut-through"});
    pcie.choice(arbitration, "arbitration", "round_robin", {"round_robin", "weighted"},
                {"between the ports of a switch whose TLPs leave by the same link; detailed only",
                 "PCIe Base Specification 6.3.3.2"});
    pcie.text(
        port_weights, "port_weights", "",
        {"TLPs that each port of a switch may send in its turn, upstream port first; 1 where none is given", "open"});
    pcie.flag(acs_redirect, "acs_redirect", false,
              {"at power-on switch ports send peer-to-peer requests up to the root (ACS P2P request redirect), as "
               "firmware with an IOMMU sets it",
               "PCIe Base Specification 7.7.11.3: off at reset"});
    pcie.count(
        posted_headers, "posted_headers", 1024, {1, 2047},
        {"posted TLPs that a receiver has room for", "open: covers the round trip of a Gen6 x16 link and a memory"});
    pcie.size(posted_buffer, "posted_buffer", "128KiB",
              {"data of posted TLPs that a receiver has room for",
               "open: covers the round trip of a Gen6 x16 link and a memory"});
    pcie.count(nonposted_headers, "nonposted_headers", 256, {1, 2047},
               {"non-posted TLPs that a receiver has room for", "open: as many as there are tags"});
    pcie.count(completion_headers, "completion_headers", 1024, {1, 2047},
               {"completions that a switch port has room for; endpoints and the root have room for all they ask for",
                "open: covers the round trip of a Gen6 x16 link and a memory"});
    pcie.size(completion_buffer, "completion_buffer", "128KiB",
              {"data of completions that a switch port has room for",
               "open: covers the round trip of a Gen6 x16 link and a memory"});
    pcie.time(dllp_latency_ps, "dllp_latency", "50ns",
              {"from a TLP's arrival, or room in a buffer, until the ACK or UpdateFC that says so leaves", "open"});
    pcie.size(replay_buffer, "replay_buffer", "64KiB",
              {"TLPs that a sender keeps until they are acknowledged",
               "open: covers the round trip of a Gen6 x16 link and a memory"});
    pcie.real(bit_error_rate, "bit_error_rate", 0, {0, 1e-5},
              {"share of bits on a link that are wrong: such TLPs are sent again",
               "off; PCIe Base Specification 8.3: links keep it below 1e-12"});
    pcie.time(training_time_ps, "training_time", "12ms",
              {"from the end of a reset or disable until the link is up",
               "PCIe Base Specification 4.2.6.1.1: the time-out of Detect.Quiet"});
    pcie.text(faults, "faults", "",
              {"what goes wrong and when, separated by commas: LINK:down@TIME, :up@TIME, :poison@TIME, :drop@TIME (the "
               "next TLP with data, or completion, that leaves in either direction)",
               "none"});
}

void PcieParameters::check() const {
    if (tags != 32 && tags != 256 && tags != 1024) {
        throw InputError(fmt::format("pcie.tags: {} found; 32, 256 or 1024 is allowed", tags));
    }
    constexpr std::uint64_t most_bandwidth = 10'000'000'000'000;
    if (payload_bandwidth > most_bandwidth) {
        throw InputError(
            fmt::format("pcie.payload_bandwidth: {} B/s found; up to 10 TB/s is allowed", payload_bandwidth));
    }
    constexpr Picoseconds microsecond = 1'000'000;
    if (completion_timeout_ps < 50 * microsecond || completion_timeout_ps > 50'000 * microsecond) {
        throw InputError(
            fmt::format("pcie.completion_timeout: {} ps found; 50 us to 50 ms is allowed", completion_timeout_ps));
    }
    for (const auto& [key, buffer] :
         {std::pair{"posted_buffer", posted_buffer}, std::pair{"completion_buffer", completion_buffer},
          std::pair{"replay_buffer", replay_buffer}}) {
        const std::uint64_t least = std::string_view(key) == "replay_buffer" ? max_payload + 24 : max_payload;
        if (buffer < least) {
            throw InputError(
                fmt::format("pcie.{}: {} bytes found; at least {} are allowed, one TLP", key, buffer, least));
        }
    }
    parse_weights(port_weights);
    parse_link_faults(faults);
}

std::uint32_t PcieParameters::port_weight(unsigned port) const {
    const std::vector<std::uint32_t> weights = parse_weights(port_weights);
    return arbitration == "weighted" && port < weights.size() ? weights[port] : 1;
}

}  // namespace aqpim
