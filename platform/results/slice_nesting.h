#pragma once

#include <vector>

#include "models/common/clock.h"

namespace aqpim {

/// A set of stretches of time of which any two are apart or one within the other.
class SliceNesting {
 public:
    /// Adds [start_ps, end_ps); false, and nothing added, if it partly overlaps one that is in the set. Cheap when
    /// stretches come in order of time.
    bool insert(Picoseconds start_ps, Picoseconds end_ps);

 private:
    struct Node {
        Picoseconds start_ps;
        Picoseconds end_ps;
        std::vector<Node> inner;  ///< in order of time
    };
    std::vector<Node> outermost_;
};

}  // namespace aqpim
