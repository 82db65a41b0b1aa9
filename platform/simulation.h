#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "models/gdb/gdb_server.h"
#include "platform/configuration.h"
#include "platform/loader.h"
#include "platform/platform.h"
#include "platform/run.h"
#include "platform/uart_line.h"

namespace aqpim {

/// Runs a platform until firmware ends the run: in slices, between which the user is told and heard. Their length
/// changes no simulated figure, as long as nobody types or debugs.
class Simulation {
 public:
    /// Connects the finisher's reset, the UART's line and, with `options.gdb_port`, a debugger, for which it waits.
    /// Throws SimulationError when the wait is interrupted.
    Simulation(const Configuration& configuration, Platform& platform, Loader& loader, UartLine& line,
               std::ostream& uart, const RunOptions& options);

    /// Throws SimulationError when it cannot go on: time limit, deadlock, firmware fault, interruption.
    void run();
    /// Tells the debugger, if there is one, how the run has ended.
    void tell_end(int status);

 private:
    void wait_for_debugger();
    void start_with_debugger();
    void serve_debugger();
    void reset();
    void reset_held_harts();
    bool is_interrupted() const { return options_.is_interrupted && options_.is_interrupted(); }
    void advance();
    void report() const;
    void check_interruption() const;
    void check_progress();
    void check_faults() const;

    const Configuration& configuration_;
    Platform& platform_;
    Loader& loader_;
    UartLine& line_;
    std::ostream& uart_;
    const RunOptions& options_;
    std::unique_ptr<GdbServer> debugger_;
    bool reset_is_wanted_ = false;  // by the debugger
    bool end_is_wanted_ = false;
};

/// The last exception of all harts but those that firmware asks for, in words; empty if there was none.
std::string describe_last_fault(const Platform& platform);

}  // namespace aqpim
