#include <utility>

#include "models/cpu/hart.h"

namespace aqpim {

void Hart::add_counters() {
    const auto cycle = [this] { return tick_ + cycle_offset_; };
    const auto instret = [this] { return instructions_ + instruction_offset_; };
    csrs_.add(0xb00, cycle, [this](std::uint64_t value) { cycle_offset_ = value - tick_; });
    // The writing instruction itself is not counted (Unprivileged ISA 20191213, 10.1).
    csrs_.add(0xb02, instret, [this](std::uint64_t value) { instruction_offset_ = value - (instructions_ + 1); });
    csrs_.add(0xc00, cycle);
    csrs_.add(0xc02, instret);
}

void Hart::set_time_source(TimeSource source) {
    csrs_.add(0xc01, [this, source = std::move(source)] { return source(from_ps(clock_.at(tick_))); });
}

void Hart::csr_instruction(const Instruction& instruction, CsrAction action, std::uint64_t operand) {
    const auto number = static_cast<unsigned>(instruction.immediate);
    const std::optional<std::uint64_t> old = csrs_.read(number);
    if (!old) {
        raise(Cause::illegal_instruction, instruction.encoding);
        return;
    }
    const bool writes = action == CsrAction::swap || instruction.rs1 != 0;
    if (writes) {
        const std::uint64_t held = csrs_.read_to_modify(number).value_or(0);
        const std::uint64_t value = action == CsrAction::swap  ? operand
                                    : action == CsrAction::set ? held | operand
                                                               : held & ~operand;
        if (!csrs_.write(number, value)) {
            raise(Cause::illegal_instruction, instruction.encoding);
            return;
        }
    }
    x_[instruction.rd] = *old;
}

Cause Hart::environment_call() const {
    switch (csrs_.privilege()) {
        case Privilege::user:
            return Cause::ecall_from_u;
        case Privilege::supervisor:
            return Cause::ecall_from_s;
        default:
            return Cause::ecall_from_m;
    }
}

void Hart::raise(Cause cause, std::uint64_t value) {
    exception_ = Trap{static_cast<std::uint64_t>(cause), pc_, value, clock_.at(tick_)};
}

void Hart::take_interrupt() {
    if (const auto number = csrs_.interrupt_to_take()) {
        pc_ = csrs_.enter_interrupt(*number, pc_);
        follow_mode();
        tick_ += trap_cycles_;
    }
}

namespace {

/// What says that firmware has erred, in the absence of an operating system.
bool is_fault(Cause cause) {
    switch (cause) {
        case Cause::ecall_from_u:
        case Cause::ecall_from_s:
        case Cause::ecall_from_m:
        case Cause::breakpoint:
        case Cause::fetch_page_fault:
        case Cause::load_page_fault:
        case Cause::store_page_fault:
            return false;
        default:
            return true;
    }
}

}  // namespace

void Hart::take_exception() {
    const Trap trap = *std::exchange(exception_, std::nullopt);
    watch_hit_.reset();  // what raises an exception has accessed nothing
    const Privilege before = csrs_.privilege();
    pc_ = csrs_.enter_exception(Cause{trap.cause}, trap.pc, trap.value);
    follow_mode();
    tick_ += trap_cycles_;
    // The handler's first instruction has raised it: so it will for ever.
    if (pc_ == trap.pc && csrs_.privilege() == before) {
        locked_up_ = true;
        last_exception_ = last_trap_.value_or(trap);
        synchronise();
        record("run", Activity::host, clock_.at(tick_));
        if (on_lock_up) {
            on_lock_up();
        }
        return;
    }
    last_trap_ = trap;
    if (is_fault(Cause{trap.cause})) {
        last_exception_ = trap;
    }
}

}  // namespace aqpim
