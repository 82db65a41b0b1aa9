// A billion bytes of random traffic.

#include <catch2/catch.hpp>

#include "tests/pcie/detailed/random_traffic.h"

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

TEST_CASE("a billion bytes of random traffic through tiny buffers with bit errors are neither lost nor stuck") {
    PcieParameters parameters = tiny_buffers(4);
    parameters.bit_error_rate = 1e-6;
    constexpr std::uint64_t billion = 1'000'000'000;
    RandomTraffic traffic(parameters,
                          {.shape = {.endpoints = 2, .switches = {Shape{.endpoints = 2}, Shape{.endpoints = 1}}},
                           .memory = {},
                           .bytes = billion,
                           .seed = 2026});
    traffic.run();
    CHECK(traffic.transferred() >= billion);
    check_traffic(traffic);
}
