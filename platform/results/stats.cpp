#include "platform/results/stats.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"

namespace aqpim {

namespace {

using nlohmann::json;

json phase_json(const PhaseTime& phase) {
    return {{"ps", phase.ps}, {"breakdown_ps", to_json(phase.breakdown)}};
}

json decode_json(const std::vector<PhaseTime>& steps) {
    json step_ps = json::array();
    json step_breakdowns = json::array();
    Breakdown sum;
    for (const PhaseTime& step : steps) {
        step_ps.push_back(step.ps);
        step_breakdowns.push_back(to_json(step.breakdown));
        sum += step.breakdown;
    }
    return {{"step_ps", step_ps}, {"breakdown_ps", to_json(sum)}, {"step_breakdown_ps", step_breakdowns}};
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
        {"decode", decode_json(run.decode)},
        {"pim", {{"attention_cycles", run.pim_attention_cycles}}},
        {"kv",
         {{"bytes_fp16", run.kv_bytes_fp16},
          {"bytes_stored", run.kv_bytes_stored},
          {"bytes_packed", run.kv_bytes_packed},
          {"tokens_that_fit", run.kv_tokens_that_fit}}},
        {"energy_pj", run.energy_pj},
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
    if (run.pim_bank_utilisation) {
        result["pim"]["bank_utilisation"] = *run.pim_bank_utilisation;
    }
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
