// Those of GdbCommands that let the harts run, and what is told when they stop.

#include <fmt/format.h>

#include <utility>

#include "models/gdb/commands.h"

namespace aqpim {

GdbCommands::Reply GdbCommands::run(Fields& fields) {
    return start(HartAction::run, fields);
}

GdbCommands::Reply GdbCommands::step(Fields& fields) {
    return start(HartAction::step, fields);
}

GdbCommands::Reply GdbCommands::run_with_signal(Fields& fields) {
    fields.number();
    if (!fields.at_end()) {
        fields.expect(";");
    }
    return start(HartAction::run, fields);
}

GdbCommands::Reply GdbCommands::step_with_signal(Fields& fields) {
    fields.number();
    if (!fields.at_end()) {
        fields.expect(";");
    }
    return start(HartAction::step, fields);
}

GdbCommands::Reply GdbCommands::start(HartAction action, Fields& fields) {
    const bool only_one = run_thread_.kind == ThreadId::Kind::one;
    const unsigned hart = only_one ? run_thread_.hart : hart_;
    if (!fields.at_end()) {
        const std::uint64_t address = fields.number();
        fields.expect_end();
        if (!harts_[hart]->write_register(DebugTarget::pc_number, address)) {
            throw GdbRefusal{GdbRefusal::malformed};
        }
    }
    std::vector<HartAction> actions(harts_.size(), only_one ? HartAction::hold : HartAction::run);
    actions[hart] = action;
    return act_or_stay(actions);
}

GdbCommands::Reply GdbCommands::act(Fields& fields) {
    return act_or_stay(parse_actions(fields, harts()));
}

GdbCommands::Reply GdbCommands::act_or_stay(const std::vector<HartAction>& actions) {
    std::vector<HartAction> step_alone(harts_.size(), HartAction::hold);
    step_alone[stopped_hart_] = HartAction::step;
    if (at_watchpoint() && actions == step_alone) {
        stop_ = {StopReason::stepped, 0};
        return stop_reply();
    }
    go_on(actions);
    return std::nullopt;
}

bool GdbCommands::at_watchpoint() const {
    return stop_.reason == StopReason::write_watchpoint || stop_.reason == StopReason::read_watchpoint ||
           stop_.reason == StopReason::access_watchpoint;
}

GdbCommands::Reply GdbCommands::tell_actions(Fields& fields) {
    fields.expect_end();
    return "vCont;c;C;s;S;t";
}

void GdbCommands::go_on(const std::vector<HartAction>& actions) {
    for (std::size_t hart = 0; hart < harts_.size(); ++hart) {
        harts_[hart]->hold(actions[hart] == HartAction::hold);
        if (actions[hart] == HartAction::step) {
            harts_[hart]->step();
        }
    }
    actions_ = actions;
    state_ = State::running;
}

GdbCommands::Reply GdbCommands::detach(Fields& fields) {
    if (fields.skip(";")) {
        fields.number();
    }
    fields.expect_end();
    detach();
    return "OK";
}

GdbCommands::Reply GdbCommands::kill(Fields& fields) {
    fields.expect_end();
    hooks_.kill();
    detach();
    return std::nullopt;
}

GdbCommands::Reply GdbCommands::kill_process(Fields& fields) {
    fields.number();
    fields.expect_end();
    hooks_.kill();
    detach();
    return "OK";
}

void GdbCommands::detach() {
    points_.remove_all();
    go_on(std::vector<HartAction>(harts_.size(), HartAction::run));
    state_ = State::ended;
}

GdbCommands::Reply GdbCommands::stopped(unsigned hart, const Stop& stop) {
    const bool forgotten_step = stop.reason == StopReason::stepped && actions_[hart] != HartAction::step;
    const bool early = state_ == State::resetting && stop.reason != StopReason::attached;
    if (state_ == State::ended || (state_ == State::running && forgotten_step) || early) {
        return std::nullopt;
    }
    const State before = std::exchange(state_, State::stopped);
    stop_ = stop;
    if (before == State::resetting) {
        return "OK";  // to the debugger nothing has stopped: the thread it has selected stays
    }
    stopped_hart_ = hart;
    hart_ = hart;
    return before == State::running ? Reply(stop_reply()) : std::nullopt;
}

std::string GdbCommands::stop_reply() const {
    constexpr int sigint = 2;
    constexpr int sigtrap = 5;
    const int signal = stop_.reason == StopReason::interrupted ? sigint : sigtrap;
    return fmt::format("T{:02x}{}thread:{:x};", signal, stop_cause(), stopped_hart_ + 1);
}

std::string GdbCommands::stop_cause() const {
    switch (stop_.reason) {
        case StopReason::write_watchpoint:
            return fmt::format("watch:{:x};", stop_.address);
        case StopReason::read_watchpoint:
            return fmt::format("rwatch:{:x};", stop_.address);
        case StopReason::access_watchpoint:
            return fmt::format("awatch:{:x};", stop_.address);
        case StopReason::breakpoint:
            break;
        default:
            return "";
    }
    if (points_.has({Point::Type::software_breakpoint, stop_.address, 0})) {
        return software_breaks_told_ ? "swbreak:;" : "";
    }
    return hardware_breaks_told_ ? "hwbreak:;" : "";
}

}  // namespace aqpim
