#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/dram/faults.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

constexpr std::uint64_t capacity_bytes = std::uint64_t{1} << 30;

std::vector<FaultPlace> parse(const std::string& places) {
    FaultParameters parameters;
    parameters.places = places;
    return parameters.parse_places(capacity_bytes);
}

std::string error_of(const std::string& places) {
    try {
        parse(places);
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("places are read with decimal or hexadecimal addresses") {
    CHECK(parse("none").empty());
    CHECK(parse("").empty());
    const std::vector<FaultPlace> places = parse(" 100.3 ,0x3fffffff.7/stuck1,0XAB.0/stuck0");
    REQUIRE(places.size() == 3);
    CHECK(places[0].address == 100);
    CHECK(places[0].bit == 3);
    CHECK(places[0].kind == FaultPlace::Kind::inverted);
    CHECK(places[1].address == capacity_bytes - 1);
    CHECK(places[1].bit == 7);
    CHECK(places[1].kind == FaultPlace::Kind::stuck1);
    CHECK(places[2].address == 0xab);
    CHECK(places[2].kind == FaultPlace::Kind::stuck0);
}

TEST_CASE("bad places are refused, and the message names them") {
    const std::string form = "none, or places ADDRESS.BIT, ADDRESS.BIT/stuck0 or ADDRESS.BIT/stuck1 are allowed";
    for (const char* place :
         {"x", ".", "1", "1.", ".1", "1.1.1", "0x.1", "1.1/", "1.1/stuck", "1.1/stuck2", "1/stuck0.1", "-1.0", "1.-1",
          "1 .1", "99999999999999999999.0", "/", "0xg.1", "1./stuck0"}) {
        CHECK(error_of(place) == fmt::format("dram.faults: '{}' found; {}", place, form));
    }
    CHECK(error_of("1.1,") == "dram.faults: '' found; " + form);
    CHECK(error_of("1.1,,2.2") == "dram.faults: '' found; " + form);
    CHECK(error_of("1.8") == "dram.faults: '1.8' found; bits 0 to 7 of a byte are allowed");
    CHECK(error_of("0.0,0x40000000.0") ==
          "dram.faults: '0x40000000.0' found; addresses below the capacity, 0x40000000, are allowed");
    CHECK(error_of("5.1,0x5.1/stuck0") == "dram.faults: '0x5.1/stuck0' found; each bit is allowed once");
}
