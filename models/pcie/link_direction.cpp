#include "models/pcie/link_direction.h"

#include <fmt/format.h>

#include <algorithm>

namespace aqpim {

LinkDirection::LinkDirection(const PcieParameters& parameters, Recorder& recorder, const std::string& track)
    : byte_time_(link_byte_time(parameters.generation, parameters.lanes)),
      propagation_(parameters.propagation_ps),
      recorder_(recorder),
      track_(recorder.add_track(track)) {}

Passage LinkDirection::send(const TlpTraffic& traffic, Picoseconds head, Picoseconds tail_lag,
                            const TransferLabel& label) {
    const Picoseconds start = std::max(head, free_at_);
    const Picoseconds serialisation = byte_time_.at(traffic.wire_bytes);
    const Picoseconds head_departed = start + byte_time_.at(traffic.first_wire_bytes);
    const Picoseconds departed =
        std::max(start + serialisation, head + tail_lag + byte_time_.at(traffic.last_wire_bytes));
    free_at_ = departed;

    counters_.busy_ps += serialisation;
    counters_.payload_bytes += traffic.payload_bytes;
    counters_.wire_bytes += traffic.wire_bytes;
    counters_.tlps += traffic.tlps;
    record(traffic, start, departed, label);
    return {start - head, departed, head_departed + propagation_, departed - head_departed};
}

void LinkDirection::record(const TlpTraffic& traffic, Picoseconds start, Picoseconds end, const TransferLabel& label) {
    if (!recorder_.enabled()) {
        return;
    }
    const std::string name =
        traffic.payload_bytes > 0 ? fmt::format("{} {} B", label.type, label.bytes) : std::string(label.type);
    recorder_.slice(track_, name, start, end, Activity::pcie,
                    {{"address", label.address}, {"bytes", label.bytes}, {"tlps", traffic.tlps}});
}

}  // namespace aqpim
