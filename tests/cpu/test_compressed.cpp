// RV64C: encodings from the tables of the instruction set manual (Unprivileged ISA 20191213, 16.8), as the GNU
// assembler also gives them.

#include "models/cpu/compressed.h"

#include "tests/cpu/machine.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

struct Expansion {
    std::uint16_t compressed;
    Word full;
};

}  // namespace

TEST_CASE("each compressed instruction stands for one of 32 bits") {
    const std::vector<Expansion> expansions = {
        {0x1fe8, addi(a0, sp, 1020)},  // c.addi4spn
        {0x0040, addi(s0, sp, 4)},
        {0x003c, addi(a5, sp, 8)},
        {0x009c, addi(a5, sp, 64)},
        {0x081c, addi(a5, sp, 16)},
        {0x5ce8, lw(a0, 124, s1)},  // c.lw
        {0x43c0, lw(s0, 4, a5)},
        {0x43a0, lw(s0, 64, a5)},
        {0x7ce8, ld(a0, 248, s1)},  // c.ld
        {0x6780, ld(s0, 8, a5)},
        {0x63a0, ld(s0, 64, a5)},
        {0xdc7c, sw(a5, 124, s0)},  // c.sw
        {0xc03c, sw(a5, 64, s0)},
        {0xfc7c, sd(a5, 248, s0)},  // c.sd
        {0xe05c, sd(a5, 128, s0)},
        {0x0001, addi(zero, zero, 0)},  // c.nop
        {0x1f81, addi(t6, t6, -32)},    // c.addi
        {0x02fd, addi(t0, t0, 31)},
        {0x3f81, addiw(t6, t6, -32)},  // c.addiw
        {0x2501, addiw(a0, a0, 0)},
        {0x5ffd, addi(t6, zero, -1)},  // c.li
        {0x457d, addi(a0, zero, 31)},
        {0x7101, addi(sp, sp, -512)},  // c.addi16sp
        {0x617d, addi(sp, sp, 496)},
        {0x6141, addi(sp, sp, 16)},
        {0x6105, addi(sp, sp, 32)},
        {0x6121, addi(sp, sp, 64)},
        {0x6109, addi(sp, sp, 128)},
        {0x7501, lui(a0, 0xfffe0)},  // c.lui
        {0x6ffd, lui(t6, 31)},
        {0x93fd, srli(a5, a5, 63)},  // c.srli
        {0x9401, srai(s0, s0, 32)},  // c.srai
        {0x8405, srai(s0, s0, 1)},
        {0x9901, andi(a0, a0, -32)},  // c.andi
        {0x897d, andi(a0, a0, 31)},
        {0x8c1d, sub(s0, s0, a5)},            // c.sub
        {0x8c3d, op(0, 4, s0, s0, a5)},       // c.xor
        {0x8c5d, op(0, 6, s0, s0, a5)},       // c.or
        {0x8c7d, op(0, 7, s0, s0, a5)},       // c.and
        {0x9f81, op32(0x20, 0, a5, a5, s0)},  // c.subw
        {0x9fa1, op32(0, 0, a5, a5, s0)},     // c.addw
        {0xb001, jal(zero, -2048)},           // c.j
        {0xaffd, jal(zero, 2046)},
        {0xaa91, jal(zero, 0x154)},
        {0xa46d, jal(zero, 0x2aa)},
        {0xd001, beq(s0, zero, -256)},  // c.beqz
        {0xc831, beq(s0, zero, 0x54)},
        {0xeffd, bne(a5, zero, 254)},  // c.bnez
        {0xe7cd, bne(a5, zero, 0xaa)},
        {0x1ffe, slli(t6, t6, 63)},  // c.slli
        {0x0506, slli(a0, a0, 1)},
        {0x5ffe, lw(t6, 252, sp)},  // c.lwsp
        {0x4506, lw(a0, 64, sp)},
        {0x7ffe, ld(t6, 504, sp)},  // c.ldsp
        {0x6506, ld(a0, 64, sp)},
        {0x8082, jalr(zero, ra, 0)},  // c.jr
        {0x8f82, jalr(zero, t6, 0)},
        {0x8f86, add(t6, zero, ra)},  // c.mv
        {0x9002, ebreak},             // c.ebreak
        {0x9f82, jalr(ra, t6, 0)},    // c.jalr
        {0x90fe, add(ra, ra, t6)},    // c.add
        {0xdffe, sw(t6, 252, sp)},    // c.swsp
        {0xc0aa, sw(a0, 64, sp)},
        {0xfffe, sd(t6, 504, sp)},  // c.sdsp
        {0xe0aa, sd(a0, 64, sp)},
        {0x0081, addi(ra, ra, 0)},  // hints: no effect, but legal
        {0x4001, addi(zero, zero, 0)},
        {0x6005, lui(zero, 1)},
        {0x0002, slli(zero, zero, 0)},
        {0x8006, add(zero, zero, ra)},
        {0x9006, add(zero, zero, ra)},
    };
    for (const Expansion& expansion : expansions) {
        INFO(std::hex << expansion.compressed);
        CHECK(expand_compressed(expansion.compressed) == expansion.full);
    }
}

TEST_CASE("reserved compressed encodings stand for nothing") {
    const std::uint16_t reserved[] = {
        0x0000,                  // defined illegal
        0x0004, 0x001c,          // c.addi4spn with immediate 0
        0x8000,                  // reserved major
        0x2001,                  // c.addiw with rd = x0
        0x6101, 0x6001, 0x6081,  // c.addi16sp and c.lui with immediate 0
        0x9c41, 0x9c61,          // beyond c.addw
        0x4002, 0x6002,          // c.lwsp and c.ldsp with rd = x0
        0x8002,                  // c.jr with rs1 = x0
    };
    for (const std::uint16_t encoding : reserved) {
        INFO(std::hex << encoding);
        CHECK(expand_compressed(encoding) == 0);
    }
}

TEST_CASE("compressed and full instructions mix, and links count two bytes") {
    Machine machine;
    Program program;
    program.half(0x4295);                             // 00  c.li t0, 5
    program.add({auipc(t1, 0), addi(t1, t1, 0x10)});  // 02  0x12
    program.half(0x9302);                             // 0a  c.jalr t1
    program.add({addi(t2, zero, 1)}).half(c_nop);     // 0c  passed over
    program.add({addi(s0, t0, 1)});                   // 12
    machine.run(program.stop());
    CHECK(machine.hart().reg(ra) == memory_base + 0x0c);
    CHECK(machine.hart().reg(t2) == 0);
    CHECK(machine.hart().reg(s0) == 6);
}

TEST_CASE("an illegal compressed instruction leaves its 16 bits in mtval, c.ebreak its address") {
    Machine machine;
    machine.load_trap_handler(2);
    Program program = Machine::trap_setup();
    const std::uint64_t at = memory_base + program.size();
    program.halves({0x8000, c_nop, 0x9002, 0x0000});
    machine.run(program.stop());
    CHECK(machine.traps() == std::vector<Machine::Trap>{{2, at, 0x8000}, {3, at + 4, at + 4}, {2, at + 6, 0}});
}

TEST_CASE("an instruction across two pages is executed, and again after its second half changes") {
    Machine machine;
    const std::uint64_t crossing = memory_base + 0x1ffe;
    Program program;  // calls code at the end of a page twice
    program.li(s0, static_cast<std::int32_t>(crossing)).add({addi(s1, zero, 0x7ff)});
    program.add({jalr(ra, s0, 0), addi(a3, a2, 0), sh(s1, 2, s0), jalr(ra, s0, 0)});
    machine.load(Program().add({addi(a2, zero, 0x123), jalr(zero, ra, 0)}), crossing);
    machine.run(program.stop());
    CHECK(machine.hart().reg(a3) == 0x123);
    CHECK(machine.hart().reg(a2) == 0x07f);  // the half holds imm[11:0] above 4 bits of rs1
}
