// Random traffic of host and PIM, checked by rules written from JEDEC's standard.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <random>

#include "jedec_rules.h"
#include "models/dram/channel.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

using Random = std::mt19937_64;

std::uint32_t below(Random& random, std::uint32_t limit) {
    return static_cast<std::uint32_t>(random() % limit);
}

Location random_location(Random& random, const Organization& organization, std::uint32_t rows) {
    Location location;
    location.pseudo_channel = below(random, organization.pseudo_channels);
    location.rank = below(random, organization.ranks);
    location.bank_group = below(random, organization.bank_groups);
    location.bank = below(random, organization.banks);
    location.row = below(random, rows);
    location.column = below(random, organization.columns);
    return location;
}

void host_burst(Random& random, Channel& channel, const Organization& organization, Ticks now) {
    const std::uint32_t bursts = 1 + below(random, 40);
    Location location = random_location(random, organization, 4);
    const bool mixed = below(random, 2) != 0;
    bool write = below(random, 2) != 0;
    for (std::uint32_t i = 0; i < bursts; ++i) {
        if (mixed) {
            location = random_location(random, organization, 4);
            write = below(random, 2) != 0;
        }
        location.column = (location.column + 1) % organization.columns;
        channel.access(location, write, now);
    }
}

Ticks pim_sequence(Random& random, Channel& channel, Ticks now) {
    const std::uint32_t row = below(random, 16384);
    channel.issue({Command::PIM_SET_CONFIG}, now);
    channel.issue({Command::PIM_WR, 1 + below(random, 8)}, now);
    Ticks done = channel.issue({Command::PIM_ACT_AB, 1, row}, now);
    for (const Command command :
         {Command::PIM_LDC, Command::PIM_MAC_AB, Command::PIM_MV_BF_ROW, Command::PIM_RET, Command::PIM_MV_BA_ROW}) {
        if (below(random, 3) != 0) {
            done = channel.issue({command, 1 + below(random, 60), row, below(random, 32)}, now);
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
    return channel.issue({Command::PIM_RD, 1 + below(random, 4)}, now);
}

/// Host bursts, PIM sequences and pauses in random order.
std::vector<TracedCommand> traffic(const Scene& scene, std::uint64_t seed, std::size_t rounds) {
    Random random(seed);
    CommandLog log;
    Channel channel(scene.parameters, 0, &log);
    const Organization organization = scene.parameters.organization();
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
                pim_sequence(random, channel, now);
                break;
            default:
                host_burst(random, channel, organization, now);
        }
        channel.settle(now);
    }
    channel.finish_trace();
    return log.commands;
}

std::vector<std::string> violations(const Scene& scene, const std::vector<TracedCommand>& trace) {
    return jedec_violations(trace, scene.parameters.jedec_timing_ps(), scene.parameters.organization());
}

}  // namespace

TEST_CASE("random host and PIM traffic keeps every JEDEC rule") {
    for (const char* const refresh : {"row_boundary", "immediate", "off"}) {
        const Scene scene({{"dram.refresh", refresh}});
        for (std::uint64_t seed = 1; seed <= 2; ++seed) {
            const std::vector<TracedCommand> trace = traffic(scene, seed, 300);
            CHECK(trace.size() > 5000);
            CHECK(violations(scene, trace) == std::vector<std::string>{});
        }
    }
}

TEST_CASE("random traffic keeps every rule with other timings and organisations") {
    const Scene hbm2({{"dram.tCK", "1.2GHz"},
                      {"dram.nCL", "14"},
                      {"dram.nCWL", "4"},
                      {"dram.nRTW", "14"},
                      {"dram.nRCDWR", "12"},
                      {"dram.nRAS", "34"},
                      {"dram.nRP", "14"},
                      {"dram.nRC", "48"},
                      {"dram.nFAW", "15"},
                      {"dram.nREFI", "3900"},
                      {"dram.nRFC", "350"},
                      {"dram.ranks", "1"},
                      {"dram.pseudo_channels", "4"},
                      {"pim.mac_spacing", "4"}});
    CHECK(violations(hbm2, traffic(hbm2, 7, 600)) == std::vector<std::string>{});
}

TEST_CASE("a command that had to wait is found when it comes two cycles too early") {
    const Scene scene({{"dram.refresh", "immediate"}});
    const std::vector<TracedCommand> trace = traffic(scene, 11, 150);
    REQUIRE(violations(scene, trace).empty());
    // One that comes a while after the command before it has mostly waited for a rule; the others were in no hurry:
    // they came after a pause, or waited for an engine.
    const Picoseconds two_cycles = 2 * 769;
    for (const Command command : {Command::ACT, Command::RD, Command::WR, Command::PREA, Command::PIM_ACT_AB,
                                  Command::PIM_MAC_AB, Command::PIM_RET}) {
        std::size_t found = 0;
        std::size_t planted = 0;
        for (std::size_t i = 1; i < trace.size() && planted < 10; ++i) {
            if (trace[i].command == command && trace[i].time_ps > trace[i - 1].time_ps + two_cycles) {
                std::vector<TracedCommand> moved(trace.begin(), trace.begin() + static_cast<std::ptrdiff_t>(i) + 1);
                moved.back().time_ps -= two_cycles;
                ++planted;
                found += violations(scene, moved).empty() ? 0 : 1;
            }
        }
        INFO(info(command).name);
        CHECK(planted == 10);
        CHECK(found * 2 > planted);
    }
}

TEST_CASE("planted violations of each kind are found") {
    const Scene scene({{"dram.refresh", "off"}});
    const auto ps = [](Ticks ticks) { return ticks * 769; };
    const auto bank = [&](Ticks tick, Command command, std::int32_t group, std::int32_t row) {
        return TracedCommand{ps(tick), command, 0, 0, 0, group, 0, row, 0};
    };
    const auto all = [&](Ticks tick, Command command, std::int32_t row) {
        return TracedCommand{ps(tick), command, 0, -1, -1, -1, -1, row, 0};
    };
    const auto found = [&](std::vector<TracedCommand> trace, const std::string& rule) {
        const std::vector<std::string> lines = violations(scene, trace);
        return lines.size() >= 1 && lines.front().find(rule) != std::string::npos;
    };
    using enum Command;
    CHECK(found({bank(0, ACT, 0, 1), bank(18, RD, 0, 1)}, "tRCD"));
    CHECK(found({bank(0, ACT, 0, 1), bank(19, RD, 0, 2)}, "not open"));
    CHECK(found({bank(0, RD, 0, 2)}, "not open"));
    CHECK(found({bank(0, ACT, 0, 1), bank(44, PRE, 0, -1)}, "tRAS"));
    CHECK(found({bank(0, ACT, 0, 1), bank(40, RD, 0, 1), bank(47, PRE, 0, -1)}, "tRTP"));
    CHECK(found({bank(0, ACT, 0, 1), bank(40, WR, 0, 1), bank(68, PRE, 0, -1)}, "tWR"));
    CHECK(found({bank(0, ACT, 0, 1), bank(100, PRE, 0, -1), bank(118, ACT, 0, 1)}, "tRP"));
    CHECK(found({bank(0, ACT, 0, 1), bank(100, ACT, 0, 2)}, "open"));
    CHECK(found({bank(0, ACT, 0, 1), bank(1, ACT, 1, 1)}, "tRRD"));
    CHECK(found({bank(0, ACT, 0, 1), bank(2, ACT, 1, 1), bank(4, ACT, 2, 1), bank(6, ACT, 3, 1),
                 TracedCommand{ps(38), ACT, 0, 0, 0, 0, 1, 1, -1}},
                "tFAW"));
    CHECK(found({bank(0, ACT, 0, 1), bank(40, RD, 0, 1), bank(43, RD, 0, 1)}, "tCCD"));
    CHECK(found({bank(0, ACT, 0, 1), bank(40, WR, 0, 1), bank(58, RD, 0, 1)}, "tWTR"));
    CHECK(found({bank(0, ACT, 0, 1), bank(40, RD, 0, 1), bank(56, WR, 0, 1)}, "tRTW"));
    CHECK(found({all(0, PIM_ACT_AB, 1), all(18, PIM_MAC_AB, 1)}, "tRCD"));
    CHECK(found({all(0, PIM_ACT_AB, 1), all(19, PIM_MAC_AB, 1), all(24, PIM_MAC_AB, 1)}, "tCCD_AB"));
    CHECK(found({all(0, PIM_ACT_AB, 1), all(19, PIM_MAC_AB, 2)}, "not open"));
    CHECK(found({all(0, PIM_ACT_AB, 1), all(45, PREA, -1), all(63, PIM_ACT_AB, 2)}, "tRP"));
    CHECK(found({bank(0, ACT, 0, 1), TracedCommand{ps(100), REFab, 0, 0, 0, -1, -1, -1, -1}}, "open"));
    CHECK(found({TracedCommand{0, REFab, 0, 0, 0, -1, -1, -1, -1}, bank(455, ACT, 0, 1)}, "tRFC"));
    CHECK(found({bank(10, ACT, 0, 1), bank(9, ACT, 1, 1)}, "backwards"));
    CHECK(found({bank(0, ACT, 0, 1), TracedCommand{0, ACT, 0, 1, 0, 0, 0, 1, -1}}, "command bus"));
}
