#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/dram/energy.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

using Changes = std::initializer_list<std::pair<const char*, const char*>>;

/// One channel; with the defaults, of the PIM memory.
struct Rig {
    explicit Rig(Changes changes = {}) {
        parameters.declare(table.section("energy"));
        for (const auto& [key, value] : changes) {
            table.set(key, value, "test");
        }
    }

    void issued(Command command, std::uint64_t count) { counters.commands[index_of(command)] = count; }
    void moved(Command command, std::uint64_t bursts) { counters.moved_bursts[index_of(command)] = bursts; }

    std::vector<EnergyCharge> charges() const {
        return EnergyModel(parameters, organization, timing).charges(counters, elapsed_ps);
    }
    double component(const std::string& name) const { return energy_by_component(charges()).at(name); }
    double command(const std::string& name) const { return energy_by_command(charges()).at(name); }
    double total() const {
        double sum = 0;
        for (const EnergyCharge& charge : charges()) {
            sum += charge.pj;
        }
        return sum;
    }
    std::string error() const {
        try {
            parameters.check(timing);
        } catch (const InputError& error) {
            return error.what();
        }
        return "no error";
    }

    ParameterTable table;
    EnergyParameters parameters;
    Organization organization;
    TimingParameters timing;
    Counters counters;
    Picoseconds elapsed_ps = 0;
};

constexpr double row_bits = 1024 * 8;
constexpr double burst_bits = 32 * 8;
constexpr double banks = 64;

/// A rank of eight Micron MT40A1G8 (8 Gb, x8) at DDR4-2400. tCK x VDD is 1 pJ/mA, so the expected figures are whole:
/// current x cycles x 8.
struct Ddr4Rig : Rig {
    explicit Ddr4Rig(Changes changes = {}) : Rig(currents()) {
        for (const auto& [key, value] : changes) {
            table.set(key, value, "test");
        }
        organization = {1, 1, 1, 4, 4, 65536, 128, 64};
        timing.tCK = Clock::parse("1.2GHz");
        timing.nBL = 4;
        timing.nRAS = 39;
        timing.nRC = 56;
        timing.nRFC = 420;
        timing.nRFCpb = 200;
    }

    static Changes currents() {
        static const Changes changes = {
            {"energy.model", "currents"}, {"energy.idd0", "48mA"},   {"energy.idd2n", "34mA"},
            {"energy.idd3n", "43mA"},     {"energy.idd4r", "135mA"}, {"energy.idd4w", "123mA"},
            {"energy.idd5b", "250mA"},    {"energy.vdd", "1.2V"},    {"energy.devices_per_rank", "8"}};
        return changes;
    }
};

}  // namespace

TEST_CASE("reading a whole row through the interface costs 3.59 pJ/bit") {
    Rig rig;
    rig.issued(Command::ACT, 1);
    rig.issued(Command::RD, 31);
    rig.issued(Command::RDA, 1);
    CHECK(rig.total() == Approx(3.59 * row_bits));
    CHECK(rig.command("ACT") == Approx(0.11 * row_bits));
    CHECK(rig.command("RDA") == Approx(3.48 * burst_bits));
}

TEST_CASE("a write costs what a read costs where energy is given per bit") {
    Rig rig;
    rig.issued(Command::WR, 2);
    rig.issued(Command::WRA, 1);
    CHECK(rig.component("host_access") == Approx(3 * 3.48 * burst_bits));
    CHECK(rig.command("WR") == Approx(2 * 3.48 * burst_bits));
    CHECK(rig.command("WRA") == Approx(3.48 * burst_bits));
}

TEST_CASE("sweeping a row of every bank costs 0.55 pJ/bit") {
    Rig rig;
    rig.issued(Command::PIM_ACT_AB, 1);
    rig.issued(Command::PIM_MAC_AB, 24);
    rig.issued(Command::PIM_LDC, 8);
    CHECK(rig.total() == Approx(0.55 * row_bits * banks));
    CHECK(rig.command("PIM_ACT_AB") == Approx(0.11 * row_bits * banks));
    CHECK(rig.command("PIM_LDC") == Approx(0.44 * 8 * burst_bits * banks));
}

TEST_CASE("a lookup is charged the two bytes it returns, or the whole column") {
    for (const auto& [charge, bits] : {std::pair("value", 16.0), std::pair("column", 256.0)}) {
        Rig rig({{"energy.lookup_charge", charge}});
        rig.issued(Command::PIM_RET, 1);
        rig.counters.lookups = 10;
        CHECK(rig.component("lookup") == Approx(10 * bits * 0.44));
        CHECK(rig.command("PIM_RET") == Approx(10 * bits * 0.44));
    }
}

TEST_CASE("multiply-accumulates are charged with the command that makes them") {
    Rig rig;
    rig.issued(Command::PIM_MAC_AB, 1);
    rig.counters.macs = 1024;
    CHECK(rig.component("mac") == Approx(1024 * 0.32));
    CHECK(rig.command("PIM_MAC_AB") == Approx(1024 * 0.32 + banks * burst_bits * 0.44));
}

TEST_CASE("moves pay the way between bank and interface") {
    Rig rig;
    rig.moved(Command::PIM_WR, 3);
    rig.moved(Command::PIM_RD, 5);
    rig.moved(Command::PIM_MV_BF, 7);
    CHECK(rig.component("move") == Approx(15 * burst_bits * (3.59 - 0.55)));
    CHECK(rig.command("PIM_RD") == Approx(5 * burst_bits * (3.59 - 0.55)));
    CHECK(rig.component("pim_access") == 0);
}

TEST_CASE("a move of an open row's columns pays for the cells too") {
    Rig rig;
    rig.moved(Command::PIM_MV_BA, 2);
    rig.moved(Command::PIM_MV_BA_ROW, 4);
    CHECK(rig.component("move") == Approx(6 * burst_bits * (3.59 - 0.55)));
    CHECK(rig.component("pim_access") == Approx(4 * burst_bits * 0.44));
    CHECK(rig.command("PIM_MV_BA") == Approx(rig.total()));
}

TEST_CASE("refreshes, background and buffer engine cost nothing until somebody gives a figure") {
    Rig rig;
    rig.issued(Command::REFab, 4);
    rig.issued(Command::REFpb, 4);
    rig.counters.softmax_ticks = 1000;
    rig.elapsed_ps = 1'000'000;
    CHECK(rig.total() == 0);
}

TEST_CASE("refreshes cost what they are given, each") {
    Rig rig({{"energy.refresh_all_bank", "20nJ"}, {"energy.refresh_per_bank", "1.5nJ"}});
    rig.issued(Command::REFab, 3);
    rig.issued(Command::REFpb, 4);
    CHECK(rig.command("REFab") == Approx(60'000));
    CHECK(rig.command("REFpb") == Approx(6'000));
    CHECK(rig.component("refresh") == Approx(66'000));
}

TEST_CASE("a softmax costs the buffer engine's power for its time") {
    Rig rig({{"energy.buffer_engine", "50mW"}});
    rig.timing.tCK = Clock::parse("2ns");
    rig.counters.softmax_ticks = 100;
    CHECK(rig.command("PIM_SFM") == Approx(50 * 200));  // mW x ns
    rig.timing.ticks_per_cycle = 2;
    CHECK(rig.component("softmax") == Approx(50 * 100));
}

TEST_CASE("each rank costs its background by state") {
    Rig rig({{"energy.background_precharged", "40mW"}, {"energy.background_active", "60mW"}});
    rig.organization.pseudo_channels = 2;
    rig.organization.ranks = 2;
    rig.timing.tCK = Clock::parse("1ns");
    rig.timing.nRFC = 100;
    rig.elapsed_ps = 10'000'000;
    CHECK(rig.component("background") == Approx(4 * 10'000 * 40));
    rig.counters.active_rank_ticks = 3000;
    CHECK(rig.command("background_active") == Approx(3000 * 60));
    CHECK(rig.command("background_precharged") == Approx(37'000 * 40));
    rig.issued(Command::REFab, 10);
    CHECK(rig.command("background_active") == Approx(4000 * 60));
    CHECK(rig.command("background_precharged") == Approx(36'000 * 40));
}

TEST_CASE("half-cycle ticks count half in the background") {
    Rig rig({{"energy.background_active", "60mW"}});
    rig.timing.tCK = Clock::parse("1ns");
    rig.timing.ticks_per_cycle = 2;
    rig.timing.nRFC = 100;
    rig.elapsed_ps = 10'000'000;
    rig.counters.active_rank_ticks = 3000;
    rig.issued(Command::REFab, 1);
    CHECK(rig.component("background") == Approx((1500 + 100) * 60));
}

TEST_CASE("an activate costs IDD0 above the standby currents over tRAS and the rest of tRC") {
    Ddr4Rig rig;
    rig.issued(Command::ACT, 1);
    CHECK(rig.command("ACT") == Approx(8 * ((48 - 43) * 39 + (48 - 34) * (56 - 39))));
    CHECK(rig.command("ACT") == Approx(3464));
}

TEST_CASE("a burst costs IDD4R or IDD4W above IDD3N for its time on the data bus") {
    Ddr4Rig rig;
    rig.issued(Command::RD, 1);
    rig.issued(Command::WR, 10);
    CHECK(rig.command("RD") == Approx(8 * 92 * 4));
    CHECK(rig.command("WR") == Approx(10 * 8 * 80 * 4));
}

TEST_CASE("an all-bank refresh costs IDD5B for tRFC, of which IDD3N is background") {
    Ddr4Rig rig;
    rig.elapsed_ps = 350'000;  // 420 cycles
    rig.issued(Command::REFab, 1);
    CHECK(rig.command("REFab") == Approx(8 * 207 * 420));
    CHECK(rig.total() == Approx(8 * 250 * 420));
}

TEST_CASE("a per-bank refresh costs IDD5PB above IDD3N for tRFCpb, where IDD5PB is given") {
    Ddr4Rig rig;
    rig.issued(Command::REFpb, 2);
    CHECK(rig.command("REFpb") == 0);
    rig.table.set("energy.idd5pb", "63mA", "test");
    CHECK(rig.command("REFpb") == Approx(2 * 8 * 20 * 200));
}

TEST_CASE("the background draws IDD2N or IDD3N") {
    Ddr4Rig rig;
    rig.elapsed_ps = 1'000'000;  // 1200 cycles
    rig.counters.active_rank_ticks = 300;
    CHECK(rig.command("background_active") == Approx(8 * 43 * 300));
    CHECK(rig.command("background_precharged") == Approx(8 * 34 * 900));
}

TEST_CASE("an all-bank activate costs the currents of every bank, sweeps stay charged per bit") {
    Ddr4Rig rig;
    rig.issued(Command::PIM_ACT_AB, 1);
    rig.issued(Command::PIM_MAC_AB, 1);
    CHECK(rig.command("PIM_ACT_AB") == Approx(16 * 3464));
    CHECK(rig.command("PIM_MAC_AB") == Approx(16 * 64 * 8 * 0.44));
}

TEST_CASE("the counters of several channels are charged together what each is charged alone") {
    const Changes background = {{"energy.background_precharged", "30mW"}, {"energy.background_active", "50mW"}};
    Rig first(background);
    Rig second(background);
    first.elapsed_ps = second.elapsed_ps = 1'000'000;
    first.issued(Command::ACT, 3);
    first.counters.active_rank_ticks = 500;
    second.issued(Command::PIM_MAC_AB, 5);
    second.counters.macs = 80;
    const double apart = first.total() + second.total();
    Counters sum = first.counters;
    sum += second.counters;
    double together = 0;
    for (const EnergyCharge& charge :
         EnergyModel(first.parameters, first.organization, first.timing).charges(sum, first.elapsed_ps, 2)) {
        together += charge.pj;
    }
    CHECK(together == Approx(apart));
    CHECK(together > 0);
}

TEST_CASE("components and commands are two views of the same charges") {
    Ddr4Rig rig;
    rig.elapsed_ps = 9'000'000;
    rig.counters.macs = 5;
    rig.counters.lookups = 7;
    rig.counters.commands.fill(3);
    rig.counters.moved_bursts.fill(2);
    double by_component = 0;
    for (const auto& [name, pj] : energy_by_component(rig.charges())) {
        by_component += pj;
    }
    double by_command = 0;
    for (const auto& [name, pj] : energy_by_command(rig.charges())) {
        by_command += pj;
    }
    CHECK(by_component == Approx(rig.total()));
    CHECK(by_command == Approx(rig.total()));
}

TEST_CASE("currents that do not go together are refused") {
    using Catch::Contains;
    CHECK(Rig().error() == "no error");
    CHECK(Ddr4Rig().error() == "no error");
    CHECK(Rig({{"energy.host_path", "0.5pJ/bit"}}).error() ==
          "energy.host_path: 0.5 pJ/bit found; it includes activate and cell, 0.55 pJ/bit or more is allowed");
    CHECK_THAT(Ddr4Rig({{"energy.vdd", "0V"}}).error(), Contains("energy.vdd"));
    CHECK(Ddr4Rig({{"energy.idd3n", "33mA"}}).error() ==
          "energy.idd3n: 33 mA found; 34 mA or more is allowed: energy.idd2n");
    CHECK_THAT(Ddr4Rig({{"energy.idd4r", "42mA"}}).error(), Contains("energy.idd4r: 42 mA") && Contains("43 mA"));
    CHECK_THAT(Ddr4Rig({{"energy.idd4w", "42mA"}}).error(), Contains("energy.idd4w"));
    CHECK_THAT(Ddr4Rig({{"energy.idd5b", "42mA"}}).error(), Contains("energy.idd5b"));
    CHECK_THAT(Ddr4Rig({{"energy.idd5pb", "42mA"}}).error(), Contains("energy.idd5pb"));
    CHECK_THAT(Ddr4Rig({{"energy.idd0", "40mA"}}).error(), Contains("energy.idd0: 40 mA"));
}
