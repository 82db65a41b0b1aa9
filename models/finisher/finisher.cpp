#include "models/finisher/finisher.h"

#include "aqpim/memory_map.h"

namespace aqpim {

namespace {

std::optional<Finisher::Kind> kind_of(std::uint64_t command) {
    switch (command) {
        case AQPIM_FINISHER_PASS:
            return Finisher::Kind::pass;
        case AQPIM_FINISHER_FAIL:
            return Finisher::Kind::fail;
        case AQPIM_FINISHER_RESET:
            return Finisher::Kind::reset;
        default:
            return std::nullopt;
    }
}

}  // namespace

Finisher::Finisher(sc_core::sc_module_name name) : sc_module(name) {
    registers_.add("command", 0x0, 4, {},
                   [this](std::uint64_t value, const sc_core::sc_time& delay) { command(value, delay); });
    socket.register_b_transport(this, &Finisher::b_transport);

    SC_HAS_PROCESS(Finisher);
    SC_METHOD(stop);
    sensitive << end_;
    dont_initialize();
}

void Finisher::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    registers_.transport(transaction, delay);
}

void Finisher::command(std::uint64_t value, const sc_core::sc_time& delay) {
    const std::optional<Kind> kind = kind_of(value & 0xffff);
    if (!kind) {
        ++bad_commands_;
        return;
    }
    if (!outcome_) {
        const auto code = *kind == Kind::fail ? static_cast<unsigned>(value >> 16) : 0;
        outcome_ = Outcome{*kind, code, local_time_ps(delay)};
        end_.notify(delay);
    }
}

void Finisher::stop() {
    sc_core::sc_stop();
}

}  // namespace aqpim
