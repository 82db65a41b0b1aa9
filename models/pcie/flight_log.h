#pragma once

#include <algorithm>
#include <string>

#include "models/common/recorder.h"

namespace aqpim {

/// Records when requests of one requester, or those that arrive at one place, were on their way through PCIe: from
/// sending to arrival (posted writes) or completion. Requests that overlap make one slice, so the track shows whether
/// anything was in flight.
class FlightLog {
 public:
    FlightLog(Recorder& recorder, const std::string& track) : recorder_(recorder), track_(recorder.add_track(track)) {}

    void add(Picoseconds sent, Picoseconds arrived) {
        if (sent > end_ || arrived < start_) {
            flush();
            start_ = sent;
            end_ = arrived;
        } else {
            start_ = std::min(start_, sent);
            end_ = std::max(end_, arrived);
        }
    }
    /// Records what is still held back; at the end of the simulation.
    void flush() {
        if (end_ > start_) {
            recorder_.slice(track_, "in flight", start_, end_, Activity::pcie);
        }
        start_ = end_ = 0;
    }

 private:
    Recorder& recorder_;
    TrackId track_;
    Picoseconds start_ = 0;
    Picoseconds end_ = 0;
};

}  // namespace aqpim
