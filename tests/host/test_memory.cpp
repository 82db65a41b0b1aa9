#include <algorithm>
#include <random>

#include "models/common/error.h"
#include "models/common/no_contents.h"
#include "models/memory/memory.h"
#include "tests/host/scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

constexpr std::uint64_t gibi = std::uint64_t{1} << 30;

/// 50 ns, then 1 byte in 100 ps.
constexpr MemoryParameters small{.size = 4096, .latency = 50'000, .bandwidth = 10'000'000'000};

struct Scene {
    Initiator initiator{"initiator"};
    Memory memory;

    explicit Scene(const MemoryParameters& parameters = small) : memory("memory", parameters) {
        initiator.socket.bind(memory.socket);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }

    Picoseconds time_of(tlm::tlm_command command, unsigned bytes, Picoseconds delay_ps) {
        std::vector<std::uint8_t> data(bytes);
        sc_core::sc_time delay = from_ps(delay_ps);
        REQUIRE(access(initiator.socket, command, 0, data.data(), bytes, delay) == tlm::TLM_OK_RESPONSE);
        return to_ps(delay);
    }
};

}  // namespace

TEST_CASE("memory reads as zero until it is written") {
    Scene scene;
    CHECK(scene.initiator.read<std::uint64_t>(4088) == 0);
    CHECK(scene.initiator.write<std::uint64_t>(4088, 0x0123456789abcdef) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.initiator.read<std::uint64_t>(4088) == 0x0123456789abcdef);
    CHECK(scene.initiator.read<std::uint8_t>(4088) == 0xef);
    CHECK(scene.initiator.read<std::uint64_t>(4080) == 0);
}

TEST_CASE("an access takes the latency and its bytes' time on the data bus") {
    Scene scene;
    CHECK(scene.time_of(tlm::TLM_READ_COMMAND, 64, 0) == 50'000 + 6'400);
    CHECK(now_ps() == 0);
}

TEST_CASE("accesses share the data bus: the next one starts where the last one's data ends") {
    Scene scene;
    CHECK(scene.time_of(tlm::TLM_READ_COMMAND, 1000, 0) == 150'000);
    CHECK(scene.time_of(tlm::TLM_WRITE_COMMAND, 1000, 0) == 250'000);
    CHECK(scene.time_of(tlm::TLM_READ_COMMAND, 10, 30'000) == 251'000);
    // The bus is free again at 201 ns; who comes later finds it idle.
    CHECK(scene.time_of(tlm::TLM_READ_COMMAND, 10, 300'000) == 351'000);
    run_to(1'000'000);
    CHECK(scene.time_of(tlm::TLM_READ_COMMAND, 10, 0) == 51'000);
}

TEST_CASE("memory counts the bytes that it read and wrote, and no debug access") {
    Scene scene;
    scene.time_of(tlm::TLM_READ_COMMAND, 100, 0);
    scene.time_of(tlm::TLM_WRITE_COMMAND, 30, 0);
    scene.time_of(tlm::TLM_WRITE_COMMAND, 4, 0);
    std::uint64_t word = 0;
    scene.initiator.debug(tlm::TLM_READ_COMMAND, 0, word);
    CHECK(scene.memory.bytes_read() == 100);
    CHECK(scene.memory.bytes_written() == 34);
}

TEST_CASE("an access beyond the end is an address error and changes nothing") {
    Scene scene;
    std::uint64_t value = 77;
    CHECK(scene.initiator.write<std::uint64_t>(4089, 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.initiator.try_read(4096, value) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.initiator.try_read(~std::uint64_t{0} - 3, value) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(value == 77);
    CHECK(scene.initiator.read<std::uint64_t>(4088) == 0);
    CHECK(scene.memory.bytes_written() == 0);
}

TEST_CASE("malformed bursts are refused with their own status") {
    Scene scene;
    std::uint64_t data = 0;
    unsigned char enable = TLM_BYTE_ENABLED;
    tlm::tlm_generic_payload transaction;
    transaction.set_write();
    transaction.set_address(0);
    transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    transaction.set_data_length(8);
    transaction.set_streaming_width(0);
    sc_core::sc_time delay;
    scene.initiator.socket->b_transport(transaction, delay);
    CHECK(transaction.get_response_status() == tlm::TLM_BURST_ERROR_RESPONSE);

    transaction.set_streaming_width(8);
    transaction.set_data_length(0);
    scene.initiator.socket->b_transport(transaction, delay);
    CHECK(transaction.get_response_status() == tlm::TLM_BURST_ERROR_RESPONSE);

    transaction.set_data_length(8);
    transaction.set_byte_enable_ptr(&enable);
    transaction.set_byte_enable_length(0);
    scene.initiator.socket->b_transport(transaction, delay);
    CHECK(transaction.get_response_status() == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    CHECK(delay == sc_core::SC_ZERO_TIME);
}

TEST_CASE("random accesses with byte enables and streaming widths do what a plain array does") {
    Scene scene;
    std::mt19937_64 random(20260101);
    const auto below = [&random](std::uint64_t limit) { return random() % limit; };
    std::vector<std::uint8_t> reference(small.size, 0);

    for (int round = 0; round < 20'000; ++round) {
        const auto length = static_cast<unsigned>(1 + below(96));
        const auto width = static_cast<unsigned>(1 + below(below(2) != 0 ? 2 * length : length));
        const std::uint64_t address = below(small.size - std::min(length, width) + 1);
        std::vector<std::uint8_t> enables(below(3) == 0 ? 0 : 1 + below(12));
        std::generate(enables.begin(), enables.end(),
                      [&] { return below(2) != 0 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED; });
        std::vector<std::uint8_t> data(length);
        std::generate(data.begin(), data.end(), [&] { return static_cast<std::uint8_t>(random()); });
        const bool writes = below(2) != 0;

        std::vector<std::uint8_t> expected = data;
        for (unsigned i = 0; i < length; ++i) {
            if (enables.empty() || enables[i % enables.size()] == TLM_BYTE_ENABLED) {
                std::uint8_t& cell = reference[address + i % width];
                (writes ? cell : expected[i]) = writes ? data[i] : cell;
            }
        }

        tlm::tlm_generic_payload transaction;
        transaction.set_command(writes ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
        transaction.set_address(address);
        transaction.set_data_ptr(data.data());
        transaction.set_data_length(length);
        transaction.set_streaming_width(width);
        transaction.set_byte_enable_ptr(enables.empty() ? nullptr : enables.data());
        transaction.set_byte_enable_length(static_cast<unsigned>(enables.size()));
        sc_core::sc_time delay;
        scene.initiator.socket->b_transport(transaction, delay);
        REQUIRE(transaction.is_response_ok());
        REQUIRE(data == expected);
    }
    std::vector<std::uint8_t> contents(small.size);
    sc_core::sc_time delay;
    access(scene.initiator.socket, tlm::TLM_READ_COMMAND, 0, contents.data(), small.size, delay);
    CHECK(contents == reference);
}

TEST_CASE("debug access takes no time and serves what lies within the memory") {
    Scene scene;
    std::uint64_t written = 0x1122334455667788;
    std::uint64_t seen = 0;
    CHECK(scene.initiator.debug(tlm::TLM_WRITE_COMMAND, 8, written) == 8);
    CHECK(scene.initiator.debug(tlm::TLM_READ_COMMAND, 8, seen) == 8);
    CHECK(seen == written);
    CHECK(scene.initiator.debug(tlm::TLM_WRITE_COMMAND, 4092, written) == 4);
    CHECK(scene.initiator.read<std::uint32_t>(4092) == 0x55667788);
    CHECK(scene.initiator.debug(tlm::TLM_READ_COMMAND, 4096, seen) == 0);
}

TEST_CASE("a payload whose contents do not matter takes its time and is counted and moves nothing") {
    Scene scene;
    REQUIRE(scene.initiator.write<std::uint64_t>(0, 0x1122334455667788) == tlm::TLM_OK_RESPONSE);
    std::uint64_t data = 7;
    NoContents no_contents;
    tlm::tlm_generic_payload transaction;
    transaction.set_extension(&no_contents);
    transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    transaction.set_data_length(sizeof data);
    transaction.set_streaming_width(sizeof data);
    for (const tlm::tlm_command command : {tlm::TLM_READ_COMMAND, tlm::TLM_WRITE_COMMAND}) {
        transaction.set_command(command);
        transaction.set_address(0);
        sc_core::sc_time delay = from_ps(1'000'000);
        scene.initiator.socket->b_transport(transaction, delay);
        CHECK(transaction.get_response_status() == tlm::TLM_OK_RESPONSE);
        CHECK(delay == from_ps(command == tlm::TLM_READ_COMMAND ? 1'050'800 : 1'051'600));
    }
    transaction.set_address(4090);
    sc_core::sc_time delay;
    scene.initiator.socket->b_transport(transaction, delay);
    CHECK(transaction.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    transaction.clear_extension(&no_contents);

    CHECK(data == 7);
    CHECK(scene.memory.bytes_read() == 8);
    CHECK(scene.memory.bytes_written() == 16);
    CHECK(scene.initiator.read<std::uint64_t>(0) == 0x1122334455667788);
}

TEST_CASE("DMI covers the whole memory, for reads and writes") {
    Scene scene;
    tlm::tlm_generic_payload transaction;
    transaction.set_address(100);
    tlm::tlm_dmi dmi;
    REQUIRE(scene.initiator.socket->get_direct_mem_ptr(transaction, dmi));
    CHECK(dmi.get_start_address() == 0);
    CHECK(dmi.get_end_address() == 4095);
    CHECK(dmi.is_read_write_allowed());
    CHECK(dmi.get_read_latency() == from_ps(50'000));
    CHECK(dmi.get_write_latency() == from_ps(50'000));
    dmi.get_dmi_ptr()[4095] = 0x42;
    CHECK(scene.initiator.read<std::uint8_t>(4095) == 0x42);
}

TEST_CASE("16 GiB of memory cost only what is written to") {
    Scene scene({.size = 16 * gibi, .latency = 0, .bandwidth = 670'400'000'000});
    CHECK(scene.initiator.write<std::uint64_t>(16 * gibi - 8, 42) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.initiator.read<std::uint64_t>(16 * gibi - 8) == 42);
    CHECK(scene.initiator.read<std::uint64_t>(7 * gibi) == 0);
    CHECK(scene.initiator.write<std::uint64_t>(16 * gibi - 7, 42) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_CASE("a memory of no bytes, or more than the host can address, is an input error") {
    CHECK_THROWS_AS(Memory("none", {.size = 0, .latency = 0, .bandwidth = 1}), InputError);
    CHECK_THROWS_AS(Memory("huge", {.size = ~std::uint64_t{0}, .latency = 0, .bandwidth = 1}), InputError);
}

TEST_CASE("each memory declares its parameters with defaults of its own") {
    ParameterTable table;
    MemoryParameters ram;
    MemoryParameters hbm;
    ram.declare(table.section("ram"), {"4GiB", "open"}, {"60ns", "open"}, {"40GB/s", "open"});
    hbm.declare(table.section("hbm"), {"16GiB", "a"}, {"100ns", "b"}, {"670.4GB/s", "c"});
    CHECK(ram.size == 4 * gibi);
    CHECK(ram.latency == 60'000);
    CHECK(ram.bandwidth == 40'000'000'000);
    CHECK(hbm.bandwidth == 670'400'000'000);
    REQUIRE(table.find("hbm.bandwidth") != nullptr);
    CHECK(table.find("hbm.bandwidth")->source == "c");
}
