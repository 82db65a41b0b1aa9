// Decoded blocks: the cache itself, and that programs cannot tell that there is one (Unprivileged ISA 20191213, 3 and
// 1.5: a hart sees its own stores to code after fence.i; this one with the next instruction).

#include "models/cpu/block_cache.h"

#include "tests/cpu/apart.h"
#include "tests/cpu/machine.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

/// A block of `count` instructions of 4 bytes and 2 cycles.
Block block_at(std::uint64_t address, unsigned count) {
    Block block;
    for (unsigned i = 0; i < count; ++i) {
        Instruction instruction;
        instruction.page_offset = static_cast<std::uint16_t>((address + 4 * i) % BlockCache::page_bytes);
        instruction.cycles = 2;
        block.add(instruction);
    }
    return block;
}

Program li(Word rd, std::uint64_t value) {
    return Program().li(rd, static_cast<std::int32_t>(value));
}

constexpr std::uint64_t subroutine = memory_base + 0x2000;

}  // namespace

TEST_CASE("a block counts its instructions and their cycles") {
    const Block block = block_at(0xff0, 4);
    CHECK(block.count == 4);
    CHECK(block.cycles == 8);
    CHECK(block.last_begins == 6);
    CHECK(block.page_offset() == 0xff0);
    REQUIRE(block.instructions.size() == 4);
    CHECK(block.instructions[2].cycles_before == 4);
}

TEST_CASE("blocks are kept by physical address and found by what was remembered") {
    BlockCache cache;
    Block* const block = cache.keep(0x8000'0040, block_at(0x40, 2));
    CHECK(cache.at(0x8000'0040) == block);
    CHECK(cache.at(0x8000'0044) == nullptr);
    CHECK(cache.at(0x8000'1040) == nullptr);
    CHECK(cache.holds_code(0x8000'0000));
    CHECK_FALSE(cache.holds_code(0x8000'1000));
    CHECK(cache.find(0x8000'0040) == nullptr);
    cache.remember(0x1234'0040, block);
    cache.remember(0x5678'0042, block);
    CHECK(cache.find(0x1234'0040) == block);
    CHECK(cache.find(0x5678'0042) == block);
    CHECK(cache.find(0x1234'0042) == nullptr);
}

TEST_CASE("what was remembered holds for its mode, until translations change") {
    BlockCache cache;
    cache.set_mode(3);
    Block* const block = cache.keep(0, block_at(0, 1));
    cache.remember(0x40, block);
    cache.set_mode(1);
    CHECK(cache.find(0x40) == nullptr);
    cache.remember(0x44, block);
    cache.set_mode(3);
    CHECK(cache.find(0x40) == block);
    CHECK(cache.find(0x44) == nullptr);
    cache.forget_addresses();
    CHECK(cache.find(0x40) == nullptr);
    cache.set_mode(1);
    CHECK(cache.find(0x44) == nullptr);
    CHECK(cache.at(0) == block);
}

TEST_CASE("a write drops a page's blocks if it meets 64 bytes that were decoded") {
    BlockCache cache;
    cache.keep(0x1080, block_at(0x80, 16));  // 0x1080 to 0x10bf
    CHECK_FALSE(cache.written(0x1078, 8));
    CHECK_FALSE(cache.written(0x10c0, 8));
    CHECK_FALSE(cache.written(0x2080, 8));
    CHECK(cache.holds_code(0x1000));
    SECTION("the first byte") {
        CHECK(cache.written(0x107c, 5));
    }
    SECTION("the last byte") {
        CHECK(cache.written(0x10bf, 1));
    }
    SECTION("a whole page around it") {
        CHECK(cache.written(0x1000, 0x1000));
    }
    CHECK_FALSE(cache.holds_code(0x1000));
    CHECK(cache.at(0x1080) == nullptr);
    CHECK_FALSE(cache.written(0x1080, 8));
}

TEST_CASE("a dropped block can run to its end") {
    BlockCache cache;
    Block* const block = cache.keep(0x1000, block_at(0, 2));
    cache.remember(0x1000, block);
    CHECK(cache.written(0x1000, 4));
    CHECK(cache.find(0x1000) == nullptr);
    CHECK(block->count == 2);  // what it points to is still there
    cache.keep(0x1000, block_at(0, 3));
    cache.clear();
    CHECK(cache.at(0x1000) == nullptr);
    CHECK(block->count == 2);
    cache.sweep();
    CHECK_FALSE(cache.holds_code(0x1000));
}

TEST_CASE("data beside code in one page can be written at any distance from it") {
    Machine machine;
    // A loop that writes right before itself, right behind itself and far away.
    Program loop;
    loop.add({sd(t1, -8, s0), sd(t1, 0x1c, s0), addi(t1, t1, 1), sw(t1, 0x7f0, s0), addi(t0, t0, -1)});
    loop.add({bne(t0, zero, -20), jalr(zero, ra, 0)});
    machine.load(loop, subroutine + 0x100);
    Program program = li(s0, subroutine + 0x100).add({addi(t0, zero, 100), jalr(ra, s0, 0)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(t1) == 100);
    CHECK(machine.double_word(subroutine + 0x100 - 8) == 99);
    CHECK(machine.double_word(subroutine + 0x100 + 0x18) >> 32 == 99);
    CHECK(machine.double_word(subroutine + 0x100 + 0x7f0) == 100);
}

TEST_CASE("a store to the next instruction, or to the end of its own block, is executed as stored") {
    Machine machine;
    Program program = li(t1, addi(a1, a1, 2)).add({auipc(s0, 0)});
    program.add({sw(t1, 8, s0), addi(a1, a1, 1)});             // the next one
    program.add({sw(t1, 24, s0), nop, nop, addi(a1, a1, 1)});  // three further
    program.add({sh(zero, 0, a0), addi(a1, a1, 16)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(a1) == 2 + 2 + 16);
}

TEST_CASE("a loop that rewrites an instruction of its body runs each version once") {
    Machine machine;
    // The immediate of the addi, bits 31:20, counts up with each round.
    Program program = li(t1, addi(a1, a1, 0)).add({lui(t2, 0x100), addi(s1, zero, 50), auipc(s0, 0)});
    program.add({addi(a1, a1, 0), add(t1, t1, t2), sw(t1, 4, s0), addi(s1, s1, -1), bne(s1, zero, -16)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(a1) == 49 * 50 / 2);
}

TEST_CASE("code that another master has written runs after fence.i") {
    Machine machine;
    machine.load(Program().add({addi(a1, zero, 1), jalr(zero, ra, 0)}), subroutine);
    sc_core::sc_spawn([&machine] {
        sc_core::wait(from_ps(1'000'000));
        machine.load(Program().add({addi(a1, zero, 2)}), subroutine);
        machine.set_data(0, 1);
    });
    Program program = li(s0, subroutine).add({jalr(ra, s0, 0), addi(a2, a1, 0), ld(t0, 0, a0), beq(t0, zero, -4)});
    machine.run(program.add({fence_i, jalr(ra, s0, 0)}).stop());
    CHECK(machine.hart().reg(a2) == 1);
    CHECK(machine.hart().reg(a1) == 2);
}

TEST_CASE("a straight run of thousands of instructions goes over pages") {
    Machine machine;
    Program program;
    constexpr unsigned count = 5000;
    for (unsigned i = 0; i < count; ++i) {
        i % 3 == 0 ? program.half(0x0585) : program.add({addi(a1, a1, 1)});  // c.addi a1, 1
    }
    machine.run(program.stop());
    CHECK(machine.hart().reg(a1) == count);
    CHECK(machine.hart().instructions() == count + 1);
}

TEST_CASE("a jump leads into the middle of a block, and into the middle of an instruction") {
    Machine machine;
    // As it stands: lui a1 with an immediate whose upper half is c.addi a1, 1; then c.nop.
    constexpr Word c_addi = 0x0585;
    Program code;
    code.add({addi(a1, a1, 2), addi(a1, a1, 4)}).add({lui(a2, c_addi << 4)}).add({jalr(zero, ra, 0)});
    machine.load(code, subroutine);
    Program program = li(s0, subroutine).add({jalr(ra, s0, 0), jalr(ra, s0, 4), jalr(ra, s0, 10)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(a1) == (2 + 4) + 4 + 1);
}

TEST_CASE("blocks cut at every instruction give the same registers, instructions and cycles") {
    // Loads, stores, branches, calls, AMOs, divisions; counters read in between.
    Program program = li(s0, subroutine).add({addi(s1, zero, 100)});
    const std::uint64_t loop = program.size();
    program.add({jalr(ra, s0, 0), op(1, 0, t1, s1, s1), op(1, 6, t2, t1, s1), sd(t1, 0, a0), lw(t2, 3, a0)});
    program.add({amo(0, 2, t0, t1, a0), csrr(a2, mcycle), add(a3, a3, a2), csrr(a2, minstret), add(a4, a4, a2)});
    program.add({andi(t0, s1, 3), bne(t0, zero, 8), fence_i, addi(s1, s1, -1)});
    program.add({bne(s1, zero, static_cast<std::int64_t>(loop) - static_cast<std::int64_t>(program.size()))});
    program.stop();
    const auto simulate = [&program](const std::string& quantum) {
        return apart([&] {
            Machine machine({.quantum = quantum});
            machine.load(Program().add({addi(a5, a5, 3), sd(a5, 8, a0), jalr(zero, ra, 0)}), subroutine);
            machine.run(program);
            std::vector<std::uint64_t> seen = {machine.hart().instructions(), to_ps(sc_core::sc_time_stamp()),
                                               machine.data(0), machine.data(1)};
            for (unsigned i = 0; i < 32; ++i) {
                seen.push_back(machine.hart().reg(i));
            }
            return seen;
        });
    };
    const std::vector<std::uint64_t> one_by_one = simulate("500ps");
    for (const std::string quantum : {"1ns", "7ns", "100ns", "10us"}) {
        INFO(quantum);
        CHECK(simulate(quantum) == one_by_one);
    }
}

TEST_CASE("a slice of a million instructions of any kind needs no more stack than one") {
    constexpr std::uint64_t rounds = 20'000;
    Options options;
    options.isa = "rv64gc";
    options.quantum = "100ms";
    Machine machine(options);
    machine.set_data(0, 0x3ff0'0000'0000'0001);  // a double whose products are inexact
    machine.set_data(1, memory_base + 0x9000);
    Program program;
    program.li(t0, 0x6000).add({csrw(mstatus, t0), ld(s1, 8, a0), fld(1, 0, a0)});
    program.li(s0, rounds);
    const std::size_t loop = program.size();
    program.add(
        {ld(t0, 0, a0), ld(t1, 1, a0), sd(t0, 16, a0), sd(t0, 25, a0), op(1, 0, t1, t0, t0), op(1, 4, t1, t0, t1)});
    program.add({fp_op(0, double_format, 0, 2, 1, 1), fp_op(2, double_format, 1, 3, 1, 1), fsd(3, 40, a0)});
    program.add({fp_op(0x0b, double_format, 0, 4, 1, 0), fp_fused(0x43, double_format, 2, 5, 1, 1, 1)});
    program.add({amo(0, 3, t1, t0, a0), sd(t0, 0, a0), auipc(t2, 0), jalr(ra, t2, 8), addi(s0, s0, -1)});
    program.add({bne(s0, zero, static_cast<std::int64_t>(loop) - static_cast<std::int64_t>(program.size()))});
    machine.run(program.stop());
    CHECK(machine.hart().reg(s0) == 0);
    CHECK(machine.hart().instructions() > rounds * 16);
    CHECK_FALSE(machine.hart().last_exception());
}
