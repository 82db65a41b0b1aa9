// Much random traffic on the PIM memory.
#include <catch2/catch.hpp>

#include "memory_traffic.h"

using namespace aqpim::dram;

TEST_CASE("100 000 transactions of random initiators") {
    run_traffic({{"memory.read_queue", "4"}, {"memory.write_queue", "4"}}, 100'000, 9);
}
