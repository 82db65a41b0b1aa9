#include "models/pim/group_run.h"

#include <algorithm>

namespace aqpim {

Ticks GroupRun::last_move_in() const {
    Ticks last = 0;
    for (const LaneRun& run : runs_) {
        last = std::max(last, run.last_move_in());
    }
    return last;
}

Ticks GroupRun::end() const {
    Ticks last = 0;
    for (const LaneRun& run : runs_) {
        last = std::max(last, run.end());
    }
    return last;
}

}  // namespace aqpim
