#include "models/cpu/hart.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aqpim {

Hart::Hart(sc_core::sc_module_name name, const HartParameters& parameters, Picoseconds quantum_ps, unsigned hart_id,
           HartGroup& group, Recorder& recorder)
    : sc_module(name),
      socket("socket"),
      software_interrupt("software_interrupt"),
      timer_interrupt("timer_interrupt"),
      external_interrupt("external_interrupt"),
      supervisor_external_interrupt("supervisor_external_interrupt"),
      id_(hart_id),
      clock_(parameters.clock),
      quantum_ps_(quantum_ps),
      taken_branch_penalty_(parameters.taken_branch_penalty),
      trap_cycles_(parameters.trap_cycles),
      group_(group),
      place_(group.add([this] { drop_write_pages(); })),
      recorder_(recorder),
      track_(recorder.add_track(fmt::format("host.hart{}", hart_id))),
      csrs_(Isa(parameters.isa), hart_id),
      decoder_(Isa(parameters.isa), parameters.cycles()),
      jump_alignment_(decoder_.isa().has('c') ? 0 : 2),
      memory_([this](tlm::tlm_command command, std::uint64_t address, tlm::tlm_dmi& grant) {
          tlm::tlm_generic_payload transaction;
          transaction.set_command(command);
          transaction.set_address(address);
          return socket->get_direct_mem_ptr(transaction, grant);
      }),
      sv39_([this](std::uint64_t physical, std::uint64_t& entry) { return walk_read(physical, entry); },
            [this](std::uint64_t physical, std::uint64_t, std::uint64_t entry) { return walk_update(physical, entry); },
            parameters.hardware_page_update),
      disassembler_(Isa(parameters.isa)) {
    for (std::unique_ptr<DataPages>& pages : pages_by_mode_) {
        pages = std::make_unique<DataPages>();
    }
    csrs_.on_translation_change = [this] { translation_changed(); };
    follow_mode();
    add_counters();
    socket.register_invalidate_direct_mem_ptr(this, &Hart::invalidate_direct_memory);
    SC_HAS_PROCESS(Hart);
    SC_THREAD(run);
}

Hart::~Hart() = default;

void Hart::start(std::uint64_t pc, std::uint64_t a0, std::uint64_t a1, std::uint64_t a2) {
    reset_ = Start{pc, a0, a1, a2};
}

void Hart::reset(std::uint64_t pc, std::uint64_t a0, std::uint64_t a1, std::uint64_t a2) {
    start(pc, a0, a1, a2);
    limit_ = 0;
    wake_.notify(sc_core::SC_ZERO_TIME);
}

void Hart::come_out_of_reset() {
    const Start start = *std::exchange(reset_, std::nullopt);
    x_.fill(0);
    f_.fill(0);
    csrs_.reset();
    follow_mode();
    translation_changed();
    blocks_.clear();
    group_.release(place_);
    pc_ = start.pc;
    x_[10] = start.a0;
    x_[11] = start.a1;
    x_[12] = start.a2;
    reservation_.reset();
    exception_.reset();
    started_ = true;
    locked_up_ = false;
    group_.set_awake(place_, true);
}

void Hart::run() {
    while (true) {
        if (reset_) {
            come_out_of_reset();
        }
        if (!started_ || locked_up_ || held_) {
            rest();
            continue;
        }
        synchronise();
        begin_slice();
        run_slice();
    }
}

void Hart::rest() {
    group_.set_awake(place_, false);
    wait(wake_);
    group_.set_awake(place_, true);
    tick_ = std::max(tick_, clock_.first_tick_at(to_ps(sc_core::sc_time_stamp())));
}

void Hart::run_slice() {
    while (tick_ < limit_ && !reset_ && !held_) {
        // Steps do not lead into interrupt handlers.
        if (!stepping_) {
            take_interrupt();
        }
        if (observed_ && !stop_before_instruction()) {
            return;
        }
        execute();
        if (exception_) {
            take_exception();
        }
        if (observed_) {
            stop_after_instruction();
        }
    }
}

void Hart::synchronise() {
    group_.guard(place_);
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
    stop_ = true;
}

void Hart::begin_slice() {
    sample_interrupts();
    // The next event of the kernel may be another hart's, which would cut the slice to an instruction.
    const Picoseconds ahead_ps =
        group_.alone(place_) ? std::min(quantum_ps_, to_ps(sc_core::sc_time_to_pending_activity())) : quantum_ps_;
    const Picoseconds end_ps = to_ps(sc_core::sc_time_stamp()) + ahead_ps;
    limit_ = std::max(clock_.first_tick_at(end_ps), tick_ + 1);
    if (debugger_ != nullptr && debugger_->interrupt_requested()) {
        tell_debugger({StopReason::interrupted, pc_});
    }
    if (code_version_ != group_.code_version()) {
        code_version_ = group_.code_version();
        blocks_.clear();
    }
}

void Hart::sample_interrupts() {
    csrs_.set_pins(software_interrupt.read(), timer_interrupt.read(), external_interrupt.read());
    csrs_.set_supervisor_external(supervisor_external_interrupt.read());
}

void Hart::wait_for_interrupt() {
    synchronise();
    sample_interrupts();
    if (csrs_.interrupt_waiting()) {
        return;
    }
    record("run", Activity::host, to_ps(sc_core::sc_time_stamp()));
    waiting_ = true;
    group_.set_awake(place_, false);
    while (!csrs_.interrupt_waiting() && !reset_) {
        wait(software_interrupt.value_changed_event() | timer_interrupt.value_changed_event() |
             external_interrupt.value_changed_event() | supervisor_external_interrupt.value_changed_event() | wake_);
        sample_interrupts();
    }
    waiting_ = false;
    group_.set_awake(place_, true);
    tick_ = clock_.first_tick_at(to_ps(sc_core::sc_time_stamp()));
    record("wfi", Activity::none, clock_.at(tick_));
}

void Hart::hold(bool held) {
    if (std::exchange(held_, held) != held) {
        wake_.notify(sc_core::SC_ZERO_TIME);
    }
}

void Hart::record(std::string_view name, Activity activity, Picoseconds end_ps) {
    if (end_ps > slice_start_ps_) {
        recorder_.slice(track_, name, slice_start_ps_, end_ps, activity);
    }
    slice_start_ps_ = end_ps;
}

void Hart::finish() {
    const Picoseconds now_ps = to_ps(sc_core::sc_time_stamp());
    if (waiting_) {
        record("wfi", Activity::none, now_ps);
    } else if (started_ && !locked_up_) {
        record("run", Activity::host, now_ps);
    }
}

}  // namespace aqpim
