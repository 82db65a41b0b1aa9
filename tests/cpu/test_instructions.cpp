// Each instruction of RV64I and RV64M with operands at the edges. Expected values follow from the instruction set
// manual (Unprivileged ISA 20191213), worked out by hand.

#include "tests/cpu/machine.h"
#include "tests/cpu/tested_codes.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

constexpr std::uint64_t min64 = 0x8000'0000'0000'0000;
constexpr std::uint64_t max64 = 0x7fff'ffff'ffff'ffff;
constexpr std::uint64_t ones = ~std::uint64_t{0};
constexpr std::uint64_t min32 = 0xffff'ffff'8000'0000;  // as a register holds it
constexpr std::uint64_t max32 = 0x7fff'ffff;

/// One operation on t0 = a and t1 = b, with its result in t2.
struct Case {
    const char* name;
    Word code;
    std::uint64_t a;
    std::uint64_t b;
    std::uint64_t result;
};

void check(const std::vector<Case>& cases) {
    Machine machine;
    Program program;
    unsigned place = 0;
    for (const Case& c : cases) {
        machine.set_data(place++, c.a);
        machine.set_data(place++, c.b);
        program.add({ld(t0, 0, a0), ld(t1, 8, a0), c.code, sd(t2, 0, a0), addi(a0, a0, 16)});
    }
    machine.run(program.stop());
    CHECK_FALSE(machine.hart().last_exception());
    for (unsigned i = 0; i < cases.size(); ++i) {
        INFO(cases[i].name << " " << std::hex << cases[i].a << ", " << cases[i].b);
        CHECK(machine.data(2 * i) == cases[i].result);
    }
}

/// A branch over the instruction that would clear t2.
struct Branch {
    Word code;
    std::uint64_t a;
    std::uint64_t b;
    bool taken;
};

constexpr std::uint64_t pattern = 0x8877'6655'8483'8281;
constexpr std::uint64_t minus(std::uint64_t value) {
    return 0 - value;
}

const std::vector<Case> immediate_operations = {
    {"addi", addi(t2, t0, 2047), 1, 0, 2048},
    {"addi", addi(t2, t0, -2048), 0, 0, 0xffff'ffff'ffff'f800},
    {"addi", addi(t2, t0, 1), ones, 0, 0},
    {"slti", slti(t2, t0, -1), min64, 0, 1},
    {"slti", slti(t2, t0, -1), ones, 0, 0},
    {"slti", slti(t2, t0, 0), max64, 0, 0},
    {"sltiu", sltiu(t2, t0, -1), max64, 0, 1},
    {"sltiu", sltiu(t2, t0, -1), ones, 0, 0},
    {"sltiu", sltiu(t2, t0, 1), 0, 0, 1},
    {"xori", xori(t2, t0, -1), 0x0123'4567'89ab'cdef, 0, 0xfedc'ba98'7654'3210},
    {"ori", ori(t2, t0, -2048), 0x0000'0000'0000'0123, 0, 0xffff'ffff'ffff'f923},
    {"andi", andi(t2, t0, -2048), ones, 0, 0xffff'ffff'ffff'f800},
    {"andi", andi(t2, t0, 0x7ff), ones, 0, 0x7ff},
    {"lui", lui(t2, 0x7ffff), 0, 0, 0x7fff'f000},
    {"lui", lui(t2, 0x80000), 0, 0, min32},
};

const std::vector<Case> shifts = {
    {"slli", slli(t2, t0, 63), 1, 0, min64},
    {"slli", slli(t2, t0, 0), ones, 0, ones},
    {"srli", srli(t2, t0, 63), min64, 0, 1},
    {"srli", srli(t2, t0, 32), ones, 0, 0xffff'ffff},
    {"srai", srai(t2, t0, 63), min64, 0, ones},
    {"srai", srai(t2, t0, 63), max64, 0, 0},
    {"slliw", slliw(t2, t0, 31), 1, 0, min32},
    {"slliw", slliw(t2, t0, 0), 0x1'8000'0000, 0, min32},
    {"srliw", srliw(t2, t0, 0), 0xffff'ffff'8000'0000, 0, min32},
    {"srliw", srliw(t2, t0, 31), 0xffff'ffff'8000'0000, 0, 1},
    {"sraiw", sraiw(t2, t0, 31), 0x0000'0000'8000'0000, 0, ones},
    {"sraiw", sraiw(t2, t0, 4), 0xffff'ffff'7fff'ffff, 0, 0x07ff'ffff},
    {"sll", op(0, 1, t2, t0, t1), 1, 64 + 63, min64},
    {"sll", op(0, 1, t2, t0, t1), 3, ones, min64},
    {"srl", op(0, 5, t2, t0, t1), min64, 64 + 63, 1},
    {"sra", op(0x20, 5, t2, t0, t1), min64, 63, ones},
    {"sra", op(0x20, 5, t2, t0, t1), min64, 64, min64},
    {"sllw", op32(0, 1, t2, t0, t1), 1, 32 + 31, min32},
    {"sllw", op32(0, 1, t2, t0, t1), 0xffff'ffff'0000'0001, 0, 1},
    {"srlw", op32(0, 5, t2, t0, t1), ones, 32, ones},
    {"srlw", op32(0, 5, t2, t0, t1), ones, 1, max32},
    {"sraw", op32(0x20, 5, t2, t0, t1), 0x8000'0000, 32 + 31, ones},
    {"sraw", op32(0x20, 5, t2, t0, t1), 0x1'7fff'ffff, 30, 1},
};

const std::vector<Case> register_operations = {
    {"add", add(t2, t0, t1), max64, 1, min64},
    {"add", add(t2, t0, t1), ones, 1, 0},
    {"sub", sub(t2, t0, t1), 0, 1, ones},
    {"sub", sub(t2, t0, t1), min64, 1, max64},
    {"slt", op(0, 2, t2, t0, t1), min64, max64, 1},
    {"slt", op(0, 2, t2, t0, t1), 0, ones, 0},
    {"slt", op(0, 2, t2, t0, t1), 5, 5, 0},
    {"sltu", op(0, 3, t2, t0, t1), 0, ones, 1},
    {"sltu", op(0, 3, t2, t0, t1), min64, max64, 0},
    {"xor", op(0, 4, t2, t0, t1), 0xff00'ff00'ff00'ff00, 0x0ff0'0ff0'0ff0'0ff0, 0xf0f0'f0f0'f0f0'f0f0},
    {"or", op(0, 6, t2, t0, t1), 0xff00'ff00'ff00'ff00, 0x0ff0'0ff0'0ff0'0ff0, 0xfff0'fff0'fff0'fff0},
    {"and", op(0, 7, t2, t0, t1), 0xff00'ff00'ff00'ff00, 0x0ff0'0ff0'0ff0'0ff0, 0x0f00'0f00'0f00'0f00},
    {"addiw", addiw(t2, t0, 1), max32, 0, min32},
    {"addiw", addiw(t2, t0, 0), 0x1234'5678'8000'0000, 0, min32},
    {"addiw", addiw(t2, t0, -1), 0x1'0000'0000, 0, ones},
    {"addw", op32(0, 0, t2, t0, t1), max32, 1, min32},
    {"addw", op32(0, 0, t2, t0, t1), 0xffff'ffff, 1, 0},
    {"subw", op32(0x20, 0, t2, t0, t1), min32, 1, max32},
    {"subw", op32(0x20, 0, t2, t0, t1), 0, 0x1'0000'0001, ones},
};

const std::vector<Case> multiplications = {
    {"mul", op(1, 0, t2, t0, t1), ones, ones, 1},
    {"mul", op(1, 0, t2, t0, t1), min64, 2, 0},
    {"mul", op(1, 0, t2, t0, t1), 0x1'0000'0001, 0x1'0000'0001, 0x2'0000'0001},
    {"mulh", op(1, 1, t2, t0, t1), ones, ones, 0},
    {"mulh", op(1, 1, t2, t0, t1), min64, min64, 0x4000'0000'0000'0000},
    {"mulh", op(1, 1, t2, t0, t1), min64, max64, 0xc000'0000'0000'0000},
    {"mulh", op(1, 1, t2, t0, t1), ones, 1, ones},
    {"mulhsu", op(1, 2, t2, t0, t1), ones, ones, ones},
    {"mulhsu", op(1, 2, t2, t0, t1), min64, ones, min64},
    {"mulhsu", op(1, 2, t2, t0, t1), max64, ones, 0x7fff'ffff'ffff'fffe},
    {"mulhu", op(1, 3, t2, t0, t1), ones, ones, 0xffff'ffff'ffff'fffe},
    {"mulhu", op(1, 3, t2, t0, t1), min64, 2, 1},
    {"mulw", op32(1, 0, t2, t0, t1), max32, 2, 0xffff'ffff'ffff'fffe},
    {"mulw", op32(1, 0, t2, t0, t1), 0x1'0000'0003, 0x5'0000'0007, 21},
    {"mulw", op32(1, 0, t2, t0, t1), 0x8000'0000, 1, min32},
};

const std::vector<Case> divisions = {
    {"div", op(1, 4, t2, t0, t1), minus(7), 2, minus(3)},
    {"div", op(1, 4, t2, t0, t1), 7, minus(2), minus(3)},
    {"div", op(1, 4, t2, t0, t1), 7, 0, ones},
    {"div", op(1, 4, t2, t0, t1), min64, ones, min64},
    {"divu", op(1, 5, t2, t0, t1), ones, 2, max64},
    {"divu", op(1, 5, t2, t0, t1), 7, 0, ones},
    {"divu", op(1, 5, t2, t0, t1), min64, ones, 0},
    {"rem", op(1, 6, t2, t0, t1), minus(7), 2, ones},
    {"rem", op(1, 6, t2, t0, t1), 7, minus(2), 1},
    {"rem", op(1, 6, t2, t0, t1), minus(7), 0, minus(7)},
    {"rem", op(1, 6, t2, t0, t1), min64, ones, 0},
    {"remu", op(1, 7, t2, t0, t1), ones, 16, 15},
    {"remu", op(1, 7, t2, t0, t1), ones, 0, ones},
    {"remu", op(1, 7, t2, t0, t1), min64, ones, min64},
    {"divw", op32(1, 4, t2, t0, t1), minus(7), 2, minus(3)},
    {"divw", op32(1, 4, t2, t0, t1), 7, 0, ones},
    {"divw", op32(1, 4, t2, t0, t1), min32, ones, min32},
    {"divw", op32(1, 4, t2, t0, t1), 0x5'0000'0008, 0x3'0000'0002, 4},
    {"divuw", op32(1, 5, t2, t0, t1), 0xffff'ffff, 1, ones},
    {"divuw", op32(1, 5, t2, t0, t1), 7, 0x1'0000'0000, ones},
    {"divuw", op32(1, 5, t2, t0, t1), min32, ones, 0},
    {"remw", op32(1, 6, t2, t0, t1), minus(7), 2, ones},
    {"remw", op32(1, 6, t2, t0, t1), 0x8000'0001, 0, 0xffff'ffff'8000'0001},
    {"remw", op32(1, 6, t2, t0, t1), min32, ones, 0},
    {"remuw", op32(1, 7, t2, t0, t1), 0xffff'ffff, 16, 15},
    {"remuw", op32(1, 7, t2, t0, t1), 0x8000'0000, 0, min32},
    {"remuw", op32(1, 7, t2, t0, t1), min32, ones, min32},
};

const std::vector<Case> loads = {
    {"lb", lb(t2, 0, a0), pattern, 0, 0xffff'ffff'ffff'ff81},
    {"lb", lb(t2, 4, a0), pattern, 0, 0x55},
    {"lbu", lbu(t2, 7, a0), pattern, 0, 0x88},
    {"lh", lh(t2, 2, a0), pattern, 0, 0xffff'ffff'ffff'8483},
    {"lh", lh(t2, 4, a0), pattern, 0, 0x6655},
    {"lhu", lhu(t2, 6, a0), pattern, 0, 0x8877},
    {"lw", lw(t2, 0, a0), pattern, 0, 0xffff'ffff'8483'8281},
    {"lwu", lwu(t2, 4, a0), pattern, 0, 0x8877'6655},
    {"ld", ld(t2, 0, a0), pattern, 0, pattern},
    {"ld, negative offset", ld(t2, -8, a0), 0, 0, 0},
    {"lw, misaligned", lw(t2, 1, a0), pattern, 0, 0x5584'8382},
    {"ld, misaligned", ld(t2, 3, a0), pattern, 0x0000'0000'00cc'bbaa, 0xccbb'aa88'7766'5584},
};

const std::vector<Branch> branches = {
    {beq(t0, t1, 8), 5, 5, true},     {beq(t0, t1, 8), 5, 0x1'0000'0005, false},
    {bne(t0, t1, 8), 5, 5, false},    {bne(t0, t1, 8), 0, min64, true},
    {blt(t0, t1, 8), ones, 0, true},  {blt(t0, t1, 8), 0, ones, false},
    {blt(t0, t1, 8), 5, 5, false},    {bge(t0, t1, 8), 0, ones, true},
    {bge(t0, t1, 8), 5, 5, true},     {bge(t0, t1, 8), min64, max64, false},
    {bltu(t0, t1, 8), 0, ones, true}, {bltu(t0, t1, 8), ones, 0, false},
    {bltu(t0, t1, 8), 5, 5, false},   {bgeu(t0, t1, 8), ones, 0, true},
    {bgeu(t0, t1, 8), 5, 5, true},    {bgeu(t0, t1, 8), max64, min64, false},
};

}  // namespace

std::vector<Word> aqpim::test::integer_codes() {
    // Those without a table stand in programs of their own below.
    std::vector<Word> codes = {sb(t0, 0, a0), sh(t0, 0, a0),   sw(t0, 0, a0), sd(t0, 0, a0), auipc(t0, 0),
                               jal(t0, 4),    jalr(t0, t1, 0), fence,         fence_i};
    for (const auto* cases :
         {&immediate_operations, &shifts, &register_operations, &multiplications, &divisions, &loads}) {
        for (const Case& c : *cases) {
            codes.push_back(c.code);
        }
    }
    for (const Branch& branch : branches) {
        codes.push_back(branch.code);
    }
    return codes;
}

TEST_CASE("immediate operations sign-extend their immediate to 64 bits") {
    check(immediate_operations);
}

TEST_CASE("shifts take six bits of their amount, W shifts five") {
    check(shifts);
}

TEST_CASE("register operations wrap, W operations sign-extend 32 bits") {
    check(register_operations);
}

TEST_CASE("multiplication gives the low or the high half, by the signs of its factors") {
    check(multiplications);
}

TEST_CASE("division by zero and overflow give the values of the manual's table 7.1") {
    check(divisions);
}

TEST_CASE("loads extend by their sign") {
    check(loads);
}

TEST_CASE("stores write only their bytes") {
    Machine machine;
    for (unsigned i = 0; i < 6; ++i) {
        machine.set_data(i, ones);
    }
    Program program;
    program.add({addi(t0, zero, 0x123), sb(t0, 1, a0), sh(t0, 8 + 6, a0), sw(t0, 16 + 4, a0), sd(t0, 24, a0)});
    program.add({sd(t0, 32 + 5, a0), addi(a0, a0, 2047), sb(t0, -2048, a0)});
    machine.run(program.stop());
    CHECK(machine.data(0) == 0xffff'ffff'ffff'23ff);
    CHECK(machine.data(1) == 0x0123'ffff'ffff'ffff);
    CHECK(machine.data(2) == 0x0000'0123'ffff'ffff);
    CHECK(machine.data(3) == 0x123);
    CHECK(machine.data(4) == 0x0001'23ff'ffff'ffff);
    CHECK(machine.data(5) == 0xffff'ff00'0000'0000);
    CHECK(machine.double_word(data_base - 8) >> 56 == 0x23);
}

TEST_CASE("branches compare signed or unsigned") {
    Machine machine;
    Program program;
    for (unsigned i = 0; i < branches.size(); ++i) {
        machine.set_data(2 * i, branches[i].a);
        machine.set_data(2 * i + 1, branches[i].b);
        program.add({ld(t0, 0, a0), ld(t1, 8, a0), addi(t2, zero, 1), branches[i].code, addi(t2, zero, 0)});
        program.add({sd(t2, 0, a0), addi(a0, a0, 16)});
    }
    machine.run(program.stop());
    for (unsigned i = 0; i < branches.size(); ++i) {
        INFO("branch " << i);
        CHECK(machine.data(2 * i) == (branches[i].taken ? 1 : 0));
    }
}

TEST_CASE("jumps link the next instruction and reach backwards, far and to another page") {
    Machine machine;
    Program program;
    program.add({jal(t0, 12)});                          // 0x00
    program.add({auipc(t1, 0x7), jalr(t2, t1, 0x7f5)});  // 0x04, to 0x77f8 with bit 0 cleared
    program.add({jal(s0, -8)});                          // 0x0c
    machine.load(Program().stop(), memory_base + 0x77f8);
    machine.run(program);
    CHECK(machine.hart().reg(t0) == memory_base + 4);
    CHECK(machine.hart().reg(s0) == memory_base + 0x10);
    CHECK(machine.hart().reg(t1) == memory_base + 0x7004);
    CHECK(machine.hart().reg(t2) == memory_base + 0x0c);
    CHECK(machine.hart().pc() == memory_base + 0x77fc);
    CHECK(machine.hart().is_waiting());
}

TEST_CASE("jalr reads its base before it writes the link") {
    Machine machine;
    Program program;
    program.add({auipc(t0, 0), jalr(t0, t0, 12), addi(t1, zero, 1), addi(t2, zero, 1)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(t0) == memory_base + 8);
    CHECK(machine.hart().reg(t1) == 0);
    CHECK(machine.hart().reg(t2) == 1);
}

TEST_CASE("register x0 stays zero, whatever is written to it") {
    Machine machine;
    machine.set_data(0, 77);
    Program program;
    program.add({addi(zero, zero, 5), ld(zero, 0, a0), jal(zero, 4), csrrw(zero, mscratch, a0), lui(zero, 1)});
    program.add({amo(0, 3, zero, a0, a0), add(t0, zero, zero)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(zero) == 0);
    CHECK(machine.hart().reg(t0) == 0);
    CHECK(machine.data(0) == 77 + data_base);
}

TEST_CASE("fence of any kind is no more than an instruction") {
    Machine machine;
    machine.run(Program().add({fence, 0x8330000f, 0x0100000f, fence_i, addi(t0, zero, 1)}).stop());
    CHECK(machine.hart().reg(t0) == 1);
    CHECK_FALSE(machine.hart().last_exception());
}
