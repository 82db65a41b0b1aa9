#pragma once

#include <cstdint>
#include <string>

#include "models/common/recorder.h"
#include "models/pcie/detailed/packet.h"
#include "models/pcie/link_direction.h"

namespace aqpim::pcie {

/// One direction of a link, TLP by TLP: when each leaves and arrives. Bytes that follow one another are counted and
/// converted to time once, so that rounding never adds up.
///
/// Records TLPs of a type that follow one another as one slice.
class Wire {
 public:
    Wire(const PcieParameters& parameters, Recorder& recorder, const std::string& track);

    Picoseconds free_at() const { return free_at_; }
    /// Records on another track from now on.
    void record_on(TrackId track) { track_ = track; }
    /// Sends `wire_bytes` from `now` on, `free_at()` at the earliest; ends no sooner than the last byte can be there.
    Arrival send(const Tlp& tlp, std::uint64_t wire_bytes, Picoseconds now);
    /// When the latest TLP's last byte has left.
    Picoseconds departed() const { return free_at_; }
    /// Nothing can be sent before `time`: what is sent is thrown away.
    void hold_until(Picoseconds time);
    Picoseconds propagation() const { return propagation_; }

    const LinkCounters& counters() const { return counters_; }
    void flush();

 private:
    void record(const Tlp& tlp, Picoseconds start, Picoseconds end);

    Clock byte_time_;
    Picoseconds header_time_;
    Picoseconds propagation_;
    Recorder& recorder_;
    TrackId track_;
    Picoseconds burst_start_ = 0;
    std::uint64_t burst_bytes_ = 0;
    Picoseconds free_at_ = 0;
    LinkCounters counters_;

    TlpType recorded_type_ = TlpType::message;
    Picoseconds recorded_start_ = 0;
    Picoseconds recorded_end_ = 0;
    std::uint64_t recorded_tlps_ = 0;
    std::uint64_t recorded_bytes_ = 0;
};

}  // namespace aqpim::pcie
