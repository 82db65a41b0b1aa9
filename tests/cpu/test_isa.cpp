// Names of instruction sets (Unprivileged ISA 20191213, chapter 27) and misa (Privileged 1.12, 3.1.1).

#include <catch2/catch.hpp>

#include <string>

#include "models/common/error.h"
#include "models/cpu/isa.h"

using namespace aqpim;

TEST_CASE("an instruction set has the extensions of its name, S and U mode") {
    const Isa isa("rv64imac");
    for (const char letter : std::string("imacsu")) {
        CHECK(isa.has(letter));
    }
    for (const char letter : std::string("fdghqv")) {
        CHECK_FALSE(isa.has(letter));
    }
}

TEST_CASE("misa tells 64 bits and a bit for each letter") {
    const std::uint64_t base = std::uint64_t{2} << 62 | 1u << 20 | 1u << 18 | 1u << 8;  // MXL, U, S, I
    CHECK(Isa("rv64i").misa() == base);
    CHECK(Isa("rv64imac").misa() == (base | 1u << 12 | 1u << 0 | 1u << 2));
    CHECK(Isa("rv64gc").misa() == (base | 1u << 12 | 1u << 0 | 1u << 5 | 1u << 3 | 1u << 2));
}

TEST_CASE("g stands for imafd") {
    CHECK(Isa("rv64g").name() == "rv64imafd");
    CHECK(Isa("rv64gc").name() == "rv64imafdc");
    for (const char* name : {"rv64i", "rv64im", "rv64ia", "rv64if", "rv64ic", "rv64imac", "rv64imafc", "rv64imafdc"}) {
        CHECK(Isa(name).name() == name);
    }
}

TEST_CASE("what the hart cannot be is refused with what is allowed") {
    for (const char* name :
         {"", "rv64", "rv32i", "rv64m", "rv64iq", "rv64iam", "rv64imm", "rv64id", "rv64imadc", "rv64ga", "rv64gg",
          "rv64ig", "RV64I", "rv64imac_zba", "rv64ih", "rv64is", "rv64i ", "64i"}) {
        INFO(name);
        CHECK_THROWS_WITH(Isa(name), Catch::Contains(std::string("'") + name + "'; allowed: rv64i or rv64g"));
        CHECK_THROWS_AS(Isa(name), InputError);
    }
}
