#include <catch2/catch.hpp>

#include "scene.h"

using namespace aqpim;
using namespace aqpim::test;
using State = GdbCommands::State;

namespace {

std::string hex(const std::string& text) {
    std::string result;
    for (const char character : text) {
        result += fmt::format("{:02x}", character);
    }
    return result;
}

std::string from_hex_digits(const std::string& digits) {
    std::string text;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        text += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    }
    return text;
}

}  // namespace

TEST_CASE("a packet is acknowledged, then answered") {
    Scene scene;
    CHECK(scene.send("$qC#b4") == "+$QC1#c5");
}

TEST_CASE("packets that come in pieces or together are answered one by one") {
    Scene scene;
    CHECK(scene.send("$q").empty());
    CHECK(scene.send("C#b").empty());
    CHECK(scene.send("4$qC#b4$") == "+$QC1#c5+$QC1#c5");
}

TEST_CASE("a damaged packet is not carried out and asked for again") {
    Scene scene;
    CHECK(scene.send("$M80000000,1:ff#00") == "-");
    CHECK(scene.memory.bytes[0] == 0);
}

TEST_CASE("without acknowledgement, a damaged packet gets an error") {
    Scene scene;
    CHECK(scene.send(framed("QStartNoAckMode")) == "+$OK#9a");
    CHECK(scene.send("+").empty());
    CHECK(scene.send("$qC#b4") == "$QC1#c5");
    CHECK(scene.send("$qC#b5") == framed("E22"));
    CHECK(scene.ask("QStartNoAckModeX") == "E22");
}

TEST_CASE("a packet that is too long gets an error at its end") {
    Scene scene;
    CHECK_THAT(scene.send(gdb_frame(std::string(gdb_packet_bytes + 1, 'g'))), Catch::EndsWith(framed("E90")));
    CHECK(scene.ask("qC") == "QC1");
}

TEST_CASE("a reply is sent again when asked for, but not without end") {
    Scene scene;
    CHECK(scene.send("-").empty());
    scene.ask("qC");
    CHECK(scene.send("-") == "$QC1#c5");
    CHECK(scene.send(std::string(1000, '-')) == "$QC1#c5$QC1#c5");
    scene.ask("qC");
    CHECK(scene.send("-") == "$QC1#c5");
}

TEST_CASE("the session tells what it can") {
    Scene scene;
    const std::string reply = "PacketSize=4000;qXfer:features:read+;QStartNoAckMode+;vContSupported+;swbreak+;hwbreak+";
    CHECK(scene.ask("qSupported:multiprocess+;swbreak+;hwbreak+;xmlRegisters=i386") == reply);
    CHECK(scene.ask("qSupported") == reply);
}

TEST_CASE("packets that are not known get the empty reply") {
    Scene scene;
    for (const char* packet : {"",
                               "!",
                               "A",
                               "vMustReplyEmpty",
                               "qSymbol::",
                               "qTStatus",
                               "qOffsets",
                               "qCRC:0,1",
                               "qXfer:memory-map:read::0,10",
                               "vFile:open:2f,0,0",
                               "vAttach;1",
                               "vRun;",
                               "R00",
                               "r",
                               "QNonStop:1",
                               "QPassSignals:",
                               "qL1200000000000000000",
                               "jThreadsInfo",
                               "\xff\xfe",
                               "b",
                               "i",
                               "t",
                               "V",
                               "qSearch:memory:0;1;0",
                               "QThreadEvents:1",
                               "qThreadExtraInfo"}) {
        CAPTURE(packet);
        CHECK(scene.ask(packet) == "");
    }
}

TEST_CASE("harts are threads") {
    Scene scene(3);
    CHECK(scene.ask("qC") == "QC1");
    CHECK(scene.ask("qfThreadInfo") == "m1,2,3");
    CHECK(scene.ask("qsThreadInfo") == "l");
    CHECK(scene.ask("qThreadExtraInfo,2") == hex("hart 1"));
    CHECK(scene.ask("T3") == "OK");
    CHECK(scene.ask("Tp1.3") == "OK");
    CHECK(scene.ask("qAttached") == "1");
    CHECK(scene.ask("qAttached:1") == "1");
}

TEST_CASE("threads that are not there and malformed thread-ids are refused") {
    Scene scene(2);
    for (const char* packet : {"T3",
                               "T",
                               "Tx",
                               "T-2",
                               "T1x",
                               "Tp2.1",
                               "Tp1.3",
                               "Tp",
                               "Tp1.",
                               "T100000001",
                               "Hg3",
                               "Hc3",
                               "Hx1",
                               "H",
                               "Hg",
                               "Hc1,",
                               "qThreadExtraInfo,3",
                               "qThreadExtraInfo,",
                               "qThreadExtraInfo,-1",
                               "qfThreadInfoX",
                               "qsThreadInfoX"}) {
        CAPTURE(packet);
        CHECK(scene.ask(packet) == "E22");
    }
}

TEST_CASE("monitor time and help give text") {
    Scene scene;
    CHECK(scene.ask("qRcmd," + hex("time")) == hex("1.5 us\n"));
    const std::string help = from_hex_digits(scene.ask("qRcmd," + hex("help")));
    CHECK_THAT(help, Catch::Contains("time") && Catch::Contains("reset") && Catch::Contains("help"));
    CHECK_THAT(from_hex_digits(scene.ask("qRcmd," + hex("quit"))), Catch::Contains("unknown monitor command"));
    CHECK(scene.ask("qRcmd,7") == "E22");
    CHECK(scene.ask("qRcmd,7x") == "E22");
}

TEST_CASE("monitor reset is answered when the platform stands still again, all harts are held until then") {
    Scene scene(2);
    CHECK(scene.ask("qRcmd," + hex("reset")) == "none");
    CHECK(scene.resets == 1);
    CHECK(scene.session.state() == State::resetting);
    CHECK(scene.hart(0).held);
    CHECK(scene.hart(1).held);
    CHECK(scene.stop(0, {StopReason::interrupted, FakeMemory::base}) == "none");
    CHECK(scene.session.state() == State::resetting);
    CHECK(scene.stop(0, {StopReason::attached, FakeMemory::base}) == "OK");
    CHECK(scene.session.state() == State::stopped);
    CHECK(scene.ask("?") == "T05thread:1;");
    scene.ask("vCont;c");
    CHECK_FALSE(scene.hart(1).held);
}

TEST_CASE("monitor reset leaves the debugger's thread selected") {
    Scene scene(2);
    scene.ask("vCont;c");
    CHECK(scene.stop(1, {StopReason::stepped, FakeMemory::base}) == "none");
    CHECK(scene.stop(1, {StopReason::breakpoint, FakeMemory::base}) == "T05thread:2;");
    scene.ask("qRcmd," + hex("reset"));
    CHECK(scene.stop(0, {StopReason::attached, 0}) == "OK");
    CHECK(scene.ask("qC") == "QC2");
    scene.ask("Hg1");
    scene.ask("qRcmd," + hex("reset"));
    CHECK(scene.stop(0, {StopReason::attached, 0}) == "OK");
    CHECK(scene.ask("qC") == "QC1");
}

TEST_CASE("target.xml is given in parts") {
    Scene scene;
    const std::string prefix = "qXfer:features:read:target.xml:";
    const std::string start = scene.ask(prefix + "0,10");
    CHECK(start == "m<?xml version=\"1");
    std::string whole;
    while (true) {
        const std::string part = scene.ask(fmt::format("{}{:x},7ff", prefix, whole.size()));
        REQUIRE_FALSE(part.empty());
        whole += part.substr(1);
        if (part[0] == 'l') {
            break;
        }
        REQUIRE(part.size() == 0x800);
    }
    CHECK_THAT(whole, Catch::StartsWith("<?xml") && Catch::EndsWith("</target>\n"));
    CHECK(scene.ask(fmt::format("{}{:x},10", prefix, whole.size())) == "l");
    CHECK(scene.ask(prefix + "0,ffffffffffffffff").size() <= gdb_packet_bytes);
}

TEST_CASE("another annex or a malformed part of the description is refused") {
    Scene scene;
    CHECK(scene.ask("qXfer:features:read:other.xml:0,10") == "E00");
    for (const char* part : {"", "0", "0,", ",10", "0,10,", "ffffffff,10", "x,10"}) {
        CAPTURE(part);
        CHECK(scene.ask(std::string("qXfer:features:read:target.xml:") + part) == "E22");
    }
}
