#include <array>
#include <random>
#include <vector>

#include "models/cpu/decoder.h"
#include "tests/cpu/machine.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

constexpr int streams = 100'000;
constexpr Picoseconds longest_ps = 2'000'000;  // 4000 cycles

using Random = std::mt19937_64;

/// An address at or near something: code, data, the device, the edges of memory, nothing.
std::uint64_t some_address(Random& random) {
    constexpr std::uint64_t places[] = {memory_base, data_base, memory_base + memory_bytes, device_base,
                                        unmapped,    0,         ~std::uint64_t{0}};
    return places[random() % std::size(places)] + random() % 4096 - (random() % 4 == 0 ? 4096 : 0);
}

/// Mostly instructions of the table with random operands, some compressed ones, some plain noise.
std::uint32_t some_encoding(Random& random) {
    const auto noise = static_cast<std::uint32_t>(random());
    switch (random() % 8) {
        case 0:
            return noise;
        case 1:
            return noise << 16 | (noise >> 16 & 0xfffc) | random() % 3;
        default:
            break;
    }
    const auto table = instruction_table();
    const InstructionRow& row = table[random() % table.size()];
    return (noise & ~row.mask) | row.match;
}

/// Gives each register something to work with, opens memory and floating point to the lower modes, and enters one.
rv::Program prologue(Random& random) {
    using namespace rv;
    constexpr Word pmpcfg0 = 0x3a0, pmpaddr0 = 0x3b0, satp = 0x180, medeleg = 0x302, stvec = 0x105;
    Program program;
    program.li(t0, -1).add({csrw(pmpaddr0, t0)}).li(t0, random() % 8 == 0 ? 0x18 : 0x1f).add({csrw(pmpcfg0, t0)});
    program.li(t0, static_cast<std::int32_t>(random() & 0x7ffff)).add({csrw(mstatus, t0)});
    program.li(t0, static_cast<std::int32_t>(random() & 0xffff)).add({csrw(medeleg, t0)});
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x800)).add({csrw(mtvec, t0), csrw(stvec, t0)});
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x400)).add({csrw(mepc, t0)});
    if (random() % 4 == 0) {
        program.add({ld(t0, 0, a0), csrw(satp, t0)});
    }
    for (Word reg = 1; reg < 32; ++reg) {
        if (reg != a0) {
            program.add({ld(reg, static_cast<std::int64_t>(8 * reg), a0)});
        }
    }
    return program.add({mret});
}

void fill(Machine& machine, Random& random) {
    for (std::uint8_t& byte : machine.bus.memory) {
        byte = 0;
    }
    constexpr unsigned words = 512;
    for (unsigned word = 0; word < words; ++word) {
        const std::uint32_t encoding = some_encoding(random);
        std::memcpy(&machine.bus.memory[0x400 + 4 * word], &encoding, sizeof(encoding));
    }
    // Page tables at random: Sv39 with its root in this memory.
    constexpr std::uint64_t sv39 = std::uint64_t{8} << 60;
    machine.set_data(0, sv39 | ((memory_base >> 12) + random() % (memory_bytes >> 12)));
    for (unsigned reg = 1; reg < 32; ++reg) {
        machine.set_data(reg, random() % 4 == 0 ? random() : some_address(random));
    }
    for (unsigned i = 0; i < 64; ++i) {
        const std::uint64_t entry = (memory_base >> 12) + random() % 32;
        machine.set_data(512 + random() % 2048, entry << 10 | (random() & 0xff));
    }
    machine.load(prologue(random));
}

}  // namespace

TEST_CASE("random instruction streams neither crash nor hang the hart") {
    Random random(5);
    Options options;
    options.isa = "rv64gc";
    Machine machine(options);
    machine.hart().set_time_source([](const sc_core::sc_time& at) { return to_ps(at); });
    std::uint64_t instructions = 0;
    for (int stream = 0; stream < streams; ++stream) {
        fill(machine, random);
        machine.hart().reset(memory_base, data_base, 0);
        const std::uint64_t before = machine.hart().instructions();
        sc_core::sc_start(from_ps(longest_ps));
        instructions += machine.hart().instructions() - before;
        machine.bus.accesses.clear();
    }
    // A stream that did nothing would test nothing.
    CHECK(instructions > std::uint64_t{streams} * 50);
}
