#include "sc_main/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "models/common/error.h"
#include "platform/results/config_file.h"

namespace aqpim {

namespace po = boost::program_options;

namespace {

struct ParameterOption {
    const char* name;
    const char* argument;
    const char* key;
    const char* help;
};

constexpr std::array parameter_options = {
    ParameterOption{"firmware", "FILE", "host.firmware", "what to run: an ELF, a raw image, or FILE@ADDRESS"},
    ParameterOption{"uart-input", "F", "host.uart_input", "what the UART receives: none, stdin or a file"},
    ParameterOption{"keys", "F", "workload.keys", "keys, .npy [layers, kv_heads, tokens, head_dim]"},
    ParameterOption{"values", "F", "workload.values", "values, .npy of the same shape"},
    ParameterOption{"queries", "F", "workload.queries", "queries, .npy [steps, layers, heads, head_dim]"},
    ParameterOption{"prefill-queries", "F", "workload.prefill_queries",
                    "queries of the prompt's last t tokens, .npy [t, layers, heads, head_dim]"},
    ParameterOption{"time-limit", "TIME", "sim.time_limit", "simulated time after which the run is stopped"},
};

}  // namespace

void add_help_option(Command& command) {
    command.options.add_options()("help,h", "this text");
}

void add_set_option(Command& command) {
    command.options.add_options()("set", po::value<Arguments>()->value_name("KEY=VALUE"),
                                  "override one parameter; repeatable");
}

void add_parameter_options(Command& command) {
    command.options.add_options()("load", po::value<Arguments>()->value_name("FILE[@ADDRESS]"),
                                  "a further image in RAM: an ELF, or any file at ADDRESS; repeatable");
    for (const ParameterOption& option : parameter_options) {
        command.options.add_options()(option.name, po::value<std::string>()->value_name(option.argument), option.help);
    }
}

po::variables_map parse(const Command& command, const Arguments& arguments) {
    po::options_description all;
    all.add(command.options).add_options()("positional", po::value<Arguments>());
    po::positional_options_description positional;
    positional.add("positional", -1);
    po::variables_map given;
    try {
        // No abbreviations: a later option must not change what a script's line means.
        const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
        po::store(po::command_line_parser(arguments).options(all).positional(positional).style(style).run(), given);
        po::notify(given);
    } catch (const po::error& error) {
        throw InputError(fmt::format("{}: {}; see 'aqpim-vp {} --help'", command.name, error.what(), command.name));
    }
    return given;
}

Arguments positional_arguments(const Command& command, const po::variables_map& given) {
    if (given.count("positional") == 0) {
        throw InputError(
            fmt::format("{}: no {} given; see 'aqpim-vp {} --help'", command.name, command.positional, command.name));
    }
    return given["positional"].as<Arguments>();
}

std::optional<std::string> optional_text(const po::variables_map& given, const std::string& option) {
    return given.count(option) == 0 ? std::nullopt : std::optional(given[option].as<std::string>());
}

std::string one_of(const po::variables_map& given, const std::string& option, const std::vector<std::string>& allowed) {
    const auto& value = given[option].as<std::string>();
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        throw InputError(fmt::format("--{}: '{}' found; allowed: {}", option, value, fmt::join(allowed, ", ")));
    }
    return value;
}

std::vector<Assignment> assignments(const po::variables_map& given) {
    std::vector<Assignment> all;
    for (const ParameterOption& option : parameter_options) {
        if (const auto value = optional_text(given, option.name)) {
            all.push_back({option.key, *value, fmt::format("--{}", option.name)});
        }
    }
    if (given.count("load") != 0) {
        all.push_back({"host.load", fmt::format("{}", fmt::join(given["load"].as<Arguments>(), ",")), "--load"});
    }
    for (const std::string& text : given.count("set") == 0 ? Arguments{} : given["set"].as<Arguments>()) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos) {
            throw InputError(fmt::format("--set: '{}' found; allowed: KEY=VALUE", text));
        }
        all.push_back({text.substr(0, equals), text.substr(equals + 1), "--set"});
    }
    return all;
}

void configure(Configuration& configuration, const Arguments& files, const po::variables_map& given) {
    for (const std::string& file : files) {
        read_config_file(configuration.table, file);
    }
    for (const Assignment& assignment : assignments(given)) {
        set_from_option(configuration.table, assignment.key, assignment.value, assignment.origin);
    }
    configuration.finish();
}

void print_help(const Command& command) {
    std::ostringstream options;
    options << command.options;
    fmt::print("Usage: aqpim-vp {} {} [options]\n\n{}", command.name, command.positional, options.str());
}

}  // namespace aqpim
