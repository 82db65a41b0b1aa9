#include "models/pcie/link_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "models/common/error.h"
#include "models/common/quantity.h"

namespace aqpim {

namespace {

constexpr std::array<std::pair<std::string_view, LinkFaultKind>, 4> kinds{{
    {"down", LinkFaultKind::down},
    {"up", LinkFaultKind::up},
    {"poison", LinkFaultKind::poison},
    {"drop", LinkFaultKind::drop},
}};

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

[[noreturn]] void refuse(std::string_view text) {
    throw InputError(fmt::format(
        "pcie.faults: '{}' found; LINK:down@TIME, LINK:up@TIME, LINK:poison@TIME or LINK:drop@TIME is allowed", text));
}

Picoseconds parse_time(std::string_view text) {
    try {
        return parse_whole_quantity(text, Dimension::time);
    } catch (const InputError& error) {
        throw InputError(fmt::format("pcie.faults: {}", error.what()));
    }
}

LinkFault parse_fault(std::string_view text) {
    const auto colon = text.find(':');
    const auto at = text.find('@');
    if (colon == std::string_view::npos || at == std::string_view::npos || colon == 0 || at < colon ||
        at + 1 == text.size()) {
        refuse(text);
    }
    const std::string_view name = text.substr(colon + 1, at - colon - 1);
    const auto* const kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.first == name; });
    if (kind == kinds.end()) {
        refuse(text);
    }
    return {std::string(text.substr(0, colon)), kind->second, parse_time(text.substr(at + 1))};
}

}  // namespace

std::vector<LinkFault> parse_link_faults(std::string_view text) {
    std::vector<LinkFault> faults;
    while (!trim(text).empty()) {
        const auto comma = text.find(',');
        faults.push_back(parse_fault(trim(text.substr(0, comma))));
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    std::stable_sort(faults.begin(), faults.end(), [](const auto& a, const auto& b) { return a.at_ps < b.at_ps; });
    return faults;
}

}  // namespace aqpim
