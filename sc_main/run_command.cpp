#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <iostream>

#include "models/common/error.h"
#include "platform/configuration.h"
#include "platform/results/summary.h"
#include "platform/run.h"
#include "sc_main/commands.h"
#include "sc_main/interruption.h"
#include "sc_main/output_options.h"
#include "sc_main/progress.h"

namespace aqpim {

namespace po = boost::program_options;
namespace fs = std::filesystem;

namespace {

Command describe_run() {
    Command command{"run", "CONFIG...", po::options_description("Options")};
    add_set_option(command);
    add_parameter_options(command);
    const auto text = [](const char* argument) { return po::value<std::string>()->value_name(argument); };
    auto add = command.options.add_options();
    add("out", text("DIR"), "where results go (default out/NAME)");
    add("vcd", text("F"), "waveforms, for GTKWave and Surfer: VCD, or FST where F ends in .fst");
    add("trace", text("F"), "transactions, for Perfetto and chrome://tracing");
    add("dram-trace", text("F"), "every DRAM and PIM command, CSV");
    add("signals", po::value<Arguments>()->value_name("PATTERN"),
        "which tracks --vcd and --trace show, repeatable: pim.channel0.*, !*.interrupt to leave out, '*' for all");
    add("window", text("START..END"), "which time --vcd, --trace and --dram-trace show: 10ms..20ms, or 'decode 0'");
    add("trace-instructions", text("F"), "every instruction executed, as objdump writes it; of hart N > 0 in F.N");
    add("instruction-coverage", text("F"), "how often each instruction of the hart's table was executed, CSV");
    add("dump-pq", text("DIR"), "codebooks and codes, .npy");
    add("gdb", text("PORT"), "wait for a debugger on this port of 127.0.0.1; 0: any that is free");
    add("quiet", po::bool_switch(), "print errors only");
    add("progress", text("auto|on|off")->default_value("auto"),
        "a line that tells how far the run is; auto: on a terminal");
    add_help_option(command);
    return command;
}

void print_parameters(const ParameterTable& table) {
    fmt::print("\nParameters (in CONFIG, or --set KEY=VALUE), with their defaults:\n");
    for (const Parameter& parameter : table.parameters()) {
        fmt::print("  {} = {}\n      {}: {}. {}\n", parameter.key, parameter.default_text, parameter.type,
                   parameter.range, parameter.help);
    }
}

/// A file for each hart: F, F.1, F.2 and so on.
std::vector<std::string> instruction_traces(const po::variables_map& given, const std::string& out_dir,
                                            unsigned harts) {
    std::vector<std::string> files;
    if (const auto file = output_file(given, "trace-instructions", out_dir)) {
        files.push_back(*file);
        for (unsigned hart = 1; hart < harts; ++hart) {
            files.push_back(fmt::format("{}.{}", *file, hart));
        }
    }
    return files;
}

/// Two traces in one file would be none.
void refuse_same_file(const RunOptions& options) {
    std::vector<fs::path> files;
    for (const std::string& file : options.instruction_traces) {
        files.push_back(fs::absolute(file).lexically_normal());
    }
    for (const auto& file : {options.vcd, options.trace, options.dram_trace, options.instruction_coverage}) {
        if (file) {
            files.push_back(fs::absolute(*file).lexically_normal());
        }
    }
    std::sort(files.begin(), files.end());
    const auto twice = std::adjacent_find(files.begin(), files.end());
    if (twice != files.end()) {
        throw InputError(fmt::format(
            "--vcd, --trace, --dram-trace, --trace-instructions, --instruction-coverage: {} found twice; each "
            "needs a file of its own",
            twice->string()));
    }
}

/// What of the record the files show.
void set_view(RunOptions& options, const po::variables_map& given) {
    if (given.count("signals") != 0) {
        options.signals = given["signals"].as<Arguments>();
        if (!options.vcd && !options.trace) {
            throw InputError("--signals: nothing found that shows signals; allowed with --vcd or --trace");
        }
    }
    if (const auto window = optional_text(given, "window")) {
        options.window = parse_time_window(*window);
        if (!options.vcd && !options.trace && !options.dram_trace) {
            throw InputError("--window: nothing found that has one; allowed with --vcd, --trace or --dram-trace");
        }
    }
}

std::optional<std::uint16_t> port_number(const po::variables_map& given) {
    const auto text = optional_text(given, "gdb");
    if (!text) {
        return std::nullopt;
    }
    std::uint16_t port = 0;
    const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), port);
    if (error != std::errc{} || rest != text->data() + text->size()) {
        throw InputError(fmt::format("--gdb: '{}' found; a port from 0 to 65535 is allowed", *text));
    }
    return port;
}

RunOptions run_options(const po::variables_map& given, const Arguments& files, unsigned harts) {
    RunOptions options;
    options.out_dir = optional_text(given, "out").value_or(default_out_dir(files));
    options.vcd = output_file(given, "vcd", options.out_dir);
    options.trace = output_file(given, "trace", options.out_dir);
    options.dram_trace = output_file(given, "dram-trace", options.out_dir);
    options.instruction_traces = instruction_traces(given, options.out_dir, harts);
    options.instruction_coverage = output_file(given, "instruction-coverage", options.out_dir);
    set_view(options, given);
    options.dump_pq = optional_text(given, "dump-pq");
    options.gdb_port = port_number(given);
    refuse_empty("out", options.out_dir);
    refuse_empty("dump-pq", options.dump_pq.value_or("none"));
    refuse_same_file(options);
    options.quiet = given["quiet"].as<bool>();
    return options;
}

bool shows_progress(const po::variables_map& given, bool quiet) {
    const std::string mode = one_of(given, "progress", {"auto", "on", "off"});
    return mode == "on" || (mode == "auto" && !quiet && isatty(STDERR_FILENO) != 0);
}

}  // namespace

int run_command(const Arguments& arguments) {
    const Command command = describe_run();
    const po::variables_map given = parse(command, arguments);
    Configuration configuration;
    if (given.count("help") != 0) {
        print_help(command);
        print_parameters(configuration.table);
        return 0;
    }
    const Arguments files = positional_arguments(command, given);
    configure(configuration, files, given);
    RunOptions options = run_options(given, files, configuration.hart.harts);
    const bool show_progress = shows_progress(given, options.quiet);

    end_in_order_when_interrupted();
    ProgressLine progress(std::cerr);
    const auto begin = std::chrono::steady_clock::now();
    options.is_interrupted = was_interrupted;
    options.on_progress = [&](Picoseconds now_ps, const std::string& phase) {
        if (show_progress) {
            progress.update(now_ps, phase, std::chrono::steady_clock::now() - begin);
        }
    };
    options.before_output = [&] { progress.erase(); };
    const RunOutcome outcome = run(configuration, options);
    progress.erase();
    if (!options.quiet && outcome.status != RunStatus::stopped) {
        fmt::print("{}", format_summary(outcome.result, options.out_dir));
    }
    if (!outcome.message.empty()) {
        print_error(outcome.message);
    }
    return static_cast<int>(outcome.status);
}

}  // namespace aqpim
