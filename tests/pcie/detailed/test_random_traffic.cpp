// Random traffic between all ends through buffers so small that every wait there can be happens: nothing is lost,
// nothing comes twice, nothing stands still, and all arrives in an order that the ordering table allows.

#include "tests/pcie/detailed/random_traffic.h"

#include <catch2/catch.hpp>

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

namespace {

constexpr std::uint64_t each = 6'000'000;

const Shape one_switch{.endpoints = 3};
const Shape two_switches{.endpoints = 2, .switches = {Shape{.endpoints = 2}}};
const Shape deep{.endpoints = 1, .switches = {Shape{.endpoints = 1, .switches = {Shape{.endpoints = 2}}}}};

void run_with(const PcieParameters& parameters, const Shape& shape, std::uint64_t seed) {
    CAPTURE(seed, parameters.posted_headers);
    RandomTraffic traffic(parameters, {.shape = shape, .memory = {}, .bytes = each, .seed = seed});
    traffic.run();
    check_traffic(traffic);
}

}  // namespace

TEST_CASE("random traffic through one switch with tiny buffers loses nothing and keeps its order") {
    for (const unsigned headers : {1U, 2U, 4U}) {
        run_with(tiny_buffers(headers), one_switch, 10 + headers);
    }
}

TEST_CASE("random traffic through cascaded switches with tiny buffers loses nothing and keeps its order") {
    for (const unsigned headers : {1U, 2U, 4U}) {
        run_with(tiny_buffers(headers), two_switches, 20 + headers);
        run_with(tiny_buffers(headers), deep, 30 + headers);
    }
}

TEST_CASE("random traffic survives bit errors") {
    PcieParameters parameters = tiny_buffers(3);
    parameters.bit_error_rate = 1e-6;
    run_with(parameters, two_switches, 40);
    parameters.bit_error_rate = 1e-5;
    run_with(parameters, one_switch, 41);
}

TEST_CASE("random traffic survives weighted arbitration") {
    PcieParameters parameters = tiny_buffers(2);
    parameters.arbitration = "weighted";
    parameters.port_weights = "3,1,7,2";
    run_with(parameters, one_switch, 50);
    run_with(parameters, two_switches, 51);
}

TEST_CASE("random traffic that is redirected to the root and comes down again keeps its order") {
    PcieParameters parameters = tiny_buffers(2);
    parameters.acs_redirect = true;
    run_with(parameters, one_switch, 60);
    run_with(parameters, two_switches, 61);
}

TEST_CASE("random traffic stored before it is forwarded keeps its order") {
    PcieParameters parameters = tiny_buffers(1);
    parameters.forwarding = "store_and_forward";
    run_with(parameters, two_switches, 70);
}

TEST_CASE("random traffic with few tags and small requests and slow memories loses nothing") {
    PcieParameters parameters = tiny_buffers(2);
    parameters.tags = 32;
    parameters.max_read_request = 128;
    parameters.max_payload = 128;
    parameters.read_completion_boundary = 128;
    RandomTraffic traffic(parameters, {.shape = two_switches,
                                       .memory = {.latency = 300'000, .bandwidth = 1'000'000'000},
                                       .bytes = each,
                                       .most_in_flight = 40,
                                       .seed = 80});
    traffic.run();
    check_traffic(traffic);
}

TEST_CASE("random traffic on a narrow old link and with default buffers loses nothing") {
    PcieParameters parameters = tiny_buffers(2);
    parameters.generation = 1;
    parameters.lanes = 1;
    run_with(parameters, one_switch, 90);
    parameters.posted_headers = parameters.nonposted_headers = parameters.completion_headers = 256;
    parameters.posted_buffer = parameters.completion_buffer = parameters.replay_buffer = 65536;
    run_with(parameters, two_switches, 91);
}
