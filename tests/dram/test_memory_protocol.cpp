// Random traffic on the PIM memory: standards, organisations, policies.
#include <catch2/catch.hpp>

#include "memory_traffic.h"

using namespace aqpim::dram;

TEST_CASE("random initiators on HBM3 with its controllers") {
    run_traffic({}, 4000, 1);
}

TEST_CASE("random initiators on HBM3 in closed form") {
    run_traffic({{"memory.fidelity", "fast"}}, 4000, 2);
}

TEST_CASE("random initiators on queues of one entry") {
    run_traffic({{"memory.read_queue", "1"}, {"memory.write_queue", "1"}}, 4000, 3);
}

TEST_CASE("random initiators on one channel of DDR4, whole rows in one place") {
    run_traffic({{"dram.standard", "DDR4"},
                 {"pim.channels", "1"},
                 {"dram.address_map", "row:rank:bank:bank_group:pseudo_channel:channel:column:burst"}},
                4000, 4);
}

TEST_CASE("random initiators on LPDDR5 with per-bank refresh and a closed page") {
    run_traffic({{"dram.standard", "LPDDR5"},
                 {"pim.channels", "2"},
                 {"dram.refresh", "per_bank"},
                 {"memory.page_policy", "closed"}},
                4000, 5);
}

TEST_CASE("random initiators on GDDR6, first come, first served") {
    run_traffic({{"dram.standard", "GDDR6"}, {"memory.scheduler", "fcfs"}, {"memory.page_policy", "timeout"}}, 4000, 6);
}

TEST_CASE("random initiators on HBM2 and a hashed address map") {
    run_traffic({{"dram.standard", "HBM2"}, {"dram.address_hash", "bank^row[1:0],channel^row"}}, 4000, 7);
}

TEST_CASE("random initiators on DDR5 in closed form") {
    run_traffic({{"dram.standard", "DDR5"}, {"pim.channels", "2"}, {"memory.fidelity", "fast"}}, 4000, 8);
}
