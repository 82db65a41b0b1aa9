#include "models/cpu/hart.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aqpim {

Hart::Hart(sc_core::sc_module_name name, const HartParameters& parameters, Picoseconds quantum_ps, unsigned hart_id,
           Recorder& recorder)
    : sc_module(name),
      socket("socket"),
      software_interrupt("software_interrupt"),
      timer_interrupt("timer_interrupt"),
      external_interrupt("external_interrupt"),
      clock_(parameters.clock),
      quantum_ps_(quantum_ps),
      taken_branch_penalty_(parameters.taken_branch_penalty),
      trap_cycles_(parameters.trap_cycles),
      recorder_(recorder),
      track_(recorder.add_track(fmt::format("host.hart{}", hart_id))),
      csrs_(Isa(parameters.isa), hart_id),
      decoder_(Isa(parameters.isa), parameters.cycles()),
      memory_([this](tlm::tlm_command command, std::uint64_t address, tlm::tlm_dmi& grant) {
          tlm::tlm_generic_payload transaction;
          transaction.set_command(command);
          transaction.set_address(address);
          return socket->get_direct_mem_ptr(transaction, grant);
      }) {
    add_counters();
    socket.register_invalidate_direct_mem_ptr(this, &Hart::invalidate_direct_memory);
    SC_HAS_PROCESS(Hart);
    SC_THREAD(run);
}

void Hart::start(std::uint64_t pc, std::uint64_t a0, std::uint64_t a1) {
    started_ = true;
    pc_ = pc;
    x_[10] = a0;
    x_[11] = a1;
}

void Hart::run() {
    if (!started_) {
        return;
    }
    while (!locked_up_) {
        synchronise();
        begin_slice();
        while (tick_ < limit_) {
            take_interrupt();
            execute();
            if (exception_) {
                take_exception();
            }
        }
    }
}

void Hart::synchronise() {
    const Picoseconds now_ps = to_ps(sc_core::sc_time_stamp());
    const Picoseconds local_ps = clock_.at(tick_);
    if (local_ps > now_ps) {
        wait(from_ps(local_ps - now_ps));
    }
    // Let everything that happens now happen first. Bounded, since another hart may be waiting for this one.
    constexpr int most_delta_cycles = 64;
    for (int i = 0; i < most_delta_cycles && sc_core::sc_pending_activity_at_current_time(); ++i) {
        wait(sc_core::SC_ZERO_TIME);
    }
    limit_ = 0;
}

void Hart::begin_slice() {
    sample_interrupts();
    const Picoseconds alone_ps = std::min(quantum_ps_, to_ps(sc_core::sc_time_to_pending_activity()));
    const Picoseconds end_ps = to_ps(sc_core::sc_time_stamp()) + alone_ps;
    limit_ = std::max(clock_.first_tick_at(end_ps), tick_ + 1);
}

void Hart::sample_interrupts() {
    csrs_.set_pins(software_interrupt.read(), timer_interrupt.read(), external_interrupt.read());
}

void Hart::wait_for_interrupt() {
    synchronise();
    sample_interrupts();
    if (csrs_.interrupt_waiting()) {
        return;
    }
    record("run", Activity::host, to_ps(sc_core::sc_time_stamp()));
    waiting_ = true;
    while (!csrs_.interrupt_waiting()) {
        wait(software_interrupt.value_changed_event() | timer_interrupt.value_changed_event() |
             external_interrupt.value_changed_event());
        sample_interrupts();
    }
    waiting_ = false;
    tick_ = clock_.first_tick_at(to_ps(sc_core::sc_time_stamp()));
    record("wfi", Activity::none, clock_.at(tick_));
}

void Hart::record(std::string_view name, Activity activity, Picoseconds end_ps) {
    if (end_ps > slice_start_ps_) {
        recorder_.slice(track_, name, slice_start_ps_, end_ps, activity);
    }
    slice_start_ps_ = end_ps;
}

void Hart::finish() {
    if (!started_) {
        return;
    }
    const Picoseconds now_ps = to_ps(sc_core::sc_time_stamp());
    if (waiting_) {
        record("wfi", Activity::none, now_ps);
    } else if (!locked_up_) {
        record("run", Activity::host, now_ps);
    }
}

}  // namespace aqpim
