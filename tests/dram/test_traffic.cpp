// Random traffic of host and PIM on one channel, checked by rules written from JEDEC's standards; and that the checker
// finds what is planted into it.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "jedec_rules.h"
#include "models/dram/channel.h"
#include "models/dram/controller.h"
#include "request_pattern.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

using Trace = std::vector<TracedCommand>;

Location random_location(Random& random, const Organization& organization) {
    Location location;
    location.pseudo_channel = below(random, organization.pseudo_channels);
    location.rank = below(random, organization.ranks);
    location.bank_group = below(random, organization.bank_groups);
    location.bank = below(random, organization.banks);
    location.row = below(random, 4);
    location.column = below(random, organization.columns);
    return location;
}

void host_burst(Random& random, Channel& channel, const Organization& organization, Ticks now) {
    Location location = random_location(random, organization);
    const bool mixed = below(random, 2) != 0;
    bool write = below(random, 2) != 0;
    for (std::uint32_t i = 1 + below(random, 40); i > 0; --i) {
        if (mixed) {
            location = random_location(random, organization);
            write = below(random, 2) != 0;
        }
        location.column = (location.column + 1) % organization.columns;
        const std::uint32_t bursts = below(random, 4) != 0 ? 1 : organization.columns - location.column;
        channel.access(location, bursts, write, now);
    }
}

void pim_sequence(Random& random, Channel& channel, const Organization& organization, Ticks now) {
    const std::uint32_t row = below(random, 6);  // host accesses hit some of them
    channel.issue({Command::PIM_SET_CONFIG}, now);
    channel.issue({Command::PIM_WR, 1 + below(random, 8)}, now);
    Ticks done = channel.issue({Command::PIM_ACT_AB, 1, row}, now);
    for (const Command command :
         {Command::PIM_LDC, Command::PIM_MAC_AB, Command::PIM_MV_BF_ROW, Command::PIM_RET, Command::PIM_MV_BA_ROW}) {
        if (below(random, 3) != 0) {
            done = channel.issue({command, 1 + below(random, 60), row, below(random, organization.columns)}, now);
        }
        if (below(random, 6) == 0) {
            channel.access(random_location(random, organization), below(random, 2) != 0, now);
        }
    }
    done = channel.issue({Command::PIM_MV_BA, 1 + below(random, 20)}, done);
    PimCommand softmax{Command::PIM_SFM};
    softmax.duration = 100;
    done = channel.issue(softmax, done);
    channel.issue({Command::PIM_MV_BF, 1 + below(random, 20)}, done);
    if (below(random, 2) != 0) {
        channel.precharge_all(now);
    }
    channel.issue({Command::PIM_RD, 1 + below(random, 4)}, now);
}

/// Host bursts, PIM sequences and pauses in random order, in closed form.
Trace mixed_traffic(const DramParameters& parameters, std::uint64_t seed, std::size_t rounds) {
    Random random(seed);
    CommandLog log;
    Channel channel(parameters, 0, &log);
    const Organization organization = parameters.organization();
    Ticks now = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        switch (below(random, 8)) {
            case 0:
                now += below(random, 20'000);
                break;
            case 1:
                now = std::max(now, channel.ready());
                break;
            case 2:
            case 3:
            case 4:
                pim_sequence(random, channel, organization, now);
                break;
            default:
                host_burst(random, channel, organization, now);
        }
        channel.settle(now);
    }
    channel.finish_trace();
    return log.commands;
}

class Ignored : public CompletionSink {
    void completed(const Request&, Ticks) override {}
};

/// Requests through the controller.
Trace host_traffic(const DramParameters& parameters, const Pattern& pattern, std::uint32_t count, std::uint64_t seed) {
    CommandLog log;
    Channel channel(parameters, 0, &log);
    Ignored ignored;
    Controller controller(channel, parameters, ignored);
    for (const Arrival& arrival : arrivals(pattern, parameters.organization(), count, seed)) {
        controller.advance(arrival.at);
        controller.wait_for_room(arrival.request.write);
        controller.enqueue(arrival.request);
    }
    while (controller.step()) {
    }
    channel.finish_trace();
    return log.commands;
}

/// Which rules the last command breaks when it goes 1, 2, 4 ... 64 ticks earlier, behind the command before it.
void break_last(Trace trace, const DramParameters& parameters, std::set<std::string>& found) {
    const JedecRules rules(parameters);
    const Picoseconds at = trace.back().time_ps;
    const Clock clock = parameters.timing.tick_clock();
    for (Ticks earlier = 1; earlier <= 64 && clock.at(earlier) <= at; earlier *= 2) {
        trace.back().time_ps = at - clock.at(earlier);
        if (trace.back().time_ps < trace[trace.size() - 2].time_ps) {
            return;
        }
        for (const Violation& violation : jedec_violations(trace, rules)) {
            REQUIRE(violation.command == trace.size() - 1);
            found.insert(violation.rule);
        }
    }
}

/// The rules that commands break, each moved up by itself; every one of a small trace.
std::set<std::string> rules_broken_when_early(const Trace& trace, const DramParameters& parameters) {
    std::set<std::string> found;
    for (std::size_t end = 2; end <= trace.size(); ++end) {
        break_last(Trace(trace.begin(), trace.begin() + static_cast<std::ptrdiff_t>(end)), parameters, found);
    }
    return found;
}

bool includes(const std::set<std::string>& found, const std::set<std::string>& expected) {
    return std::includes(found.begin(), found.end(), expected.begin(), expected.end());
}

}  // namespace

TEST_CASE("random host and PIM traffic keeps every JEDEC rule") {
    const std::vector<Settings> variants = {
        {},
        {{"dram.refresh", "off"}},
        {{"dram.refresh", "per_bank"}},
        {{"dram.refresh_postpone", "0"}},
        {{"dram.speed", "6400"}},
        {{"dram.speed", "4800"}, {"dram.refresh", "per_bank"}},
        {{"pim.moves_share_bus", "false"}, {"pim.mac_spacing", "4"}},
        {{"pim.activate_all", "four"}},
        {{"pim.activate_all", "eight"}, {"pim.mode_change", "40"}},
        {{"memory.page_policy", "timeout"}},
        {{"memory.page_policy", "closed"}, {"dram.speed", "6400"}},
    };
    std::uint64_t seed = 0;
    for (const Settings& variant : variants) {
        Scene scene;
        set_up(scene, variant);
        scene.parameters.check();
        const Trace trace = mixed_traffic(scene.parameters, ++seed, 300);
        INFO(seed);
        CHECK(trace.size() > 5000);
        CHECK(jedec_violations(trace, scene.parameters) == std::vector<std::string>{});
    }
}

TEST_CASE("random traffic of every standard keeps its rules in closed form") {
    std::uint64_t seed = 50;
    for (const Settings& standard : all_standards) {
        Scene scene;
        set_up(scene, standard);
        INFO(seed);
        CHECK(jedec_violations(mixed_traffic(scene.parameters, ++seed, 300), scene.parameters) ==
              std::vector<std::string>{});
    }
}

TEST_CASE("random traffic of every standard keeps its rules through the controller") {
    std::uint64_t seed = 100;
    for (const Settings& standard : all_standards) {
        for (const char* const page_policy : {"open", "closed", "timeout"}) {
            Scene scene;
            set_up(scene, standard + Settings{{"memory.page_policy", page_policy}});
            const Pattern& pattern = all_patterns[seed % all_patterns.size()];
            INFO(seed);
            CHECK(jedec_violations(host_traffic(scene.parameters, pattern, 10'000, ++seed), scene.parameters) ==
                  std::vector<std::string>{});
        }
    }
}

TEST_CASE("commands of host traffic that go too early break the rules that held them") {
    const std::set<std::string> common = {"tRCDRD", "tRCDWR", "tRP",    "tRAS",   "tRTP",
                                          "tWR",    "tRRD_L", "tCCD_L", "tWTR_L", "tRTW"};
    const std::map<std::string, std::set<std::string>> own = {
        {"HBM2", {"tFAW", "tCCD_S", "tWTR_S", "tRRD_S"}},
        {"HBM3", {"tFAW", "tCCD_R", "tRRD_S"}},
        {"LPDDR5", {"tWTR_S"}},
        {"DDR4", {"tFAW", "tCCD_S", "tWTR_S", "tRRD_S"}},
        {"DDR5", {"tCCD_L_WR", "tWTR_S"}},
    };
    for (const Settings& standard : all_standards) {
        Scene scene;
        set_up(scene, standard);
        std::set<std::string> found;
        for (const Pattern& pattern : all_patterns) {
            found.merge(rules_broken_when_early(host_traffic(scene.parameters, pattern, 120, 7), scene.parameters));
        }
        std::string names;
        for (const std::string& name : found) {
            names += name + " ";
        }
        INFO(scene.parameters.standard << ": " << names);
        CHECK(includes(found, common));
        const auto more = own.find(scene.parameters.standard);
        CHECK((more == own.end() || includes(found, more->second)));
    }
}

TEST_CASE("commands of PIM traffic that go too early break the rules that held them") {
    Scene scene;
    set_up(scene, {{"dram.nREFI", "3000"}, {"pim.mode_change", "30"}});
    std::set<std::string> found;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        found.merge(rules_broken_when_early(mixed_traffic(scene.parameters, seed, 6), scene.parameters));
    }
    std::string names;
    for (const std::string& name : found) {
        names += name + " ";
    }
    INFO(names);
    CHECK(includes(found, {"tRCDRD", "tRPab", "tRAS", "tRTP_AB", "tCCD_AB", "tCCD_L", "tCCD_S", "tRTW", "tWTR_S",
                           "tWTR_L", "tWR", "tRFCab", "mode change"}));
}

TEST_CASE("commands that are left out, doubled or sent elsewhere are found") {
    Scene scene;
    set_up(scene, {{"dram.standard", "DDR4"}});
    const Trace trace = host_traffic(scene.parameters, all_patterns[1], 3000, 3);
    const JedecRules rules(scene.parameters);
    REQUIRE(jedec_violations(trace, rules).empty());
    const auto first_rule = [&](const Trace& broken) {
        const std::vector<Violation> violations = jedec_violations(broken, rules);
        return violations.empty() ? std::string("nothing") : violations.front().rule;
    };
    std::map<std::string, std::size_t> planted;
    for (std::size_t i = 100; i < trace.size() && planted.size() < 4; i += 37) {
        const auto at = static_cast<std::ptrdiff_t>(i);
        Trace broken = trace;
        broken.erase(broken.begin() + at);
        const Command command = trace[i].command;
        if (command == Command::PRE) {
            CHECK(first_rule(broken) == "open");
            ++planted["precharge left out"];
        } else if (command == Command::ACT) {
            CHECK(first_rule(broken) == "row");
            ++planted["activate left out"];
            broken = trace;
            broken.insert(broken.begin() + at, trace[i]);
            CHECK(first_rule(broken) == "command bus");
            broken = trace;
            broken[i].row ^= 64;
            CHECK(first_rule(broken) == "row");
            ++planted["activate of another row"];
        } else if (command == Command::RD) {
            broken = trace;
            broken[i].row ^= 64;
            CHECK(first_rule(broken) == "row");
            ++planted["read of another row"];
        }
    }
    CHECK(planted.size() == 4);
}

TEST_CASE("refreshes that are left out are found") {
    Scene scene;
    Trace trace = host_traffic(scene.parameters, {.rows = 2, .write_percent = 30, .gap = 400}, 3000, 3);
    REQUIRE(jedec_violations(trace, JedecRules(scene.parameters)).empty());
    std::erase_if(trace, [](const TracedCommand& c) { return c.command == Command::REFab && c.rank == 1; });
    const std::vector<Violation> violations = jedec_violations(trace, JedecRules(scene.parameters));
    REQUIRE_FALSE(violations.empty());
    CHECK(violations.front().rule == "tREFI");
}
