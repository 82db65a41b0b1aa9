#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

namespace aqpim::dram {

/// Random initiators on a PIM memory with some parameters changed, with engines at work beside them, for `transactions`
/// transactions: what they read back is what a plain array holds, the checker of the base protocol sees no violation,
/// everything is answered, and every DRAM command is legal.
void run_traffic(std::initializer_list<std::pair<std::string, std::string>> changes, std::uint64_t transactions,
                 std::uint32_t seed);

}  // namespace aqpim::dram
