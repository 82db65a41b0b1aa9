#include "platform/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "aqpim/memory_map.h"
#include "aqpim/trace_port.h"
#include "models/common/error.h"
#include "platform/kernel.h"
#include "platform/results/summary.h"

namespace aqpim {

namespace {

/// Privileged Architecture 1.12, table 3.6.
std::string_view cause_name(std::uint64_t cause) {
    constexpr std::array names = {
        "instruction address misaligned", "instruction access fault", "illegal instruction",      "breakpoint",
        "load address misaligned",        "load access fault",        "store address misaligned", "store access fault"};
    return cause < names.size() ? names[cause] : "exception";
}

std::string describe_harts(const Platform& platform) {
    std::string text;
    for (const auto& hart : platform.harts) {
        const std::string_view state = hart->locked_up()    ? "has locked up"
                                       : hart->is_waiting() ? "waits in wfi"
                                                            : "stands";
        text += fmt::format("{}{} {} at pc {:#x}", text.empty() ? "" : ", ", hart->basename(), state, hart->pc());
    }
    return text;
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

std::string now_text() {
    return time_text(to_ps(sc_core::sc_time_stamp()));
}

bool has_stopped() {
    return sc_core::sc_get_status() == sc_core::SC_STOPPED;
}

/// Lets the main loop have its turn before time goes on.
void pause() {
    if (sc_core::sc_get_status() == sc_core::SC_RUNNING) {
        sc_core::sc_pause();
    }
}

}  // namespace

std::string describe_last_fault(const Platform& platform) {
    const Hart* last = nullptr;
    for (const auto& hart : platform.harts) {
        const auto& trap = hart->last_exception();
        if (trap && (last == nullptr || trap->time_ps >= last->last_exception()->time_ps)) {
            last = hart.get();
        }
    }
    if (last == nullptr) {
        return {};
    }
    const Hart::Trap& trap = *last->last_exception();
    return fmt::format("{} of {} at pc {:#x}, address or instruction {:#x}, after {}", cause_name(trap.cause),
                       last->basename(), trap.pc, trap.value, time_text(trap.time_ps));
}

Simulation::Simulation(const Configuration& configuration, Platform& platform, Loader& loader, UartLine& line,
                       std::ostream& uart, const RunOptions& options)
    : configuration_(configuration), platform_(platform), loader_(loader), line_(line), uart_(uart), options_(options) {
    platform_.finisher.on_reset = [this] { reset(); };
    for (const auto& hart : platform_.harts) {
        hart->on_lock_up = [] { sc_core::sc_stop(); };
    }
    if (options_.gdb_port) {
        wait_for_debugger();
    }
}

void Simulation::wait_for_debugger() {
    std::vector<DebugTarget*> targets;
    for (const auto& hart : platform_.harts) {
        targets.push_back(hart.get());
    }
    GdbHooks hooks;
    hooks.time_text = [] { return fmt::format("{} ({} ps)", now_text(), to_ps(sc_core::sc_time_stamp())); };
    hooks.reset = [this] {
        reset_is_wanted_ = true;
        pause();
    };
    hooks.kill = [this] {
        end_is_wanted_ = true;
        pause();
    };
    hooks.give_up = [this] {
        if (is_interrupted()) {
            pause();
        }
        return is_interrupted();
    };
    debugger_ = std::make_unique<GdbServer>(*options_.gdb_port, std::move(targets), std::move(hooks));
    fmt::print(stderr, "aqpim-vp: waiting for a debugger on 127.0.0.1:{}\n", debugger_->port());
    if (!debugger_->wait_for_connection()) {
        throw SimulationError("interrupted before a debugger had come");
    }
    for (const auto& hart : platform_.harts) {
        hart->set_debugger(debugger_.get());
    }
}

void Simulation::run() {
    platform_.uart.receive(line_.take());
    if (debugger_) {
        start_with_debugger();
    }
    while (!has_stopped()) {
        advance();
        report();
        if (!has_stopped()) {
            serve_debugger();
            check_progress();
        }
    }
    check_faults();
}

void Simulation::start_with_debugger() {
    // Memory can be read once the kernel has begun.
    for (const auto& hart : platform_.harts) {
        hart->hold(true);
    }
    run_kernel(sc_core::SC_ZERO_TIME);
    debugger_->stopped(0, {StopReason::attached, 0});
    serve_debugger();
}

void Simulation::serve_debugger() {
    while (debugger_ && (reset_is_wanted_ || debugger_->interrupt_requested())) {
        if (std::exchange(reset_is_wanted_, false)) {
            reset_held_harts();
            debugger_->stopped(0, {StopReason::attached, 0});
        } else {
            debugger_->stopped(0, {StopReason::interrupted, 0});
        }
    }
    check_interruption();
    if (end_is_wanted_) {
        throw SimulationError(fmt::format("the debugger has ended the run after {}", now_text()));
    }
}

void Simulation::reset() {
    platform_.reset_devices();
    loader_.restart();
}

void Simulation::reset_held_harts() {
    reset();
    const auto in_reset = [](const auto& hart) { return hart->in_reset(); };
    // A hart first ends its instruction, and waits for the kernel if it is ahead.
    while (!has_stopped() && std::any_of(platform_.harts.begin(), platform_.harts.end(), in_reset)) {
        run_kernel(from_ps(10'000));
    }
}

void Simulation::advance() {
    const sc_core::sc_time slice = from_ps(50'000'000);
    const sc_core::sc_time left = from_ps(configuration_.sim.time_limit_ps) - sc_core::sc_time_stamp();
    if (left == sc_core::SC_ZERO_TIME) {
        throw SimulationError(fmt::format("time limit: firmware has not ended the run after {} (--time-limit); {}",
                                          time_text(configuration_.sim.time_limit_ps), describe_harts(platform_)));
    }
    run_kernel(std::min(slice, left));
}

void Simulation::report() const {
    uart_.flush();
    check_interruption();
    if (options_.on_progress) {
        options_.on_progress(to_ps(sc_core::sc_time_stamp()), current_phase(platform_.trace_port));
    }
}

void Simulation::check_interruption() const {
    if (is_interrupted()) {
        throw SimulationError(fmt::format("interrupted after {} simulated", now_text()));
    }
}

void Simulation::check_progress() {
    if (const std::string typed = line_.take(); !typed.empty()) {
        platform_.uart.receive(typed);
    }
    if (sc_core::sc_pending_activity()) {
        return;
    }
    if (!line_.is_open()) {
        throw SimulationError(
            fmt::format("deadlock: nothing is left that could happen; {}", describe_harts(platform_)));
    }
    line_.wait(std::chrono::milliseconds(50));
}

void Simulation::check_faults() const {
    if (platform_.htif && !platform_.htif->refusal().empty()) {
        throw SimulationError(fmt::format("HTIF: {}", platform_.htif->refusal()));
    }
    for (const auto& hart : platform_.harts) {
        if (hart->locked_up()) {
            throw SimulationError(fmt::format("firmware fault: {} locked up, its trap handler cannot run: {}",
                                              hart->basename(), describe_last_fault(platform_)));
        }
    }
    if (const auto& end = platform_.finisher.outcome(); end && end->code == AQPIM_EXIT_UNHANDLED_TRAP) {
        const std::string fault = describe_last_fault(platform_);
        throw SimulationError(fmt::format("firmware fault: {}", fault.empty() ? describe_harts(platform_) : fault));
    }
}

void Simulation::tell_end(int status) {
    if (debugger_) {
        debugger_->exited(status);
    }
}

}  // namespace aqpim
