#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/cpu/debug.h"
#include "models/gdb/points.h"
#include "models/gdb/threads.h"

namespace aqpim {

/// What a debugger asks of the platform.
struct GdbHooks {
    /// The simulated time, for `monitor time`.
    std::function<std::string()> time_text = [] { return std::string("unknown"); };
    /// `monitor reset`. The simulation then goes on with all harts held, so that the platform can carry it out; when it
    /// has, it calls GdbServer::stopped with StopReason::attached, which tells the debugger.
    std::function<void()> reset = [] {};
    /// The debugger ends the run (`k`, `vKill`). The simulation then goes on, without debugger, and is to end.
    std::function<void()> kill = [] {};
    /// Asked about ten times a second while the server waits. True: the debugger is given up (as if it detached).
    std::function<bool()> give_up = [] { return false; };
};

/// What each packet does to the harts (GDB manual, "Packets" and "General Query Packets"). Any text is taken; what is
/// malformed gets an error (see GdbRefusal), what is unknown the empty reply.
class GdbCommands {
 public:
    enum class State : std::uint8_t {
        stopped,    ///< the debugger has the word
        running,    ///< it waits for a stop reply
        resetting,  ///< it waits for the reply to `monitor reset`
        ended,      ///< it has detached, or ended the run
    };
    using Reply = std::optional<std::string>;

    GdbCommands(std::vector<DebugTarget*> harts, GdbHooks hooks);

    /// The reply to a packet; empty: none, or none now. To be called only while stopped.
    Reply answer(std::string_view packet);
    /// A hart has stopped: what is to be sent. Without effect if it is a step that is no longer
    /// asked for, or comes before a reset is carried out.
    Reply stopped(unsigned hart, const Stop& stop);
    /// The debugger has gone: nothing is set in the harts any more, all run.
    void detach();

    State state() const { return state_; }
    /// Packets are acknowledged by `+` (until QStartNoAckMode).
    bool acknowledges() const { return acknowledges_; }

 private:
    struct Command;
    static const std::vector<Command> commands;

    Reply stop_status(Fields& fields);
    Reply read_registers(Fields& fields);
    Reply write_registers(Fields& fields);
    Reply read_register(Fields& fields);
    Reply write_register(Fields& fields);
    Reply read_memory(Fields& fields);
    Reply write_memory(Fields& fields);
    Reply write_binary(Fields& fields);
    Reply insert_point(Fields& fields);
    Reply remove_point(Fields& fields);

    Reply run(Fields& fields);
    Reply run_with_signal(Fields& fields);
    Reply step(Fields& fields);
    Reply step_with_signal(Fields& fields);
    Reply act(Fields& fields);
    Reply tell_actions(Fields& fields);
    Reply detach(Fields& fields);
    Reply kill(Fields& fields);
    Reply kill_process(Fields& fields);

    Reply select_thread(Fields& fields);
    Reply thread_alive(Fields& fields);
    Reply current_thread(Fields& fields);
    Reply first_threads(Fields& fields);
    Reply further_threads(Fields& fields);
    Reply thread_name(Fields& fields);

    Reply tell_features(Fields& fields);
    Reply describe_registers(Fields& fields);
    Reply stop_acknowledging(Fields& fields);
    Reply attached(Fields& fields);
    Reply monitor(Fields& fields);

    DebugTarget& hart() { return *harts_[hart_]; }
    unsigned harts() const { return static_cast<unsigned>(harts_.size()); }
    Reply start(HartAction action, Fields& fields);
    /// GDB takes it that a RISC-V hart stops before an access that is watched, and steps over it before it tells the
    /// user. These harts stop after it: that one step is answered, not taken.
    Reply act_or_stay(const std::vector<HartAction>& actions);
    bool at_watchpoint() const;
    void go_on(const std::vector<HartAction>& actions);
    std::string stop_reply() const;
    std::string stop_cause() const;

    std::vector<DebugTarget*> harts_;
    GdbHooks hooks_;
    Points points_;
    State state_ = State::stopped;
    unsigned hart_ = 0;    ///< registers and memory are this one's ("general thread")
    ThreadId run_thread_;  ///< what `c` and `s` are for
    unsigned stopped_hart_ = 0;
    Stop stop_;
    std::vector<HartAction> actions_;
    std::string description_;  ///< made when it is first asked for
    bool acknowledges_ = true;
    bool software_breaks_told_ = false;  ///< the debugger wants to know
    bool hardware_breaks_told_ = false;
};

}  // namespace aqpim
