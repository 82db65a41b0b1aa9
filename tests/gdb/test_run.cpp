#include <catch2/catch.hpp>

#include "scene.h"

using namespace aqpim;
using namespace aqpim::test;
using State = GdbCommands::State;

namespace {

constexpr std::uint64_t start = FakeMemory::base;

std::uint64_t pc(Scene& scene, unsigned id = 0) {
    return scene.hart(id).registers[DebugTarget::pc_number];
}

/// "run", "step" or "hold" for each hart, as the packet has left them.
std::string actions_of(Scene& scene) {
    std::string text;
    for (const auto& hart : scene.all) {
        text += hart->held ? "hold " : hart->stepping ? "step " : "run ";
        hart->stepping = false;
    }
    return text;
}

/// What the harts do upon `packet`, after which hart 0 is interrupted.
std::string actions(Scene& scene, const std::string& packet) {
    REQUIRE(scene.ask(packet) == "none");
    REQUIRE(scene.session.state() == State::running);
    const std::string text = actions_of(scene);
    scene.stop(0, {StopReason::interrupted, 0});
    return text;
}

}  // namespace

TEST_CASE("before anything has run, the status is a trap of hart 0") {
    Scene scene;
    CHECK(scene.stop(0, {StopReason::attached, start}) == "none");
    CHECK(scene.ask("?") == "T05thread:1;");
}

TEST_CASE("c lets the simulation run and is answered when a hart stops") {
    Scene scene;
    CHECK(scene.send(framed("c")) == "+");
    CHECK(scene.session.state() == State::running);
    CHECK(scene.stop(0, {StopReason::interrupted, start}) == "T02thread:1;");
    CHECK(scene.session.state() == State::stopped);
}

TEST_CASE("c, C, s and S go on at an address if there is one") {
    Scene scene;
    CHECK(actions(scene, "c80000100") == "run ");
    CHECK(pc(scene) == 0x80000100);
    CHECK(actions(scene, "C05;80000200") == "run ");
    CHECK(pc(scene) == 0x80000200);
    CHECK(actions(scene, "s80000300") == "step ");
    CHECK(pc(scene) == 0x80000300);
    CHECK(actions(scene, "S05;80000400") == "step ");
    CHECK(pc(scene) == 0x80000400);
    CHECK(actions(scene, "C05") == "run ");
    CHECK(actions(scene, "S05") == "step ");
    CHECK(pc(scene) == 0x80000400);
}

TEST_CASE("s steps the hart that has stopped, others run") {
    Scene scene(2);
    scene.ask("c");
    scene.stop(1, {StopReason::interrupted, start});
    CHECK(actions(scene, "s") == "run step ");
}

TEST_CASE("after Hc for one hart, c and s hold the others") {
    Scene scene(3);
    CHECK(scene.ask("Hc2") == "OK");
    CHECK(actions(scene, "s") == "hold step hold ");
    CHECK(actions(scene, "c") == "hold run hold ");
    CHECK(scene.ask("Hc-1") == "OK");
    CHECK(actions(scene, "c") == "run run run ");
}

TEST_CASE("vCont gives each hart its leftmost action, and holds those without one") {
    Scene scene(3);
    CHECK(scene.ask("vCont?") == "vCont;c;C;s;S;t");
    CHECK(actions(scene, "vCont;c") == "run run run ");
    CHECK(actions(scene, "vCont;s:2;c") == "run step run ");
    CHECK(actions(scene, "vCont;s:2") == "hold step hold ");
    CHECK(actions(scene, "vCont;c:3;t:1;s") == "hold step run ");
    CHECK(actions(scene, "vCont;t:2;c:-1") == "run hold run ");
    CHECK(actions(scene, "vCont;C05:1;S05:p1.2") == "run step hold ");
    CHECK(actions(scene, "vCont;s:p1.-1;c") == "step step step ");
    CHECK(actions(scene, "vCont;s:p1") == "step step step ");
}

TEST_CASE("malformed or idle actions are refused, nothing runs") {
    Scene scene(2);
    for (const char* packet :
         {"vCont",    "vCont;",  "vCont;;",    "vCont;x",   "vCont;c;", "vCont;s:3", "vCont;s:",   "vCont;s:p2.1",
          "vCont;cs", "vCont;C", "vCont;t",    "vCont;t:1", "vCont?x",  "cx",        "c80000000x", "c80000001",
          "sx",       "C",       "C;80000000", "C05x",      "C05;x",    "S"}) {
        CAPTURE(packet);
        CHECK(scene.ask(packet) == "E22");
        CHECK(scene.session.state() == State::stopped);
    }
    CHECK(pc(scene) == start);
}

TEST_CASE("a step that another hart's stop came before is not told once the hart runs on") {
    Scene scene(2);
    scene.ask("vCont;s:1;c");
    CHECK(scene.stop(1, {StopReason::breakpoint, start}) == "T05thread:2;");
    scene.ask("vCont;c");
    CHECK(scene.stop(0, {StopReason::stepped, start}) == "none");
    CHECK(scene.session.state() == State::running);
    scene.ask("\x03");
    CHECK(scene.stop(0, {StopReason::interrupted, start}) == "T02thread:1;");
}

TEST_CASE("a stop selects the hart that stopped") {
    Scene scene(2);
    scene.ask("c");
    CHECK(scene.stop(1, {StopReason::breakpoint, start}) == "T05thread:2;");
    CHECK(scene.ask("qC") == "QC2");
    CHECK(scene.ask("pf55") == "0100000000000000");
}

TEST_CASE("the interrupt byte is seen while running only, and once") {
    Scene scene;
    scene.send("\x03");
    CHECK_FALSE(scene.session.interrupt_requested());
    scene.ask("c");
    CHECK(scene.send("\x03").empty());
    CHECK(scene.session.interrupt_requested());
    scene.stop(0, {StopReason::breakpoint, start});  // came first
    CHECK_FALSE(scene.session.interrupt_requested());
}

TEST_CASE("while the simulation runs, packets are refused") {
    Scene scene;
    scene.ask("c");
    CHECK(scene.ask("g") == "E16");
    CHECK(scene.ask("c") == "E16");
    CHECK(scene.ask("D") == "E16");
    CHECK(scene.session.state() == State::running);
}

TEST_CASE("detach leaves nothing in the harts, and they run") {
    for (const char* packet : {"D", "D;1"}) {
        Scene scene(2);
        scene.ask("Z0,80000010,4");
        scene.ask("Z2,80000010,4");
        scene.ask("vCont;s:2");
        scene.stop(1, {StopReason::stepped, start});
        CHECK(scene.ask(packet) == "OK");
        CHECK(scene.session.state() == State::ended);
        CHECK(scene.hart().breakpoints.empty());
        CHECK(scene.hart().watchpoints.empty());
        CHECK_FALSE(scene.hart().held);
        CHECK(scene.kills == 0);
        CHECK(scene.send(framed("g")).empty());
        CHECK(scene.stop(0, {StopReason::breakpoint, start}) == "none");
    }
}

TEST_CASE("a lost connection leaves nothing in the harts, and they run") {
    Scene scene(2);
    scene.ask("Z0,80000010,4");
    scene.ask("vCont;s:2");
    scene.session.lost();
    CHECK(scene.session.state() == State::ended);
    CHECK(scene.hart().breakpoints.empty());
    CHECK_FALSE(scene.hart().held);
}

TEST_CASE("k ends the run without a reply, vKill with one") {
    Scene first;
    CHECK(first.ask("k") == "none");
    CHECK(first.kills == 1);
    CHECK(first.session.state() == State::ended);
    Scene second;
    CHECK(second.ask("vKill;1") == "OK");
    CHECK(second.kills == 1);
    Scene third;
    for (const char* packet : {"kill", "vKill;", "vKill;x", "Dx", "D;", "D;x"}) {
        CAPTURE(packet);
        CHECK(third.ask(packet) == "E22");
    }
    CHECK(third.kills == 0);
    CHECK(third.session.state() == State::stopped);
}

TEST_CASE("the end of the simulation is told with the exit status") {
    Scene scene;
    scene.ask("Z0,80000010,4");
    scene.ask("c");
    scene.output.clear();
    scene.session.exited(3);
    CHECK(scene.output == framed("W03"));
    CHECK(scene.hart().breakpoints.empty());
    CHECK(scene.session.state() == State::ended);

    Scene negative;
    negative.ask("c");
    negative.session.exited(-1);
    CHECK_THAT(negative.output, Catch::EndsWith(framed("Wff")));
}

TEST_CASE("the end of the simulation is not told to a debugger that waits for nothing") {
    Scene scene;
    scene.session.exited(0);
    CHECK(scene.output.empty());
}
