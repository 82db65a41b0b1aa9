#pragma once

#include <memory>

#include "platform/sweep/executor.h"

namespace aqpim {

/// Runs points as processes of this machine, `jobs` at once. They end with this process, even when it is killed.
/// Interrupted, it asks them to end, and after five seconds kills them.
std::unique_ptr<Executor> make_local_executor(unsigned jobs);

}  // namespace aqpim
