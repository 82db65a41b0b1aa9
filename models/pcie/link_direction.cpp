#include "models/pcie/link_direction.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/pcie/bit_errors.h"

namespace aqpim {

namespace {

constexpr std::uint64_t no_limit = std::uint64_t{1} << 40;

}  // namespace

std::uint64_t posted_room(const PcieParameters& p) {
    return std::min(p.posted_buffer, std::uint64_t{p.posted_headers} * p.max_payload);
}

ReceiverRoom switch_room(const PcieParameters& p) {
    return {std::min<std::uint64_t>(p.posted_headers, p.posted_buffer / p.max_payload),
            std::min<std::uint64_t>(p.completion_headers, p.completion_buffer / p.max_payload), p.switch_latency_ps};
}

ReceiverRoom end_room(const PcieParameters& parameters, Picoseconds latency) {
    return {switch_room(parameters).posted, no_limit, latency};
}

LinkDirection::LinkDirection(const PcieParameters& parameters, Recorder& recorder, const std::string& track)
    : byte_time_(link_byte_time(parameters)),
      header_bytes_(tlp_overhead_bytes(parameters.generation)),
      cut_through_(parameters.is_cut_through()),
      propagation_(parameters.propagation_ps),
      held_(parameters.switch_latency_ps),
      dllp_latency_(parameters.dllp_latency_ps),
      bit_error_rate_(parameters.bit_error_rate),
      posted_credits_(switch_room(parameters).posted),
      completion_credits_(switch_room(parameters).completions),
      recorder_(recorder),
      track_(recorder.add_track(track)) {}

void LinkDirection::set_receiver(const ReceiverRoom& room) {
    posted_credits_ = FlightWindow(room.posted);
    completion_credits_ = FlightWindow(room.completions);
    held_ = room.held_ps;
}

Passage LinkDirection::send(const TlpTraffic& traffic, Picoseconds head, Picoseconds tail_lag,
                            const TransferLabel& label, TransferKind kind) {
    const Picoseconds start = std::max(head, free_at_);
    const Picoseconds serialisation = byte_time_.at(traffic.wire_bytes);
    const std::uint64_t forwarded = cut_through_ ? header_bytes_ : traffic.first_wire_bytes;
    const Picoseconds head_departed = start + byte_time_.at(forwarded);
    const Picoseconds last_tlp = cut_through_ ? 0 : byte_time_.at(traffic.last_wire_bytes);
    const Picoseconds departed = std::max({start + serialisation + replay_time(traffic), head + tail_lag + last_tlp,
                                           last_start(traffic, start, kind) + byte_time_.at(traffic.last_wire_bytes)});
    free_at_ = departed;

    counters_.busy_ps += serialisation;
    counters_.payload_bytes += traffic.payload_bytes;
    counters_.wire_bytes += traffic.wire_bytes;
    counters_.tlps += traffic.tlps;
    record(traffic, start, departed, label);
    return {start - head, departed, head_departed + propagation_, departed - head_departed};
}

/// A damaged TLP is sent again when its NAK is back.
Picoseconds LinkDirection::replay_time(const TlpTraffic& traffic) {
    if (bit_error_rate_ == 0) {
        return 0;
    }
    const std::uint64_t tlp_bytes = traffic.wire_bytes / traffic.tlps;
    const double damaged = damaged_share(bit_error_rate_, tlp_bytes);
    const double replays = static_cast<double>(traffic.tlps) * damaged / (1 - damaged);
    expected_replays_ += replays;
    counters_.replays = static_cast<std::uint64_t>(expected_replays_);
    const Picoseconds each = byte_time_.at(tlp_bytes) + 2 * propagation_ + dllp_latency_;
    return static_cast<Picoseconds>(replays * static_cast<double>(each));
}

/// When credits for the last TLP are there.
Picoseconds LinkDirection::last_start(const TlpTraffic& traffic, Picoseconds start, TransferKind kind) {
    if (traffic.payload_bytes == 0) {
        return start;
    }
    const Picoseconds tlp = byte_time_.at(traffic.wire_bytes / traffic.tlps);
    const Picoseconds round_trip = tlp + 2 * propagation_ + held_ + dllp_latency_;
    FlightWindow& credits = kind == TransferKind::completion ? completion_credits_ : posted_credits_;
    return credits.start(start, traffic.tlps, tlp, round_trip);
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
