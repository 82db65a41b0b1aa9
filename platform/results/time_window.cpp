#include "platform/results/time_window.h"

#include <fmt/format.h>

#include <regex>

#include "models/common/error.h"
#include "models/common/quantity.h"

namespace aqpim {

namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
    throw InputError(fmt::format(
        "--window: '{}' found{}; START..END with times such as 10ms..20ms, of which one may be left out, or "
        "a phase of the firmware such as 'decode 0' is allowed",
        text, why));
}

Picoseconds time_or(const std::string& text, Picoseconds otherwise) {
    return text.empty() ? otherwise : parse_whole_quantity(text, Dimension::time);
}

}  // namespace

TimeWindow parse_time_window(const std::string& text) {
    TimeWindow window;
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) {
        std::smatch parts;
        if (!std::regex_match(text, parts, std::regex("(setup|prefill)|(decode|layer|phase|user) ?([0-9]{1,9})"))) {
            refuse(text, "");
        }
        window.phase = parts[1].matched ? parts[1].str() : fmt::format("{} {}", parts[2].str(), parts[3].str());
        return window;
    }
    try {
        window.start_ps = time_or(text.substr(0, dots), window.start_ps);
        window.end_ps = time_or(text.substr(dots + 2), window.end_ps);
    } catch (const InputError& error) {
        refuse(text, fmt::format(" ({})", error.what()));
    }
    if (window.start_ps >= window.end_ps) {
        refuse(text, ", which ends before it starts");
    }
    return window;
}

}  // namespace aqpim
