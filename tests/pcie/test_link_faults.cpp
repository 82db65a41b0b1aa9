#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/pcie/link_faults.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using Catch::Matchers::Contains;

TEST_CASE("faults of links are read in the order of their time") {
    const auto faults = parse_link_faults(" gpu_link:up@40us, gpu_link:down@12us,pim_link:poison@1ms ,x:drop@7ns");
    REQUIRE(faults.size() == 4);
    CHECK(faults[0].link == "x");
    CHECK(faults[0].kind == LinkFaultKind::drop);
    CHECK(faults[0].at_ps == 7'000);
    CHECK(faults[1].link == "gpu_link");
    CHECK(faults[1].kind == LinkFaultKind::down);
    CHECK(faults[1].at_ps == 12'000'000);
    CHECK(faults[2].kind == LinkFaultKind::up);
    CHECK(faults[3].link == "pim_link");
    CHECK(faults[3].kind == LinkFaultKind::poison);
    CHECK(faults[3].at_ps == 1'000'000'000);
}

TEST_CASE("without faults there is nothing to read") {
    CHECK(parse_link_faults("").empty());
    CHECK(parse_link_faults("   ").empty());
}

TEST_CASE("what is no fault of a link is refused with what is allowed") {
    for (const char* const text : {"gpu_link", "gpu_link:down", "gpu_link@12us", ":down@12us", "gpu_link:burn@12us",
                                   "gpu_link@12us:down", "gpu_link:down@12us,,x:up@1us", "gpu_link:down@"}) {
        INFO(text);
        CHECK_THROWS_WITH(parse_link_faults(text), Contains("pcie.faults") && Contains("LINK:down@TIME"));
    }
    for (const char* const text :
         {"gpu_link:down@12", "gpu_link:down@-1us", "gpu_link:down@12GB", "gpu_link:down@us"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_link_faults(text), InputError);
        CHECK_THROWS_WITH(parse_link_faults(text), Contains("pcie.faults"));
    }
}

TEST_CASE("parameters that do not go together are refused by name") {
    const auto refuses = [](const char* key, auto change) {
        PcieParameters parameters = default_pcie_parameters();
        CHECK_NOTHROW(parameters.check());
        change(parameters);
        CHECK_THROWS_AS(parameters.check(), InputError);
        CHECK_THROWS_WITH(parameters.check(), Contains(key) && Contains("allowed"));
    };
    refuses("pcie.tags", [](auto& p) { p.tags = 64; });
    refuses("pcie.payload_bandwidth", [](auto& p) { p.payload_bandwidth = 10'000'000'000'001; });
    refuses("pcie.completion_timeout", [](auto& p) { p.completion_timeout_ps = 49'999'999; });
    refuses("pcie.completion_timeout", [](auto& p) { p.completion_timeout_ps = 50'000'000'001; });
    refuses("pcie.posted_buffer", [](auto& p) { p.posted_buffer = p.max_payload - 1; });
    refuses("pcie.completion_buffer", [](auto& p) { p.completion_buffer = p.max_payload - 1; });
    refuses("pcie.replay_buffer", [](auto& p) { p.replay_buffer = p.max_payload + 23; });
    refuses("pcie.port_weights", [](auto& p) { p.port_weights = std::string("1,0"); });
    refuses("pcie.port_weights", [](auto& p) { p.port_weights = std::string("256"); });
    refuses("pcie.port_weights", [](auto& p) { p.port_weights = std::string("1;2"); });
    refuses("pcie.faults", [](auto& p) { p.faults = std::string("x"); });
}

TEST_CASE("ports that no weight is given for have a weight of one") {
    PcieParameters parameters = default_pcie_parameters();
    parameters.port_weights = std::string("3,255");
    CHECK(parameters.port_weight(1) == 1);
    parameters.arbitration = std::string("weighted");
    CHECK(parameters.port_weight(0) == 3);
    CHECK(parameters.port_weight(1) == 255);
    CHECK(parameters.port_weight(2) == 1);
}
