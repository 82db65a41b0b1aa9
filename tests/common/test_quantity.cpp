#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/common/quantity.h"

using namespace aqpim;

TEST_CASE("quantities are exact in their base unit") {
    CHECK(parse_whole_quantity("105ns", Dimension::time) == 105'000);
    CHECK(parse_whole_quantity(" 1.5 us ", Dimension::time) == 1'500'000);
    CHECK(parse_whole_quantity("16GiB", Dimension::size) == std::uint64_t{16} << 30);
    CHECK(parse_whole_quantity("3.35TB/s", Dimension::bandwidth) == 3'350'000'000'000);
    CHECK(parse_whole_quantity("0.9pJ", Dimension::energy) == 900);
    const Rational tck = parse_quantity("833.33ps", Dimension::time).value;
    CHECK(tck.num == 83333);
    CHECK(tck.den == 100);
}

TEST_CASE("what is no number with a fitting unit is refused") {
    for (const char* text : {"", "ns", "1", "1.2.3ns", "-1ns", "1e3ns", "1GiB", "1 parsec", "0.5ps",
                             "99999999999999999ns", "1000000000000000s", "."}) {
        CHECK_THROWS_AS(parse_whole_quantity(text, Dimension::time), InputError);
    }
}

TEST_CASE("the message names the units that are allowed") {
    CHECK(allowed_units(Dimension::size) == "B, KiB, MiB, GiB, TiB");
    CHECK_THROWS_WITH(parse_quantity("5", Dimension::time), Catch::Contains("ps, ns, us"));
}
