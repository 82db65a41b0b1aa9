#include <fmt/format.h>

#include <filesystem>

#include "models/common/error.h"
#include "platform/configuration.h"
#include "platform/replay.h"
#include "sc_main/commands.h"
#include "sc_main/interruption.h"
#include "sc_main/output_options.h"

namespace aqpim {

namespace po = boost::program_options;
namespace fs = std::filesystem;

namespace {

Command describe_replay() {
    Command command{"replay", "CONFIG...", po::options_description("Options")};
    const auto text = [](const char* argument) { return po::value<std::string>()->value_name(argument); };
    auto add = command.options.add_options();
    add("requests", text("F"), "what the PIM memory is asked: R|W HEX_ADDRESS [ARRIVAL_CYCLE] on each line");
    add_set_option(command);
    add("out", text("DIR"), "where results go (default out/NAME)");
    add("dram-trace", text("F"), "every DRAM command, CSV");
    add("quiet", po::bool_switch(), "print errors only");
    add_help_option(command);
    return command;
}

std::string requests_file(const po::variables_map& given) {
    const auto file = optional_text(given, "requests");
    if (!file) {
        throw InputError("replay: no --requests F given; see 'aqpim-vp replay --help'");
    }
    refuse_empty("requests", *file);
    return *file;
}

ReplayOptions replay_options(const po::variables_map& given, const Arguments& files) {
    ReplayOptions options;
    options.requests = requests_file(given);
    options.out_dir = optional_text(given, "out").value_or(default_out_dir(files));
    refuse_empty("out", options.out_dir);
    options.dram_trace = output_file(given, "dram-trace", options.out_dir);
    std::error_code ignored;
    if (options.dram_trace && fs::equivalent(*options.dram_trace, options.requests, ignored)) {
        throw InputError(fmt::format("--dram-trace: {} found, which --requests reads; a file of its own is allowed",
                                     *options.dram_trace));
    }
    return options;
}

}  // namespace

int replay_command(const Arguments& arguments) {
    const Command command = describe_replay();
    const po::variables_map given = parse(command, arguments);
    if (given.count("help") != 0) {
        print_help(command);
        return 0;
    }
    const Arguments files = positional_arguments(command, given);
    ReplayOptions options = replay_options(given, files);
    Configuration configuration;
    configure(configuration, files, given);

    end_in_order_when_interrupted();
    options.is_interrupted = was_interrupted;
    const ReplayResult result = replay(configuration, options);
    if (!given["quiet"].as<bool>()) {
        fmt::print("{}", format_summary(result, options.out_dir));
    }
    return 0;
}

}  // namespace aqpim
