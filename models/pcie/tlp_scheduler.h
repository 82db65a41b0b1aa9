#pragma once

#include <systemc>

#include "models/common/sockets.h"
#include "models/pcie/detailed/event_queue.h"

namespace aqpim {

/// Runs the events of a platform's PCIe fabric (detailed fidelity) under the simulation kernel. It runs ahead of the
/// kernel's time up to the next thing that happens outside of the fabric, so the kernel is entered only when what is in
/// the fabric and what is not meet.
class TlpScheduler : public sc_core::sc_module {
 public:
    explicit TlpScheduler(sc_core::sc_module_name name);

    pcie::EventQueue& events() { return events_; }

 private:
    void run();
    void run_due();
    void wake_for_next();

    pcie::EventQueue events_;
    sc_core::sc_event wake_;
};

/// How far `time` of the fabric lies ahead of the kernel's.
inline sc_core::sc_time delay_until(Picoseconds time) {
    return from_ps(time) - sc_core::sc_time_stamp();
}

}  // namespace aqpim
