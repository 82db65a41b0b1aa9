#include "models/dram/scheduler.h"

namespace aqpim::dram {

namespace {

/// First come, first served.
class Fcfs : public Scheduler {
 public:
    Ticks only_oldest_from(Ticks) const override { return 0; }
};

/// First ready, first come, first served (Rixner et al., "Memory access scheduling", ISCA 2000).
class FrFcfs : public Scheduler {
 public:
    Ticks only_oldest_from(Ticks) const override { return never; }
};

/// The same, but a request that has waited for too long comes first.
class CappedFrFcfs : public Scheduler {
 public:
    explicit CappedFrFcfs(Ticks age_cap) : age_cap_(age_cap) {}
    Ticks only_oldest_from(Ticks arrival) const override { return arrival + age_cap_ + 1; }

 private:
    Ticks age_cap_;
};

}  // namespace

std::unique_ptr<Scheduler> make_scheduler(const DramParameters& parameters) {
    const ControllerParameters& controller = parameters.controller;
    if (controller.scheduler_kind() == SchedulerKind::fcfs) {
        return std::make_unique<Fcfs>();
    }
    if (controller.age_cap == 0) {
        return std::make_unique<FrFcfs>();
    }
    return std::make_unique<CappedFrFcfs>(parameters.timing.ticks(controller.age_cap));
}

}  // namespace aqpim::dram
