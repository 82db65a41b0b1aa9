#include "jedec_rules.h"

#include <fmt/format.h>

#include "jedec_channel.h"

namespace aqpim::dram {

std::uint32_t activate_all_windows(const Organization& organization, const std::string& activate_all) {
    if (activate_all == "once") {
        return 0;
    }
    const std::uint32_t in_window = activate_all == "four" ? 4 : 8;
    return (organization.bank_groups * organization.banks - 1) / in_window;
}

JedecRules::JedecRules(const DramParameters& parameters)
    : timing_ps(parameters.jedec_timing_ps()),
      organization(parameters.organization()),
      split_command_bus(parameters.standard.substr(0, 3) == "HBM"),
      refreshed(parameters.refresh_kind() != RefreshKind::off),
      moves_share_bus(parameters.moves_share_bus),
      activate_all_ps(activate_all_windows(organization, parameters.activate_all) * timing_ps.at("tFAW")),
      mode_change_ps(parameters.mode_change * timing_ps.at("tCK")) {
    timing_ps["tCMD_COL"] = parameters.timing.column_ticks * timing_ps.at("tTICK");
    timing_ps["tCMD_ROW"] = parameters.timing.row_ticks * timing_ps.at("tTICK");
}

JedecChecker::JedecChecker(const JedecRules& rules)
    : rules_(rules), timing_(std::make_unique<const JedecTiming>(rules.timing_ps)) {
    channels_.resize(rules.organization.channels);
}

JedecChecker::~JedecChecker() = default;

void JedecChecker::check(const TracedCommand& command) {
    const std::size_t index = commands_++;
    const auto channel = static_cast<std::size_t>(command.channel);
    if (channel >= channels_.size()) {
        violations_.push_back({index, "address", fmt::format("command {}: no channel {}", index, command.channel)});
        return;
    }
    if (!channels_[channel]) {
        channels_[channel] = std::make_unique<JedecChannel>(rules_, *timing_, violations_);
    }
    channels_[channel]->check(command, index);
}

void JedecChecker::finish() {
    for (const std::unique_ptr<JedecChannel>& channel : channels_) {
        if (channel) {
            channel->finish();
        }
    }
}

std::vector<Violation> jedec_violations(const std::vector<TracedCommand>& trace, const JedecRules& rules) {
    JedecChecker checker(rules);
    for (const TracedCommand& command : trace) {
        checker.check(command);
    }
    checker.finish();
    return checker.violations();
}

std::vector<std::string> jedec_violations(const std::vector<TracedCommand>& trace, const DramParameters& parameters) {
    constexpr std::size_t most_texts = 8;
    std::vector<std::string> texts;
    for (const Violation& violation : jedec_violations(trace, JedecRules(parameters))) {
        if (texts.size() < most_texts) {
            texts.push_back(violation.text);
        }
    }
    return texts;
}

}  // namespace aqpim::dram
