#pragma once

#include <cmath>
#include <cstdint>

namespace aqpim::pcie::test {

/// B/s of one direction of a link, from the transfers per second of a lane and the line code: 128b/130b, and for Gen6
/// 236 B of TLPs in each flit of 256 B. Gen3 to Gen6.
inline double wire_rate(unsigned generation, unsigned lanes) {
    const double transfers = 8e9 * std::pow(2.0, generation - 3.0);
    const double code = generation == 6 ? 236.0 / 256.0 : 128.0 / 130.0;
    return transfers * code / 8 * lanes;
}

/// Bytes of a TLP beyond its payload: 16 B header and, where there are no flits, 8 B of framing, number and LCRC.
inline double overhead(unsigned generation) {
    return generation == 6 ? 16 : 24;
}

/// The share of the wire rate that full TLPs leave for their payload.
inline double efficiency(unsigned generation, double payload) {
    return payload / (payload + overhead(generation));
}

/// Time of `bytes` on a link, to the nearest picosecond.
inline std::uint64_t time_of(double bytes, double rate) {
    return static_cast<std::uint64_t>(std::llround(bytes / rate * 1e12));
}

}  // namespace aqpim::pcie::test
