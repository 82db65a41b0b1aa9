#include "aqpim/memory_map.h"
#include "models/finisher/finisher.h"
#include "tests/host/scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

struct Scene {
    Initiator hart{"hart"};
    Finisher finisher{"finisher"};

    Scene() {
        hart.socket.bind(finisher.socket);
        settle();
    }
};

}  // namespace

TEST_CASE("PASS stops the simulation at the write's annotated time") {
    Scene scene;
    run_to(1'000);
    CHECK_FALSE(scene.finisher.outcome());
    CHECK(scene.hart.write<std::uint32_t>(0, AQPIM_FINISHER_PASS, 500) == tlm::TLM_OK_RESPONSE);
    sc_core::sc_start(from_ps(1'000'000));
    CHECK(sc_core::sc_get_status() == sc_core::SC_STOPPED);
    CHECK(now_ps() == 1'500);
    REQUIRE(scene.finisher.outcome());
    CHECK(scene.finisher.outcome()->kind == Finisher::Kind::pass);
    CHECK(scene.finisher.outcome()->code == 0);
    CHECK(scene.finisher.outcome()->time_ps == 1'500);
}

TEST_CASE("FAIL carries its code in the upper half") {
    Scene scene;
    CHECK(scene.hart.write<std::uint32_t>(0, AQPIM_FINISHER_FAIL | 0xfffeu << 16) == tlm::TLM_OK_RESPONSE);
    REQUIRE(scene.finisher.outcome());
    CHECK(scene.finisher.outcome()->kind == Finisher::Kind::fail);
    CHECK(scene.finisher.outcome()->code == 0xfffe);
}

TEST_CASE("RESET resets the machine at the write's annotated time, as often as it is written") {
    Scene scene;
    std::vector<Picoseconds> resets;
    scene.finisher.on_reset = [&] { resets.push_back(now_ps()); };
    run_to(1'000);
    CHECK(scene.hart.write<std::uint32_t>(0, AQPIM_FINISHER_RESET, 500) == tlm::TLM_OK_RESPONSE);
    run_to(2'000);
    CHECK(scene.hart.write<std::uint32_t>(0, AQPIM_FINISHER_RESET, 0) == tlm::TLM_OK_RESPONSE);
    run_to(3'000);
    CHECK(resets == std::vector<Picoseconds>{1'500, 2'000});
    CHECK(scene.finisher.resets() == 2);
    CHECK_FALSE(scene.finisher.outcome());
}

TEST_CASE("a command may be written with 2 bytes") {
    Scene scene;
    CHECK(scene.hart.write<std::uint16_t>(0, AQPIM_FINISHER_FAIL) == tlm::TLM_OK_RESPONSE);
    REQUIRE(scene.finisher.outcome());
    CHECK(scene.finisher.outcome()->kind == Finisher::Kind::fail);
    CHECK(scene.finisher.outcome()->code == 0);
}

TEST_CASE("the first command holds") {
    Scene scene;
    scene.hart.write<std::uint32_t>(0, AQPIM_FINISHER_FAIL | 3u << 16);
    scene.hart.write<std::uint32_t>(0, AQPIM_FINISHER_PASS);
    REQUIRE(scene.finisher.outcome());
    CHECK(scene.finisher.outcome()->kind == Finisher::Kind::fail);
    CHECK(scene.finisher.outcome()->code == 3);
}

TEST_CASE("what is written while a reset is due is passed over") {
    Scene scene;
    unsigned resets = 0;
    scene.finisher.on_reset = [&] { ++resets; };
    scene.hart.write<std::uint32_t>(0, AQPIM_FINISHER_RESET, 500);
    scene.hart.write<std::uint32_t>(0, AQPIM_FINISHER_PASS);
    run_to(1'000);
    CHECK(resets == 1);
    CHECK_FALSE(scene.finisher.outcome());
}

TEST_CASE("unknown commands are ignored and counted") {
    Scene scene;
    CHECK(scene.hart.write<std::uint32_t>(0, 0) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.hart.write<std::uint32_t>(0, 0x1234) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.hart.write<std::uint32_t>(4, AQPIM_FINISHER_PASS) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.hart.read<std::uint32_t>(0) == 0);
    run_to(1'000);
    CHECK(scene.finisher.bad_commands() == 2);
    CHECK_FALSE(scene.finisher.outcome());
    CHECK(sc_core::sc_get_status() == sc_core::SC_PAUSED);
}
