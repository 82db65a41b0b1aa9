#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "models/common/clock.h"

namespace aqpim {

/// What one channel, or all of them together, did with the requests.
struct ReplayFigures {
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t forwarded_reads = 0;  ///< answered from a write that waited
    std::uint64_t merged_writes = 0;    ///< into a write that waited
    std::uint64_t row_hits = 0;
    std::uint64_t row_misses = 0;
    std::uint64_t row_conflicts = 0;
    std::uint64_t activates = 0;
    std::uint64_t refreshes = 0;
    Ticks read_latency_ticks = 0;                ///< summed over the reads: from the queue to the end of the data
    std::map<std::string, double> component_pj;  ///< energy, as docs/stats.md names the parts
    std::map<std::string, double> command_pj;

    std::uint64_t requests() const { return reads + writes; }
    ReplayFigures& operator+=(const ReplayFigures& other);
};

/// All figures of a replay; its `stats.json` in memory (docs/stats.md). Everything but `read_s` and `wall_s` follows
/// from the configuration and the requests.
struct ReplayResult {
    std::string configuration_digest;
    std::string fidelity;
    Clock cycle;  ///< tCK
    std::uint32_t ticks_per_cycle = 1;
    std::uint32_t burst_bytes = 0;
    Ticks ticks = 0;    ///< first request's arrival to the last one's completion
    double read_s = 0;  ///< wall time that reading the file took
    double wall_s = 0;  ///< wall time that the simulation took
    std::vector<ReplayFigures> channels;

    ReplayFigures all() const;
    Clock tick_clock() const { return {cycle.period_num(), cycle.period_den() * ticks_per_cycle}; }
    Picoseconds simulated_ps() const { return tick_clock().at(ticks); }
    std::uint64_t total_cycles() const { return (ticks + ticks_per_cycle - 1) / ticks_per_cycle; }
    double bandwidth_gbps(const ReplayFigures& figures) const;       ///< 10^9 bytes in a second
    double avg_read_latency_ns(const ReplayFigures& figures) const;  ///< 0 without reads
};

/// "pim.channel3"
std::string channel_name(std::size_t channel);

/// Version of the layout of a replay's `stats.json`; grows when a key changes its meaning or goes.
inline constexpr auto replay_schema = "replay-1";

nlohmann::json to_json(const ReplayResult& result);

/// What `replay` prints: the figures of all channels, and of each that had requests.
std::string format_summary(const ReplayResult& result, const std::string& out_dir);

}  // namespace aqpim
