#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "models/dram/request.h"
#include "scene.h"

namespace aqpim::dram {

using Random = std::mt19937_64;
/// Parameters by their keys.
using Settings = std::vector<std::pair<std::string, std::string>>;

std::uint32_t below(Random& random, std::uint32_t limit);
Settings operator+(Settings settings, const Settings& more);
/// On top of what the scene has.
void set_up(Scene& scene, const Settings& settings);

/// Every standard, and those of its variants that differ in kind.
extern const std::vector<Settings> all_standards;

/// A request and the tick at which it comes at the earliest.
struct Arrival {
    Ticks at;
    Request request;
};

/// What a stream of requests looks like.
struct Pattern {
    std::uint32_t rows = 4;     ///< in use in each bank
    std::uint32_t banks = 64;   ///< in use
    std::uint32_t columns = 8;  ///< in use in each row
    std::uint32_t most_bursts = 1;
    std::uint32_t write_percent = 30;
    std::uint32_t group = 1;  ///< requests that arrive together
    Ticks gap = 0;            ///< at most, between groups
    Ticks pause = 0;          ///< now and then
};

/// Patterns that fill queues, banks and buses in different ways.
extern const std::vector<Pattern> all_patterns;

/// Random requests; the same seed gives the same.
std::vector<Arrival> arrivals(const Pattern& pattern, const Organization& organization, std::uint32_t count,
                              std::uint64_t seed);

}  // namespace aqpim::dram
