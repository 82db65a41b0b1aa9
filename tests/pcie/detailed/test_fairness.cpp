// How ports of a switch share the link by which their TLPs leave.

#include <catch2/catch.hpp>

#include "tests/pcie/detailed/scene.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

namespace {

constexpr std::uint64_t transfer = 4 * 1024 * 1024;

/// TLPs that each endpoint sends while all write to the root as fast as they can: from when the buffers on the way are
/// full until before any has sent all.
std::vector<double> sent_by_each(const PcieParameters& parameters, const Shape& shape) {
    Scene scene(parameters, shape, {.bytes = transfer});
    std::vector<std::unique_ptr<Outcome>> writes;
    for (unsigned end = 1; end < scene.ends(); ++end) {
        writes.push_back(start(scene.end(end), TransactionKind::memory_write, 0, nullptr, transfer));
    }
    const auto sent = [&](unsigned end) { return static_cast<double>(scene.link_of(end).up->counters().tlps); };
    std::vector<double> counts;
    scene.run_until(20'000'000);
    for (unsigned end = 1; end < scene.ends(); ++end) {
        counts.push_back(-sent(end));
    }
    scene.run_until(50'000'000);
    for (unsigned end = 1; end < scene.ends(); ++end) {
        REQUIRE(writes[end - 1]->times == 0);
        counts[end - 1] += sent(end);
    }
    return counts;
}

double share_of_first(const PcieParameters& parameters) {
    const std::vector<double> sent = sent_by_each(parameters, {.endpoints = 2});
    return sent[0] / sent[1];
}

}  // namespace

TEST_CASE("two endpoints that write to the root have equal shares of its link in round robin") {
    CHECK(share_of_first(default_pcie_parameters()) == Approx(1).epsilon(0.01));
}

TEST_CASE("two endpoints share the root's link as their ports' weights say") {
    PcieParameters parameters = default_pcie_parameters();
    parameters.arbitration = "weighted";
    parameters.port_weights = "1,3,1";
    CHECK(share_of_first(parameters) == Approx(3).epsilon(0.01));
}

TEST_CASE("weights without weighted arbitration change nothing") {
    PcieParameters parameters = default_pcie_parameters();
    parameters.port_weights = "1,3,1";
    CHECK(share_of_first(parameters) == Approx(1).epsilon(0.01));
}

TEST_CASE("endpoints below a cascaded switch share what its one port has") {
    // Ports of the upper switch: endpoint 1, and the lower switch with endpoints 2 and 3.
    const Shape shape{.endpoints = 1, .switches = {Shape{.endpoints = 2}}};
    const std::vector<double> sent = sent_by_each(default_pcie_parameters(), shape);
    CHECK(sent[0] / sent[1] == Approx(2).epsilon(0.01));
    CHECK(sent[1] / sent[2] == Approx(1).epsilon(0.01));
}
