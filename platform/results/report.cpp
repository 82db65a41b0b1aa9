#include "platform/results/report.h"

#include <fmt/format.h>

#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/results/activity.h"
#include "platform/results/report_template.h"
#include "platform/results/summary.h"

namespace aqpim {

namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;
using nlohmann::json;

constexpr double chart_width = 1000;  // of the template's viewBox
constexpr int colours = 8;            // classes c0 to c7 of the template

struct Part {
    std::string label;
    double value;
    std::string text;
};

/// A stacked bar with the table of its parts.
data chart(const std::string& id, const std::string& title, const std::string& total, const std::vector<Part>& parts) {
    double sum = 0;
    for (const Part& part : parts) {
        sum += part.value;
    }
    data rows(data::type::list);
    double x = 0;
    int colour = 0;
    for (const Part& part : parts) {
        const double width = sum == 0 ? 0 : part.value / sum * chart_width;
        data row;
        row.set("label", part.label);
        row.set("text", part.text);
        row.set("share", share_text(part.value, sum));
        row.set("colour", fmt::to_string(colour++ % colours));
        row.set("x", fmt::format("{:.2f}", x));
        row.set("width", fmt::format("{:.2f}", width));
        rows.push_back(row);
        x += width;
    }
    data result;
    result.set("id", id);
    result.set("title", title);
    result.set("total", total);
    result.set("parts", rows);
    return result;
}

data time_chart(const std::string& id, const std::string& title, const json& breakdown, Picoseconds ps,
                std::size_t count) {
    std::vector<Part> parts;
    for (const BreakdownPart& part : breakdown_parts) {
        const auto part_ps = breakdown.at(std::string(part.key)).get<Picoseconds>();
        parts.push_back({std::string(part.label), static_cast<double>(part_ps), time_text(part_ps / count)});
    }
    return chart(id, title, time_text(ps / count), parts);
}

data energy_chart(const json& energy_pj) {
    std::vector<Part> parts;
    double total = 0;
    for (const auto& [component, pj] : energy_pj.items()) {
        parts.push_back({component, pj.get<double>(), energy_text(pj.get<double>())});
        total += pj.get<double>();
    }
    return chart("energy", "Energy by component", energy_text(total), parts);
}

data charts(const json& stats) {
    data result(data::type::list);
    const json& decode = stats.at("decode");
    if (const std::size_t steps = decode.at("step_ps").size(); steps != 0) {
        Picoseconds sum = 0;
        for (const json& step : decode.at("step_ps")) {
            sum += step.get<Picoseconds>();
        }
        const std::string title = fmt::format("A decode step, on average over {}", steps);
        result.push_back(time_chart("decode", title, decode.at("breakdown_ps"), sum, steps));
    }
    for (const std::string id : {"prefill", "setup"}) {
        const auto ps = stats.at(id).at("ps").get<Picoseconds>();
        if (ps != 0) {
            result.push_back(
                time_chart(id, id == "prefill" ? "Prefill" : "Setup", stats.at(id).at("breakdown_ps"), ps, 1));
        }
    }
    if (!stats.at("energy_pj").empty()) {
        result.push_back(energy_chart(stats.at("energy_pj")));
    }
    return result;
}

void add_figure(data& list, const std::string& name, const std::string& value) {
    data row;
    row.set("name", name);
    row.set("value", value);
    list.push_back(row);
}

/// The figures of a run that need no chart, as name and value.
data figures(const json& stats) {
    data list(data::type::list);
    const json& firmware = stats.at("firmware");
    const std::string failure = fmt::format("reported failure {}", firmware.at("code").get<std::uint64_t>());
    add_figure(list, "Firmware",
               !firmware.at("exited").get<bool>()  ? "did not end"
               : firmware.at("passed").get<bool>() ? "reported success"
                                                   : failure);
    add_figure(list, "Simulated time", time_text(stats.at("simulated_ps")));
    add_figure(list, "Wall time", fmt::format("{:.2f} s", stats.at("wall_s").get<double>()));
    const auto fp16 = stats.at("kv").at("bytes_fp16").get<std::uint64_t>();
    const auto stored = stats.at("kv").at("bytes_stored").get<std::uint64_t>();
    add_figure(list, "KV cache in fp16", bytes_text(fp16));
    add_figure(list, "KV cache as stored", bytes_text(stored));
    if (stored != 0) {
        add_figure(list, "Smaller by", fmt::format("{:.2f}x", static_cast<double>(fp16) / static_cast<double>(stored)));
    }
    add_figure(list, "One layer's attention",
               fmt::format("{} channel cycles", stats.at("pim").at("attention_cycles").get<std::uint64_t>()));
    const json accuracy = stats.value("accuracy", json::object());
    const std::pair<const char*, const char*> errors[] = {
        {"relative_l2_exact", "Relative L2 error against exact attention"},
        {"relative_l2_coded", "Relative L2 error against float64 over the coded vectors"},
        {"relative_l2_keys", "Relative L2 error of coded keys"},
        {"relative_l2_values", "Relative L2 error of coded values"},
    };
    for (const auto& [key, name] : errors) {
        if (accuracy.contains(key)) {
            add_figure(list, name, fmt::format("{:.3e}", accuracy.at(key).get<double>()));
        }
    }
    if (accuracy.contains("nearest_codes")) {
        add_figure(list, "Codes that name the nearest centroid", share_text(accuracy.at("nearest_codes"), 1));
    }
    return list;
}

data errors(const json& stats) {
    data list(data::type::list);
    for (const auto& [kind, count] : stats.at("errors").items()) {
        add_figure(list, kind, fmt::to_string(count.get<std::uint64_t>()));
    }
    return list;
}

data links(const json& stats) {
    data list(data::type::list);
    const auto simulated_ps = stats.at("simulated_ps").get<double>();
    for (const auto& [name, link] : stats.at("links").items()) {
        data row;
        row.set("name", name);
        row.set("tlps", fmt::to_string(link.at("tlps").get<std::uint64_t>()));
        row.set("payload", bytes_text(link.at("payload_bytes")));
        row.set("wire", bytes_text(link.at("wire_bytes")));
        row.set("busy", share_text(link.at("busy_ps"), simulated_ps));
        list.push_back(row);
    }
    return list;
}

data parameters(const ParameterTable& table) {
    data list(data::type::list);
    for (const Parameter& parameter : table.parameters()) {
        data row;
        row.set("key", parameter.key);
        row.set("text", parameter.text);
        row.set("default", parameter.default_text);
        row.set("changed", data(parameter.text != parameter.default_text));
        row.set("help", parameter.help);
        row.set("source", parameter.source);
        row.set("origin", parameter.origin);
        list.push_back(row);
    }
    return list;
}

data page_data(const json& stats, const ParameterTable& table, const std::string& title) {
    data page;
    page.set("title", title);
    page.set("version", stats.at("version").get<std::string>());
    page.set("digest", stats.at("configuration_digest").get<std::string>());
    page.set("charts", charts(stats));
    page.set("figures", figures(stats));
    page.set("errors", errors(stats));
    page.set("links", links(stats));
    page.set("parameters", parameters(table));
    return page;
}

}  // namespace

std::string render_report(const json& stats, const ParameterTable& table, const std::string& title) {
    try {
        mustache page(report_template);
        return page.render(page_data(stats, table, title));
    } catch (const json::exception& error) {
        throw InputError(fmt::format("{}: a figure that the report shows is missing: {}", title, error.what()));
    }
}

}  // namespace aqpim
