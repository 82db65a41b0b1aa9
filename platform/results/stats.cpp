#include "platform/results/stats.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"

namespace aqpim {

namespace {

using nlohmann::json;

json phase_json(const PhaseTime& phase) {
    return {{"ps", phase.ps},
            {"breakdown_ps", to_json(phase.breakdown)},
            {"energy_pj", phase.energy_pj},
            {"total_energy_pj", total_energy(phase.energy_pj)}};
}

/// Figures of one step and one token; none without steps, or without sequences.
void add_means(json& decode, const PhaseTime& sum, std::size_t steps, std::uint32_t batch) {
    if (steps == 0) {
        return;
    }
    const double energy_pj = total_energy(sum.energy_pj);
    decode["mean_step_ps"] = sum.ps / steps;
    decode["mean_step_energy_pj"] = energy_pj / static_cast<double>(steps);
    const std::uint64_t tokens = steps * batch;
    if (tokens == 0 || sum.ps == 0) {
        return;
    }
    constexpr double ps_per_s = 1e12;
    decode["token_ps"] = sum.ps / tokens;
    decode["token_energy_pj"] = energy_pj / static_cast<double>(tokens);
    decode["tokens_per_s"] = static_cast<double>(tokens) * ps_per_s / static_cast<double>(sum.ps);
}

json decode_json(const RunResult& run) {
    json step_ps = json::array();
    json step_breakdowns = json::array();
    json step_energies = json::array();
    for (const PhaseTime& step : run.decode) {
        step_ps.push_back(step.ps);
        step_breakdowns.push_back(to_json(step.breakdown));
        step_energies.push_back(total_energy(step.energy_pj));
    }
    const PhaseTime sum = sum_of(run.decode);
    json result{{"step_ps", step_ps},
                {"total_ps", sum.ps},
                {"breakdown_ps", to_json(sum.breakdown)},
                {"step_breakdown_ps", step_breakdowns},
                {"tokens", run.decode.size() * run.batch},
                {"energy_pj", sum.energy_pj},
                {"step_energy_pj", step_energies}};
    add_means(result, sum, run.decode.size(), run.batch);
    return result;
}

json gpu_json(const GpuStats& gpu) {
    json kernels = json::object();
    for (const auto& [kind, kernel] : gpu.kernels) {
        kernels[kind] = {
            {"count", kernel.count}, {"flops", kernel.flops}, {"bytes", kernel.bytes}, {"busy_ps", kernel.busy_ps}};
    }
    return {
        {"kernels", kernels}, {"peak_flops_per_s", gpu.peak_flops_per_s}, {"peak_bytes_per_s", gpu.peak_bytes_per_s}};
}

json pim_json(const RunResult& run) {
    json result{
        {"attention_cycles", run.pim_attention_cycles}, {"macs", run.pim.macs},
        {"column_bytes", run.pim.column_bytes},         {"busy_ps", run.pim.busy_ps},
        {"peak_macs_per_s", run.pim.peak_macs_per_s},   {"peak_column_bytes_per_s", run.pim.peak_column_bytes_per_s}};
    if (run.pim_bank_utilisation) {
        result["bank_utilisation"] = *run.pim_bank_utilisation;
    }
    return result;
}

json memory_json(const std::map<std::string, MemoryUse>& memory) {
    json result = json::object();
    for (const auto& [name, use] : memory) {
        result[name] = {{"capacity_bytes", use.capacity},
                        {"weights_bytes", use.weights},
                        {"kv_bytes", use.kv},
                        {"buffer_bytes", use.buffers}};
    }
    return result;
}

json accuracy_json(const Accuracy& accuracy) {
    json result{{"relative_l2_exact", accuracy.relative_l2_exact}};
    if (accuracy.relative_l2_coded) {
        result["relative_l2_coded"] = *accuracy.relative_l2_coded;
    }
    if (accuracy.nearest_codes) {
        result["nearest_codes"] = *accuracy.nearest_codes;
    }
    if (accuracy.relative_l2_keys) {
        result["relative_l2_keys"] = *accuracy.relative_l2_keys;
    }
    if (accuracy.relative_l2_values) {
        result["relative_l2_values"] = *accuracy.relative_l2_values;
    }
    return result;
}

json links_json(const RunResult& run) {
    json result = json::object();
    for (const LinkStats& link : run.links) {
        const double simulated_ps = static_cast<double>(run.simulated_ps);
        result[link.name] = {{"tlps", link.tlps},
                             {"payload_bytes", link.payload_bytes},
                             {"wire_bytes", link.wire_bytes},
                             {"busy_ps", link.busy_ps},
                             {"replays", link.replays},
                             {"starved_ps", link.starved_ps},
                             {"utilisation", simulated_ps > 0 ? static_cast<double>(link.busy_ps) / simulated_ps : 0}};
    }
    return result;
}

json channels_json(const std::vector<ChannelStats>& channels) {
    json result = json::object();
    for (const ChannelStats& channel : channels) {
        json& entry = result[channel.name] = channel.counts;
        entry["commands"] = channel.commands;
        entry["energy_pj"] = channel.energy_pj;
    }
    return result;
}

json harts_json(const std::vector<HartStats>& harts) {
    json result = json::object();
    for (const HartStats& hart : harts) {
        result[hart.name] = {{"instructions", hart.instructions}};
    }
    return result;
}

}  // namespace

double total_energy(const std::map<std::string, double>& energy_pj) {
    return std::accumulate(energy_pj.begin(), energy_pj.end(), 0.0,
                           [](double sum, const auto& component) { return sum + component.second; });
}

PhaseTime sum_of(const std::vector<PhaseTime>& phases) {
    PhaseTime sum;
    for (const PhaseTime& phase : phases) {
        sum.ps += phase.ps;
        sum.breakdown += phase.breakdown;
        for (const auto& [component, pj] : phase.energy_pj) {
            sum.energy_pj[component] += pj;
        }
    }
    return sum;
}

json to_json(const Breakdown& breakdown) {
    json result;
    for (const BreakdownPart& part : breakdown_parts) {
        result[std::string(part.key)] = breakdown.*part.field;
    }
    return result;
}

json to_json(const RunResult& run) {
    json result{
        {"schema", stats_schema},
        {"version", AQPIM_VERSION},
        {"configuration_digest", run.configuration_digest},
        {"data", run.data},
        {"workload", {{"batch", run.batch}}},
        {"simulated_ps", run.simulated_ps},
        {"wall_s", run.wall_s},
        {"setup", phase_json(run.setup)},
        {"prefill", phase_json(run.prefill)},
        {"decode", decode_json(run)},
        {"gpu", gpu_json(run.gpu)},
        {"pim", pim_json(run)},
        {"memory", memory_json(run.memory)},
        {"kv",
         {{"bytes_fp16", run.kv_bytes_fp16},
          {"bytes_stored", run.kv_bytes_stored},
          {"bytes_packed", run.kv_bytes_packed},
          {"layers_spilled", run.kv_layers_spilled},
          {"bytes_spilled", run.kv_bytes_spilled},
          {"tokens_that_fit", run.kv_tokens_that_fit}}},
        {"energy_pj", run.energy_pj},
        {"energy",
         {{"total_pj", total_energy(run.energy_pj)},
          {"other_pj", run.other_energy_pj},
          {"lookup_charge", run.lookup_charge}}},
        {"errors", run.errors},
        {"memory_errors", run.memory_errors},
        {"links", links_json(run)},
        {"channels", channels_json(run.channels)},
        {"harts", harts_json(run.harts)},
        {"firmware",
         {{"exited", run.firmware.exited},
          {"passed", run.firmware.passed},
          {"code", run.firmware.code},
          {"resets", run.firmware.resets}}},
    };
    if (run.accuracy) {
        result["accuracy"] = accuracy_json(*run.accuracy);
    }
    return result;
}

void write_stats(const RunResult& result, const std::string& file) {
    write_file_atomically(file, to_json(result).dump(2) + "\n");
}

json read_stats(const std::string& file) {
    json stats = json::parse(read_text_file(file), nullptr, false);
    if (!stats.is_object()) {
        throw InputError(fmt::format("{}: not the JSON object that a run writes", file));
    }
    if (stats.value("schema", json()) != stats_schema) {
        throw InputError(fmt::format("{}: schema {} found; this version reads {}", file,
                                     stats.value("schema", json()).dump(), stats_schema));
    }
    return stats;
}

}  // namespace aqpim
