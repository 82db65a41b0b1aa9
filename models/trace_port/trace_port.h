#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "models/common/recorder.h"
#include "models/common/register_file.h"
#include "models/common/sockets.h"

namespace aqpim {

/// A phase of the firmware's work (enum aqpim_phase).
struct Phase {
    unsigned phase;
    unsigned argument;
    Picoseconds start_ps;
    Picoseconds end_ps;  ///< as start_ps while the phase is open
    unsigned depth;      ///< how many phases it lies within
};

enum class PhaseEdge : std::uint8_t { begin, end };

/// Software trace port: firmware says what it is doing, as through the stimulus ports of Arm's System Trace Macrocell
/// (firmware/include/aqpim/trace_port.h). Takes no time. Registers:
///
///     0x0  WO 4  AQPIM_TRACE_BEGIN  phase | argument << 8
///     0x4  WO 4  AQPIM_TRACE_END    phase, which must be the innermost one; else it is ignored and counted
///
/// Each phase is a slice on the track `host.firmware`, recorded when it ends.
class TracePort : public sc_core::sc_module {
 public:
    TargetSocket<TracePort> socket{"socket"};
    /// Called when a phase begins or ends, with its place in phases(), at the exact time.
    std::function<void(std::size_t phase, PhaseEdge edge, Picoseconds time_ps)> on_mark;

    TracePort(sc_core::sc_module_name name, Recorder& recorder);
    ~TracePort() override;

    /// In the order in which they began: a phase comes before those within it.
    const std::vector<Phase>& phases() const { return phases_; }
    /// Ends that matched no phase.
    std::uint64_t bad_ends() const { return bad_ends_; }
    /// Closes what is still open when the run is over.
    void finish(Picoseconds time_ps);

 private:
    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    void begin(std::uint64_t value, Picoseconds time_ps);
    void end(std::uint64_t value, Picoseconds time_ps);
    void close_innermost(Picoseconds time_ps);

    RegisterFile registers_;
    Recorder& recorder_;
    TrackId track_;
    std::vector<Phase> phases_;
    std::vector<std::size_t> open_;  // indices into phases_, innermost last
    std::uint64_t bad_ends_ = 0;
};

}  // namespace aqpim
