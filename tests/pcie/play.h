#pragma once

#include <systemc>

#include <functional>
#include <vector>

namespace aqpim {

/// Has `scene` run as a process of the simulation until it ends, and no longer than `limit` of simulated time: true if
/// it came to its end. What it does may wait.
bool play(const std::function<void()>& scene, const sc_core::sc_time& limit = {1, sc_core::SC_SEC});

/// Has several run side by side.
bool play_all(const std::vector<std::function<void()>>& scenes, const sc_core::sc_time& limit = {1, sc_core::SC_SEC});

}  // namespace aqpim
