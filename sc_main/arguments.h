#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/configuration.h"

namespace aqpim {

using Arguments = std::vector<std::string>;

/// One command of the command line: its options, and what stands on the line without a name.
struct Command {
    std::string_view name;
    std::string_view positional;
    boost::program_options::options_description options;
};

/// The commands' common options.
void add_help_option(Command& command);
void add_set_option(Command& command);
/// `--keys F` and the like: options that set one parameter.
void add_parameter_options(Command& command);

/// Throws InputError for what the command does not take.
boost::program_options::variables_map parse(const Command& command, const Arguments& arguments);

/// At least one, else InputError.
Arguments positional_arguments(const Command& command, const boost::program_options::variables_map& given);

std::optional<std::string> optional_text(const boost::program_options::variables_map& given, const std::string& option);

/// "auto" as one of `allowed`; throws InputError for any other.
std::string one_of(const boost::program_options::variables_map& given, const std::string& option,
                   const std::vector<std::string>& allowed);

/// A parameter that an option sets.
struct Assignment {
    std::string key;
    std::string value;
    std::string origin;  ///< "--set"
};

/// What options set, in order: those that set one parameter, then `--set`. Throws InputError.
std::vector<Assignment> assignments(const boost::program_options::variables_map& given);

/// Sets parameters: later files override earlier ones, options that set one parameter override files, `--set`
/// overrides all. Presets fill in what none of them gives.
void configure(Configuration& configuration, const Arguments& files,
               const boost::program_options::variables_map& given);

void print_help(const Command& command);

}  // namespace aqpim
