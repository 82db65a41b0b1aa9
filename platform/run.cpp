#include "platform/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <streambuf>
#include <vector>

#include "models/common/error.h"
#include "models/common/parallel.h"
#include "platform/accuracy.h"
#include "platform/collect.h"
#include "platform/configuration.h"
#include "platform/images.h"
#include "platform/inputs.h"
#include "platform/job_image.h"
#include "platform/job_results.h"
#include "platform/loader.h"
#include "platform/platform.h"
#include "platform/ram_map.h"
#include "platform/recording.h"
#include "platform/results/atomic_file.h"
#include "platform/results/config_file.h"
#include "platform/results/output_directory.h"
#include "platform/results/report.h"
#include "platform/simulation.h"

namespace aqpim {

namespace {

/// What the UART sends goes to uart.log and, unless quiet, to the terminal.
class UartOutput : public std::streambuf {
 public:
    UartOutput(std::streambuf* log, const RunOptions& options) : log_(log), options_(options) {}

 protected:
    int_type overflow(int_type character) override {
        log_->sputc(traits_type::to_char_type(character));
        if (!options_.quiet) {
            if (options_.before_output) {
                options_.before_output();
            }
            std::cout.put(traits_type::to_char_type(character));
        }
        return character;
    }
    int sync() override {
        std::cout.flush();
        return 0;
    }

 private:
    std::streambuf* log_;
    const RunOptions& options_;
};

std::string firmware_failure(const Platform& platform, const RunResult& result) {
    std::string message = fmt::format("firmware reported failure with code {}", result.firmware.code);
    if (result.errors.at("capacity") != 0) {
        message += fmt::format("; capacity: {}", result.shortage.empty() ? "a memory is too small" : result.shortage);
        message += result.kv_tokens_that_fit != 0
                       ? fmt::format("; a prompt of {} tokens would fit", result.kv_tokens_that_fit)
                       : "";
    }
    const std::string fault = describe_last_fault(platform);
    return fault.empty() ? message : message + "; last fault: " + fault;
}

std::string accuracy_failure(const Configuration& configuration, const RunResult& result) {
    if (!result.accuracy) {
        return {};
    }
    // The GPU sums in fp32, and keeps keys and values as they are.
    const bool on_gpu = !configuration.platform.keeps_kv_in_pim();
    const Arithmetic engine = configuration.arithmetic();
    const std::optional<double> most =
        largest_error(on_gpu && engine == Arithmetic::fp16 ? Arithmetic::fp16_fp32 : engine);
    const double found = on_gpu ? result.accuracy->relative_l2_exact : result.accuracy->relative_l2_coded.value_or(0);
    // Not "above": an error that is no number is one too.
    if (!most || found <= *most) {
        return {};
    }
    return fmt::format(
        "check failed: attention differs from float64 attention over the {} vectors by {:.3g}; up to "
        "{:g} is allowed",
        on_gpu ? "given" : "coded", found, *most);
}

/// Why a run that came to its end has failed; empty if it has not.
std::string failure(const Configuration& configuration, const Platform& platform, const RunResult& result) {
    if (!result.firmware.passed) {
        return firmware_failure(platform, result);
    }
    for (const PimNode& node : platform.pims) {
        if (node.memory_checker && node.memory_checker->violations().count() != 0) {
            const ViolationLog& violations = node.memory_checker->violations();
            return fmt::format("check failed: {} violations of the TLM-2.0 base protocol, the first: {}",
                               violations.count(), violations.texts().front());
        }
    }
    return accuracy_failure(configuration, result);
}

/// The job's inputs, if there is a job.
std::optional<Inputs> job_inputs(const Configuration& configuration) {
    return configuration.has_job() ? std::optional(load_inputs(configuration)) : std::nullopt;
}

}  // namespace

RunOutcome run(Configuration& configuration, const RunOptions& options) {
    const auto begin = std::chrono::steady_clock::now();
    configuration.check();
    set_parallel_threads(configuration.sim.threads);
    const std::optional<Inputs> inputs = job_inputs(configuration);
    const std::string firmware = configuration.firmware.empty() ? default_firmware() : configuration.firmware;
    std::vector<Image> images = read_images(firmware, configuration.load, RamMap(configuration.ram.size).low_bytes);
    UartLine line(configuration.uart_input);

    OutputDirectory directory(options.out_dir);
    std::unique_ptr<OutputDirectory> dump;
    if (options.dump_pq) {
        refuse_dump_without_codes(configuration);
        dump = std::make_unique<OutputDirectory>(*options.dump_pq, pq_dump_files);
    }
    std::ofstream uart_log(directory.path("uart.log"));
    UartOutput uart_buffer(uart_log.rdbuf(), options);
    std::ostream uart(&uart_buffer);

    Recorder recorder;
    Recording recording(options, configuration.dram.organization().channels, recorder);
    Platform platform(configuration, uart, recording.commands(), recorder);
    recording.check_signals(recorder);
    Loader loader(platform, configuration, std::move(images));
    if (inputs) {
        loader.load_job(make_job(configuration, *inputs, platform.job_gpu().memory.size()));
    }
    loader.start();
    for (std::size_t hart = 0; hart < platform.harts.size(); ++hart) {
        platform.harts[hart]->trace_instructions(recording.instructions(hart));
        platform.harts[hart]->count_instructions(recording.coverage());
    }
    Simulation simulation(configuration, platform, loader, line, uart, options);

    EnergyMeter energy(configuration, platform, recorder);
    const auto finish_recording = [&] {
        platform.finish_recording();
        const Picoseconds end_ps = to_ps(sc_core::sc_time_stamp());
        energy.finish(end_ps);
        recording.close(end_ps);
        uart.flush();
    };
    try {
        simulation.run();
    } catch (const SimulationError&) {
        finish_recording();
        simulation.tell_end(static_cast<int>(RunStatus::stopped));
        throw;
    }
    finish_recording();

    RunOutcome outcome{RunStatus::success, {}, collect(configuration, platform, loader, recording.activity, energy)};
    std::string flaw;
    if (inputs) {
        JobResults results(platform, loader, configuration, *inputs, dump != nullptr);
        results.write(directory, dump.get());
        outcome.result.accuracy = results.accuracy();
        flaw = results.flaw();
    }
    outcome.message = failure(configuration, platform, outcome.result);
    outcome.message = outcome.message.empty() ? flaw : outcome.message;
    outcome.status = outcome.message.empty() ? RunStatus::success : RunStatus::failed;
    outcome.message = outcome.message.empty() ? recording.warning() : outcome.message;
    outcome.result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

    uart_log.close();
    write_config_file(configuration.table, directory.path("config.cfg"));
    write_stats(outcome.result, directory.path("stats.json"));
    write_file_atomically(directory.path("timeline.json"), recording.timeline().dump() + "\n");
    write_file_atomically(
        directory.path("report.html"),
        render_report(to_json(outcome.result), configuration.table, recording.timeline(), run_name(options.out_dir)));
    directory.publish();
    simulation.tell_end(static_cast<int>(outcome.status));
    return outcome;
}

}  // namespace aqpim
