#include <catch2/catch.hpp>

#include "models/dram/energy.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

struct Rig {
    explicit Rig(const std::string& lookup_charge = "value") {
        parameters.declare(table.section("energy"));
        table.set("energy.lookup_charge", lookup_charge, "test");
    }

    double component(const Counters& counters, const std::string& name) {
        return energy_pj(counters, Organization{}, parameters).at(name);
    }

    double total(const Counters& counters) {
        double sum = 0;
        for (const auto& [name, pj] : energy_pj(counters, Organization{}, parameters)) {
            sum += pj;
        }
        return sum;
    }

    ParameterTable table;
    EnergyParameters parameters;
};

constexpr double row_bits = 1024 * 8;

}  // namespace

TEST_CASE("reading a whole row through the interface costs 3.59 pJ/bit") {
    Counters counters;
    counters.activates = 1;
    counters.reads = 32;
    CHECK(Rig().total(counters) == Approx(3.59 * row_bits));
}

TEST_CASE("sweeping a whole row in the bank costs 0.55 pJ/bit") {
    Counters counters;
    counters.activates = 1;
    counters.pim_columns = 32;
    CHECK(Rig().total(counters) == Approx(0.55 * row_bits));
}

TEST_CASE("a lookup is charged the two bytes it returns, or the whole column") {
    Counters counters;
    counters.lookups = 10;
    CHECK(Rig("value").component(counters, "lookup") == Approx(10 * 16 * 0.44));
    CHECK(Rig("column").component(counters, "lookup") == Approx(10 * 256 * 0.44));
}

TEST_CASE("moves pay the way between bank and interface, multiply-accumulates their own figure") {
    Counters counters;
    counters.moved_bits = 256;
    counters.macs = 100;
    CHECK(Rig().component(counters, "move") == Approx(256 * (3.59 - 0.55)));
    CHECK(Rig().component(counters, "mac") == Approx(32.0));
}

TEST_CASE("counters add up over channels") {
    Counters one;
    one.activates = 1;
    one.reads = 2;
    one.refreshes = 3;
    one.lookups = 4;
    Counters sum;
    sum += one;
    sum += one;
    CHECK(sum.activates == 2);
    CHECK(sum.reads == 4);
    CHECK(sum.refreshes == 6);
    CHECK(sum.lookups == 8);
}
