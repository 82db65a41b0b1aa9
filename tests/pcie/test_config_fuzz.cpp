#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <random>
#include <set>

#include "tests/pcie/config_walk.h"

using namespace aqpim;

namespace {

/// Bits of a double word that may ever differ from those after power-on, by the specification's register tables. What
/// is not named here never changes.
using Changing = std::map<unsigned, std::uint32_t>;

constexpr std::uint64_t memory_bytes = 16ull << 30;

void add_common(Changing& bits, const ConfigSpace& space) {
    bits[0x04] = 0x0000'0546;
    bits[0x0c] = 0x0000'00ff;
    bits[0x3c] |= 0x0000'00ff;
    bits[capability(space, 0x01) + 4] = 0x3;
}

void add_aer(Changing& bits, const ConfigSpace& space, std::uint32_t uncorrectable) {
    bits[aer_at(space, 0x08)] = uncorrectable;
    bits[aer_at(space, 0x0c)] = uncorrectable;
    bits[aer_at(space, 0x14)] = 0x31c1;
}

Changing endpoint_bits(const ConfigSpace& space) {
    Changing bits;
    add_common(bits, space);
    bits[0x10] = 0xffff'0000;
    bits[0x14] = 0xffff'ffff;
    bits[0x18] = 0xfff0'0000;  // as small as 1 MiB
    bits[0x1c] = 0xffff'ffff;
    bits[0x20] = 0xffff'f000;
    bits[pcie_at(space, 0x08)] = 0x79ff;
    bits[pcie_at(space, 0x10)] = 0x00c8;
    bits[pcie_at(space, 0x28)] = 0x001f;
    bits[capability(space, 0x11)] = 0xc000'0000;
    add_aer(bits, space, 0x0017'f010);
    bits[extended_capability(space, 0x15) + 8] = 0x3f00;
    return bits;
}

Changing bridge_bits(const ConfigSpace& space, PciePortType type) {
    const bool root = type == PciePortType::root_port;
    const bool down = type != PciePortType::switch_upstream;
    Changing bits;
    add_common(bits, space);
    bits[0x18] = 0x00ff'ffff;
    bits[0x20] = 0xfff0'fff0;
    bits[0x24] = 0xfff0'fff0;
    bits[0x28] = 0xffff'ffff;
    bits[0x2c] = 0xffff'ffff;
    bits[0x3c] |= 0x0043'0000;
    bits[pcie_at(space, 0x08)] = 0x79ff;
    bits[pcie_at(space, 0x10)] = down ? 0x00d0 : 0x00c0;
    add_aer(bits, space, (root ? 0x0017'f010 : 0x0017'b010) | (down ? 0x0020'0020 : 0));
    if (type == PciePortType::switch_downstream) {
        bits[extended_capability(space, 0x0d) + 4] = 0x000c'0000;
    }
    if (root) {
        bits[pcie_at(space, 0x1c)] = 0x000f;
        bits[pcie_at(space, 0x28)] = 0x001f;
        bits[aer_at(space, 0x2c)] = 0x7;
    }
    return bits;
}

/// Ids in both lists; fails on a list that does not end or leaves its space.
std::set<unsigned> walk(const ConfigSpace& space) {
    std::set<unsigned> ids;
    unsigned steps = 0;
    for (unsigned offset = space.read(0x34, 1); offset != 0; offset = space.read(offset + 1, 1)) {
        REQUIRE((offset >= 0x40 && offset % 4 == 0 && ++steps < 48));
        ids.insert(space.read(offset, 1));
    }
    for (unsigned offset = 0x100; offset != 0; offset = space.read(offset, 4) >> 20) {
        REQUIRE((offset >= 0x100 && offset % 4 == 0 && ++steps < 1000));
        ids.insert(0x10000 | (space.read(offset, 4) & 0xffff));
    }
    return ids;
}

void check_unchanged(const ConfigSpace& space, const ConfigSpace& fresh, const Changing& bits) {
    for (unsigned offset = 0; offset < ConfigSpace::size_bytes; offset += 4) {
        const auto entry = bits.find(offset);
        const std::uint32_t fixed = entry == bits.end() ? 0xffffffff : ~entry->second;
        if (((space.read(offset, 4) ^ fresh.read(offset, 4)) & fixed) != 0) {
            FAIL("read-only bits at " << offset << " have changed to " << space.read(offset, 4));
        }
    }
}

template <class Check>
void fuzz(ConfigSpace& space, unsigned seed, Check check) {
    std::mt19937 random(seed);
    const auto resets = {ResetKind::power_on, ResetKind::conventional, ResetKind::function_level};
    for (int i = 0; i < 200'000; ++i) {
        const unsigned bytes = 1u << random() % 3;
        // Half of them where the registers are.
        const unsigned space_bytes = random() % 2 == 0 ? 0x200 : ConfigSpace::size_bytes;
        const unsigned offset = static_cast<unsigned>(random() % (space_bytes / bytes)) * bytes;
        space.write(offset, bytes, static_cast<std::uint32_t>(random()));
        space.read(offset, bytes);
        if (i % 10'000 == 9'999) {
            space.reset(*(resets.begin() + random() % 3));
        }
        if (i % 50 == 0) {
            check();
        }
    }
}

void check_bars(const EndpointConfig& space) {
    if (!space.memory_enabled()) {
        return;
    }
    const std::uint64_t sizes[] = {0x10000, 0, memory_bytes, 0, 0x1000};
    for (const unsigned index : {0u, 2u, 4u}) {
        const std::uint64_t size = space.bar_size(index);
        REQUIRE((size != 0 && size <= sizes[index] && (size & (size - 1)) == 0));
        const std::uint64_t address = space.bar_address(index);
        REQUIRE(address % size == 0);
        const auto last = space.find_bar(address + size - 1, 1);
        REQUIRE(last);
        REQUIRE(last->offset < sizes[last->index]);
        const auto beyond = space.find_bar(address + size, 1);
        REQUIRE((!beyond || beyond->index != index));
        const auto across = space.find_bar(address + size - 1, 2);
        REQUIRE((!across || across->index != index));
    }
}

}  // namespace

TEST_CASE("no configuration writes change what an endpoint only shows or make a BAR decode too much") {
    EndpointConfig space = pim_endpoint();
    const EndpointConfig fresh = pim_endpoint();
    const Changing bits = endpoint_bits(fresh);
    const std::set<unsigned> ids = walk(fresh);
    REQUIRE(ids == std::set<unsigned>{0x01, 0x10, 0x11, 0x10001, 0x10015});
    fuzz(space, 1, [&] {
        check_unchanged(space, fresh, bits);
        REQUIRE(walk(space) == ids);
        check_bars(space);
        REQUIRE((space.max_payload() >= 128 && space.max_payload() <= 256));
        REQUIRE((space.max_read_request() >= 128 && space.max_read_request() <= 4096));
        REQUIRE((space.tags() == 32 || space.tags() == 256));
    });
}

TEST_CASE("no configuration writes change what a port only shows") {
    for (const PciePortType type :
         {PciePortType::root_port, PciePortType::switch_upstream, PciePortType::switch_downstream}) {
        BridgeConfig space = port(type);
        const BridgeConfig fresh = port(type);
        const Changing bits = bridge_bits(fresh, type);
        const std::set<unsigned> ids = walk(fresh);
        fuzz(space, static_cast<unsigned>(type), [&] {
            check_unchanged(space, fresh, bits);
            REQUIRE(walk(space) == ids);
        });
    }
}

TEST_CASE("no configuration writes change what the host bridge only shows") {
    HostBridgeConfig space;
    const HostBridgeConfig fresh;
    const Changing bits{{0x04, 0x0546}, {0x0c, 0xff}, {0x3c, 0xff}};
    fuzz(space, 7, [&] { check_unchanged(space, fresh, bits); });
}

TEST_CASE("status bits that errors have set are cleared by ones only") {
    EndpointConfig space = pim_endpoint();
    std::mt19937 random(3);
    for (int i = 0; i < 10'000; ++i) {
        space.report(static_cast<UncorrectableError>(random() % 22));
        const std::uint32_t before = space.read(aer_at(space, 0x04), 4);
        const auto ones = static_cast<std::uint32_t>(random());
        space.write(aer_at(space, 0x04), 4, ones);
        REQUIRE(space.read(aer_at(space, 0x04), 4) == (before & ~ones));
    }
}
