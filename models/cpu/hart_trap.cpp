#include "models/cpu/hart.h"

namespace aqpim {

void Hart::raise(Cause cause, std::uint64_t value) {
    exception_ = Trap{static_cast<std::uint64_t>(cause), pc_, value, clock_.at(tick_)};
}

void Hart::take_interrupt() {
    if (const auto number = csrs_.interrupt_to_take()) {
        pc_ = csrs_.enter_interrupt(*number, pc_);
        tick_ += trap_cycles_;
    }
}

void Hart::take_exception() {
    const Trap trap = *exception_;
    exception_.reset();
    if (last_entry_ == instructions_) {
        locked_up_ = true;
        synchronise();
        record("run", Activity::host, clock_.at(tick_));
        if (on_lock_up) {
            on_lock_up();
        }
        return;
    }
    const Cause cause{trap.cause};
    if (cause != Cause::ecall_from_m && cause != Cause::breakpoint) {
        last_exception_ = trap;
    }
    last_entry_ = instructions_;
    pc_ = csrs_.enter_exception(cause, trap.pc, trap.value);
    tick_ += trap_cycles_;
}

}  // namespace aqpim
