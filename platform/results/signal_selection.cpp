#include "platform/results/signal_selection.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <set>

#include "models/common/error.h"

namespace aqpim {

namespace {

bool matches(const std::string& pattern, const std::string& path) {
    return fnmatch(pattern.c_str(), path.c_str(), 0) == 0;
}

bool any_matches(const std::vector<std::string>& patterns, const std::string& path) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return matches(pattern, path); });
}

std::string devices(const std::vector<std::string>& paths) {
    std::set<std::string> names;
    for (const std::string& path : paths) {
        names.insert(fmt::format("{}.*", path.substr(0, path.find('.'))));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

SignalSelection::SignalSelection(const std::vector<std::string>& patterns) {
    for (const std::string& pattern : patterns) {
        const bool leaves_out = pattern.starts_with('!');
        (leaves_out ? left_out_ : taken_).push_back(pattern.substr(leaves_out ? 1 : 0));
        if (pattern.size() == (leaves_out ? 1 : 0)) {
            throw InputError(
                fmt::format("--signals: '{}' found; a pattern such as pim.channel0.* is allowed", pattern));
        }
    }
}

bool SignalSelection::selects(const std::string& path) const {
    return (taken_.empty() || any_matches(taken_, path)) && !any_matches(left_out_, path);
}

void SignalSelection::check(const std::vector<std::string>& paths) const {
    for (const std::vector<std::string>& patterns : {taken_, left_out_}) {
        for (const std::string& pattern : patterns) {
            // Counters are known only when they are counted.
            const bool is_of_counters = pattern.starts_with("power.");
            if (!is_of_counters &&
                std::none_of(paths.begin(), paths.end(), [&](const auto& path) { return matches(pattern, path); })) {
                throw InputError(fmt::format("--signals: '{}' found, which matches no track; there are {}", pattern,
                                             devices(paths)));
            }
        }
    }
}

SignalSelection default_selection(std::size_t channels_per_pim_device) {
    constexpr std::size_t most_channels = 16;
    return channels_per_pim_device <= most_channels ? SignalSelection()
                                                    : SignalSelection({"!*.channel[2-9].*", "!*.channel[1-9][0-9]*.*"});
}

}  // namespace aqpim
