#include <array>
#include <stdexcept>

#include "models/bus/bus.h"
#include "models/memory/memory.h"
#include "tests/host/scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

constexpr BusParameters ten_ns{10'000};

/// Notes what reaches it; grants the DMI region that the test chooses.
class Target : public sc_core::sc_module {
 public:
    TargetSocket<Target> socket{"socket"};
    std::vector<std::uint64_t> addresses;
    Picoseconds arrival_ps = 0;
    std::array<unsigned char, 0x4000> cells{};
    std::uint64_t dmi_start = 0;
    std::uint64_t dmi_end = 0;
    bool dmi_granted = true;

    explicit Target(sc_core::sc_module_name name) : sc_module(name) {
        socket.register_b_transport(this, &Target::b_transport);
        socket.register_transport_dbg(this, &Target::transport_dbg);
        socket.register_get_direct_mem_ptr(this, &Target::get_direct_mem_ptr);
    }

 private:
    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
        addresses.push_back(transaction.get_address());
        arrival_ps = local_time_ps(delay);
        delay += from_ps(700);
        transaction.set_response_status(tlm::TLM_OK_RESPONSE);
    }
    unsigned transport_dbg(tlm::tlm_generic_payload& transaction) {
        addresses.push_back(transaction.get_address());
        return transaction.get_data_length();
    }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi) {
        addresses.push_back(transaction.get_address());
        dmi.init();
        dmi.allow_read();
        dmi.set_dmi_ptr(cells.data());
        dmi.set_start_address(dmi_start);
        dmi.set_end_address(dmi_end);
        dmi.set_read_latency(from_ps(300));
        return dmi_granted;
    }
};

/// Two initiators; target `a` at 0x1000 sees offsets, `b` at 0x8000 sees bus addresses.
struct Scene {
    Initiator first{"first"};
    Initiator second{"second"};
    Bus bus{"bus", ten_ns};
    Target a{"a"};
    Target b{"b"};

    Scene() {
        first.socket.bind(bus.add_initiator("first"));
        second.socket.bind(bus.add_initiator("second"));
        bus.map("a", 0x1000, 0x1000).bind(a.socket);
        bus.map("b", 0x8000, 0x2000, Addressing::absolute).bind(b.socket);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }

    bool get_dmi(std::uint64_t address, tlm::tlm_dmi& dmi) {
        tlm::tlm_generic_payload transaction;
        transaction.set_read();
        transaction.set_address(address);
        const bool granted = first.socket->get_direct_mem_ptr(transaction, dmi);
        CHECK(transaction.get_address() == address);
        return granted;
    }
};

}  // namespace

TEST_CASE("the bus routes by address and tells targets offsets or bus addresses") {
    Scene scene;
    CHECK(scene.first.write<std::uint32_t>(0x1000, 1) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.second.write<std::uint32_t>(0x1ffc, 1) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.first.write<std::uint32_t>(0x8000, 1) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.second.write<std::uint32_t>(0x9ffc, 1) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.a.addresses == std::vector<std::uint64_t>{0x0, 0xffc});
    CHECK(scene.b.addresses == std::vector<std::uint64_t>{0x8000, 0x9ffc});
    CHECK(scene.bus.address_errors() == 0);
}

TEST_CASE("an access through the bus arrives the bus's latency later and comes back with its address") {
    Scene scene;
    run_to(1'000'000);
    std::uint32_t value = 0;
    tlm::tlm_generic_payload transaction;
    transaction.set_write();
    transaction.set_address(0x1010);
    transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    transaction.set_data_length(4);
    transaction.set_streaming_width(4);
    sc_core::sc_time delay = from_ps(5'000);
    scene.first.socket->b_transport(transaction, delay);
    CHECK(transaction.get_address() == 0x1010);
    CHECK(scene.a.arrival_ps == 1'015'000);
    CHECK(delay == from_ps(15'700));
    CHECK(now_ps() == 1'000'000);
}

TEST_CASE("an address that no window holds is an address error, and counted") {
    Scene scene;
    CHECK(scene.first.write<std::uint32_t>(0x0ffc, 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.first.write<std::uint32_t>(0x2000, 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.first.write<std::uint32_t>(~std::uint64_t{0}, 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.bus.address_errors() == 3);
    CHECK(scene.bus.last_bad_address() == ~std::uint64_t{0});
    std::uint32_t value = 0;
    CHECK(scene.first.debug(tlm::TLM_READ_COMMAND, 0x2000, value) == 0);
    CHECK(scene.bus.address_errors() == 3);
    CHECK(scene.a.addresses.empty());
}

TEST_CASE("an access that leaves its window is an address error, unless it wraps within") {
    Scene scene;
    CHECK(scene.first.write<std::uint64_t>(0x1ffc, 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.bus.last_bad_address() == 0x1ffc);
    std::uint64_t value = 0;
    CHECK(scene.first.debug(tlm::TLM_READ_COMMAND, 0x1ffc, value) == 0);

    tlm::tlm_generic_payload streaming;
    streaming.set_write();
    streaming.set_address(0x1ffc);
    streaming.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    streaming.set_data_length(8);
    streaming.set_streaming_width(4);
    sc_core::sc_time delay;
    scene.first.socket->b_transport(streaming, delay);
    CHECK(streaming.get_response_status() == tlm::TLM_OK_RESPONSE);
}

TEST_CASE("debug access through the bus is routed like any other") {
    Scene scene;
    std::uint64_t value = 0;
    CHECK(scene.first.debug(tlm::TLM_READ_COMMAND, 0x1100, value) == 8);
    CHECK(scene.second.debug(tlm::TLM_WRITE_COMMAND, 0x9000, value) == 8);
    CHECK(scene.a.addresses == std::vector<std::uint64_t>{0x100});
    CHECK(scene.b.addresses == std::vector<std::uint64_t>{0x9000});
}

TEST_CASE("a DMI region is translated to bus addresses") {
    Scene scene;
    scene.a.dmi_start = 0x200;
    scene.a.dmi_end = 0x2ff;
    tlm::tlm_dmi dmi;
    REQUIRE(scene.get_dmi(0x1210, dmi));
    CHECK(scene.a.addresses == std::vector<std::uint64_t>{0x210});
    CHECK(dmi.get_start_address() == 0x1200);
    CHECK(dmi.get_end_address() == 0x12ff);
    CHECK(dmi.get_dmi_ptr() == scene.a.cells.data());
    CHECK(dmi.get_read_latency() == from_ps(10'300));
    CHECK_FALSE(dmi.is_write_allowed());
}

TEST_CASE("a DMI region larger than its window is cut to the window") {
    Scene scene;
    scene.a.dmi_start = 0;
    scene.a.dmi_end = 0x3fff;
    tlm::tlm_dmi dmi;
    REQUIRE(scene.get_dmi(0x1000, dmi));
    CHECK(dmi.get_start_address() == 0x1000);
    CHECK(dmi.get_end_address() == 0x1fff);
    CHECK(dmi.get_dmi_ptr() == scene.a.cells.data());

    scene.b.dmi_start = 0x7000;
    scene.b.dmi_end = 0xafff;
    REQUIRE(scene.get_dmi(0x8800, dmi));
    CHECK(dmi.get_start_address() == 0x8000);
    CHECK(dmi.get_end_address() == 0x9fff);
    CHECK(dmi.get_dmi_ptr() == scene.b.cells.data() + 0x1000);
}

TEST_CASE("a refused DMI request names the region it was refused for") {
    Scene scene;
    scene.a.dmi_granted = false;
    scene.a.dmi_end = ~std::uint64_t{0};
    tlm::tlm_dmi dmi;
    CHECK_FALSE(scene.get_dmi(0x1800, dmi));
    CHECK(dmi.get_start_address() == 0x1000);
    CHECK(dmi.get_end_address() == 0x1fff);
    CHECK_FALSE(scene.get_dmi(0x5000, dmi));
    CHECK(dmi.get_start_address() == 0x5000);
    CHECK(dmi.get_end_address() == 0x5000);
}

TEST_CASE("an invalidation reaches every initiator in bus addresses, cut to its window") {
    Scene scene;
    using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
    scene.a.socket->invalidate_direct_mem_ptr(0x100, 0x1ff);
    scene.b.socket->invalidate_direct_mem_ptr(0x0, ~std::uint64_t{0});
    scene.a.socket->invalidate_direct_mem_ptr(0x1000, 0x1fff);  // outside the window
    const Ranges expected{{0x1100, 0x11ff}, {0x8000, 0x9fff}};
    CHECK(scene.first.invalidations == expected);
    CHECK(scene.second.invalidations == expected);
}

TEST_CASE("one target behind two windows sees bus addresses from both, and invalidates in both") {
    Initiator hart("hart");
    Bus bus("bus", ten_ns);
    Target bridge("bridge");
    hart.socket.bind(bus.add_initiator("hart"));
    bus.map("bridge", {{0x4000, 0x1000}, {0x10000, 0x2000}}).bind(bridge.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    CHECK(hart.write<std::uint32_t>(0x4ffc, 1) == tlm::TLM_OK_RESPONSE);
    CHECK(hart.write<std::uint32_t>(0x11ffc, 1) == tlm::TLM_OK_RESPONSE);
    CHECK(hart.write<std::uint32_t>(0x5000, 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(bridge.addresses == std::vector<std::uint64_t>{0x4ffc, 0x11ffc});
    bridge.socket->invalidate_direct_mem_ptr(0x4800, 0x10fff);
    CHECK(hart.invalidations ==
          std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0x4800, 0x4fff}, {0x10000, 0x10fff}});
}

TEST_CASE(
    "one memory behind two windows is one memory: access and debug and DMI reach the part that the window shows") {
    Initiator hart("hart");
    Bus bus("bus", ten_ns);
    Memory ram("ram", {.size = 0x3000, .latency = 0, .bandwidth = 1'000'000'000});
    hart.socket.bind(bus.add_initiator("hart"));
    bus.map("ram", {{0x8000, 0x1000, 0}, {0x10'0000, 0x2000, 0x1000}}).bind(ram.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);

    CHECK(hart.write<std::uint32_t>(0x8ffc, 1) == tlm::TLM_OK_RESPONSE);
    CHECK(hart.write<std::uint32_t>(0x10'0000, 2) == tlm::TLM_OK_RESPONSE);
    CHECK(hart.write<std::uint32_t>(0x10'1ffc, 3) == tlm::TLM_OK_RESPONSE);
    CHECK(hart.write<std::uint32_t>(0x10'2000, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(hart.write<std::uint64_t>(0x8ffc, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    std::uint32_t word = 0;
    CHECK(hart.debug(tlm::TLM_READ_COMMAND, 0x10'1ffc, word) == 4);
    CHECK(word == 3);

    tlm::tlm_generic_payload transaction;
    tlm::tlm_dmi low;
    transaction.set_address(0x8100);
    REQUIRE(hart.socket->get_direct_mem_ptr(transaction, low));
    CHECK(low.get_start_address() == 0x8000);
    CHECK(low.get_end_address() == 0x8fff);
    CHECK(*reinterpret_cast<std::uint32_t*>(low.get_dmi_ptr() + 0xffc) == 1);
    tlm::tlm_dmi high;
    transaction.set_address(0x10'1000);
    REQUIRE(hart.socket->get_direct_mem_ptr(transaction, high));
    CHECK(high.get_start_address() == 0x10'0000);
    CHECK(high.get_end_address() == 0x10'1fff);
    CHECK(high.get_dmi_ptr() == low.get_dmi_ptr() + 0x1000);
    CHECK(*reinterpret_cast<std::uint32_t*>(high.get_dmi_ptr()) == 2);

    ram.socket->invalidate_direct_mem_ptr(0x0800, 0x17ff);
    CHECK(hart.invalidations ==
          std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0x8800, 0x8fff}, {0x10'0000, 0x10'07ff}});
}

TEST_CASE("windows that overlap, are empty or wrap around are refused when they are mapped") {
    Bus bus("bus", ten_ns);
    bus.map("a", 0x1000, 0x1000);
    CHECK_THROWS_AS(bus.map("same", 0x1000, 0x1000), std::logic_error);
    CHECK_THROWS_AS(bus.map("head", 0x0fff, 0x2), std::logic_error);
    CHECK_THROWS_AS(bus.map("tail", 0x1fff, 0x1), std::logic_error);
    CHECK_THROWS_AS(bus.map("around", 0x0, 0x10000), std::logic_error);
    CHECK_THROWS_AS(bus.map("empty", 0x3000, 0x0), std::logic_error);
    CHECK_THROWS_AS(bus.map("two", {{0x8000, 0x1000}, {0x8800, 0x1000}}), std::logic_error);
    CHECK_THROWS_AS(bus.map("wraps", ~std::uint64_t{0}, 0x2), std::logic_error);
    CHECK_NOTHROW(bus.map("before", 0x0, 0x1000));
    CHECK_NOTHROW(bus.map("behind", 0x2000, 0x1000));
    CHECK_NOTHROW(bus.map("last", ~std::uint64_t{0}, 0x1));
}

TEST_CASE("a write through the bus is seen through a DMI pointer obtained through the bus") {
    Initiator hart("hart");
    Initiator dma("dma");
    Bus bus("bus", ten_ns);
    Memory ram("ram", {.size = 0x10000, .latency = 0, .bandwidth = 1'000'000'000});
    hart.socket.bind(bus.add_initiator("hart"));
    dma.socket.bind(bus.add_initiator("dma"));
    bus.map("ram", 0x8000'0000, ram.size()).bind(ram.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);

    tlm::tlm_generic_payload transaction;
    transaction.set_address(0x8000'0040);
    tlm::tlm_dmi dmi;
    REQUIRE(hart.socket->get_direct_mem_ptr(transaction, dmi));
    CHECK(dmi.get_start_address() == 0x8000'0000);
    CHECK(dmi.get_end_address() == 0x8000'ffff);
    CHECK(dmi.is_read_write_allowed());

    CHECK(dma.write<std::uint8_t>(0x8000'0123, 0x5a) == tlm::TLM_OK_RESPONSE);
    CHECK(dmi.get_dmi_ptr()[0x123] == 0x5a);
    dmi.get_dmi_ptr()[0x124] = 0xa5;
    CHECK(dma.read<std::uint8_t>(0x8000'0124) == 0xa5);
}

TEST_CASE("the bus's parameters are declared with their default") {
    ParameterTable table;
    BusParameters parameters;
    parameters.declare(table.section("bus"));
    CHECK(parameters.latency == 10'000);
    table.set("bus.latency", "25ns", "test");
    CHECK(parameters.latency == 25'000);
}
