// What a payload may ask of the PIM memory: byte enables, streaming, errors, debug, direct memory pointers.
#include <catch2/catch.hpp>

#include <array>

#include "memory_rig.h"
#include "models/common/no_contents.h"

using namespace aqpim;
using namespace aqpim::dram;

TEST_CASE("byte enables mask writes and reads, repeating over the payload") {
    Rig rig;
    std::array<std::uint8_t, 8> data = {1, 2, 3, 4, 5, 6, 7, 8};
    std::array<std::uint8_t, 2> enables = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
    tlm::tlm_generic_payload transaction;
    transaction.set_address(64);
    transaction.set_data_ptr(data.data());
    transaction.set_data_length(8);
    transaction.set_streaming_width(8);
    transaction.set_byte_enable_ptr(enables.data());
    transaction.set_byte_enable_length(2);
    transaction.set_command(tlm::TLM_WRITE_COMMAND);
    rig.initiator.socket->b_transport(transaction, rig.delay);
    CHECK(transaction.get_response_status() == tlm::TLM_OK_RESPONSE);
    std::array<std::uint8_t, 8> stored{};
    rig.memory.store().read(64, stored.data(), 8);
    CHECK(stored == std::array<std::uint8_t, 8>{1, 0, 3, 0, 5, 0, 7, 0});

    data.fill(9);
    transaction.set_command(tlm::TLM_READ_COMMAND);
    transaction.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    rig.initiator.socket->b_transport(transaction, rig.delay);
    CHECK(data == std::array<std::uint8_t, 8>{1, 9, 3, 9, 5, 9, 7, 9});
}

TEST_CASE("a payload whose contents do not matter takes the same time as any other and moves nothing") {
    const Scene scene;
    DramMemory with("with", scene.parameters);
    DramMemory without("without", scene.parameters);
    Initiator moving("moving");
    Initiator timing("timing");
    moving.socket.bind(with.socket);
    timing.socket.bind(without.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);

    std::array<std::uint8_t, 4096> data{};
    NoContents no_contents;
    const auto write_and_read = [&](Initiator& initiator, NoContents* extension) {
        sc_core::sc_time delay;
        for (const tlm::tlm_command command : {tlm::TLM_WRITE_COMMAND, tlm::TLM_READ_COMMAND}) {
            data.fill(command == tlm::TLM_WRITE_COMMAND ? 5 : 6);
            tlm::tlm_generic_payload transaction;
            transaction.set_extension(extension);
            transaction.set_command(command);
            transaction.set_data_ptr(data.data());
            transaction.set_data_length(4096);
            transaction.set_streaming_width(4096);
            initiator.socket->b_transport(transaction, delay);
            CHECK(transaction.get_response_status() == tlm::TLM_OK_RESPONSE);
            transaction.clear_extension(extension);
        }
        return delay;
    };
    const sc_core::sc_time expected = write_and_read(moving, nullptr);
    CHECK(data[0] == 5);
    CHECK(write_and_read(timing, &no_contents) == expected);
    CHECK(data[0] == 6);
    CHECK(without.counters().writes == 128);  // bursts of 32 bytes
    CHECK(without.counters().reads == 128);
    std::uint8_t first = 1;
    without.store().read(0, &first, 1);
    CHECK(first == 0);
}

TEST_CASE("an access that cannot be gets its error response and no time") {
    Rig rig;
    std::array<std::uint8_t, 8> data{};
    CHECK(rig.run(tlm::TLM_READ_COMMAND, capacity, data.data(), 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(rig.run(tlm::TLM_WRITE_COMMAND, capacity - 4, data.data(), 8) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(rig.run(tlm::TLM_WRITE_COMMAND, ~std::uint64_t{0}, data.data(), 8) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(rig.run(tlm::TLM_READ_COMMAND, 0, data.data(), 0) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(rig.run(tlm::TLM_READ_COMMAND, 0, nullptr, 4) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    CHECK(rig.run([](auto& transaction) { transaction.set_streaming_width(0); }) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(rig.run([&](auto& transaction) { transaction.set_byte_enable_ptr(data.data()); }) ==
          tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    CHECK(rig.delay == sc_core::SC_ZERO_TIME);
    CHECK(rig.memory.counters().reads + rig.memory.counters().writes == 0);
}

TEST_CASE("an ignored command is answered well, without looking at anything else") {
    Rig rig;
    std::uint32_t word = 7;
    CHECK(rig.run(tlm::TLM_IGNORE_COMMAND, capacity, &word, 0) == tlm::TLM_OK_RESPONSE);
    CHECK(word == 7);
    CHECK(rig.delay == sc_core::SC_ZERO_TIME);
}

TEST_CASE("a streamed write keeps the last beat, a streamed read repeats it") {
    Rig rig({{"dram.controller_latency", "0ns"}});
    std::array<std::uint8_t, 10> data = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    const auto stream = [&](tlm::tlm_command command) {
        return rig.run([&](auto& transaction) {
            transaction.set_command(command);
            transaction.set_address(100);
            transaction.set_data_ptr(data.data());
            transaction.set_data_length(10);
            transaction.set_streaming_width(4);
        });
    };
    CHECK(stream(tlm::TLM_WRITE_COMMAND) == tlm::TLM_OK_RESPONSE);
    std::array<std::uint8_t, 5> stored{};
    rig.memory.store().read(100, stored.data(), 5);
    CHECK(stored == std::array<std::uint8_t, 5>{9, 10, 7, 8, 0});  // the third beat has two bytes
    data.fill(0);
    CHECK(stream(tlm::TLM_READ_COMMAND) == tlm::TLM_OK_RESPONSE);
    CHECK(data == std::array<std::uint8_t, 10>{9, 10, 7, 8, 9, 10, 7, 8, 9, 10});
    CHECK(rig.memory.counters().writes == 3);  // each beat is an access
    CHECK(rig.memory.counters().reads == 3);
}

TEST_CASE("a stream may lie at the end of the memory though its length would not fit there") {
    Rig rig;
    std::array<std::uint8_t, 64> data{};
    CHECK(rig.run([&](auto& transaction) {
        transaction.set_command(tlm::TLM_WRITE_COMMAND);
        transaction.set_address(capacity - 8);
        transaction.set_data_ptr(data.data());
        transaction.set_data_length(64);
        transaction.set_streaming_width(8);
    }) == tlm::TLM_OK_RESPONSE);
}

TEST_CASE("byte enables go on counting over the beats of a stream") {
    Rig rig;
    std::array<std::uint8_t, 8> data = {1, 2, 3, 4, 5, 6, 7, 8};
    std::array<std::uint8_t, 3> enables = {TLM_BYTE_DISABLED, TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
    rig.run([&](auto& transaction) {
        transaction.set_command(tlm::TLM_WRITE_COMMAND);
        transaction.set_address(0);
        transaction.set_data_ptr(data.data());
        transaction.set_data_length(8);
        transaction.set_streaming_width(4);
        transaction.set_byte_enable_ptr(enables.data());
        transaction.set_byte_enable_length(3);
    });
    std::array<std::uint8_t, 4> stored{};
    rig.memory.store().read(0, stored.data(), 4);
    CHECK(stored == std::array<std::uint8_t, 4>{5, 2, 0, 8});  // data bytes 1, 4 and 7
}

TEST_CASE("debug transport reads and writes contents without taking time, up to the capacity") {
    Rig rig;
    std::array<std::uint8_t, 8> data = {1, 2, 3, 4, 5, 6, 7, 8};
    tlm::tlm_generic_payload transaction;
    transaction.set_command(tlm::TLM_WRITE_COMMAND);
    transaction.set_address(capacity - 6);
    transaction.set_data_ptr(data.data());
    transaction.set_data_length(8);
    CHECK(rig.initiator.socket->transport_dbg(transaction) == 6);
    data.fill(0);
    transaction.set_command(tlm::TLM_READ_COMMAND);
    CHECK(rig.initiator.socket->transport_dbg(transaction) == 6);
    CHECK(data == std::array<std::uint8_t, 8>{1, 2, 3, 4, 5, 6, 0, 0});
    transaction.set_address(capacity);
    CHECK(rig.initiator.socket->transport_dbg(transaction) == 0);
    CHECK(rig.memory.counters().reads + rig.memory.counters().writes == 0);
}

TEST_CASE("direct memory pointers are refused as long as every access has to take its time") {
    Rig rig;
    tlm::tlm_generic_payload transaction;
    transaction.set_command(tlm::TLM_READ_COMMAND);
    tlm::tlm_dmi dmi;
    CHECK_FALSE(rig.initiator.socket->get_direct_mem_ptr(transaction, dmi));
    CHECK(dmi.is_read_write_allowed());  // what is refused
    std::uint32_t word = 0;
    rig.run(tlm::TLM_READ_COMMAND, 0, &word, 4);
    CHECK_FALSE(rig.last_dmi_hint);
}

TEST_CASE("with memory.dmi a page is granted in place, with the time of a row hit, until the next reset") {
    Rig rig({{"memory.dmi", "true"}});
    std::uint32_t word = 0x12345678;
    rig.run(tlm::TLM_WRITE_COMMAND, 0x12344, &word, 4);
    CHECK(rig.last_dmi_hint);
    tlm::tlm_generic_payload transaction;
    transaction.set_command(tlm::TLM_READ_COMMAND);
    transaction.set_address(0x12345);
    tlm::tlm_dmi dmi;
    REQUIRE(rig.initiator.socket->get_direct_mem_ptr(transaction, dmi));
    CHECK(dmi.get_start_address() == 0x10000);
    CHECK(dmi.get_end_address() == 0x1ffff);
    CHECK(dmi.is_read_write_allowed());
    CHECK(dmi.get_dmi_ptr()[0x2345] == 0x56);
    CHECK(to_ps(dmi.get_read_latency()) == 10000 + (19 + 2) * 769);
    CHECK(to_ps(dmi.get_write_latency()) == 10000 + (6 + 2) * 769);
    dmi.get_dmi_ptr()[0x2345] = 0xaa;
    std::uint8_t byte = 0;
    rig.memory.store().read(0x12345, &byte, 1);
    CHECK(byte == 0xaa);

    CHECK(rig.initiator.withdrawn.empty());
    rig.memory.reset();
    rig.memory.reset();
    REQUIRE(rig.initiator.withdrawn.size() == 1);
    CHECK(rig.initiator.withdrawn[0] == std::pair<std::uint64_t, std::uint64_t>{0, capacity - 1});
    transaction.set_address(capacity);
    tlm::tlm_dmi beyond;
    CHECK_FALSE(rig.initiator.socket->get_direct_mem_ptr(transaction, beyond));
}
