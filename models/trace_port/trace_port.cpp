#include "models/trace_port/trace_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "aqpim/trace_port.h"

namespace aqpim {

namespace {

std::string readable_name(const Phase& phase) {
    switch (phase.phase) {
        case AQPIM_PHASE_SETUP:
            return "setup";
        case AQPIM_PHASE_PREFILL:
            return "prefill";
        case AQPIM_PHASE_LAYER:
            return fmt::format("layer {}", phase.argument);
        case AQPIM_PHASE_DECODE:
            return fmt::format("decode {}", phase.argument);
        default:
            return fmt::format("{} {}", phase.phase >= AQPIM_PHASE_USER ? "user" : "phase", phase.phase);
    }
}

}  // namespace

TracePort::TracePort(sc_core::sc_module_name name, Recorder& recorder)
    : sc_module(name), recorder_(recorder), track_(recorder.add_track("host.firmware")) {
    registers_.add("begin", AQPIM_TRACE_BEGIN, 4, {},
                   [this](std::uint64_t value, const sc_core::sc_time& delay) { begin(value, local_time_ps(delay)); });
    registers_.add("end", AQPIM_TRACE_END, 4, {},
                   [this](std::uint64_t value, const sc_core::sc_time& delay) { end(value, local_time_ps(delay)); });
    socket.register_b_transport(this, &TracePort::b_transport);
}

TracePort::~TracePort() = default;

void TracePort::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    registers_.transport(transaction, delay);
}

void TracePort::begin(std::uint64_t value, Picoseconds time_ps) {
    const auto phase = static_cast<unsigned>(value & 0xff);
    const auto argument = static_cast<unsigned>(value >> 8);
    const auto depth = static_cast<unsigned>(open_.size());
    open_.push_back(phases_.size());
    phases_.push_back({phase, argument, time_ps, time_ps, depth});
    recorder_.begin(track_, readable_name(phases_.back()), time_ps);
    if (on_mark) {
        on_mark(open_.back(), PhaseEdge::begin, time_ps);
    }
}

void TracePort::end(std::uint64_t value, Picoseconds time_ps) {
    if (open_.empty() || phases_[open_.back()].phase != value) {
        ++bad_ends_;
        return;
    }
    close_innermost(time_ps);
}

void TracePort::finish(Picoseconds time_ps) {
    while (!open_.empty()) {
        close_innermost(time_ps);
    }
}

void TracePort::close_innermost(Picoseconds time_ps) {
    const std::size_t place = open_.back();
    Phase& phase = phases_[place];
    open_.pop_back();
    phase.end_ps = std::max(phase.start_ps, time_ps);
    recorder_.slice(track_, readable_name(phase), phase.start_ps, phase.end_ps, Activity::none,
                    {{"argument", std::uint64_t{phase.argument}}});
    if (on_mark) {
        on_mark(place, PhaseEdge::end, phase.end_ps);
    }
}

}  // namespace aqpim
