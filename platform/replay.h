#pragma once

#include <functional>
#include <optional>
#include <string>

#include "platform/replay_result.h"

namespace aqpim {

struct Configuration;

/// What `aqpim-vp replay` is asked for beyond the configuration. Paths are as the user gave them.
struct ReplayOptions {
    std::string requests;
    std::string out_dir;
    std::optional<std::string> dram_trace;
    /// Asked now and then; true ends the replay, as one that was stopped.
    std::function<bool()> is_interrupted = [] { return false; };
};

/// Drives the PIM memory alone with the requests of a file and writes the output directory.
///
/// Requests are offered in order, each as soon as its channel's queue has room and not before its arrival; one that
/// waits for room holds up those behind it, whatever their channel. With `memory.fidelity = fast` the channels serve
/// them in this order, and a request enters when the one `read_queue` (`write_queue`) places before it of its kind has
/// had its column command.
///
/// Throws InputError or SimulationError.
ReplayResult replay(const Configuration& configuration, const ReplayOptions& options);

}  // namespace aqpim
