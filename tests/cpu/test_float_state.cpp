// The floating-point unit's state (Unprivileged ISA 20191213, 11.2 and 12.2; Privileged 1.12, 3.1.6.6): fcsr, rounding
// modes, mstatus.FS, boxing, loads and stores.

#include "tests/cpu/machine.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

constexpr std::uint64_t one = 0x3ff0'0000'0000'0000;
constexpr std::uint64_t tiny = 1;  // added to one it is rounded away, or to the next number
constexpr Word dynamic = 7;
constexpr std::uint64_t fs = 3u << 13;
constexpr std::uint64_t sd_bit = std::uint64_t{1} << 63;

/// f1 + f2 to f3, double precision.
constexpr Word fadd(Word rm) {
    return fp_op(0, double_format, rm, 3, 1, 2);
}

/// FS = `state`: 0 Off, 1 Initial, 2 Clean, 3 Dirty.
Program set_fs(std::int32_t state) {
    Program program;
    program.li(t0, 0x6000).add({csrrc(zero, mstatus, t0)});
    return program.li(t0, state << 13).add({csrrs(zero, mstatus, t0)});
}

}  // namespace

TEST_CASE("a rounding mode stands in the instruction or in frm") {
    struct Rounded {
        Word rm;
        std::uint64_t sum;           // 1 + tiny
        std::uint64_t negative_sum;  // -1 - tiny
    };
    const std::vector<Rounded> modes = {
        {0, one, one}, {1, one, one}, {2, one, one + 1}, {3, one + 1, one}, {4, one, one},
    };
    Machine machine({.isa = "rv64gc"});
    machine.set_data(0, one);
    machine.set_data(1, tiny);
    machine.set_data(2, one | sd_bit);
    machine.set_data(3, tiny | sd_bit);
    Program program = set_fs(1);
    program.add({fld(4, 0, a0), fld(5, 8, a0), fld(6, 16, a0), fld(7, 24, a0), addi(a1, a0, 32)});
    const auto add = [](Word rm, Word a, Word b) { return fp_op(0, double_format, rm, 3, a, b); };
    for (const Rounded& mode : modes) {
        program.add({add(mode.rm, 4, 5), fsd(3, 0, a1), add(mode.rm, 6, 7), fsd(3, 8, a1)});
        program.add({csrrwi(zero, frm, mode.rm), add(dynamic, 4, 5), fsd(3, 16, a1), add(dynamic, 6, 7)});
        program.add({fsd(3, 24, a1), addi(a1, a1, 32)});
    }
    machine.run(program.stop());
    for (unsigned i = 0; i < modes.size(); ++i) {
        INFO("mode " << modes[i].rm);
        CHECK(machine.data(4 * i + 4) == modes[i].sum);
        CHECK(machine.data(4 * i + 5) == (modes[i].negative_sum | sd_bit));
        CHECK(machine.data(4 * i + 6) == modes[i].sum);
        CHECK(machine.data(4 * i + 7) == (modes[i].negative_sum | sd_bit));
    }
}

TEST_CASE("a reserved rounding mode is an illegal instruction, where a mode is used at all") {
    Machine machine({.isa = "rv64gc"});
    machine.load_trap_handler();
    Program program = Machine::trap_setup().add(set_fs(1));
    std::vector<Machine::Trap> expected;
    const auto traps = [&](Word instruction) {
        expected.push_back({2, memory_base + program.size(), instruction});
        program.add({instruction});
    };
    traps(fadd(5));
    traps(fadd(6));
    for (const Word reserved : {5, 6, 7}) {
        program.add({csrrwi(zero, frm, reserved)});
        traps(fadd(dynamic));
        traps(fp_op(0x0b, single_format, dynamic, 3, 1, 0));             // fsqrt.s
        traps(fp_op(0x18, double_format, dynamic, t1, 1, 2));            // fcvt.l.d
        traps(fp_op(0x1a, double_format, dynamic, 3, t1, 0));            // fcvt.d.w, though always exact
        traps(fp_fused(0x43, double_format, dynamic, 3, 1, 2, 4));       // fmadd.d
        program.add({fadd(0), fp_op(0x04, double_format, 0, 3, 1, 2)});  // static; fsgnj.d
        program.add({fp_op(0x14, double_format, 2, t1, 1, 2)});          // feq.d
    }
    machine.run(program.stop());
    CHECK(machine.traps() == expected);
    CHECK(machine.hart().read_register(DebugTarget::first_csr_number + frm) == 7);
}

TEST_CASE("with FS off every floating-point instruction and CSR is illegal") {
    Machine machine({.isa = "rv64gc"});
    machine.load_trap_handler();
    Program program = Machine::trap_setup().add(set_fs(0));
    std::vector<Machine::Trap> expected;
    for (const Word instruction :
         {fld(1, 0, a0), fsd(1, 0, a0), fadd(0), flw(0, 0, a0), fsw(0, 0, a0), fp_op(0x1c, double_format, 0, t1, 1, 0),
          fp_op(0x1e, single_format, 0, 1, t1, 0), fp_fused(0x4f, single_format, 0, 1, 2, 3, 4), csrr(t1, fflags),
          csrrwi(zero, frm, 1), csrr(t1, fcsr)}) {
        expected.push_back({2, memory_base + program.size(), instruction});
        program.add({instruction});
    }
    machine.set_data(0, 77);
    machine.run(program.stop());
    CHECK(machine.traps() == expected);
    CHECK(machine.data(0) == 77);
}

TEST_CASE("FS becomes dirty with what changes registers or flags, and stays clean with stores") {
    struct Access {
        const char* name;
        Word code;
        bool dirty;
    };
    const std::vector<Access> accesses = {
        {"fsd", fsd(1, 0, a0), false},
        {"fsw", fsw(1, 0, a0), false},
        {"fmv.x.d", fp_op(0x1c, double_format, 0, t1, 1, 0), false},
        {"fclass.d", fp_op(0x1c, double_format, 1, t1, 1, 0), false},
        {"csrr fcsr", csrr(t1, fcsr), false},
        {"flw", flw(1, 0, a0), true},
        {"fld", fld(1, 0, a0), true},
        {"fmv.d.x", fp_op(0x1e, double_format, 0, 1, t1, 0), true},
        {"fsgnj.s", fp_op(0x04, single_format, 0, 1, 1, 1), true},
        {"fadd.d", fadd(0), true},
        {"frm", csrrwi(zero, frm, 0), true},
        {"fflags", csrrwi(zero, fflags, 0), true},
    };
    Machine machine({.isa = "rv64gc"});
    Program program;
    for (const Access& access : accesses) {
        program.add(set_fs(2)).add({access.code, csrr(t1, mstatus), sd(t1, 16, a0), addi(a0, a0, 8)});
    }
    machine.run(program.stop());
    CHECK_FALSE(machine.hart().last_exception());
    for (unsigned i = 0; i < accesses.size(); ++i) {
        INFO(accesses[i].name);
        CHECK((machine.data(i + 2) & fs) == (accesses[i].dirty ? 3u << 13 : 2u << 13));
        CHECK((machine.data(i + 2) & sd_bit) == (accesses[i].dirty ? sd_bit : 0));
    }
}

TEST_CASE("flags add up in fflags, which fcsr shows beside frm") {
    Machine machine({.isa = "rv64gc"});
    machine.set_data(0, one);
    Program program = set_fs(1);
    program.add({csrrwi(zero, frm, 3), fld(1, 0, a0), fp_op(0x03, double_format, 0, 3, 1, 0)});  // 1 / 0: DZ
    program.add({csrr(s0, fflags), fp_op(0x0b, double_format, 0, 3, 1, 0)});                     // exact
    program.add({addi(t1, zero, 3), fp_op(0x1a, double_format, 0, 2, t1, 0), fp_op(0x03, double_format, 0, 3, 1, 2)});
    program.add({csrr(s1, fcsr), addi(t1, zero, -1), csrrw(a2, fcsr, t1), csrr(a3, fcsr)});  // 1 / 3: NX
    machine.run(program.stop());
    CHECK(machine.hart().reg(s0) == 8);
    CHECK(machine.hart().reg(s1) == (3u << 5 | 8 | 1));
    CHECK(machine.hart().reg(a2) == machine.hart().reg(s1));
    CHECK(machine.hart().reg(a3) == 0xff);
}

TEST_CASE("flw boxes its value, fsw stores the low half whatever is above") {
    Machine machine({.isa = "rv64gc"});
    machine.set_data(0, 0x1111'1111'8000'0001);
    Program program = set_fs(1);
    program.add({flw(0, 0, a0), fsd(0, 8, a0), fld(31, 0, a0), fsw(31, 16, a0), flw(31, 4, a0), fsd(31, 24, a0)});
    machine.run(program.stop());
    CHECK(machine.data(1) == 0xffff'ffff'8000'0001);
    CHECK(machine.data(2) == 0x8000'0001);
    CHECK(machine.data(3) == 0xffff'ffff'1111'1111);
}

TEST_CASE("compressed floating-point loads and stores reach as far as integer ones") {
    Machine machine({.isa = "rv64gc"});
    machine.set_data(1, one);
    machine.set_data(3, one + 1);
    Program program = set_fs(1);
    program.add({addi(sp, a0, 0)});
    program.halves({0x2508, 0xa908});  // c.fld fa0, 8(a0); c.fsd fa0, 16(a0)
    program.halves({0x20e2, 0xb006});  // c.fldsp ft1, 24(sp); c.fsdsp ft1, 32(sp)
    machine.run(program.stop());
    CHECK(machine.data(2) == one);
    CHECK(machine.data(4) == one + 1);
}

TEST_CASE("misaligned floating-point loads and stores work in memory, also across pages") {
    Machine machine({.isa = "rv64gc"});
    machine.set_data(0, 0x8877'6655'4433'2211);
    machine.set_data(1, 0x00ff'eedd'ccbb'aa99);
    Program program = set_fs(1);
    program.add({fld(1, 3, a0), fsd(1, 16, a0), flw(2, 6, a0), fsd(2, 24, a0)});
    program.li(t0, 0x1000).add({add(t0, a0, t0), fsd(1, -3, t0), fld(3, -3, t0), fsd(3, 32, a0)});
    machine.run(program.stop());
    CHECK(machine.data(2) == 0xbbaa'9988'7766'5544);
    CHECK(machine.data(3) == 0xffff'ffff'aa99'8877);
    CHECK(machine.data(4) == 0xbbaa'9988'7766'5544);
    CHECK(machine.double_word(data_base + 0x1000 - 8) >> 40 == 0x66'5544);
    CHECK(machine.double_word(data_base + 0x1000) == 0xbb'aa99'8877);
}

TEST_CASE("a floating-point load that faults leaves its register as it was") {
    Machine machine({.isa = "rv64gc"});
    machine.load_trap_handler();
    machine.set_data(0, one);
    Program program = Machine::trap_setup().add(set_fs(1)).li(t0, static_cast<std::int32_t>(unmapped));
    program.add({fld(1, 0, a0)});
    const std::uint64_t at = memory_base + program.size();
    program.add({fld(1, 8, t0), fsd(1, 16, t0), flw(1, 4, t0), fsd(1, 8, a0)});
    machine.run(program.stop());
    CHECK(machine.traps() ==
          std::vector<Machine::Trap>{{5, at, unmapped + 8}, {7, at + 4, unmapped + 16}, {5, at + 8, unmapped + 4}});
    CHECK(machine.data(1) == one);
}

TEST_CASE("an F hart without D has no double-precision instructions") {
    Machine machine({.isa = "rv64imafc"});
    machine.load_trap_handler();
    machine.set_data(0, 0x3f80'0000);
    Program program = Machine::trap_setup().add(set_fs(1));
    program.add({flw(1, 0, a0), fp_op(0, single_format, 0, 2, 1, 1), fsw(2, 8, a0)});
    const std::uint64_t at = memory_base + program.size();
    program.add({fld(1, 0, a0), fadd(0)});
    machine.run(program.stop());
    CHECK(machine.data(1) == 0x4000'0000);
    CHECK(machine.traps() == std::vector<Machine::Trap>{{2, at, fld(1, 0, a0)}, {2, at + 4, fadd(0)}});
}
