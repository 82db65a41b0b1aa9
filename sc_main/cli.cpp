#include "sc_main/cli.h"

#include <fmt/format.h>

#include <new>

#include "models/common/error.h"
#include "sc_main/commands.h"

namespace aqpim {

namespace {

enum ExitStatus { exit_success = 0, exit_usage = 2, exit_stopped = 3 };

constexpr std::string_view usage =
    "Usage: aqpim-vp run     CONFIG... [options]     simulate one platform\n"
    "       aqpim-vp replay  CONFIG... --requests F  drive the PIM memory alone with a request trace\n"
    "       aqpim-vp sweep   CONFIG... --axis K=V1,V2,... [--axis ...]   explore variants; or --study F\n"
    "       aqpim-vp config  CONFIG... [options]     show the resolved configuration\n"
    "       aqpim-vp report  DIR...                  build the HTML report again, or one that compares runs\n"
    "       aqpim-vp sort-channels CONFIG... [options]  find orders of channels that suit quantization\n"
    "       aqpim-vp --help | --version\n"
    "\n"
    "'aqpim-vp COMMAND --help' lists the command's options.\n";

int dispatch(const Arguments& arguments) {
    if (arguments.empty()) {
        throw InputError(
            "no command given; allowed: run, replay, sweep, config, report, sort-channels; see 'aqpim-vp --help'");
    }
    const std::string& command = arguments.front();
    const Arguments rest(arguments.begin() + 1, arguments.end());
    if (command == "run") {
        return run_command(rest);
    }
    if (command == "replay") {
        return replay_command(rest);
    }
    if (command == "sweep") {
        return sweep_command(rest);
    }
    if (command == "config") {
        return config_command(rest);
    }
    if (command == "report") {
        return report_command(rest);
    }
    if (command == "sort-channels") {
        return sort_command(rest);
    }
    if (command == "--help" || command == "-h") {
        fmt::print("{}", usage);
        return exit_success;
    }
    if (command == "--version") {
        fmt::print("aqpim-vp {}\n", AQPIM_VERSION);
        return exit_success;
    }
    throw InputError(fmt::format(
        "unknown command '{}'; allowed: run, replay, sweep, config, report, sort-channels; see 'aqpim-vp --help'",
        command));
}

}  // namespace

void print_error(std::string message) {
    while (!message.empty() && message.back() == '\n') {
        message.pop_back();
    }
    for (std::size_t end = 0; (end = message.find('\n')) != std::string::npos;) {
        message.replace(end, 1, "; ");
    }
    fmt::print(stderr, "aqpim-vp: {}\n", message);
}

int run_command_line(int argc, const char* const* argv) {
    try {
        return dispatch(Arguments(argv + 1, argv + argc));
    } catch (const InputError& error) {
        print_error(error.what());
        return exit_usage;
    } catch (const SimulationError& error) {
        print_error(error.what());
    } catch (const std::bad_alloc&) {
        print_error("out of memory");
    } catch (const std::exception& error) {
        print_error(fmt::format("internal error: {}", error.what()));
    } catch (...) {
        print_error("internal error of unknown kind");
    }
    return exit_stopped;
}

}  // namespace aqpim
