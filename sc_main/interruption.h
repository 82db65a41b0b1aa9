#pragma once

namespace aqpim {

/// From now on the first SIGINT or SIGTERM ends the run in order, a second one at once.
void end_in_order_when_interrupted();

/// Whether such a signal has come.
bool was_interrupted();

}  // namespace aqpim
