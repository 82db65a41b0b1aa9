#include "models/cpu/disassembler.h"

#include <catch2/catch.hpp>

#include "tests/cpu/assembler.h"

using namespace aqpim;

namespace {

constexpr std::uint64_t pc = 0x80000000;

std::string text(rv::Word encoding, std::string_view isa = "rv64gc") {
    return Disassembler(Isa(isa)).text(encoding, pc);
}

/// OP-FP, opcode 0x53; `rm` is a function code where there is no rounding.
constexpr rv::Word op_fp(rv::Word funct7, rv::Word rm, rv::Word rd, rv::Word rs1, rv::Word rs2) {
    return rv::r_format(funct7, rs2, rs1, rm, rd, 0x53);
}

constexpr rv::Word rne = 0;
constexpr rv::Word rup = 3;
constexpr rv::Word dynamic = 7;

}  // namespace

TEST_CASE("integer instructions name destination, sources, immediate") {
    using namespace rv;
    CHECK(text(add(a0, a1, a2)) == "add\ta0,a1,a2");
    CHECK(text(op(1, 7, t0, s0, t6)) == "remu\tt0,s0,t6");
    CHECK(text(slti(s1, gp, -2048)) == "slti\ts1,gp,-2048");
    CHECK(text(sltiu(s1, tp, 2047)) == "sltiu\ts1,tp,2047");
    CHECK(text(lui(a0, 0xfffff)) == "lui\ta0,0xfffff");
    CHECK(text(auipc(t0, 0)) == "auipc\tt0,0x0");
}

TEST_CASE("immediate forms go by the short name of the register form") {
    using namespace rv;
    CHECK(text(addi(sp, sp, -16)) == "add\tsp,sp,-16");
    CHECK(text(andi(a0, a1, 15)) == "and\ta0,a1,15");
    CHECK(text(ori(a0, a1, 1)) == "or\ta0,a1,1");
    CHECK(text(xori(a0, a1, 1)) == "xor\ta0,a1,1");
    CHECK(text(slli(a0, a1, 63)) == "sll\ta0,a1,0x3f");
    CHECK(text(srai(a0, a1, 1)) == "sra\ta0,a1,0x1");
    CHECK(text(addiw(a0, a1, 1)) == "addw\ta0,a1,1");
    CHECK(text(sraiw(a0, a1, 31)) == "sraw\ta0,a1,0x1f");
}

TEST_CASE("jumps and branches show the address they lead to") {
    using namespace rv;
    CHECK(text(jal(t0, 0x1000)) == "jal\tt0,0x80001000");
    CHECK(text(jal(ra, -4)) == "jal\t0x7ffffffc");
    CHECK(text(jal(zero, 0)) == "j\t0x80000000");
    CHECK(text(beq(a0, a1, 4094)) == "beq\ta0,a1,0x80000ffe");
    CHECK(text(bgeu(a0, a1, -4096)) == "bgeu\ta0,a1,0x7ffff000");
    CHECK(Disassembler(Isa("rv64i")).text(jal(zero, -4), 0) == "j\t0xfffffffffffffffc");
}

TEST_CASE("loads and stores show offset and base") {
    using namespace rv;
    CHECK(text(ld(a0, -8, sp)) == "ld\ta0,-8(sp)");
    CHECK(text(lbu(a0, 0, a1)) == "lbu\ta0,0(a1)");
    CHECK(text(sd(a0, 2047, sp)) == "sd\ta0,2047(sp)");
    CHECK(text(i_format(16, a0, 3, 8, 0x07)) == "fld\tfs0,16(a0)");
    CHECK(text(s_format(-4, 10, a0, 2) | 0x04) == "fsw\tfa0,-4(a0)");
}

TEST_CASE("an indirect jump is written by its purpose") {
    using namespace rv;
    CHECK(text(jalr(zero, ra, 0)) == "ret");
    CHECK(text(jalr(zero, ra, 4)) == "jr\t4(ra)");
    CHECK(text(jalr(zero, a0, 0)) == "jr\ta0");
    CHECK(text(jalr(ra, a0, 0)) == "jalr\ta0");
    CHECK(text(jalr(ra, a0, -4)) == "jalr\t-4(a0)");
    CHECK(text(jalr(t0, a0, 0)) == "jalr\tt0,a0");
    CHECK(text(jalr(t0, a0, 8)) == "jalr\tt0,8(a0)");
}

TEST_CASE("atomic instructions show their ordering and a bare address") {
    using namespace rv;
    constexpr Word rl = 1u << 25;
    constexpr Word aq = 1u << 26;
    CHECK(text(lr(2, a0, a1)) == "lr.w\ta0,(a1)");
    CHECK(text(sc(3, a0, a2, a1) | rl) == "sc.d.rl\ta0,a2,(a1)");
    CHECK(text(amo(0, 2, a0, a2, a1) | aq) == "amoadd.w.aq\ta0,a2,(a1)");
    CHECK(text(amo(0x1c, 3, a0, a2, a1) | aq | rl) == "amomaxu.d.aqrl\ta0,a2,(a1)");
}

TEST_CASE("CSR instructions name the register") {
    using namespace rv;
    CHECK(text(csrrw(a0, mscratch, a1)) == "csrrw\ta0,mscratch,a1");
    CHECK(text(csrrs(a0, 0x7ff, a1)) == "csrrs\ta0,0x7ff,a1");
    CHECK(text(csrrci(a0, mstatus, 8)) == "csrrc\ta0,mstatus,8");
    CHECK(text(csrr(a0, mcause)) == "csrr\ta0,mcause");
    CHECK(text(csrw(mtvec, t0)) == "csrw\tmtvec,t0");
    CHECK(text(csrrs(zero, mie, t0)) == "csrs\tmie,t0");
    CHECK(text(csrrc(zero, mie, t0)) == "csrc\tmie,t0");
    CHECK(text(csrrwi(zero, mie, 31)) == "csrw\tmie,31");
    CHECK(text(csrrsi(zero, mstatus, 2)) == "csrs\tmstatus,2");
    CHECK(text(csrr(a0, rv::cycle)) == "rdcycle\ta0");
    CHECK(text(csrr(a0, rv::time)) == "rdtime\ta0");
    CHECK(text(csrr(a0, rv::instret)) == "rdinstret\ta0");
    CHECK(text(csrr(a0, 1)) == "frflags\ta0");
    CHECK(text(csrr(a0, 2)) == "frrm\ta0");
    CHECK(text(csrr(a0, 3)) == "frcsr\ta0");
    CHECK(text(csrw(3, a0)) == "fscsr\ta0");
    CHECK(text(csrrw(a1, 2, a0)) == "fsrm\ta1,a0");
    CHECK(text(csrrw(zero, 1, a0)) == "fsflags\ta0");
    CHECK(text(csrrwi(a1, 2, 1)) == "fsrmi\ta1,1");
    CHECK(text(csrw(rv::cycle, zero)) == "unimp");
}

TEST_CASE("fences name what they order") {
    using namespace rv;
    CHECK(text(fence) == "fence");
    CHECK(text(0x0310000f) == "fence\trw,w");
    CHECK(text(0x0c20000f) == "fence\tio,r");
    CHECK(text(0x0100000f) == "fence\tw,unknown");
    CHECK(text(0x8330000f) == "fence.tso");
    CHECK(text(fence_i) == "fence.i");
    CHECK(text(0x12000073) == "sfence.vma");
    CHECK(text(0x12050073) == "sfence.vma\ta0");
    CHECK(text(0x12b50073) == "sfence.vma\ta0,a1");
    CHECK(text(0x12b00073) == "sfence.vma\tzero,a1");
}

TEST_CASE("instructions without operands are their name alone") {
    using namespace rv;
    CHECK(text(ecall) == "ecall");
    CHECK(text(ebreak) == "ebreak");
    CHECK(text(mret) == "mret");
    CHECK(text(0x10200073) == "sret");
    CHECK(text(wfi) == "wfi");
    CHECK(text(nop) == "nop");
}

TEST_CASE("floating-point instructions use both register files, and show a rounding mode that is their own") {
    CHECK(text(op_fp(0x00, dynamic, 0, 8, 10)) == "fadd.s\tft0,fs0,fa0");
    CHECK(text(op_fp(0x01, rup, 31, 27, 18)) == "fadd.d\tft11,fs11,fs2,rup");
    CHECK(text(op_fp(0x0c, 5, 0, 0, 0)) == "fdiv.s\tft0,ft0,ft0,unknown");
    CHECK(text(op_fp(0x2d, rne, 1, 2, 0)) == "fsqrt.d\tft1,ft2,rne");
    CHECK(text(op_fp(0x50, 2, 10, 11, 12)) == "feq.s\ta0,fa1,fa2");
    CHECK(text(op_fp(0x71, 1, 10, 11, 0)) == "fclass.d\ta0,fa1");
    CHECK(text(op_fp(0x60, 1, 10, 11, 2)) == "fcvt.l.s\ta0,fa1,rtz");
    CHECK(text(op_fp(0x69, dynamic, 10, 11, 3)) == "fcvt.d.lu\tfa0,a1");
    CHECK(text(op_fp(0x78, 0, 10, 11, 0)) == "fmv.w.x\tfa0,a1");
    CHECK(text(op_fp(0x71, 0, 10, 11, 0)) == "fmv.x.d\ta0,fa1");
    CHECK(text(op_fp(0x14, 1, 10, 11, 12)) == "fmax.s\tfa0,fa1,fa2");
    CHECK(text(0x6a00'0000 | 13u << 20 | 12u << 15 | rup << 12 | 11u << 7 | 0x4b) == "fnmsub.d\tfa1,fa2,fa3,fa3,rup");
    CHECK(text(op_fp(0x10, 0, 1, 2, 2)) == "fmv.s\tft1,ft2");
    CHECK(text(op_fp(0x11, 1, 1, 2, 2)) == "fneg.d\tft1,ft2");
    CHECK(text(op_fp(0x10, 2, 1, 2, 2)) == "fabs.s\tft1,ft2");
    CHECK(text(op_fp(0x10, 2, 1, 2, 3)) == "fsgnjx.s\tft1,ft2,ft3");
}

TEST_CASE("an exact conversion shows a rounding mode only if it is not what assemblers write") {
    CHECK(text(op_fp(0x69, rne, 10, 11, 0)) == "fcvt.d.w\tfa0,a1");
    CHECK(text(op_fp(0x21, rne, 10, 11, 0)) == "fcvt.d.s\tfa0,fa1");
    CHECK(text(op_fp(0x69, rup, 10, 11, 1)) == "fcvt.d.wu\tfa0,a1,rup");
}

TEST_CASE("the assembly programmer's aliases replace what they stand for") {
    using namespace rv;
    CHECK(text(addi(a0, zero, -1)) == "li\ta0,-1");
    CHECK(text(addi(a0, a1, 0)) == "mv\ta0,a1");
    CHECK(text(xori(a0, a1, -1)) == "not\ta0,a1");
    CHECK(text(sub(a0, zero, a1)) == "neg\ta0,a1");
    CHECK(text(op32(0x20, 0, a0, zero, a1)) == "negw\ta0,a1");
    CHECK(text(addiw(a0, a1, 0)) == "sext.w\ta0,a1");
    CHECK(text(andi(a0, a1, 255)) == "zext.b\ta0,a1");
    CHECK(text(sltiu(a0, a1, 1)) == "seqz\ta0,a1");
    CHECK(text(op(0, 3, a0, zero, a1)) == "snez\ta0,a1");
    CHECK(text(op(0, 2, a0, a1, zero)) == "sltz\ta0,a1");
    CHECK(text(op(0, 2, a0, zero, a1)) == "sgtz\ta0,a1");
    CHECK(text(beq(a0, zero, 8)) == "beqz\ta0,0x80000008");
    CHECK(text(bne(a0, zero, 8)) == "bnez\ta0,0x80000008");
    CHECK(text(bge(zero, a0, 8)) == "blez\ta0,0x80000008");
    CHECK(text(bge(a0, zero, 8)) == "bgez\ta0,0x80000008");
    CHECK(text(blt(a0, zero, 8)) == "bltz\ta0,0x80000008");
    CHECK(text(blt(zero, a0, 8)) == "bgtz\ta0,0x80000008");
}

TEST_CASE("a compressed instruction is written as what it stands for") {
    CHECK(text(0x0001) == "nop");
    CHECK(text(0x1141) == "add\tsp,sp,-16");
    CHECK(text(0x0800) == "add\ts0,sp,16");
    CHECK(text(0x4501) == "li\ta0,0");
    CHECK(text(0x852e) == "mv\ta0,a1");
    CHECK(text(0x952e) == "add\ta0,a0,a1");
    CHECK(text(0x0501) == "add\ta0,a0,0");
    CHECK(text(0xe406) == "sd\tra,8(sp)");
    CHECK(text(0x8082) == "ret");
    CHECK(text(0x9002) == "ebreak");
    CHECK(text(0xa001) == "j\t0x80000000");
    CHECK(text(0xc119) == "beqz\ta0,0x80000006");
    CHECK(text(0xffff8082) == "ret");
}

TEST_CASE("compressed hints keep their own names") {
    CHECK(text(0x0005) == "c.nop\t1");
    CHECK(text(0x4005) == "c.li\tzero,1");
    CHECK(text(0x6005) == "c.lui\tzero,0x1");
    CHECK(text(0x0006) == "c.slli\tzero,0x1");
    CHECK(text(0x0502) == "c.slli64\ta0");
    CHECK(text(0x8101) == "c.srli64\ta0");
    CHECK(text(0x8501) == "c.srai64\ta0");
    CHECK(text(0x8006) == "c.mv\tzero,ra");
    CHECK(text(0x9006) == "c.add\tzero,ra");
}

TEST_CASE("what is no instruction is data") {
    CHECK(text(0) == "unimp");
    CHECK(text(0x12340004) == ".2byte\t0x4");
    CHECK(text(0xffffffff) == ".4byte\t0xffffffff");
    CHECK(text(0x20200073) == ".4byte\t0x20200073");
}

TEST_CASE("instructions of an extension that the hart lacks are data") {
    CHECK(text(op_fp(0x00, dynamic, 0, 8, 10), "rv64imac") == ".4byte\t0xa47053");
    CHECK(text(op_fp(0x01, dynamic, 0, 8, 10), "rv64imafc") == ".4byte\t0x2a47053");
    CHECK(text(0x8082, "rv64imafd") == ".2byte\t0x8082");
    CHECK(text(rv::op(1, 0, rv::a0, rv::a0, rv::a0), "rv64i") == ".4byte\t0x2a50533");
}

TEST_CASE("a line holds address and encoding in columns") {
    const Disassembler disassembler(Isa("rv64gc"));
    CHECK(disassembler.line(0x00000297, pc) == "    80000000:\t00000297          \tauipc\tt0,0x0");
    CHECK(disassembler.line(0x12348082, 0x80000004) == "    80000004:\t8082                \tret");
    CHECK(disassembler.line(0x00000297, 0x1000) == "    1000:\t00000297          \tauipc\tt0,0x0");
    CHECK(disassembler.line(0x8082, 0xffffffff80000000) == "ffffffff80000000:\t8082                \tret");
}
