#include <catch2/catch.hpp>

#include "tests/pcie/config_walk.h"

using namespace aqpim;

namespace {

constexpr std::uint64_t mib = 1ull << 20;
constexpr std::uint64_t gib = 1ull << 30;

EndpointConfig with_memory(std::uint64_t bytes) {
    FunctionDescription function = pim_description();
    function.bars[1].size = bytes;
    return {function, false, default_pcie_parameters()};
}

unsigned control_at(const EndpointConfig& space) {
    return extended_capability(space, 0x0015) + 8;
}

/// As enumerating software sizes BAR2/3.
std::uint64_t probed_size(EndpointConfig& space) {
    space.write(0x18, 4, 0xffffffff);
    space.write(0x1c, 4, 0xffffffff);
    const std::uint64_t mask = std::uint64_t{space.read(0x1c, 4)} << 32 | (space.read(0x18, 4) & ~0xfu);
    return ~mask + 1;
}

}  // namespace

TEST_CASE("a resizable BAR offers every power of two from 1 MiB to its memory's size") {
    const EndpointConfig space = with_memory(16 * gib);
    const unsigned capability = extended_capability(space, 0x0015);
    REQUIRE(capability != 0);
    // 2^0 to 2^14 MiB: bits 4 to 18.
    CHECK(space.read(capability + 4, 4) == 0x0007'fff0);
    // BAR 2, one resizable BAR, code 14.
    CHECK(space.read(capability + 8, 4) == (14 << 8 | 1 << 5 | 2));
}

TEST_CASE("sizes above 128 TiB are offered in the control register's upper half") {
    const EndpointConfig space = with_memory(512ull << 40);
    CHECK(space.read(extended_capability(space, 0x0015) + 4, 4) == 0xffff'fff0);
    CHECK(space.read(control_at(space), 4) == (0x3u << 16 | 29 << 8 | 1 << 5 | 2));
}

TEST_CASE("BARs that are small or not prefetchable cannot be resized") {
    CHECK(extended_capability(with_memory(mib / 2), 0x0015) == 0);
    FunctionDescription function = pim_description();
    function.bars[1].prefetchable = false;
    CHECK(extended_capability(EndpointConfig(function, false, default_pcie_parameters()), 0x0015) == 0);
}

TEST_CASE("with two resizable BARs the first control register says so") {
    FunctionDescription function = pim_description();
    function.bars[0] = {0, 4 * mib, true, true};
    const EndpointConfig space(function, false, default_pcie_parameters());
    const unsigned capability = extended_capability(space, 0x0015);
    CHECK(space.read(capability + 4, 4) == 0x0000'0070);
    CHECK(space.read(capability + 8, 4) == (2 << 8 | 2 << 5 | 0));
    CHECK(space.read(capability + 12, 4) == 0x0007'fff0);
    CHECK(space.read(capability + 16, 4) == (14 << 8 | 2));
}

TEST_CASE("a resized BAR has another size and decodes no more") {
    EndpointConfig space = with_memory(16 * gib);
    CHECK(probed_size(space) == 16 * gib);
    space.write(control_at(space) + 1, 1, 8);  // 256 MiB
    CHECK(space.read(control_at(space), 4) == (8 << 8 | 1 << 5 | 2));
    CHECK(space.bar_size(2) == 256 * mib);
    CHECK(probed_size(space) == 256 * mib);
    space.write(0x18, 4, 0x1000'0000);
    space.write(0x1c, 4, 0x8);
    space.write(pci_register::command, 2, pci_command_memory);
    CHECK(space.find_bar(0x8'1fff'fffc, 4));
    CHECK_FALSE(space.find_bar(0x8'2000'0000, 4));
    CHECK_FALSE(space.find_bar(0x8'0fff'fffc, 4));
}

TEST_CASE("address bits that a larger BAR does not have read zero") {
    EndpointConfig space = with_memory(16 * gib);
    space.write(control_at(space), 4, 0 << 8);
    space.write(0x18, 4, 0xfff0'0000);
    space.write(0x1c, 4, 0x0000'000b);
    CHECK(space.bar_address(2) == 0xb'fff0'0000);
    space.write(control_at(space), 4, 14 << 8);
    CHECK(space.bar_address(2) == 0x8'0000'0000);
    CHECK((space.read(0x18, 4) & 0xf) == 0xc);
}

TEST_CASE("a size beyond the memory is not taken over") {
    EndpointConfig space = with_memory(16 * gib);
    for (const std::uint32_t code : {15u, 0x3fu}) {
        space.write(control_at(space), 4, code << 8);
        CHECK(space.read(control_at(space), 4) == (14 << 8 | 1 << 5 | 2));
        CHECK(probed_size(space) == 16 * gib);
    }
}

TEST_CASE("a reset brings a resized BAR back to its full size") {
    EndpointConfig space = with_memory(16 * gib);
    space.write(control_at(space), 4, 0);
    REQUIRE(probed_size(space) == mib);
    space.reset(ResetKind::conventional);
    CHECK(probed_size(space) == 16 * gib);
}
