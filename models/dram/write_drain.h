#pragma once

#include <cstdint>

#include "models/dram/dram_parameters.h"

namespace aqpim::dram {

/// Whether a controller serves its reads or its writes. Writes are put off until there are many of them (or nothing
/// else to do) and then served together, because each change of the data bus's direction costs time.
class WriteDrain {
 public:
    explicit WriteDrain(const ControllerParameters& parameters)
        : high_(parameters.write_high * parameters.write_queue), low_(parameters.write_low * parameters.write_queue) {}

    bool draining() const { return draining_; }

    /// To be called with what waits before a slot is filled, and at the end of each tick in which one was.
    void update(std::uint32_t reads, std::uint32_t writes) {
        if (draining_) {
            draining_ = reads == 0 || (writes != 0 && writes >= low_);
        } else {
            draining_ = reads == 0 || writes > high_;
        }
    }

 private:
    double high_;  ///< entries
    double low_;
    bool draining_ = false;
};

}  // namespace aqpim::dram
