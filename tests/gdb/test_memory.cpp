#include <catch2/catch.hpp>

#include <cstring>

#include "scene.h"

using namespace aqpim;
using namespace aqpim::test;

TEST_CASE("m reads bytes in the order of their addresses") {
    Scene scene;
    std::memcpy(scene.memory.bytes.data() + 0x10, "\x01\x23\xff", 3);
    CHECK(scene.ask("m80000010,3") == "0123ff");
    CHECK(scene.ask("m8000000F,2") == "0001");
}

TEST_CASE("M and X write bytes") {
    Scene scene;
    CHECK(scene.ask("M80000010,3:0123fF") == "OK");
    CHECK(scene.ask("m80000010,4") == "0123ff00");
    const std::string special("#$}*\x03\0+-", 8);
    scene.send(gdb_frame("X80000020,8:" + special));
    CHECK(std::memcmp(scene.memory.bytes.data() + 0x20, special.data(), 8) == 0);
}

TEST_CASE("M and X of no bytes, wherever, tell that the packets are known") {
    Scene scene;
    CHECK(scene.ask("X0,0:") == "OK");
    CHECK(scene.ask("M0,0:") == "OK");
}

TEST_CASE("memory that is not there, in whole or in part, gets an error") {
    Scene scene;
    for (const char* packet : {"m0,1", "m8000ffff,2", "m80010000,1", "M8000ffff,2:0000", "X8000ffff,2:ab"}) {
        CAPTURE(packet);
        CHECK(scene.ask(packet) == "E14");
    }
    CHECK(scene.ask("m8000ffff,1") == "00");
}

TEST_CASE("a read of more than a packet holds gives its first part") {
    Scene scene;
    const std::string data = scene.ask("m80000000,10000");
    CHECK(data.size() == 2 * gdb_data_bytes);
    CHECK(data.size() + 4 <= gdb_packet_bytes);
}

TEST_CASE("a block that fills the largest packet is written") {
    Scene scene;
    const std::string start = "X80000000,3000:";
    CHECK(scene.ask(start + std::string(0x3000, '\xee')) == "OK");
    CHECK(scene.memory.bytes[0x2fff] == 0xee);
    CHECK(scene.memory.bytes[0x3000] == 0);
}

TEST_CASE("malformed memory packets are refused and write nothing") {
    Scene scene;
    for (const char* packet :
         {"m", "m80000000", "m80000000,", "m80000000,0", "m80000000,4,", "m,4", "m180000000000000000,4", "m-1,4",
          "mffffffffffffffff,2", "M80000000,2", "M80000000,2:", "M80000000,2:00", "M80000000,2:000", "M80000000,2:0g00",
          "M80000000,1:eeee", "X80000000,2", "X80000000,2:e", "X80000000,2:eee", "X80000000,ffffffffffffffff:e"}) {
        CAPTURE(packet);
        CHECK(scene.ask(packet) == "E22");
    }
    CHECK(scene.memory.bytes == FakeMemory().bytes);
}

TEST_CASE("memory is read as the selected hart sees it") {
    Scene scene(2);
    FakeMemory other;
    FakeHart elsewhere("rv64imac", 1, other);
    other.bytes[0] = 0x77;
    std::string output;
    GdbSession session({&scene.hart(), &elsewhere}, {}, [&](std::string_view bytes) { output += bytes; });
    session.receive(framed("Hg2") + framed("m80000000,1"));
    CHECK_THAT(output, Catch::EndsWith("$77#6e"));
}
