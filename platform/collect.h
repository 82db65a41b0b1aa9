#pragma once

#include "platform/configuration.h"
#include "platform/energy_meter.h"
#include "platform/loader.h"
#include "platform/platform.h"
#include "platform/results/activity.h"
#include "platform/results/stats.h"

namespace aqpim {

/// Every figure of a finished run that comes from the models' counters and the firmware's marks.
RunResult collect(const Configuration& configuration, const Platform& platform, const Loader& loader,
                  ActivityLog& activity, const EnergyMeter& energy);

}  // namespace aqpim
