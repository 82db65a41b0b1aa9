#include "platform/replay_result.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "platform/results/summary.h"

namespace aqpim {

namespace {

using nlohmann::json;

constexpr double ps_per_ns = 1000;

json figures_json(const ReplayResult& result, const ReplayFigures& figures) {
    return {
        {"requests", figures.requests()},
        {"reads", figures.reads},
        {"writes", figures.writes},
        {"forwarded_reads", figures.forwarded_reads},
        {"merged_writes", figures.merged_writes},
        {"bandwidth_gbps", result.bandwidth_gbps(figures)},
        {"avg_read_latency_ns", result.avg_read_latency_ns(figures)},
        {"row_hits", figures.row_hits},
        {"row_misses", figures.row_misses},
        {"row_conflicts", figures.row_conflicts},
        {"activates", figures.activates},
        {"refreshes", figures.refreshes},
        {"energy_pj", figures.component_pj},
        {"command_energy_pj", figures.command_pj},
    };
}

std::string line(std::string_view label, const std::string& text) {
    return fmt::format("{:<16}{}\n", label, text);
}

std::string row(const std::string& name, const ReplayResult& result, const ReplayFigures& figures) {
    return fmt::format("{:<16}{:>12}{:>12.4g}{:>12.4g}{:>12}{:>12}{:>12}\n", name, figures.requests(),
                       result.bandwidth_gbps(figures), result.avg_read_latency_ns(figures), figures.row_hits,
                       figures.row_misses, figures.row_conflicts);
}

std::string table(const ReplayResult& result, const ReplayFigures& all) {
    std::string text = fmt::format("{:<16}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}\n", "channel", "requests", "GB/s",
                                   "latency ns", "row hits", "misses", "conflicts");
    for (std::size_t channel = 0; channel < result.channels.size(); ++channel) {
        if (result.channels[channel].requests() != 0) {
            text += row(channel_name(channel), result, result.channels[channel]);
        }
    }
    return text + row("all", result, all);
}

void add(std::map<std::string, double>& sums, const std::map<std::string, double>& others) {
    for (const auto& [name, pj] : others) {
        sums[name] += pj;
    }
}

}  // namespace

ReplayFigures& ReplayFigures::operator+=(const ReplayFigures& other) {
    for (const auto field :
         {&ReplayFigures::reads, &ReplayFigures::writes, &ReplayFigures::forwarded_reads, &ReplayFigures::merged_writes,
          &ReplayFigures::row_hits, &ReplayFigures::row_misses, &ReplayFigures::row_conflicts,
          &ReplayFigures::activates, &ReplayFigures::refreshes, &ReplayFigures::read_latency_ticks}) {
        this->*field += other.*field;
    }
    add(component_pj, other.component_pj);
    add(command_pj, other.command_pj);
    return *this;
}

ReplayFigures ReplayResult::all() const {
    ReplayFigures sum;
    for (const ReplayFigures& figures : channels) {
        sum += figures;
    }
    return sum;
}

double ReplayResult::bandwidth_gbps(const ReplayFigures& figures) const {
    const double bytes = static_cast<double>(figures.requests() * burst_bytes);
    return bytes * ps_per_ns / (static_cast<double>(ticks) * tick_clock().period_ps());
}

double ReplayResult::avg_read_latency_ns(const ReplayFigures& figures) const {
    if (figures.reads == 0) {
        return 0;
    }
    const double ticks_each = static_cast<double>(figures.read_latency_ticks) / static_cast<double>(figures.reads);
    return ticks_each * tick_clock().period_ps() / ps_per_ns;
}

std::string channel_name(std::size_t channel) {
    return fmt::format("pim.channel{}", channel);
}

json to_json(const ReplayResult& result) {
    json stats = figures_json(result, result.all());
    stats.update({
        {"schema", replay_schema},
        {"version", AQPIM_VERSION},
        {"configuration_digest", result.configuration_digest},
        {"fidelity", result.fidelity},
        {"simulated_ps", result.simulated_ps()},
        {"total_cycles", result.total_cycles()},
        {"ticks", result.ticks},
        {"ticks_per_cycle", result.ticks_per_cycle},
        {"read_s", result.read_s},
        {"wall_s", result.wall_s},
    });
    json& channels = stats["channels"] = json::object();
    for (std::size_t channel = 0; channel < result.channels.size(); ++channel) {
        channels[channel_name(channel)] = figures_json(result, result.channels[channel]);
    }
    return stats;
}

std::string format_summary(const ReplayResult& result, const std::string& out_dir) {
    const ReplayFigures all = result.all();
    double energy_pj = 0;
    for (const auto& [component, pj] : all.component_pj) {
        energy_pj += pj;
    }
    return line("replay", fmt::format("{} requests in {}: {} cycles ({}; {:.2f} s wall and {:.2f} s to read them)",
                                      all.requests(), time_text(result.simulated_ps()), result.total_cycles(),
                                      result.fidelity, result.wall_s, result.read_s)) +
           table(result, all) +
           line("queue", fmt::format("{} reads answered from waiting writes, {} writes merged into them",
                                     all.forwarded_reads, all.merged_writes)) +
           line("refreshes", fmt::format("{}", all.refreshes)) + line("energy", energy_text(energy_pj)) +
           line("results", out_dir);
}

}  // namespace aqpim
