// CSRs as the privileged architecture (1.12, chapter 3) and Zicsr (Unprivileged ISA 20191213, chapter 9) describe them.

#include "tests/cpu/machine.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

constexpr std::uint64_t ones = ~std::uint64_t{0};

/// Write `written` to `csr`, read it back.
struct Held {
    const char* name;
    Word csr;
    std::uint64_t written;
    std::uint64_t read;
};

constexpr std::uint64_t illegal_instruction = 2;

/// The pc offsets, counted from the first, and encodings of `instructions` that trapped as illegal.
std::vector<Word> refused(const std::vector<Word>& instructions) {
    Machine machine;
    machine.load_trap_handler();
    Program program = Machine::trap_setup();
    const std::uint64_t first = memory_base + program.size();
    for (const Word instruction : instructions) {
        program.add({instruction});
    }
    machine.run(program.stop());
    std::vector<Word> list;
    for (const Machine::Trap& trap : machine.traps()) {
        CHECK(trap.cause == illegal_instruction);
        CHECK(trap.value == instructions.at((trap.pc - first) / 4));
        list.push_back(static_cast<Word>(trap.value));
    }
    return list;
}

}  // namespace

TEST_CASE("registers of machine mode hold what they may hold") {
    const std::vector<Held> registers = {
        {"mscratch", mscratch, 0x0123'4567'89ab'cdef, 0x0123'4567'89ab'cdef},
        {"mstatus, MPRV aside", mstatus, 0x7fff'ffff'fffd'ffff, 0x0000'000a'007c'19aa},
        {"mstatus", mstatus, 0x1800, 0x0000'000a'0000'1800},
        {"misa", misa, 0, 0x8000'0000'0014'1105},
        {"mie", mie, ones, 0xaaa},
        {"mip", mip, ones, 0x222},
        {"mtvec", mtvec, 0x8000'0001, 0x8000'0001},
        {"mtvec, reserved mode 2", mtvec, 0x4002, 0x8000'0001},
        {"mtvec, reserved mode 3", mtvec, 0x8003, 0x8000'0001},
        {"mtvec", mtvec, 0x4000, 0x4000},
        {"mepc", mepc, ones, ones - 1},
        {"mcause", mcause, 0x8000'0000'0000'000b, 0x8000'0000'0000'000b},
        {"mtval", mtval, ones, ones},
        {"mcounteren", 0x306, ones, 7},
        {"mcountinhibit", 0x320, ones, 0},
        {"mhpmevent3", 0x323, ones, 0},
        {"mhpmcounter31", 0xb1f, ones, 0},
        {"pmpcfg0", 0x3a0, 0x0018'1018'0f1f'170f, 0x0018'1018'0f1f'170f},
        {"pmpcfg0, W without R", 0x3a0, 0x02, 0},
        {"pmpcfg2", 0x3a2, 0, 0},
        {"pmpcfg14", 0x3ae, ones, 0},
        {"pmpaddr0", 0x3b0, ones, (std::uint64_t{1} << 54) - 1},
        {"pmpaddr15", 0x3bf, ones, (std::uint64_t{1} << 54) - 1},
        {"pmpaddr16", 0x3c0, ones, 0},
        {"pmpaddr63", 0x3ef, ones, 0},
    };
    Machine machine;
    Program program;
    for (unsigned i = 0; i < registers.size(); ++i) {
        machine.set_data(i, registers[i].written);
        program.add({ld(t0, 0, a0), csrw(registers[i].csr, t0), csrr(t1, registers[i].csr), sd(t1, 0, a0)});
        program.add({addi(a0, a0, 8)});
    }
    machine.run(program.add({csrw(mie, zero)}).stop());
    for (unsigned i = 0; i < registers.size(); ++i) {
        INFO(registers[i].name << " " << std::hex << registers[i].written);
        CHECK(machine.data(i) == registers[i].read);
    }
}

TEST_CASE("identification registers read zero, mhartid the hart") {
    Machine machine;
    Program program;
    for (const Word csr : {0xf11, 0xf12, 0xf13, 0xf14, 0xf15}) {
        program.add({addi(t0, zero, 1), csrr(t0, csr), add(t1, t1, t0)});
    }
    machine.run(program.stop());
    CHECK(machine.hart().reg(t1) == 0);
    CHECK_FALSE(machine.hart().last_exception());
}

TEST_CASE("CSR instructions swap, set and clear, and give the old value") {
    Machine machine;
    machine.set_data(0, 0xf0f0);
    machine.set_data(1, 0x0ff0);
    Program program;
    program.add({ld(t0, 0, a0), ld(t1, 8, a0), csrw(mscratch, t0)});
    program.add({csrrs(t2, mscratch, t1), sd(t2, 16, a0), csrrc(t2, mscratch, t0), sd(t2, 24, a0)});
    program.add({csrrwi(t2, mscratch, 31), sd(t2, 32, a0), csrrci(t2, mscratch, 5), sd(t2, 40, a0)});
    program.add({csrrsi(t2, mscratch, 1), sd(t2, 48, a0), csrrw(t0, mscratch, t0), sd(t0, 56, a0)});
    program.add({csrr(t2, mscratch), sd(t2, 64, a0)});
    machine.run(program.stop());
    CHECK(machine.data(2) == 0xf0f0);
    CHECK(machine.data(3) == 0xfff0);
    CHECK(machine.data(4) == 0x0f00);
    CHECK(machine.data(5) == 31);
    CHECK(machine.data(6) == 26);
    CHECK(machine.data(7) == 27);
    CHECK(machine.data(8) == 0xf0f0);
}

TEST_CASE("a read-only CSR can be read but not written, by any instruction that writes") {
    const Word mhartid = 0xf14;
    const std::vector<Word> writes = {csrrw(t0, mhartid, zero), csrrs(t0, mhartid, t1), csrrc(t0, cycle, t1),
                                      csrrwi(t0, instret, 0),   csrrsi(t0, cycle, 1),   csrrci(t0, instret, 31)};
    std::vector<Word> all = writes;
    for (const Word read :
         {csrrs(t0, mhartid, zero), csrrc(t0, cycle, zero), csrrsi(t0, cycle, 0), csrrci(t0, instret, 0)}) {
        all.push_back(read);
    }
    CHECK(refused(all) == writes);
}

TEST_CASE("a CSR that does not exist is an illegal instruction and changes no register") {
    const std::vector<Word> unknown = {
        csrr(t0, 0x001),  // fflags: no F extension
        csrr(t0, 0x003),  // fcsr
        csrr(t0, 0x200),  // no hypervisor: vsstatus
        csrr(t0, 0x3a1),  // pmpcfg1 exists on RV32 only
        csrr(t0, 0x7a0),  // tselect
        csrr(t0, 0x7c0),  // custom
        csrr(t0, 0xb01),  // no such counter
        csrr(t0, 0xc01),  // time, without a source
        csrr(t0, 0xc03),  // hpmcounter3: no Zihpm
        csrw(0xfff, t0),
    };
    CHECK(refused(unknown) == unknown);
}

TEST_CASE("minstret counts retired instructions and can be set") {
    Machine machine;
    machine.load_trap_handler();
    Program program = Machine::trap_setup();
    program.add({csrr(t0, minstret), nop, nop, csrr(t1, instret), sub(t1, t1, t0), sd(t1, 0, a0)});
    program.add({csrw(minstret, zero), csrr(t1, minstret), sd(t1, 8, a0), csrr(t1, minstret), sd(t1, 16, a0)});
    program.add({csrr(t0, minstret), ecall, csrr(t1, minstret), sub(t1, t1, t0), sd(t1, 24, a0)});
    machine.run(program.stop());
    CHECK(machine.data(0) == 3);
    CHECK(machine.data(1) == 0);
    CHECK(machine.data(2) == 2);
    CHECK(machine.data(3) == 1 + 12);  // ecall does not retire; the handler has 12 instructions
}

TEST_CASE("time reads its source at the exact time of the access") {
    Machine machine;
    std::vector<Picoseconds> times;
    machine.hart().set_time_source([&times](const sc_core::sc_time& at) {
        times.push_back(to_ps(at));
        return std::uint64_t{1000} + times.size();
    });
    Program program;
    program.add({nop, nop, csrr(t0, rv::time), csrr(t1, rv::time)});  // 1, 1 and 3 cycles of 500 ps
    machine.run(program.stop());
    CHECK(times == std::vector<Picoseconds>{1000, 2500});
    CHECK(machine.hart().reg(t0) == 1001);
    CHECK(machine.hart().reg(t1) == 1002);
}
