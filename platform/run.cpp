#include "platform/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <streambuf>

#include "aqpim/memory_map.h"
#include "aqpim/trace_port.h"
#include "models/common/error.h"
#include "models/dram/command_trace.h"
#include "platform/accuracy.h"
#include "platform/collect.h"
#include "platform/configuration.h"
#include "platform/inputs.h"
#include "platform/loader.h"
#include "platform/platform.h"
#include "platform/pq_contents.h"
#include "platform/results/atomic_file.h"
#include "platform/results/config_file.h"
#include "platform/results/output_directory.h"
#include "platform/results/report.h"
#include "platform/results/summary.h"
#include "platform/results/trace_event_sink.h"
#include "platform/results/vcd_sink.h"

namespace aqpim {

namespace {

namespace fs = std::filesystem;

/// Attention that is further than this from float64 attention over the coded vectors means that a part of the hardware
/// or the firmware has erred.
constexpr double most_relative_error = 1e-2;

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
    int sync() override { return log_->pubsync(); }

 private:
    std::streambuf* log_;
    const RunOptions& options_;
};

/// The files that are written while the simulation runs.
class Recording {
 public:
    Recording(const RunOptions& options, Recorder& recorder) {
        recorder.attach(activity);
        if (options.trace) {
            trace_ = std::make_unique<TraceEventSink>(*options.trace);
            recorder.attach(*trace_);
        }
        if (options.vcd) {
            vcd_ = std::make_unique<VcdSink>(*options.vcd);
            recorder.attach(*vcd_);
        }
        if (options.dram_trace) {
            commands_ = std::make_unique<dram::CommandTraceFile>(*options.dram_trace);
        }
    }

    /// Completes the files: of a run that was stopped too, as they show why.
    void close() {
        if (trace_) {
            trace_->close();
        }
        if (vcd_) {
            vcd_->close();
        }
        if (commands_) {
            commands_->close();
        }
    }
    dram::CommandSink* commands() { return commands_.get(); }

    ActivityLog activity;

 private:
    std::unique_ptr<TraceEventSink> trace_;
    std::unique_ptr<VcdSink> vcd_;
    std::unique_ptr<dram::CommandTraceFile> commands_;
};

/// The decode program, beside the executable in the build tree.
std::string default_firmware() {
    return (fs::read_symlink("/proc/self/exe").parent_path() / "firmware" / "decode.elf").string();
}

/// Privileged Architecture 1.12, table 3.6.
std::string_view cause_name(std::uint64_t cause) {
    constexpr std::array names = {
        "instruction address misaligned", "instruction access fault", "illegal instruction",      "breakpoint",
        "load address misaligned",        "load access fault",        "store address misaligned", "store access fault"};
    return cause < names.size() ? names[cause] : "exception";
}

std::string describe_trap(const Hart& hart) {
    const auto& trap = hart.last_exception();
    if (!trap) {
        return fmt::format("at pc {:#x}", hart.pc());
    }
    return fmt::format("{} at pc {:#x}, address or instruction {:#x}, after {}", cause_name(trap->cause), trap->pc,
                       trap->value, time_text(trap->time_ps));
}

std::string current_phase(const TracePort& trace_port) {
    const auto& phases = trace_port.phases();
    if (phases.empty()) {
        return "start";
    }
    switch (phases.back().phase) {
        case AQPIM_PHASE_SETUP:
            return "setup";
        case AQPIM_PHASE_PREFILL:
            return "prefill";
        default:
            break;
    }
    for (auto phase = phases.rbegin(); phase != phases.rend(); ++phase) {
        if (phase->phase == AQPIM_PHASE_DECODE) {
            return fmt::format("decode step {}", phase->argument);
        }
    }
    return "prefill";
}

/// Simulates until firmware ends the run. Throws SimulationError when it cannot go on.
void simulate(const Configuration& configuration, Platform& platform, const RunOptions& options) {
    // Between two slices the progress is told; the length changes no simulated figure.
    const sc_core::sc_time slice = from_ps(50'000'000);
    const sc_core::sc_time limit = from_ps(configuration.sim.time_limit_ps);
    platform.hart.on_lock_up = [] { sc_core::sc_stop(); };
    while (sc_core::sc_get_status() != sc_core::SC_STOPPED) {
        const sc_core::sc_time left = limit - sc_core::sc_time_stamp();
        if (left == sc_core::SC_ZERO_TIME) {
            throw SimulationError(
                fmt::format("time limit: firmware has not ended the run after {} (--time-limit); hart 0 at pc {:#x}",
                            time_text(configuration.sim.time_limit_ps), platform.hart.pc()));
        }
        sc_core::sc_start(std::min(slice, left), sc_core::SC_RUN_TO_TIME);
        if (sc_core::sc_get_status() != sc_core::SC_STOPPED && !sc_core::sc_pending_activity()) {
            throw SimulationError(fmt::format("deadlock: nothing is left that could happen; hart 0 {} at pc {:#x}",
                                              platform.hart.is_waiting() ? "waits in wfi" : "stands",
                                              platform.hart.pc()));
        }
        if (options.on_progress) {
            options.on_progress(to_ps(sc_core::sc_time_stamp()), current_phase(platform.trace_port));
        }
    }
    if (platform.hart.locked_up()) {
        throw SimulationError(fmt::format("firmware fault: hart 0 locked up, its trap handler cannot run: {}",
                                          describe_trap(platform.hart)));
    }
    const auto& outcome = platform.finisher.outcome();
    if (outcome && outcome->kind == Finisher::Kind::fail && outcome->code == AQPIM_EXIT_UNHANDLED_TRAP) {
        throw SimulationError(fmt::format("firmware fault: {}", describe_trap(platform.hart)));
    }
}

/// Why a run that came to its end has failed; empty if it has not.
std::string failure(const Platform& platform, const RunResult& result) {
    const auto& outcome = platform.finisher.outcome();
    if (outcome && outcome->kind == Finisher::Kind::reset) {
        return "firmware asked for a reset, which ends the run";
    }
    if (outcome && outcome->kind == Finisher::Kind::fail) {
        const std::string fault =
            platform.hart.last_exception() ? fmt::format("; last fault: {}", describe_trap(platform.hart)) : "";
        return fmt::format("firmware reported failure with code {}{}", outcome->code, fault);
    }
    // Not "above": an error that is no number is one too.
    if (result.accuracy && !(result.accuracy->relative_l2_coded.value_or(0) <= most_relative_error)) {
        return fmt::format(
            "check failed: attention differs from float64 attention over the coded vectors by {:.3g}; up to {:g} is "
            "allowed",
            *result.accuracy->relative_l2_coded, most_relative_error);
    }
    return {};
}

/// What the job computed, if firmware did the job.
void add_attention(RunResult& result, Platform& platform, const Configuration& configuration, const Loader& loader,
                   const Inputs& inputs, const OutputDirectory& directory, OutputDirectory* dump) {
    const aqpim_job job = loader.job();
    if (job.result.steps_done != inputs.shape.steps || job.magic != AQPIM_JOB_MAGIC) {
        return;
    }
    Tensor attention{inputs.queries.shape, loader.gpu_halves(job.gpu_output, inputs.queries.data.size())};
    const auto objects = loader.objects();
    const dram::Organization& organization = platform.pim_memory.organization();
    const PqContents keys = read_pq_contents(platform.pim_memory.store(), organization, job, objects, false);
    const PqContents values = read_pq_contents(platform.pim_memory.store(), organization, job, objects, true);
    result.accuracy = measure_accuracy(inputs, configuration.pq, keys, values, attention);
    write_npy(directory.path("attention.npy"), attention);
    if (dump != nullptr) {
        const auto path = [&](const std::string& name) { return dump->path(name); };
        write_pq_dump(keys, job, "k", path);
        write_pq_dump(values, job, "v", path);
        dump->publish();
    }
}

}  // namespace

RunOutcome run(Configuration& configuration, const RunOptions& options) {
    const auto begin = std::chrono::steady_clock::now();
    configuration.check();
    const Inputs inputs = load_inputs(configuration.workload, configuration.pq, configuration.sim.seed);
    const std::string firmware = configuration.firmware.empty() ? default_firmware() : configuration.firmware;
    const ElfImage image = read_elf(firmware);

    OutputDirectory directory(options.out_dir);
    std::unique_ptr<OutputDirectory> dump;
    if (options.dump_pq) {
        dump = std::make_unique<OutputDirectory>(*options.dump_pq, pq_dump_files);
    }
    std::ofstream uart_log(directory.path("uart.log"));
    UartOutput uart_buffer(uart_log.rdbuf(), options);
    std::ostream uart(&uart_buffer);

    Recorder recorder;
    Recording recording(options, recorder);
    Platform platform(configuration, uart, recording.commands(), recorder);
    Loader loader(platform, configuration);
    loader.load_firmware(image, firmware);
    loader.load_job(inputs);
    loader.start();

    const auto finish_recording = [&] {
        platform.finish_recording();
        recording.close();
        std::cout.flush();
    };
    try {
        simulate(configuration, platform, options);
    } catch (const SimulationError&) {
        finish_recording();
        throw;
    }
    finish_recording();

    RunOutcome outcome{RunStatus::success, {}, collect(configuration, platform, loader.job(), recording.activity)};
    add_attention(outcome.result, platform, configuration, loader, inputs, directory, dump.get());
    outcome.message = failure(platform, outcome.result);
    outcome.status = outcome.message.empty() ? RunStatus::success : RunStatus::failed;
    outcome.result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

    uart_log.close();
    write_config_file(configuration.table, directory.path("config.cfg"));
    write_stats(outcome.result, directory.path("stats.json"));
    write_file_atomically(directory.path("report.html"),
                          render_report(to_json(outcome.result), configuration.table, run_name(options.out_dir)));
    directory.publish();
    return outcome;
}

}  // namespace aqpim
