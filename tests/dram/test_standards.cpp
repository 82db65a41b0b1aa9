// Each standard's presets and timing rules. Expected ticks are sums of the figures of system.md §3 and of JEDEC's
// tables.
#include <catch2/catch.hpp>

#include <vector>

#include "first_tick.h"
#include "models/common/error.h"

using namespace aqpim;
using namespace aqpim::dram;
using enum Command;

namespace {

/// One line: after `first` in a bank, the first tick at which `second` may go to `location`.
struct Rule {
    Command first;
    Command second;
    Location location;
    Ticks ticks;
};

void check_rules(const Rules& rules, const std::vector<Rule>& expected) {
    for (const Rule& rule : expected) {
        INFO(info(rule.first).name << " to " << info(rule.second).name << " in rank " << rule.location.rank
                                   << ", bank group " << rule.location.bank_group << ", bank " << rule.location.bank);
        CHECK(rules.gap(rule.first, rule.second, rule.location) == rule.ticks);
    }
}

/// The tick at which a rank allows its fifth activate, when four went to different bank groups from tick 0 on.
Ticks fifth_activate(const Rules& rules) {
    TimingState state(rules.table, rules.scene.parameters.organization());
    constexpr std::uint32_t groups = 4;
    for (std::uint32_t group = 0; group < groups; ++group) {
        state.issue(ACT, state.path_to(at(0, 0, group, 0)), state.earliest(ACT, state.path_to(at(0, 0, group, 0))));
    }
    return state.earliest(ACT, state.path_to(at(0, 0, 0, 1)));
}

template <class Check>
void for_every_preset(Check check) {
    for (const Standard& standard : standards()) {
        for (const SpeedPreset& speed : standard.speeds) {
            for (const DensityPreset& density : standard.densities) {
                INFO(standard.name << " " << speed.name << " " << density.name);
                check(standard, speed, density);
            }
        }
    }
}

}  // namespace

TEST_CASE("every preset of every standard goes together with itself and makes a table") {
    for_every_preset([](const Standard& standard, const SpeedPreset& speed, const DensityPreset& density) {
        const Rules rules({{"dram.standard", std::string(standard.name)},
                           {"dram.speed", std::string(speed.name)},
                           {"dram.density", std::string(density.name)}});
        CHECK_NOTHROW(rules.scene.parameters.check());
        CHECK(rules.gap(ACT, ACT, same_bank) > 0);
    });
}

TEST_CASE("every preset says where it comes from and has the clock of its name") {
    for_every_preset([](const Standard& standard, const SpeedPreset& speed, const DensityPreset& density) {
        CHECK_FALSE(speed.source.empty());
        CHECK_FALSE(density.source.empty());
        const Clock clock = Clock::parse(clock_text(speed.timing.tCK));
        CHECK(clock.period_num() * speed.timing.tCK.period_den() == speed.timing.tCK.period_num() * clock.period_den());
        const double megabits = std::stod(std::string(speed.name));
        const double bits_in_cycle = standard.name == "GDDR6" || standard.name == "LPDDR5"          ? 8
                                     : standard.name == "HBM3" /* a data clock of twice the rate */ ? 4
                                                                                                    : 2;
        CHECK(speed.timing.tCK.period_ps() == Approx(bits_in_cycle * 1e6 / megabits).epsilon(0.005));
    });
}

TEST_CASE("every preset refreshes a bank as often by single banks as by all, where the standard has both") {
    for_every_preset([](const Standard&, const SpeedPreset& speed, const DensityPreset& density) {
        const std::uint32_t banks = density.organization.bank_groups * density.organization.banks;
        if (density.tRFCpb_ps != 0) {
            CHECK(speed.timing.nREFIpb == speed.timing.nREFI / banks);
        } else {
            CHECK(speed.timing.nREFIpb == 0);
        }
    });
}

TEST_CASE("a density is what its banks hold") {
    for_every_preset([](const Standard& standard, const SpeedPreset&, const DensityPreset& density) {
        constexpr std::uint64_t gigabit = (1ull << 30) / 8;
        const std::uint64_t devices = standard.name == "DDR4" ? 8 : standard.name == "DDR5" ? 4 : 1;
        const std::uint64_t channels = standard.name == "GDDR6" ? 2 : 1;  // of a device
        CHECK(density.organization.capacity_bytes() * channels ==
              std::stoull(std::string(density.name)) * gigabit * devices);
    });
}

TEST_CASE("HBM2 at 2 Gb/s keeps its data sheet's times, counted from an activate's second cycle") {
    const Rules rules({{"dram.standard", "HBM2"}});
    check_rules(rules, {{ACT, RD, same_bank, 1 + 14},
                        {ACT, WR, same_bank, 1 + 12},
                        {ACT, PRE, same_bank, 1 + 34},
                        {ACT, PREA, other_group, 1 + 34},
                        {ACT, ACT, same_bank, 48},
                        {ACT, ACT, same_group, 4},
                        {ACT, ACT, other_group, 4},
                        {ACT, REFab, other_group, 1 + 48},
                        {PRE, ACT, same_bank, 14 - 1},
                        {PRE, PRE, same_group, 0},
                        {PREA, REFab, other_group, 14},
                        {RD, PRE, same_bank, 5},
                        {WR, PRE, same_bank, 5 + 2 + 16},
                        {RDA, ACT, same_bank, 5 + 14 - 1},
                        {WRA, ACT, same_bank, 5 + 2 + 16 + 14 - 1},
                        {RD, RD, same_group, 4},
                        {RD, RD, other_group, 2},
                        {WR, WR, other_group, 2},
                        {WR, RD, same_group, 5 + 2 + 8},
                        {WR, RD, other_group, 5 + 2 + 6},
                        {RD, WR, other_group, 14 + 2 + 2 - 5},
                        {RD, RD, other_pseudo_channel, 0},
                        {REFab, ACT, other_group, 350 - 1},
                        {REFab, REFab, other_group, 350},
                        {REFpb, ACT, same_bank, 160 - 1},
                        {REFpb, ACT, other_group, 8 - 1}});
    CHECK(fifth_activate(rules) == 16);  // tFAW 15, but four activates tRRD apart take 16
}

TEST_CASE("HBM3 at 6.4 Gb/s counts in half cycles, from an activate's third") {
    const Rules rules({{"dram.speed", "6400"}});
    check_rules(rules, {{ACT, RD, same_bank, 2 + 2 * 31},
                        {ACT, WR, same_bank, 2 + 2 * 15},
                        {ACT, PRE, same_bank, 2 + 2 * 45},
                        {ACT, ACT, same_bank, 2 * 72},
                        {ACT, ACT, same_group, 2 * 5},
                        {ACT, ACT, other_group, 2 * 4},
                        {ACT, ACT, other_rank, 0},
                        {PRE, ACT, same_bank, 2 * 26 - 2},
                        {PRE, PRE, other_group, 2 * 2},
                        {PRE, PRE, other_rank, 0},
                        {RD, RD, same_group, 2 * 4},
                        {RD, RD, other_group, 2 * 2},
                        {RD, RD, other_rank, 2 * 3},
                        {WR, WR, other_rank, 2 * 3},
                        {WR, RD, other_rank, 2 * 3},
                        {WR, RD, same_group, 2 * (10 + 2 + 10)},
                        {WR, RD, other_group, 2 * (10 + 2 + 7)},
                        {RD, WR, other_rank, 2 * 20},
                        {WR, PRE, same_bank, 2 * (10 + 2 + 33)},
                        {RD, PREA, other_group, 2 * 9},
                        {RD, PREA, other_rank, 0},
                        {REFab, ACT, other_group, 2 * 560 - 2},
                        {REFab, PREA, other_group, 2 * 560},
                        {REFpb, REFpb, other_group, 2 * 8},
                        {REFpb, REFab, other_group, 2 * 320}});
    CHECK(fifth_activate(rules) == 2 * 24);
}

TEST_CASE("GDDR6 at 14 Gb/s keeps its data sheet's times") {
    const Rules rules({{"dram.standard", "GDDR6"}, {"dram.nRRDL", "10"}});
    check_rules(rules, {{ACT, RD, same_bank, 27},
                        {ACT, WR, same_bank, 16},
                        {ACT, PRE, same_bank, 53},
                        {ACT, ACT, same_bank, 27 + 53},  // more than tRC = 79
                        {ACT, ACT, same_group, 10},
                        {ACT, ACT, other_group, 8},
                        {ACT, REFpb, other_group, 10},  // long whatever the bank group
                        {RD, RD, same_group, 4},
                        {RD, RD, other_group, 2},
                        {WR, RD, same_group, 6 + 2 + 11},
                        {WR, RD, other_group, 6 + 2 + 9},
                        {RD, WR, same_group, 24 + 1},
                        {WR, PRE, same_bank, 6 + 2 + 27},
                        {RD, PRE, same_bank, 4},
                        {REFab, ACT, same_bank, 211},  // 120 ns
                        {REFpb, ACT, same_bank, 106},  // 60 ns
                        {REFpb, ACT, other_group, 29}});
    CHECK(fifth_activate(Rules({{"dram.standard", "GDDR6"}})) == 32);  // tFAW 29, but four activates take 32
}

TEST_CASE("LPDDR5 at 6.4 Gb/s precharges all banks more slowly and spaces per-bank refreshes") {
    const Rules rules({{"dram.standard", "LPDDR5"}, {"dram.ranks", "2"}});
    check_rules(rules, {{ACT, RD, same_bank, 1 + 15},
                        {ACT, PRE, same_bank, 1 + 34},
                        {ACT, ACT, same_bank, 49},
                        {ACT, ACT, other_group, 4},
                        {PRE, ACT, same_bank, 15 - 1},
                        {PREA, ACT, other_group, 17 - 1},
                        {PREA, REFab, other_group, 17},
                        {PREA, ACT, other_rank, 0},
                        {PRE, PRE, other_group, 2},
                        {RD, RD, other_rank, 2 + 2},
                        {WR, RD, other_rank, 4},
                        {RD, WR, other_group, 17 + 2 + 2 - 9},
                        {WR, RD, other_group, 9 + 2 + 5},
                        {WR, PRE, same_bank, 9 + 2 + 28},
                        {REFab, ACT, same_bank, 168 - 1},    // 210 ns
                        {REFpb, REFpb, same_bank, 96},       // 120 ns
                        {REFpb, REFpb, other_group, 72},     // 90 ns
                        {REFpb, ACT, other_group, 6 - 1}});  // 7.5 ns
}

TEST_CASE("DDR4-2400 keeps JEDEC's times, and ranks do not meet on the data bus") {
    const Rules rules({{"dram.standard", "DDR4"}, {"dram.ranks", "2"}});
    check_rules(rules, {{ACT, RD, same_bank, 17},
                        {ACT, WR, same_bank, 17},
                        {ACT, PRE, same_bank, 39},
                        {ACT, ACT, same_bank, 56},
                        {ACT, ACT, same_group, 6},
                        {ACT, ACT, other_group, 4},
                        {ACT, ACT, other_rank, 0},
                        {RD, RD, same_group, 6},
                        {RD, RD, other_group, 4},
                        {RD, RD, other_rank, 4 + 2},
                        {WR, RD, same_group, 12 + 4 + 9},
                        {WR, RD, other_group, 12 + 4 + 3},
                        {RD, WR, other_group, 17 + 4 + 2 - 12},
                        {WR, PRE, same_bank, 12 + 4 + 18},
                        {RD, PRE, same_bank, 9},
                        {PRE, ACT, same_bank, 17},
                        {REFab, ACT, other_group, 420},
                        {REFab, ACT, other_rank, 0}});
    CHECK(fifth_activate(rules) == 26);
    const Rules late_writes({{"dram.standard", "DDR4"}, {"dram.ranks", "2"}, {"dram.nCWL", "20"}});
    CHECK(late_writes.gap(WR, RD, other_rank) == 20 + 4 + 2 - 17);
}

TEST_CASE("DDR5-4800 spaces writes of a bank group further apart than reads") {
    const Rules rules({{"dram.standard", "DDR5"}});
    check_rules(rules, {{ACT, RD, same_bank, 1 + 34},
                        {ACT, PRE, same_bank, 1 + 77},
                        {ACT, ACT, same_bank, 111},
                        {ACT, ACT, same_group, 12},
                        {ACT, ACT, other_group, 8},
                        {RD, RD, same_group, 12},
                        {RD, RD, other_group, 8},
                        {WR, WR, same_group, 48},
                        {WR, WR, other_group, 8},
                        {RD, WR, other_group, 34 + 8 + 2 + 2 - 32},
                        {WR, RD, same_group, 32 + 8 + 24},
                        {PRE, PRE, other_group, 2},
                        {WR, PRE, same_bank, 32 + 8 + 72},
                        {REFab, ACT, same_bank, 708 - 1}});  // 295 ns
    CHECK(fifth_activate(rules) == 32);
}

TEST_CASE("an unknown preset is refused with those that exist") {
    CHECK_THROWS_WITH(Scene({{"dram.speed", "9999"}}),
                      "test: dram.speed: HBM3 has no speed '9999'; allowed: default, 5200-attacc, 6400, 5600, 4800");
    CHECK_THROWS_WITH(Scene({{"dram.standard", "LPDDR5"}, {"dram.density", "3Gb"}}),
                      "test: dram.density: LPDDR5 has no density '3Gb'; allowed: default, 8Gb, 16Gb");
    CHECK_THROWS_WITH(Scene({{"dram.standard", "SDRAM"}}),
                      Catch::Contains("dram.standard") && Catch::Contains("HBM3, HBM2, GDDR6, LPDDR5, DDR4, DDR5"));
    CHECK_THROWS_AS(find_standard("SDRAM"), InputError);
}
