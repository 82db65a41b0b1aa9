#include "models/pcie/tlp_scheduler.h"

namespace aqpim {

TlpScheduler::TlpScheduler(sc_core::sc_module_name name) : sc_module(name) {
    events_.on_earlier([this] { wake_for_next(); });
    SC_HAS_PROCESS(TlpScheduler);
    // A thread: completers are reached by b_transport, which methods must not call.
    SC_THREAD(run);
}

void TlpScheduler::run() {
    for (;;) {
        run_due();
        wait(wake_);
    }
}

void TlpScheduler::run_due() {
    const Picoseconds now = to_ps(sc_core::sc_time_stamp());
    while (!events_.empty()) {
        const Picoseconds next = events_.next();
        const bool is_due = next <= now;
        if (!is_due && next >= now + to_ps(sc_core::sc_time_to_pending_activity())) {
            wake_for_next();
            return;
        }
        events_.run_next();
    }
}

void TlpScheduler::wake_for_next() {
    wake_.notify(delay_until(events_.next()));
}

}  // namespace aqpim
