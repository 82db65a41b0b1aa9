// Host bursts on one channel: open page, overlap, completion.
#include <catch2/catch.hpp>

#include "models/dram/channel.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

constexpr Ticks read_latency = 19 + 2;  // CL and the burst
constexpr Ticks write_latency = 6 + 2;

Location in_bank(std::uint32_t bank_group, std::uint32_t row, std::uint32_t column = 0) {
    Location location;
    location.bank_group = bank_group;
    location.row = row;
    location.column = column;
    return location;
}

struct Rig {
    Scene scene{{"dram.refresh", "off"}};
    CommandLog log;
    Channel channel{scene.parameters, 0, &log};

    std::vector<Ticks> ticks_of(Command command) {
        channel.finish_trace();
        return log.ticks_of(command, scene.parameters.timing.tCK);
    }
};

}  // namespace

TEST_CASE("a read of a closed bank takes tRCD, CL and its burst") {
    Rig rig;
    CHECK(rig.channel.access(in_bank(0, 5), false, 100) == 100 + 19 + read_latency);
    CHECK(rig.channel.counters().row_misses == 1);
    CHECK(rig.channel.counters().activates == 1);
    CHECK(rig.channel.ready() == 100 + 19 + read_latency);
}

TEST_CASE("a read of the open row takes CL and its burst") {
    Rig rig;
    rig.channel.access(in_bank(0, 5), false, 0);
    CHECK(rig.channel.access(in_bank(0, 5, 9), false, 1000) == 1000 + read_latency);
    CHECK(rig.channel.counters().row_hits == 1);
}

TEST_CASE("a read of another row precharges first") {
    Rig rig;
    rig.channel.access(in_bank(0, 5), false, 0);
    CHECK(rig.channel.access(in_bank(0, 6), false, 1000) == 1000 + 19 + 19 + read_latency);
    CHECK(rig.channel.counters().row_conflicts == 1);
}

TEST_CASE("a write's burst follows its command by CWL") {
    Rig rig;
    CHECK(rig.channel.access(in_bank(0, 5), true, 0) == 19 + write_latency);
    CHECK(rig.channel.counters().writes == 1);
}

TEST_CASE("a row conflict right after a write waits for tWR") {
    Rig rig;
    rig.channel.access(in_bank(0, 5), true, 0);  // WR at 19, its data end at 27
    CHECK(rig.channel.access(in_bank(0, 6), false, 0) == 27 + 21 + 19 + 19 + read_latency);
}

TEST_CASE("row misses of different banks overlap") {
    Rig rig;
    CHECK(rig.channel.access(in_bank(0, 5), false, 0) == 19 + read_latency);
    CHECK(rig.channel.access(in_bank(1, 5), false, 0) == 2 + 19 + read_latency);  // tRRD_S later
}

TEST_CASE("a row conflict does not hold up another rank") {
    Rig rig;
    rig.channel.access(in_bank(0, 5), false, 0);
    rig.channel.access(in_bank(0, 6), false, 0);
    Location other = in_bank(0, 1);
    other.rank = 1;
    other.pseudo_channel = 1;
    CHECK(rig.channel.access(other, false, 0) == 1 + 19 + read_latency);  // the row bus is taken at 0
}

TEST_CASE("pseudo-channels share the row bus and the column bus, one command a cycle each") {
    Rig rig;
    Location second = in_bank(0, 0);
    second.pseudo_channel = 1;
    rig.channel.access(in_bank(0, 0), false, 0);
    rig.channel.access(second, false, 0);
    rig.channel.access(in_bank(0, 0), false, 500);
    rig.channel.access(second, false, 500);
    CHECK(rig.ticks_of(Command::ACT) == std::vector<Ticks>{0, 1});
    CHECK(rig.ticks_of(Command::RD) == std::vector<Ticks>{19, 20, 500, 501});
}

TEST_CASE("reads within a bank group keep tCCD_L, across bank groups tCCD_S") {
    Rig rig;
    for (std::uint32_t group : {0, 1}) {
        rig.channel.access(in_bank(group, 0), false, 0);
    }
    const Ticks done = rig.channel.access(in_bank(0, 0, 1), false, 500);
    CHECK(rig.channel.access(in_bank(0, 0, 2), false, 500) == done + 4);
    CHECK(rig.channel.access(in_bank(1, 0, 1), false, 500) == done + 4 + 2);
}

TEST_CASE("the trace of a channel is in order of time though requests overtake each other") {
    Rig rig;
    for (std::uint32_t i = 0; i < 64; ++i) {
        Location location = in_bank(i % 4, i / 3);
        location.rank = i % 2;
        location.pseudo_channel = i / 2 % 2;
        rig.channel.access(location, i % 5 == 0, 0);
    }
    rig.channel.finish_trace();
    CHECK(std::is_sorted(rig.log.commands.begin(), rig.log.commands.end(),
                         [](const auto& a, const auto& b) { return a.time_ps < b.time_ps; }));
}

TEST_CASE("settling hands the trace only what can no longer be overtaken") {
    Rig rig;
    rig.channel.access(in_bank(0, 5), false, 0);  // ACT at 0, RD at 19
    rig.channel.settle(10);
    CHECK(rig.log.commands.size() == 1);
    rig.channel.settle(20);
    CHECK(rig.log.commands.size() == 2);
}
