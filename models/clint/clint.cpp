#include "models/clint/clint.h"

#include <algorithm>
#include <limits>

namespace aqpim {

Clint::Clint(sc_core::sc_module_name name, unsigned harts)
    : sc_module(name),
      software_interrupt("software_interrupt", harts),
      timer_interrupt("timer_interrupt", harts),
      msip_(harts, 0),
      mtimecmp_(harts, std::numeric_limits<std::uint64_t>::max()) {
    registers_.add_array(
        "msip", 0x0, 4, harts, 4, [this](unsigned hart) { return msip_[hart]; },
        [this](unsigned hart, std::uint64_t value, const sc_core::sc_time&) { msip_[hart] = value & 1; });
    registers_.add_array(
        "mtimecmp", 0x4000, 8, harts, 8, [this](unsigned hart) { return mtimecmp_[hart]; },
        [this](unsigned hart, std::uint64_t value, const sc_core::sc_time&) { mtimecmp_[hart] = value; });
    registers_.add(
        "mtime", 0xbff8, 8, [this] { return time(access_time_); },
        [this](std::uint64_t value, const sc_core::sc_time&) { offset_ += value - time(access_time_); });

    socket.register_b_transport(this, &Clint::b_transport);
    socket.register_transport_dbg(this, &Clint::transport_dbg);

    SC_HAS_PROCESS(Clint);
    SC_METHOD(drive_interrupts);
    sensitive << update_;
}

Clint::~Clint() = default;

void Clint::reset() {
    std::fill(msip_.begin(), msip_.end(), 0);
    std::fill(mtimecmp_.begin(), mtimecmp_.end(), std::numeric_limits<std::uint64_t>::max());
    offset_ -= time(sc_core::sc_time_stamp());
    update_.notify(sc_core::SC_ZERO_TIME);
}

void Clint::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    access_time_ = sc_core::sc_time_stamp() + delay;
    registers_.transport(transaction, delay);
    if (transaction.is_write()) {
        update_.notify(delay);
    }
}

unsigned Clint::transport_dbg(tlm::tlm_generic_payload& transaction) {
    access_time_ = sc_core::sc_time_stamp();
    return registers_.debug_read(transaction);
}

void Clint::drive_interrupts() {
    const std::uint64_t mtime = time(sc_core::sc_time_stamp());
    std::uint64_t next = std::numeric_limits<std::uint64_t>::max();
    for (unsigned hart = 0; hart < msip_.size(); ++hart) {
        const bool due = mtime >= mtimecmp_[hart];
        software_interrupt[hart].write(msip_[hart] != 0);
        timer_interrupt[hart].write(due);
        // An interrupt that is on goes off when mtime wraps around to zero, unless the handler moves mtimecmp before.
        const std::uint64_t until_change = due ? 0 - mtime : mtimecmp_[hart] - mtime;
        next = until_change == 0 ? next : std::min(next, until_change);
    }
    notify_after(next);
}

void Clint::notify_after(std::uint64_t ticks) {
    const Picoseconds now = to_ps(sc_core::sc_time_stamp());
    const std::uint64_t ticks_now = now / tick_ps;
    const std::uint64_t last_tick = to_ps(sc_core::sc_max_time()) / tick_ps;
    if (ticks <= last_tick - ticks_now) {
        update_.notify(from_ps((ticks_now + ticks) * tick_ps - now));
    }
}

}  // namespace aqpim
