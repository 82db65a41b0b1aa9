#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "models/common/recorder.h"
#include "models/pcie/flight_window.h"
#include "models/pcie/tlp.h"

namespace aqpim {

struct LinkCounters {
    Picoseconds busy_ps = 0;  ///< serialising TLPs
    std::uint64_t payload_bytes = 0;
    std::uint64_t wire_bytes = 0;
    std::uint64_t tlps = 0;
    std::uint64_t replays = 0;  ///< TLPs sent again; in fast fidelity, as many as are to be expected

    Picoseconds starved_ps = 0;  ///< TLPs waited and the wire was free, for want of credits; detailed only

    /// What an energy per bit is charged on: all that crosses the wire, headers included.
    std::uint64_t wire_bits() const { return wire_bytes * 8; }
};

enum class TransferKind : std::uint8_t { request, completion };

/// What a transfer is, for the record.
struct TransferLabel {
    std::string_view type;  ///< "MWr", "MRd", "CplD", ...
    std::uint64_t address;
    std::uint64_t bytes;  ///< asked for, written or returned
};

/// What the receiver at the end of a link has room for, in TLPs of max_payload, and how long each stays there.
struct ReceiverRoom {
    std::uint64_t posted = 0;
    std::uint64_t completions = 0;
    Picoseconds held_ps = 0;
};
/// Of a switch port, and of an end of the fabric, which has room for all completions that it asks for.
std::uint64_t posted_room(const PcieParameters& parameters);  ///< bytes
ReceiverRoom switch_room(const PcieParameters& parameters);
ReceiverRoom end_room(const PcieParameters& parameters, Picoseconds latency);

/// When a transfer has crossed a direction of a link.
struct Passage {
    Picoseconds waited;        ///< until the direction was free
    Picoseconds departed;      ///< the last byte has left the sender
    Picoseconds head_arrival;  ///< what the other end needs of the first TLP to send it on is there
    Picoseconds tail_lag;      ///< from then until the last byte is there
};

/// One direction of a link, in closed form: transfers cross it one after the other, in the order of calls.
///
/// Of TLPs with data no more are under way than the receiver has credits for, each until its credit is back: after the
/// TLP itself, the way there, its time in the receiver's buffer, and the way back of the UpdateFC. TLPs that arrive
/// damaged (`bit_error_rate`) cost what they do on average.
class LinkDirection {
 public:
    /// The receiver is a switch port until set_receiver() says otherwise.
    LinkDirection(const PcieParameters& parameters, Recorder& recorder, const std::string& track);

    void set_receiver(const ReceiverRoom& room);

    /// Sends a transfer whose first TLP is at hand at `head` and its last byte `tail_lag` later. It starts as soon as
    /// the first TLP is there and ends no sooner than the last one allows.
    Passage send(const TlpTraffic& traffic, Picoseconds head, Picoseconds tail_lag, const TransferLabel& label,
                 TransferKind kind = TransferKind::request);

    const LinkCounters& counters() const { return counters_; }
    TrackId track() const { return track_; }

 private:
    Picoseconds replay_time(const TlpTraffic& traffic);
    Picoseconds last_start(const TlpTraffic& traffic, Picoseconds start, TransferKind kind);
    void record(const TlpTraffic& traffic, Picoseconds start, Picoseconds end, const TransferLabel& label);

    Clock byte_time_;
    std::uint64_t header_bytes_;
    bool cut_through_;
    Picoseconds propagation_;
    Picoseconds held_;
    Picoseconds dllp_latency_;
    double bit_error_rate_;
    FlightWindow posted_credits_;
    FlightWindow completion_credits_;
    Recorder& recorder_;
    TrackId track_;
    Picoseconds free_at_ = 0;
    double expected_replays_ = 0;
    LinkCounters counters_;
};

}  // namespace aqpim
