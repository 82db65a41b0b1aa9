#pragma once

#include <cstddef>
#include <functional>

namespace aqpim {

/// Calls `body` once with each index from 0 to `count` - 1, on all cores; returns when all calls have returned. The
/// bodies must not depend on each other's effects: their order is not defined, and so no result may depend on it.
/// A call from within a body runs serially, in that body's thread. When bodies throw, the exception of the lowest
/// index that threw reaches the caller; indices above it may then never be called.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);

/// How many threads `parallel_for` uses from its next call on, the caller's included; 0: as many as there are cores.
void set_parallel_threads(unsigned threads);

}  // namespace aqpim
