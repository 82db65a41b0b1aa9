#include <catch2/catch.hpp>

#include <iostream>
#include <map>
#include <sstream>

#include "models/htif/htif.h"

using namespace aqpim;

namespace {

constexpr std::uint64_t tohost = 0x8000'1000;
constexpr std::uint64_t fromhost = 0x8000'1040;

struct Scene {
    std::map<std::uint64_t, std::uint64_t> words;
    std::ostringstream console;
    Htif htif;

    explicit Scene(std::optional<std::uint64_t> answer = fromhost)
        : htif(tohost, answer,
               {[this](std::uint64_t address) { return words[address]; },
                [this](std::uint64_t address, std::uint64_t value) { words[address] = value; }},
               console) {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
    void store(std::uint64_t value) {
        words[tohost] = value;
        htif.look();
    }
    bool has_stopped() const { return sc_core::sc_get_status() == sc_core::SC_STOPPED; }
};

}  // namespace

TEST_CASE("an odd payload for device 0 ends the run with the code above its lowest bit") {
    Scene scene;
    scene.store(1);
    CHECK(scene.htif.exit_code() == 0);
    CHECK(scene.words[tohost] == 0);
    CHECK(scene.has_stopped());
}

TEST_CASE("a code may have 47 bits, and the first end holds") {
    Scene scene;
    scene.store(0xffff'ffff'ffff);
    CHECK(scene.htif.exit_code() == 0x7fff'ffff'ffff);
    scene.store(1);
    CHECK(scene.htif.exit_code() == 0x7fff'ffff'ffff);
    CHECK(scene.htif.refusal().empty());
}

TEST_CASE("a character for the console is sent, the request taken and acknowledged") {
    Scene scene;
    scene.store(0x0101'0000'0000'0a41);
    CHECK(scene.console.str() == "A");
    CHECK(scene.words[tohost] == 0);
    CHECK(scene.words[fromhost] == 0x0101'0000'0000'0000);
    CHECK_FALSE(scene.has_stopped());
}

TEST_CASE("a program without fromhost gets no acknowledgement") {
    Scene scene(std::nullopt);
    scene.store(0x0101'0000'0000'0042);
    CHECK(scene.console.str() == "B");
    CHECK(scene.words.size() == 1);
}

TEST_CASE("clearing tohost asks for nothing") {
    Scene scene;
    scene.store(0);
    CHECK(scene.console.str().empty());
    CHECK_FALSE(scene.has_stopped());
}

TEST_CASE("anything else ends the simulation, and is named") {
    using Catch::Contains;
    const auto [request, words] = GENERATE(table<std::uint64_t, const char*>({
        {0x8000'2000, "a system call described at 0x80002000"},
        {0x0100'0000'0000'0000, "device 1, command 0"},
        {0x0001'0000'0000'0001, "device 0, command 1"},
        {0x0200'0000'0000'0001, "device 2, command 0"},
    }));
    Htif htif(tohost, std::nullopt, {[request = request](auto) { return request; }, [](auto, auto) {}}, std::cerr);
    htif.look();
    CHECK_FALSE(htif.exit_code());
    CHECK_THAT(htif.refusal(), Contains(words));
}
