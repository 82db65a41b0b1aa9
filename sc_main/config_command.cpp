#include <fmt/format.h>

#include "platform/configuration.h"
#include "platform/results/config_file.h"
#include "sc_main/commands.h"

namespace aqpim {

namespace po = boost::program_options;

namespace {

Command describe_config() {
    Command command{"config", "CONFIG...", po::options_description("Options")};
    add_set_option(command);
    command.options.add_options()("format", po::value<std::string>()->value_name("cfg|json|md")->default_value("cfg"),
                                  "cfg can be run again; json has values in base units; md is the reference table");
    add_help_option(command);
    return command;
}

ConfigFormat format_of(const po::variables_map& given) {
    const std::string name = one_of(given, "format", {"cfg", "json", "md"});
    return name == "cfg" ? ConfigFormat::cfg : name == "json" ? ConfigFormat::json : ConfigFormat::md;
}

}  // namespace

int config_command(const Arguments& arguments) {
    const Command command = describe_config();
    const po::variables_map given = parse(command, arguments);
    if (given.count("help") != 0) {
        print_help(command);
        return 0;
    }
    const ConfigFormat format = format_of(given);
    Configuration configuration;
    configure(configuration, positional_arguments(command, given), given);
    fmt::print("{}", format_config(configuration.table, format, configuration.dram_timing()));
    return 0;
}

}  // namespace aqpim
