#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

extern "C" {
#include "aqpim/sdk/format.h"

void* sdk_memcpy(void* target, const void* source, std::size_t bytes);
void* sdk_memset(void* target, int value, std::size_t bytes);
}

TEST_CASE("times are printed in the largest unit that they reach") {
    CHECK(std::string(aqpim_format_time(0).text) == "0 ns");
    CHECK(std::string(aqpim_format_time(999).text) == "999 ns");
    CHECK(std::string(aqpim_format_time(1000).text) == "1.000 us");
    CHECK(std::string(aqpim_format_time(12345678).text) == "12.345 ms");
    CHECK(std::string(aqpim_format_time(61007000000).text) == "61.007 s");
}

TEST_CASE("sizes and ratios are printed without floating point") {
    CHECK(std::string(aqpim_format_bytes(1023).text) == "1023 B");
    CHECK(std::string(aqpim_format_bytes(1536).text) == "1.500 KiB");
    CHECK(std::string(aqpim_format_bytes(64ull << 30).text) == "64.000 GiB");
    CHECK(std::string(aqpim_format_bytes(UINT64_MAX).text) == "16777215.999 TiB");
    CHECK(std::string(aqpim_format_ratio(636, 100).text) == "6.36");
    CHECK(std::string(aqpim_format_ratio(1, 3).text) == "0.33");
    CHECK(std::string(aqpim_format_ratio(1, 0).text) == "-");
}

TEST_CASE("memcpy and memset reach every byte and no other, whatever the alignment") {
    for (std::size_t to = 0; to < 9; ++to) {
        for (std::size_t from = 0; from < 9; ++from) {
            for (std::size_t bytes = 0; bytes < 70; ++bytes) {
                alignas(8) std::uint8_t source[96];
                alignas(8) std::uint8_t target[96];
                alignas(8) std::uint8_t expected[96];
                for (std::size_t i = 0; i < sizeof source; ++i) {
                    source[i] = static_cast<std::uint8_t>(i + 1);
                    target[i] = expected[i] = 0xee;
                }
                std::memcpy(expected + to, source + from, bytes);
                REQUIRE(sdk_memcpy(target + to, source + from, bytes) == target + to);
                REQUIRE(std::memcmp(target, expected, sizeof target) == 0);
                std::memset(expected + from, 0xa5, bytes);
                REQUIRE(sdk_memset(target + from, 0x5a5, bytes) == target + from);
                REQUIRE(std::memcmp(target, expected, sizeof target) == 0);
            }
        }
    }
}
