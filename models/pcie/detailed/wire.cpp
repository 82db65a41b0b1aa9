#include "models/pcie/detailed/wire.h"

#include <algorithm>

namespace aqpim::pcie {

Wire::Wire(const PcieParameters& parameters, Recorder& recorder, const std::string& track)
    : byte_time_(link_byte_time(parameters)),
      header_time_(byte_time_.at(tlp_overhead_bytes(parameters.generation))),
      propagation_(parameters.propagation_ps),
      recorder_(recorder),
      track_(track.empty() ? TrackId{} : recorder.add_track(track)) {}

Arrival Wire::send(const Tlp& tlp, std::uint64_t wire_bytes, Picoseconds now) {
    if (now > free_at_) {
        burst_start_ = now;
        burst_bytes_ = 0;
    }
    const Picoseconds start = burst_start_ + byte_time_.at(burst_bytes_);
    burst_bytes_ += wire_bytes;
    free_at_ = burst_start_ + byte_time_.at(burst_bytes_);
    counters_.busy_ps += free_at_ - start;
    counters_.payload_bytes += tlp.payload_bytes();
    counters_.wire_bytes += wire_bytes;
    counters_.tlps += 1;
    if (tlp.tail_ready > free_at_) {
        hold_until(tlp.tail_ready);
    }
    record(tlp, start, free_at_);
    return {start + header_time_ + propagation_, free_at_ + propagation_};
}

void Wire::hold_until(Picoseconds time) {
    free_at_ = std::max(free_at_, time);
    burst_start_ = free_at_;
    burst_bytes_ = 0;
}

void Wire::record(const Tlp& tlp, Picoseconds start, Picoseconds end) {
    if (!recorder_.enabled()) {
        return;
    }
    if (tlp.type != recorded_type_ || start > recorded_end_) {
        flush();
        recorded_type_ = tlp.type;
        recorded_start_ = start;
    }
    recorded_end_ = end;
    recorded_tlps_ += 1;
    recorded_bytes_ += tlp.payload_bytes();
}

void Wire::flush() {
    if (recorded_tlps_ > 0) {
        recorder_.slice(track_, name_of(recorded_type_), recorded_start_, recorded_end_, Activity::pcie,
                        {{"bytes", recorded_bytes_}, {"tlps", recorded_tlps_}});
    }
    recorded_tlps_ = 0;
    recorded_bytes_ = 0;
}

}  // namespace aqpim::pcie
