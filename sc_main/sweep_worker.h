#pragma once

#include "sc_main/arguments.h"

namespace aqpim {

/// Whether these are the arguments with which a sweep starts itself again to run one point.
bool is_sweep_worker(const Arguments& arguments);

/// Runs that point. Returns its exit status.
int sweep_worker(const Arguments& arguments);

}  // namespace aqpim
