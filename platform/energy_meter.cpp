#include "platform/energy_meter.h"

#include <fmt/format.h>

#include <algorithm>

namespace aqpim {

namespace {

/// Marks come in swarms, as where a layer ends and the next begins. What is issued between two of them would look like
/// a power that nothing draws.
constexpr Picoseconds shortest_step_ps = 1'000'000;

double power_mw(double pj, Picoseconds time_ps) {
    constexpr double mw_per_w = 1000;  // W = pJ / ps
    return time_ps == 0 ? 0 : pj / static_cast<double>(time_ps) * mw_per_w;
}

}  // namespace

EnergyMeter::EnergyMeter(const Configuration& configuration, Platform& platform, Recorder& recorder)
    : counters_(configuration, platform),
      trace_port_(platform.trace_port),
      recorder_(recorder),
      readings_{{0, {}}},
      power_steps_{0} {
    trace_port_.on_mark = [this](std::size_t phase, PhaseEdge edge, Picoseconds time_ps) {
        read(time_ps);
        const std::size_t here = readings_.size() - 1;
        phases_.resize(std::max(phases_.size(), phase + 1));
        (edge == PhaseEdge::begin ? phases_[phase].begin : phases_[phase].end) = here;
    };
}

EnergyMeter::~EnergyMeter() {
    trace_port_.on_mark = {};
}

void EnergyMeter::finish(Picoseconds now_ps) {
    read(now_ps);
    const std::size_t last = readings_.size() - 1;
    if (readings_[power_steps_.back()].time_ps < readings_[last].time_ps) {
        record_power();
        power_steps_.push_back(last);
    }
    for (const auto& [component, mw] : recorded_mw_) {
        recorder_.counter({fmt::format("power.{}", component), "mW", readings_.back().time_ps, 0});
    }
}

void EnergyMeter::read(Picoseconds time_ps) {
    // Marks of two harts need not come in order.
    readings_.push_back({std::max(time_ps, readings_.back().time_ps), counters_.until(time_ps)});
    if (readings_.back().time_ps - readings_[power_steps_.back()].time_ps >= shortest_step_ps) {
        record_power();
        power_steps_.push_back(readings_.size() - 1);
    }
}

/// From the beginning of the step that the last reading ends.
void EnergyMeter::record_power() {
    if (!recorder_.enabled()) {
        return;
    }
    const PowerStep step = power_between(power_steps_.back(), readings_.size() - 1);
    for (const auto& [component, mw] : step.mw) {
        record(component, step.start_ps, mw);
    }
    record("total", step.start_ps, step.total_mw);
}

/// Where it has changed; what is always zero is never recorded.
void EnergyMeter::record(const std::string& component, Picoseconds time_ps, double mw) {
    const auto known = recorded_mw_.find(component);
    if (mw == (known == recorded_mw_.end() ? 0 : known->second)) {
        return;
    }
    recorded_mw_[component] = mw;
    recorder_.counter({fmt::format("power.{}", component), "mW", time_ps, mw});
}

Energy EnergyMeter::between(std::size_t begin, std::size_t end) const {
    Energy energy = readings_[end].energy;
    energy -= readings_[begin].energy;
    return energy;
}

Energy EnergyMeter::total() const {
    return readings_.back().energy;
}

Energy EnergyMeter::of_phase(std::size_t phase) const {
    return between(phases_.at(phase).begin, phases_.at(phase).end);
}

Energy EnergyMeter::outside(const std::vector<std::size_t>& phases) const {
    Energy energy;
    std::size_t from = 0;
    for (const std::size_t phase : phases) {
        energy += between(from, std::max(from, phases_.at(phase).begin));
        from = std::max(from, phases_.at(phase).end);
    }
    return energy += between(from, readings_.size() - 1);
}

PowerStep EnergyMeter::power_between(std::size_t begin, std::size_t end) const {
    const Energy energy = between(begin, end);
    const Picoseconds time_ps = readings_[end].time_ps - readings_[begin].time_ps;
    PowerStep step{readings_[begin].time_ps, {}, power_mw(energy.total(), time_ps)};
    for (const auto& [component, pj] : energy.by_component()) {
        step.mw[component] = power_mw(pj, time_ps);
    }
    return step;
}

std::vector<PowerStep> EnergyMeter::power() const {
    std::vector<PowerStep> steps;
    for (std::size_t i = 0; i + 1 < power_steps_.size(); ++i) {
        steps.push_back(power_between(power_steps_[i], power_steps_[i + 1]));
    }
    return steps;
}

}  // namespace aqpim
