#pragma once

#include <memory>

#include "models/common/clock.h"
#include "models/dram/dram_parameters.h"

namespace aqpim::dram {

/// Which requests of a queue compete for a command slot. Of those that do, the oldest whose command is ready gets it.
class Scheduler {
 public:
    static constexpr Ticks never = ~Ticks{0};

    virtual ~Scheduler() = default;
    /// From when on only the oldest request of a queue, which arrived at `arrival`, competes; before that, all do.
    virtual Ticks only_oldest_from(Ticks arrival) const = 0;
};

/// As `memory.scheduler` and `memory.age_cap` say.
std::unique_ptr<Scheduler> make_scheduler(const DramParameters& parameters);

}  // namespace aqpim::dram
