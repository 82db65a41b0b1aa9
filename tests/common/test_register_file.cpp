#include <catch2/catch.hpp>

#include "models/common/register_file.h"

using namespace aqpim;

namespace {

struct Device {
    RegisterFile registers;
    std::uint64_t wide = 0x1122334455667788;
    std::vector<std::uint32_t> array = std::vector<std::uint32_t>(3);

    Device() {
        registers.add(
            "wide", 0x8, 8, [this] { return wide; }, [this](std::uint64_t value, const auto&) { wide = value; });
        registers.add("read_only", 0x10, 4, [] { return 7; });
        registers.add_array(
            "array", 0x20, 4, 3, 8, [this](unsigned index) { return array[index]; },
            [this](unsigned index, std::uint64_t value, const auto&) {
                array[index] = static_cast<std::uint32_t>(value);
            });
    }
    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t offset, std::uint64_t& value,
                                    unsigned bytes, unsigned char* enables = nullptr) {
        tlm::tlm_generic_payload payload;
        payload.set_command(command);
        payload.set_address(offset);
        payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
        payload.set_data_length(bytes);
        payload.set_streaming_width(bytes);
        payload.set_byte_enable_ptr(enables);
        payload.set_byte_enable_length(enables == nullptr ? 0 : 1);
        registers.transport(payload, sc_core::SC_ZERO_TIME);
        return payload.get_response_status();
    }
    std::uint64_t read(std::uint64_t offset, unsigned bytes) {
        std::uint64_t value = 0;
        REQUIRE(access(tlm::TLM_READ_COMMAND, offset, value, bytes) == tlm::TLM_OK_RESPONSE);
        return value;
    }
};

}  // namespace

TEST_CASE("registers are read and written, whole or in aligned parts") {
    Device device;
    CHECK(device.read(0x8, 8) == 0x1122334455667788);
    CHECK(device.read(0xc, 4) == 0x11223344);
    CHECK(device.read(0xe, 2) == 0x1122);
    std::uint64_t value = 0xaabbccdd;
    CHECK(device.access(tlm::TLM_WRITE_COMMAND, 0xc, value, 4) == tlm::TLM_OK_RESPONSE);
    CHECK(device.wide == 0xaabbccdd55667788);
    value = 5;
    CHECK(device.access(tlm::TLM_WRITE_COMMAND, 0x30, value, 4) == tlm::TLM_OK_RESPONSE);
    CHECK(device.array == std::vector<std::uint32_t>{0, 0, 5});
}

TEST_CASE("accesses beside, across or larger than a register are address errors") {
    Device device;
    std::uint64_t value = 0;
    for (const auto& [offset, bytes] :
         {std::pair{0x0, 4U}, {0x24, 4U}, {0xa, 4U}, {0x38, 4U}, {0x10, 8U}, {0x8, 16U}}) {
        CHECK(device.access(tlm::TLM_READ_COMMAND, static_cast<std::uint64_t>(offset), value, bytes) ==
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
}

TEST_CASE("a read-only register refuses writes, and byte enables are refused") {
    Device device;
    std::uint64_t value = 0;
    CHECK(device.access(tlm::TLM_WRITE_COMMAND, 0x10, value, 4) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    unsigned char enable = 0xff;
    CHECK(device.access(tlm::TLM_READ_COMMAND, 0x10, value, 4, &enable) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
}

TEST_CASE("two registers at one offset are a mistake of the model") {
    Device device;
    CHECK_THROWS_AS(device.registers.add("again", 0x8, 4, [] { return 0; }), std::logic_error);
}
