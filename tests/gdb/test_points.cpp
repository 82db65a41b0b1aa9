#include <catch2/catch.hpp>

#include "scene.h"

using namespace aqpim;
using namespace aqpim::test;

TEST_CASE("breakpoints are set in all harts, memory is left as it is") {
    Scene scene(2);
    CHECK(scene.ask("Z0,80000010,4") == "OK");
    CHECK(scene.ask("Z1,80000020,2") == "OK");
    for (unsigned id = 0; id < 2; ++id) {
        CHECK(scene.hart(id).breakpoints == std::multiset<std::uint64_t>{0x80000010, 0x80000020});
    }
    CHECK(scene.memory.bytes == FakeMemory().bytes);
    CHECK(scene.ask("z0,80000010,4") == "OK");
    CHECK(scene.hart(1).breakpoints == std::multiset<std::uint64_t>{0x80000020});
}

TEST_CASE("a breakpoint set twice is there once, one removed twice is gone") {
    Scene scene;
    scene.ask("Z0,80000010,4");
    CHECK(scene.ask("Z0,80000010,2") == "OK");
    CHECK(scene.hart().breakpoints.size() == 1);
    CHECK(scene.ask("z0,80000010,2") == "OK");
    CHECK(scene.hart().breakpoints.empty());
    CHECK(scene.ask("z0,80000010,2") == "OK");
}

TEST_CASE("a software and a hardware breakpoint at one address are one for the hart, until both are removed") {
    Scene scene;
    scene.ask("Z0,80000010,4");
    scene.ask("Z1,80000010,4");
    CHECK(scene.hart().breakpoints.size() == 1);
    scene.ask("z0,80000010,4");
    CHECK(scene.hart().breakpoints.size() == 1);
    scene.ask("z1,80000010,4");
    CHECK(scene.hart().breakpoints.empty());
}

TEST_CASE("watchpoints for writes, reads and both are set with their lengths") {
    Scene scene;
    CHECK(scene.ask("Z2,80000010,8") == "OK");
    CHECK(scene.ask("Z3,80000010,1") == "OK");
    CHECK(scene.ask("Z4,80000010,1000") == "OK");
    const std::multiset<std::tuple<WatchKind, std::uint64_t, std::uint64_t>> all = {
        {WatchKind::write, 0x80000010, 8}, {WatchKind::read, 0x80000010, 1}, {WatchKind::access, 0x80000010, 0x1000}};
    CHECK(scene.hart().watchpoints == all);
    CHECK(scene.ask("z3,80000010,1") == "OK");
    CHECK(scene.ask("z2,80000010,4") == "OK");  // not there: another length
    CHECK(scene.hart().watchpoints.size() == 2);
}

TEST_CASE("a watchpoint may reach the end of the address space, not beyond") {
    Scene scene;
    CHECK(scene.ask("Z2,fffffffffffffff8,8") == "OK");
    CHECK(scene.ask("Z2,fffffffffffffff8,9") == "E22");
}

TEST_CASE("malformed points are refused") {
    Scene scene;
    for (const char* packet : {"Z", "Z0", "Z0,", "Z0,80000000", "Z0,80000000,", "Z0,80000000,4;X1,20", "Z5,80000000,4",
                               "Z100000000,80000000,4", "Z2,80000000,0", "Z,80000000,4", "z5,80000000,4", "zx"}) {
        CAPTURE(packet);
        CHECK(scene.ask(packet) == "E22");
    }
    CHECK(scene.hart().breakpoints.empty());
    CHECK(scene.hart().watchpoints.empty());
}

TEST_CASE("there is a limit to the number of points") {
    Scene scene;
    for (std::size_t i = 0; i < Points::limit; ++i) {
        REQUIRE(scene.ask(fmt::format("Z0,{:x},4", 4 * i)) == "OK");
    }
    CHECK(scene.ask("Z0,80000000,4") == "E28");
    CHECK(scene.ask("Z0,0,4") == "OK");
    CHECK(scene.ask("z0,0,4") == "OK");
    CHECK(scene.ask("Z0,80000000,4") == "OK");
    CHECK(scene.hart().breakpoints.size() == Points::limit);
}

TEST_CASE("a stop at a breakpoint is told with its kind to a debugger that knows the words") {
    Scene scene;
    scene.ask("qSupported:swbreak+;hwbreak+");
    scene.ask("Z0,80000010,4");
    scene.ask("Z1,80000020,4");
    scene.ask("c");
    CHECK(scene.stop(0, {StopReason::breakpoint, 0x80000010}) == "T05swbreak:;thread:1;");
    CHECK(scene.ask("?") == "T05swbreak:;thread:1;");
    scene.ask("c");
    CHECK(scene.stop(0, {StopReason::breakpoint, 0x80000020}) == "T05hwbreak:;thread:1;");
}

TEST_CASE("a stop at a breakpoint is a plain trap to a debugger that does not know the words") {
    Scene scene;
    scene.ask("qSupported:xmlRegisters=i386;swbreak-");
    scene.ask("Z0,80000010,4");
    scene.ask("c");
    CHECK(scene.stop(0, {StopReason::breakpoint, 0x80000010}) == "T05thread:1;");
}

TEST_CASE("a stop at a watchpoint tells the kind and the address") {
    Scene scene;
    scene.ask("c");
    CHECK(scene.stop(0, {StopReason::write_watchpoint, 0x80001234}) == "T05watch:80001234;thread:1;");
    scene.ask("c");
    CHECK(scene.stop(0, {StopReason::read_watchpoint, 0xffffffffffffff00}) == "T05rwatch:ffffffffffffff00;thread:1;");
    scene.ask("c");
    CHECK(scene.stop(0, {StopReason::access_watchpoint, 0}) == "T05awatch:0;thread:1;");
}

TEST_CASE("the step that GDB takes over a watched access is already done") {
    for (const char* step : {"vCont;s:2", "s"}) {
        Scene scene(2);
        scene.ask("Hc2");
        scene.ask("vCont;c");
        scene.stop(1, {StopReason::write_watchpoint, 0x80001234});
        CHECK(scene.ask(step) == "T05thread:2;");
        CHECK_FALSE(scene.hart(1).stepping);
        CHECK(scene.ask("?") == "T05thread:2;");
        CHECK(scene.ask(step) == "none");  // the next one is the user's
        CHECK(scene.hart(1).stepping);
    }
}

TEST_CASE("a step of another hart, or with others, is taken after a watched access too") {
    for (const char* step : {"vCont;s:1", "vCont;s:2;c", "vCont;s"}) {
        Scene scene(2);
        scene.ask("vCont;c");
        scene.stop(1, {StopReason::write_watchpoint, 0x80001234});
        CHECK(scene.ask(step) == "none");
    }
}
