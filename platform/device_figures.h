#pragma once

#include <map>
#include <string>

#include "aqpim/job.h"
#include "platform/configuration.h"
#include "platform/platform.h"
#include "platform/results/activity.h"
#include "platform/results/stats.h"

namespace aqpim {

/// What the first GPU's kernels did, and what they could at the sustained shares of its rates.
GpuStats gpu_figures(const Configuration& configuration, const Platform& platform);

/// What the first PIM device's banks did, and what they could: all of them with a MAC in every slot, or a column in the
/// shortest slot there is.
PimStats pim_figures(const Configuration& configuration, const Platform& platform, const ActivityLog& activity);

/// Capacities of the job's memories and, of a job (null: none), what is in them.
std::map<std::string, MemoryUse> memory_figures(const Platform& platform, const aqpim_job* job);

}  // namespace aqpim
