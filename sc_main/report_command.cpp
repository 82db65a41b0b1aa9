#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/configuration.h"
#include "platform/results/atomic_file.h"
#include "platform/results/config_file.h"
#include "platform/results/output_directory.h"
#include "platform/results/report.h"
#include "platform/results/stats.h"
#include "sc_main/commands.h"

namespace aqpim {

namespace po = boost::program_options;
namespace fs = std::filesystem;

int report_command(const Arguments& arguments) {
    Command command{"report", "DIR", po::options_description("Options")};
    add_help_option(command);
    const po::variables_map given = parse(command, arguments);
    if (given.count("help") != 0) {
        print_help(command);
        return 0;
    }
    const Arguments directories = positional_arguments(command, given);
    if (directories.size() != 1) {
        throw InputError(fmt::format("report: {} directories given; allowed: one", directories.size()));
    }
    const fs::path directory(directories.front());
    const nlohmann::json stats = read_stats((directory / "stats.json").string());
    Configuration configuration;
    read_config_file(configuration.table, (directory / "config.cfg").string());
    write_file_atomically((directory / "report.html").string(),
                          render_report(stats, configuration.table, run_name(directory.string())));
    return 0;
}

}  // namespace aqpim
