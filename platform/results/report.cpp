#include "platform/results/report.h"

#include <fmt/format.h>

#include <cmath>
#include <kainjow/mustache.hpp>
#include <utility>

#include "models/common/error.h"
#include "platform/results/report_pages.h"

namespace aqpim {

namespace {

using nlohmann::json;

/// JSON as it may stand inside a script element: no tag and no comment can begin in it. Bytes that are no UTF-8 become
/// U+FFFD.
std::string script_json(const json& data) {
    std::string out;
    for (const char character : data.dump(-1, ' ', false, json::error_handler_t::replace)) {
        if (character == '<') {
            out += "\\u003c";
        } else {
            out += character;
        }
    }
    return out;
}

/// What a comparison shows of parameters; the page holds those of every run.
json compared(const json& parameters) {
    json list = json::array();
    for (const json& parameter : parameters) {
        list.push_back(
            {{"key", parameter.at("key")}, {"value", parameter.at("value")}, {"help", parameter.at("help")}});
    }
    return list;
}

/// `timeline` with each track's shares as text, two digits of base 64 (RFC 4648) for each share in thousandths: a third
/// of the page's size where there are many channels.
json compact_timeline(json timeline) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (!timeline.is_object()) {
        return timeline;
    }
    for (json& window : timeline.at("windows")) {
        for (json& track : window.at("tracks")) {
            std::string text;
            for (const json& share : track.at("busy")) {
                const auto thousandths = static_cast<std::size_t>(std::lround(share.get<double>() * 1000));
                text += digits[thousandths / digits.size() % digits.size()];
                text += digits[thousandths % digits.size()];
            }
            track["busy"] = text;
        }
    }
    return timeline;
}

std::string fill(std::string_view page, const std::string& title, const json& data) {
    constexpr std::string_view title_slot = "@AQPIM_TITLE@";
    constexpr std::string_view data_slot = "@AQPIM_DATA@";
    const std::size_t title_at = page.find(title_slot);
    const std::size_t data_at = page.find(data_slot);
    std::string out(page.substr(0, title_at));
    out += kainjow::mustache::html_escape(title);
    out += page.substr(title_at + title_slot.size(), data_at - title_at - title_slot.size());
    out += script_json(data);
    out += page.substr(data_at + data_slot.size());
    return out;
}

}  // namespace

json parameters_json(const ParameterTable& table) {
    json list = json::array();
    for (const Parameter& parameter : table.parameters()) {
        list.push_back({{"key", parameter.key},
                        {"value", parameter.text},
                        {"default", parameter.default_text},
                        {"help", parameter.help},
                        {"source", parameter.source},
                        {"origin", parameter.origin}});
    }
    return list;
}

std::string render_report(const json& stats, const ParameterTable& table, const json& timeline,
                          const std::string& title) {
    try {
        return fill(run_page(), title,
                    {{"title", title},
                     {"stats", stats},
                     {"parameters", parameters_json(table)},
                     {"timeline", compact_timeline(timeline)}});
    } catch (const json::exception& error) {
        throw InputError(fmt::format("{}: timeline.json is not as aqpim-vp writes it: {}", title, error.what()));
    }
}

std::string render_sweep_report(const json& sweep) {
    return fill(sweep_page(), sweep.value("title", "Sweep"), sweep);
}

std::string render_comparison(const std::vector<ComparedRun>& runs) {
    json list = json::array();
    std::string title = "Comparison";
    for (const ComparedRun& run : runs) {
        title += list.empty() ? " of " : ", ";
        title += run.title;
        json stats = run.stats;
        stats.erase("channels");
        list.push_back({{"title", run.title}, {"stats", std::move(stats)}, {"parameters", compared(run.config)}});
    }
    return fill(comparison_page(), title, {{"title", title}, {"runs", list}});
}

}  // namespace aqpim
