#include "models/finisher/finisher.h"

#include "aqpim/memory_map.h"

namespace aqpim {

Finisher::Finisher(sc_core::sc_module_name name) : sc_module(name) {
    registers_.add("command", 0x0, 4, {},
                   [this](std::uint64_t value, const sc_core::sc_time& delay) { command(value, delay); });
    socket.register_b_transport(this, &Finisher::b_transport);

    SC_HAS_PROCESS(Finisher);
    SC_METHOD(carry_out);
    sensitive << due_;
    dont_initialize();
}

Finisher::~Finisher() = default;

void Finisher::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    registers_.transport(transaction, delay);
}

void Finisher::command(std::uint64_t value, const sc_core::sc_time& delay) {
    const std::uint64_t command = value & 0xffff;
    const bool is_reset = command == AQPIM_FINISHER_RESET;
    if (!is_reset && command != AQPIM_FINISHER_PASS && command != AQPIM_FINISHER_FAIL) {
        ++bad_commands_;
        return;
    }
    if (outcome_ || reset_is_due_) {
        return;
    }
    if (is_reset) {
        reset_is_due_ = true;
    } else if (command == AQPIM_FINISHER_PASS) {
        outcome_ = Outcome{Kind::pass, 0, local_time_ps(delay)};
    } else {
        outcome_ = Outcome{Kind::fail, static_cast<unsigned>(value >> 16), local_time_ps(delay)};
    }
    due_.notify(delay);
}

void Finisher::carry_out() {
    if (outcome_) {
        sc_core::sc_stop();
        return;
    }
    reset_is_due_ = false;
    ++resets_;
    on_reset();
}

}  // namespace aqpim
