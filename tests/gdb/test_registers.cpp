#include <catch2/catch.hpp>

#include "scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

const std::string zero(16, '0');

std::string repeated(const std::string& text, unsigned times) {
    std::string result;
    for (unsigned i = 0; i < times; ++i) {
        result += text;
    }
    return result;
}

}  // namespace

TEST_CASE("g gives x0 to x31, pc and f0 to f31, little-endian") {
    Scene scene;
    scene.hart().registers[1] = 0x0123456789abcdef;
    scene.hart().registers[33] = 0x3ff0000000000000;
    CHECK(scene.ask("g") == zero + "efcdab8967452301" + repeated(zero, 30) + "0000008000000000" + "000000000000f03f" +
                                repeated(zero, 31));
}

TEST_CASE("without F, g ends with pc; with F alone, floating-point registers have 4 bytes") {
    Scene integer(1, "rv64imac");
    CHECK(integer.ask("g") == repeated(zero, 32) + "0000008000000000");
    Scene single(1, "rv64imafc");
    single.hart().registers[64] = 0xffffffff3f800000;
    CHECK(single.ask("g") == repeated(zero, 32) + "0000008000000000" + repeated("00000000", 31) + "0000803f");
    CHECK(single.ask("p40") == "0000803f");
    CHECK(single.ask("P40=00000040") == "OK");
    CHECK(single.hart().registers[64] == 0x40000000);
    CHECK(single.ask("P40=0000004000000000") == "E22");
}

TEST_CASE("G writes all of them, x0 stays") {
    Scene scene;
    const std::string values = repeated("0200000000000080", 65);
    CHECK(scene.ask(fmt::format("G{}", values)) == "OK");
    CHECK(scene.hart().registers[0] == 0);
    CHECK(scene.hart().registers[1] == 0x8000000000000002);
    CHECK(scene.hart().registers[32] == 0x8000000000000002);
    CHECK(scene.hart().registers[64] == 0x8000000000000002);
}

TEST_CASE("G with another number of bytes is refused and writes nothing") {
    Scene scene;
    const std::string values = repeated("ff", 65 * 8);
    const std::string half_less = values.substr(1);
    CHECK(scene.ask("G") == "E22");
    CHECK(scene.ask(fmt::format("G{}ff", values)) == "E22");
    CHECK(scene.ask(fmt::format("G{}", half_less)) == "E22");
    CHECK(scene.ask(fmt::format("Gx{}", half_less)) == "E22");
    CHECK(scene.hart().registers[1] == 0);
}

TEST_CASE("G with a value that a register cannot have is refused") {
    Scene scene;
    CHECK(scene.ask(fmt::format("G{}", repeated("0100000000000080", 65))) == "E14");  // pc
}

TEST_CASE("p and P access one register: general, floating-point, CSR, privilege") {
    Scene scene;
    CHECK(scene.ask("P2=8877665544332211") == "OK");
    CHECK(scene.hart().registers[2] == 0x1122334455667788);
    CHECK(scene.ask("p2") == "8877665544332211");
    CHECK(scene.ask("p20") == "0000008000000000");
    CHECK(scene.ask("P381=0500000000000000") == "OK");  // 65 + 0x340
    CHECK(scene.hart().registers[FakeHart::mscratch] == 5);
    CHECK(scene.ask("p381") == "0500000000000000");
    CHECK(scene.ask("p1041") == "0300000000000000");
}

TEST_CASE("a register that is not there or cannot be written gets an error") {
    Scene scene;
    CHECK(scene.ask("p382") == "0000000000000000");
    CHECK(scene.ask("p383") == "E14");
    CHECK(scene.ask("p1042") == "E14");
    CHECK(scene.ask("p100000381") == "E14");
    CHECK(scene.ask("pffffffffffffffff") == "E14");
    CHECK(scene.ask("P383=0000000000000000") == "E14");
    CHECK(scene.ask("Pf55=0000000000000000") == "E14");  // mhartid
    CHECK(scene.ask("Pffffffffffffffff=0000000000000000") == "E14");
}

TEST_CASE("malformed register packets are refused") {
    Scene scene;
    for (const char* packet :
         {"g0", "p", "px", "p1 ", "p10000000000000000", "P", "P1", "P1=", "P1=00", "P1=000000000000000",
          "P1=00000000000000000", "P1=000000000000000g", "P=0000000000000000"}) {
        CAPTURE(packet);
        CHECK(scene.ask(packet) == "E22");
    }
    CHECK(scene.hart().registers[1] == 0);
}

TEST_CASE("Hg selects whose registers are accessed") {
    Scene scene(2);
    scene.hart(1).registers[5] = 7;
    CHECK(scene.ask("p5") == "0000000000000000");
    CHECK(scene.ask("Hg2") == "OK");
    CHECK(scene.ask("p5") == "0700000000000000");
    CHECK(scene.ask("pf55") == "0100000000000000");
    CHECK(scene.ask("Hg0") == "OK");  // any: the same as before
    CHECK(scene.ask("qC") == "QC2");
}
