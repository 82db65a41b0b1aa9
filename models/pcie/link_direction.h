#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "models/common/recorder.h"
#include "models/pcie/tlp.h"

namespace aqpim {

struct LinkCounters {
    Picoseconds busy_ps = 0;  ///< serialising TLPs
    std::uint64_t payload_bytes = 0;
    std::uint64_t wire_bytes = 0;
    std::uint64_t tlps = 0;

    /// What an energy per bit is charged on: all that crosses the wire, headers included.
    std::uint64_t wire_bits() const { return wire_bytes * 8; }
};

/// What a transfer is, for the record.
struct TransferLabel {
    std::string_view type;  ///< "MWr", "MRd", "CplD", ...
    std::uint64_t address;
    std::uint64_t bytes;  ///< asked for, written or returned
};

/// When a transfer has crossed a direction of a link.
struct Passage {
    Picoseconds waited;        ///< until the direction was free
    Picoseconds departed;      ///< the last byte has left the sender
    Picoseconds head_arrival;  ///< the first TLP is there as a whole
    Picoseconds tail_lag;      ///< from then until the last TLP is there
};

/// One direction of a link: transfers cross it one after the other, in the order of calls.
class LinkDirection {
 public:
    LinkDirection(const PcieParameters& parameters, Recorder& recorder, const std::string& track);

    /// Sends a transfer whose first TLP is at hand at `head` and its last one `tail_lag` later. Cut-through: it starts
    /// as soon as the first TLP is there and ends no sooner than the last one allows.
    Passage send(const TlpTraffic& traffic, Picoseconds head, Picoseconds tail_lag, const TransferLabel& label);

    const LinkCounters& counters() const { return counters_; }

 private:
    void record(const TlpTraffic& traffic, Picoseconds start, Picoseconds end, const TransferLabel& label);

    Clock byte_time_;
    Picoseconds propagation_;
    Recorder& recorder_;
    TrackId track_;
    Picoseconds free_at_ = 0;
    LinkCounters counters_;
};

}  // namespace aqpim
