#include "models/dram/counters.h"

#include <algorithm>
#include <functional>

namespace aqpim::dram {

namespace {

template <class Operation>
void combine(CommandCounts& left, const CommandCounts& right, Operation operation) {
    std::transform(left.begin(), left.end(), right.begin(), left.begin(), operation);
}

template <class Operation>
void combine(Counters& left, const Counters& right, Operation operation) {
    combine(left.commands, right.commands, operation);
    combine(left.moved_bursts, right.moved_bursts, operation);
    for (std::uint64_t Counters::*const figure :
         {&Counters::active_rank_ticks, &Counters::activates, &Counters::reads, &Counters::writes, &Counters::row_hits,
          &Counters::row_misses, &Counters::row_conflicts, &Counters::refreshes, &Counters::pim_columns,
          &Counters::lookup_slots, &Counters::moved_bits, &Counters::softmax_ticks, &Counters::macs,
          &Counters::lookups}) {
        left.*figure = operation(left.*figure, right.*figure);
    }
}

}  // namespace

Counters& Counters::operator+=(const Counters& other) {
    combine(*this, other, std::plus<>());
    return *this;
}

Counters& Counters::operator-=(const Counters& other) {
    combine(*this, other, std::minus<>());
    return *this;
}

}  // namespace aqpim::dram
