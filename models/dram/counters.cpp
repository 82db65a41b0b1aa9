#include "models/dram/counters.h"

#include <algorithm>
#include <functional>

namespace aqpim::dram {

namespace {

void add(CommandCounts& sum, const CommandCounts& counts) {
    std::transform(sum.begin(), sum.end(), counts.begin(), sum.begin(), std::plus<>());
}

}  // namespace

Counters& Counters::operator+=(const Counters& other) {
    add(commands, other.commands);
    add(moved_bursts, other.moved_bursts);
    active_rank_ticks += other.active_rank_ticks;
    activates += other.activates;
    reads += other.reads;
    writes += other.writes;
    row_hits += other.row_hits;
    row_misses += other.row_misses;
    row_conflicts += other.row_conflicts;
    refreshes += other.refreshes;
    pim_columns += other.pim_columns;
    lookup_slots += other.lookup_slots;
    moved_bits += other.moved_bits;
    softmax_ticks += other.softmax_ticks;
    macs += other.macs;
    lookups += other.lookups;
    return *this;
}

}  // namespace aqpim::dram
