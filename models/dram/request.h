#pragma once

#include <cstdint>

#include "models/common/clock.h"
#include "models/dram/organization.h"

namespace aqpim::dram {

/// A read or write of `bursts` consecutive columns of one row, from `location` on; it does not pass the row's end.
struct Request {
    std::uint64_t id = 0;  ///< the caller's
    Location location;     ///< within the channel
    std::uint32_t bursts = 1;
    bool write = false;
};

/// Receives what a controller has completed, in the order of their last column commands.
class CompletionSink {
 public:
    virtual ~CompletionSink() = default;
    /// `at`: the tick at which the last burst has left the data bus (a forwarded read: one tick after its arrival).
    virtual void completed(const Request& request, Ticks at) = 0;
};

}  // namespace aqpim::dram
