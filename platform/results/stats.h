#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/common/clock.h"
#include "platform/results/activity.h"

namespace aqpim {

/// A stretch of the run that firmware marked on the trace port.
struct PhaseTime {
    Picoseconds ps = 0;
    Breakdown breakdown;
    std::map<std::string, double> energy_pj{};  ///< by component
};

/// How close the computed attention came to float64 attention, as relative L2 error over all outputs, and what the
/// codes stand for to the vectors, over all coded tokens.
struct Accuracy {
    double relative_l2_exact = 0;             ///< against attention over the uncompressed keys and values
    std::optional<double> relative_l2_coded;  ///< against attention over the vectors that the codes stand for
    std::optional<double> nearest_codes;      ///< share of codes that name the nearest centroid
    std::optional<double> relative_l2_keys;
    std::optional<double> relative_l2_values;
};

/// One direction of a PCIe link.
struct LinkStats {
    std::string name;  ///< its track: "pcie.gpu_link.down"
    std::uint64_t tlps = 0;
    std::uint64_t payload_bytes = 0;
    std::uint64_t wire_bytes = 0;  ///< payload and all overhead
    Picoseconds busy_ps = 0;
    std::uint64_t replays = 0;  ///< TLPs sent again
    Picoseconds starved_ps = 0;
};

struct ChannelStats {
    std::string name;                             ///< its track: "pim.channel3"
    std::map<std::string, std::uint64_t> counts;  ///< by the keys of docs/stats.md
    std::map<std::string, std::uint64_t> commands;
    std::map<std::string, double> energy_pj;  ///< by command, and background by state
};

struct HartStats {
    std::string name;
    std::uint64_t instructions = 0;  ///< retired
};

/// What a memory holds, in bytes.
struct MemoryUse {
    std::uint64_t capacity = 0;
    std::uint64_t weights = 0;
    std::uint64_t kv = 0;
    std::uint64_t buffers = 0;
};

/// All kernels of one kind.
struct KernelStats {
    std::uint64_t count = 0;
    std::uint64_t flops = 0;  ///< operations
    std::uint64_t bytes = 0;  ///< of the GPU's memory
    Picoseconds busy_ps = 0;
};

/// What a roofline is drawn from.
struct GpuStats {
    std::map<std::string, KernelStats> kernels;
    double peak_flops_per_s = 0;
    double peak_bytes_per_s = 0;
};

/// The same of the PIM device's bank engines.
struct PimStats {
    std::uint64_t macs = 0;
    std::uint64_t column_bytes = 0;  ///< of columns that sweeps, moves and look-ups access
    Picoseconds busy_ps = 0;
    double peak_macs_per_s = 0;
    double peak_column_bytes_per_s = 0;
};

struct FirmwareOutcome {
    bool exited = false;  ///< through the finisher or HTIF
    bool passed = false;
    std::uint64_t code = 0;    ///< when it failed: 16 bits from the finisher, 47 from HTIF
    std::uint64_t resets = 0;  ///< of the machine, that it asked for
};

/// All figures of a run; `stats.json` in memory (docs/stats.md). Everything but `wall_s` is determined by the
/// configuration and its inputs.
struct RunResult {
    std::string configuration_digest;
    std::string data;         ///< sim.data
    std::uint32_t batch = 0;  ///< sequences
    Picoseconds simulated_ps = 0;
    double wall_s = 0;
    PhaseTime setup;
    PhaseTime prefill;
    std::vector<PhaseTime> decode;                  ///< one for each step
    std::map<std::string, double> other_energy_pj;  ///< in none of these phases
    GpuStats gpu;
    PimStats pim;
    std::uint64_t pim_attention_cycles = 0;      ///< channel clock: one layer's first command to its last completion
    std::optional<double> pim_bank_utilisation;  ///< share of the banks that holds a part of some unit
    std::uint64_t kv_bytes_fp16 = 0;
    std::uint64_t kv_bytes_stored = 0;        ///< allocated to codes, codebooks and uncompressed tokens
    std::uint64_t kv_bytes_packed = 0;        ///< the same without the padding to whole columns of every bank
    std::uint64_t kv_layers_spilled = 0;      ///< to RAM, for want of memory where they belong
    std::uint64_t kv_bytes_spilled = 0;       ///< of these layers, in fp16
    std::uint64_t kv_tokens_that_fit = 0;     ///< of the longest prompt, when the PIM memory was too small; else 0
    std::string shortage;                     ///< which memory was too small for the job; empty if none was
    std::map<std::string, MemoryUse> memory;  ///< "gpu", "pim", "host"
    std::map<std::string, double> energy_pj;
    std::string lookup_charge;  ///< energy.lookup_charge
    std::map<std::string, std::uint64_t> errors;
    std::map<std::string, std::uint64_t> memory_errors;  ///< what ECC and faults of the PIM memory made of its reads
    std::optional<Accuracy> accuracy;
    std::vector<LinkStats> links;
    std::vector<ChannelStats> channels;
    std::vector<HartStats> harts;
    FirmwareOutcome firmware;
};

/// Version of the layout of `stats.json`; grows when a key changes its meaning or goes.
inline constexpr int stats_schema = 1;

/// Of all components, in pJ.
double total_energy(const std::map<std::string, double>& energy_pj);
PhaseTime sum_of(const std::vector<PhaseTime>& phases);

nlohmann::json to_json(const Breakdown& breakdown);
nlohmann::json to_json(const RunResult& result);

/// Writes `stats.json`, whole or not at all. Throws InputError when it cannot be written.
void write_stats(const RunResult& result, const std::string& file);

/// Reads what write_stats wrote. Throws InputError when the file cannot be read, is not JSON or of another schema.
nlohmann::json read_stats(const std::string& file);

}  // namespace aqpim
