#include "aqpim/memory_map.h"
#include "models/msi_frame/msi_frame.h"
#include "models/plic/plic.h"
#include "tests/host/scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

using Pulses = std::vector<std::pair<Picoseconds, unsigned>>;

/// Takes the PLIC's place and notes what it is told.
class Listener : public sc_core::sc_module, public EdgeInterruptIf {
 public:
    Pulses pulses;
    explicit Listener(sc_core::sc_module_name name) : sc_module(name) {}
    void pulse(unsigned source) override { pulses.emplace_back(now_ps(), source); }
};

struct Scene {
    Initiator device{"device"};
    MsiFrame frame{"frame"};
    Listener listener{"listener"};

    Scene() {
        device.socket.bind(frame.socket);
        frame.interrupts.bind(listener);
        settle();
    }
    void send(std::uint32_t message, Picoseconds delay_ps) {
        REQUIRE(device.write(0, message, delay_ps) == tlm::TLM_OK_RESPONSE);
    }
};

}  // namespace

TEST_CASE("a message raises its source at its annotated time") {
    Scene scene;
    run_to(5'000);
    scene.send(64, 1'234);
    CHECK(scene.listener.pulses.empty());
    run_to(10'000);
    CHECK(scene.listener.pulses == Pulses{{6'234, 64}});
}

TEST_CASE("messages on their way are delivered in the order of their times, then of their calls") {
    Scene scene;
    scene.send(70, 9'000);
    scene.send(71, 3'000);
    scene.send(95, 9'000);
    scene.send(72, 3'000);
    run_to(2'000);
    scene.send(73, 0);
    scene.send(74, 4'000);
    run_to(20'000);
    CHECK(scene.listener.pulses ==
          Pulses{{2'000, 73}, {3'000, 71}, {3'000, 72}, {6'000, 74}, {9'000, 70}, {9'000, 95}});
}

TEST_CASE("messages that name no source of the frame are ignored and counted") {
    Scene scene;
    for (const std::uint32_t message : {0u, 10u, 63u, 96u, 64u + 0x10000u, 0xffffffffu}) {
        scene.send(message, 0);
    }
    run_to(1'000);
    CHECK(scene.listener.pulses.empty());
    CHECK(scene.frame.bad_messages() == 6);
}

TEST_CASE("a message is a write of 4 bytes at offset 0") {
    Scene scene;
    std::uint32_t value = 64;
    CHECK(scene.device.write<std::uint16_t>(0, 64) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(scene.device.write<std::uint64_t>(0, 64) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(scene.device.write<std::uint32_t>(4, 64) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.device.try_read(0, value) == tlm::TLM_OK_RESPONSE);
    CHECK(value == 0);
    run_to(1'000);
    CHECK(scene.listener.pulses.empty());
    CHECK(scene.frame.bad_messages() == 0);
}

TEST_CASE("a message interrupts the hart through the PLIC") {
    Initiator device("device");
    Initiator hart("hart");
    MsiFrame frame("frame");
    Plic plic("plic", 1);
    Wire external("external");
    device.socket.bind(frame.socket);
    hart.socket.bind(plic.socket);
    frame.interrupts.bind(plic);
    plic.external_interrupt[0].bind(external.signal);
    settle();
    const unsigned source = AQPIM_IRQ_MSI_FIRST + 1;
    hart.write<std::uint32_t>(4 * source, 1);
    hart.write<std::uint32_t>(0x2000 + source / 32 * 4, 1u << source % 32);
    device.write<std::uint32_t>(0, source, 42'000);
    run_to(50'000);
    CHECK(external.changes == Changes{{42'000, true}});
    CHECK(hart.read<std::uint32_t>(0x200004) == source);
}

TEST_CASE("a reset loses the messages that are on their way") {
    Scene scene;
    scene.send(70, 9'000);
    scene.frame.reset();
    scene.send(71, 12'000);
    run_to(20'000);
    CHECK(scene.listener.pulses == Pulses{{12'000, 71}});
}
