#pragma once

#include <systemc>

namespace aqpim {

/// An interrupt controller's sources that are raised by messages rather than by wires.
class EdgeInterruptIf : public virtual sc_core::sc_interface {
 public:
    /// Raises `source` once, at the current simulated time. Throws std::out_of_range if there is no such source.
    virtual void pulse(unsigned source) = 0;
};

}  // namespace aqpim
