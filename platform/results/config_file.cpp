#include "platform/results/config_file.h"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"

namespace aqpim {

namespace po = boost::program_options;

namespace {

std::string trimmed(const std::string& text) {
    constexpr auto blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string without_comment(const std::string& line) {
    return trimmed(line.substr(0, line.find('#')));
}

bool is_section(const std::string& line) {
    return line.size() > 2 && line.front() == '[' && line.back() == ']';
}

/// What Boost reads from one line under its section: one key and value, or nothing. Line by line, because Boost tells
/// no line numbers.
std::vector<po::option> parse_line(const std::string& section, const std::string& line, const std::string& origin) {
    std::istringstream text(section + "\n" + line);
    try {
        if (line == "[]") {  // Boost 1.74 reads past the end of an empty name
            throw po::invalid_config_file_syntax(line, po::invalid_syntax::unrecognized_line);
        }
        return po::parse_config_file(text, po::options_description{}, true).options;
    } catch (const po::error&) {
        throw InputError(fmt::format("{}: '{}' found; allowed: [section], key = value, or a # comment", origin, line));
    }
}

struct Name {
    std::string section;
    std::string key;
};

Name split(const std::string& name) {
    const std::size_t dot = name.rfind('.');
    return {name.substr(0, dot), name.substr(dot + 1)};
}

/// The value as it can be read again from any folder.
std::string portable_text(const Parameter& parameter) {
    return change_paths(parameter, parameter.text, [](const std::string& file) -> std::string {
        return std::filesystem::absolute(file).lexically_normal();
    });
}

std::string or_nothing(const std::string& text) {
    return text.empty() ? "nothing" : text;
}

std::string format_cfg(const ParameterTable& table) {
    std::string out;
    std::string section;
    for (const Parameter& parameter : table.parameters()) {
        const Name name = split(parameter.key);
        if (name.section != section) {
            section = name.section;
            out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", section);
        }
        const std::string origin = parameter.origin == "default" ? "" : fmt::format("; set by {}", parameter.origin);
        const std::string value = portable_text(parameter);
        out += fmt::format("# {}\n# {}: {}; default {}{}\n{} ={}{}\n", parameter.help, parameter.type, parameter.range,
                           or_nothing(parameter.default_text), origin, name.key, value.empty() ? "" : " ", value);
    }
    return out;
}

nlohmann::ordered_json parameter_json(const Parameter& parameter) {
    nlohmann::ordered_json json;
    std::visit([&](const auto& value) { json["value"] = value; }, parameter.base_value);
    json["text"] = parameter.text;
    json["type"] = parameter.type;
    json["default"] = parameter.default_text;
    json["range"] = parameter.range;
    json["help"] = parameter.help;
    json["source"] = parameter.source;
    json["origin"] = parameter.origin;
    return json;
}

std::string format_json(const ParameterTable& table, const std::map<std::string, Picoseconds>& dram_timing) {
    nlohmann::ordered_json json;
    for (const Parameter& parameter : table.parameters()) {
        const Name name = split(parameter.key);
        json[name.section][name.key] = parameter_json(parameter);
    }
    json["dram"]["timing"] = dram_timing;
    return json.dump(2) + "\n";
}

std::string markdown_cell(const std::string& text) {
    std::string cell;
    for (const char c : text) {
        cell += c == '|' ? "\\|" : std::string(1, c);
    }
    return cell;
}

std::string format_md(const ParameterTable& table) {
    std::string out;
    std::string section;
    for (const Parameter& parameter : table.parameters()) {
        const Name name = split(parameter.key);
        if (name.section != section) {
            section = name.section;
            out += fmt::format(
                "{}## `[{}]`\n\n| key | meaning | type | default | allowed | source of the default |\n"
                "|---|---|---|---|---|---|\n",
                out.empty() ? "" : "\n", section);
        }
        const std::string value =
            parameter.default_text.empty() ? "" : fmt::format("`{}`", markdown_cell(parameter.default_text));
        out += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", name.key, markdown_cell(parameter.help),
                           parameter.type, value, markdown_cell(parameter.range), markdown_cell(parameter.source));
    }
    return out;
}

}  // namespace

void read_config_file(ParameterTable& table, const std::string& file) {
    std::istringstream text(read_text_file(file));
    std::string section;
    std::map<std::string, int> seen;  // key to line
    int number = 0;
    for (std::string line; std::getline(text, line);) {
        const std::string origin = fmt::format("{}:{}", file, ++number);
        const std::string content = without_comment(line);
        if (is_section(content)) {
            section = content;
            continue;
        }
        for (const po::option& option : parse_line(section, content, origin)) {
            const auto [first, is_new] = seen.try_emplace(option.string_key, number);
            if (!is_new) {
                throw InputError(fmt::format("{}: {} is given twice; allowed: once in a file (first at line {})",
                                             origin, option.string_key, first->second));
            }
            table.set(option.string_key, option.value.front(), origin);
        }
    }
}

void set_from_option(ParameterTable& table, const std::string& key, const std::string& value,
                     const std::string& option) {
    if (value.find_first_of("#\n\r") != std::string::npos || value != trimmed(value)) {
        throw InputError(
            fmt::format("{}: {}: '{}' found; allowed: what a configuration file can hold (no '#', no line "
                        "break, no space at either end)",
                        option, key, value));
    }
    table.set(key, value, option);
}

std::string format_config(const ParameterTable& table, ConfigFormat format,
                          const std::map<std::string, Picoseconds>& dram_timing) {
    switch (format) {
        case ConfigFormat::json:
            return format_json(table, dram_timing);
        case ConfigFormat::md:
            return format_md(table);
        case ConfigFormat::cfg:
            break;
    }
    return format_cfg(table);
}

void write_config_file(const ParameterTable& table, const std::string& file) {
    write_file_atomically(file, format_cfg(table));
}

std::string configuration_digest(const ParameterTable& table) {
    // FNV-1a with the 64 bit parameters of RFC draft-eastlake-fnv.
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const Parameter& parameter : table.parameters()) {
        const std::string text = change_paths(parameter, parameter.text, [](const std::string& file) -> std::string {
            return std::filesystem::path(file).filename();
        });
        for (const char c : fmt::format("{} = {}\n", parameter.key, text)) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        }
    }
    return fmt::format("{:016x}", hash);
}

}  // namespace aqpim
