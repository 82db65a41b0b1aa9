#include "models/cpu/decoder.h"

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "tests/cpu/assembler.h"

using namespace aqpim;

namespace {

const Decoder::Cycles cycles = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};

Decoder decoder(std::string_view isa = "rv64gc") {
    return {Isa(isa), cycles};
}

}  // namespace

TEST_CASE("every line of the table decodes to itself, whatever its operands are") {
    for (const InstructionRow& row : instruction_table()) {
        INFO(row.name);
        CHECK((row.match & ~row.mask) == 0);
        CHECK(decoder().decode(row.match).operation == row.operation);
        // Ones in the field rm stand for the mode in frm.
        CHECK(decoder().decode(row.match | ~row.mask).operation == row.operation);
        CHECK(decoder().decode(row.match).cycles == cycles[static_cast<std::size_t>(row.timing)]);
    }
}

TEST_CASE("no encoding fits two lines of the table") {
    for (const InstructionRow& a : instruction_table()) {
        for (const InstructionRow& b : instruction_table()) {
            INFO(a.name << " and " << b.name);
            CHECK((&a == &b || ((a.match ^ b.match) & a.mask & b.mask) != 0));
        }
    }
}

TEST_CASE("an instruction of an extension that the hart lacks is illegal") {
    for (const char* const isa : {"rv64i", "rv64imc", "rv64imaf", "rv64gc"}) {
        for (const InstructionRow& row : instruction_table()) {
            INFO(isa << " " << row.name);
            const bool legal = decoder(isa).decode(row.match).operation != Operation::illegal;
            CHECK(legal == Isa(isa).has(row.extension));
        }
    }
}

TEST_CASE("without the C extension every compressed encoding is illegal, without D its loads and stores are") {
    constexpr std::uint32_t c_nop = 0x0001;
    constexpr std::uint32_t c_fld = 0x2000;
    CHECK(decoder("rv64g").decode(c_nop).operation == Operation::illegal);
    CHECK(decoder("rv64g").decode(c_nop).bytes == 2);
    CHECK(decoder("rv64imafc").decode(c_fld).operation == Operation::illegal);
    CHECK(decoder("rv64gc").decode(c_fld).operation == Operation::fld);
}

TEST_CASE("rounding modes 5 and 6 are reserved") {
    constexpr std::uint32_t fadd_d = 0x02000053;
    for (const std::uint32_t mode : {0u, 1u, 2u, 3u, 4u, 7u}) {
        CHECK(decoder().decode(fadd_d | mode << 12).operation == Operation::fadd_d);
        CHECK(decoder().decode(fadd_d | mode << 12).rounding == mode);
    }
    CHECK(decoder().decode(fadd_d | 5 << 12).operation == Operation::illegal);
    CHECK(decoder().decode(fadd_d | 6 << 12).operation == Operation::illegal);
}

TEST_CASE("immediates are gathered and sign-extended") {
    using namespace rv;
    const Decoder d = decoder();
    CHECK(d.decode(addi(t0, t1, -2048)).immediate == -2048);
    CHECK(d.decode(addi(t0, t1, 2047)).immediate == 2047);
    CHECK(d.decode(sd(t0, -2048, t1)).immediate == -2048);
    CHECK(d.decode(sd(t0, 0x555, t1)).immediate == 0x555);
    CHECK(d.decode(srai(t0, t1, 63)).immediate == 63);
    CHECK(d.decode(lui(t0, 0x80000)).immediate == std::numeric_limits<std::int32_t>::min());
    CHECK(d.decode(csrrs(t0, 0xfff, t1)).immediate == 0xfff);
    for (std::int32_t offset = -4096; offset < 4096; offset += 2) {
        CHECK(d.decode(beq(t0, t1, offset)).immediate == offset);
    }
    for (std::int32_t bit = 1; bit < 20; ++bit) {
        CHECK(d.decode(jal(t0, std::int64_t{1} << bit)).immediate == 1 << bit);
        CHECK(d.decode(jal(t0, -(std::int64_t{1} << bit))).immediate == -(1 << bit));
    }
    CHECK(d.decode(jal(t0, -(1 << 20))).immediate == -(1 << 20));
}

TEST_CASE("reserved encodings are illegal") {
    using namespace rv;
    const Word reserved[] = {
        0x00000000,                 // defined illegal
        0xffffffff,                 // defined illegal
        0x00000007 | 4 << 12,       // flq: no Q extension
        0x04000053,                 // fadd.h likewise
        0x00007003,                 // load of a width that RV64 lacks
        0x00004023,                 // store likewise
        0x00002063,                 // branch funct3 2
        0x00001067,                 // jalr funct3 1
        0x0000201b,                 // OP-IMM-32 funct3 2
        0x80001013,                 // slli with a high bit
        slliw(t0, t0, 32),          // W shift amount of 32
        op(0x20, 1, t0, t0, t0),    // sll with funct7 of sub
        op(0x02, 0, t0, t0, t0),    // unused funct7
        op32(0x01, 1, t0, t0, t0),  // mulhw does not exist
        amo(5, 2, t0, t0, t0),      // unused funct5
        amo(0, 0, t0, t0, t0),      // AMO of a byte
        amo(2, 2, t0, t1, t0),      // lr with rs2
        0x0000200f,                 // MISC-MEM funct3 2
        0x00004073,                 // SYSTEM funct3 4
        0x00200073,                 // uret
        0x12000073 | 1 << 7,        // sfence.vma with rd
        0x22000073,                 // hfence.bvma: no hypervisor
        mret | 1 << 7,              // mret with rd
        0x0000001f,                 // more than 32 bits
        0x0000007f,                 // more than 32 bits
    };
    for (const Word encoding : reserved) {
        INFO(std::hex << encoding);
        const Instruction instruction = decoder().decode(encoding);
        CHECK(instruction.operation == Operation::illegal);
        CHECK(instruction.bytes == ((encoding & 3) == 3 ? 4 : 2));
        CHECK(instruction.encoding == encoding);
    }
}

TEST_CASE("misa tells the instruction set, and an unknown one is refused") {
    constexpr std::uint64_t s_and_u = 1 << 18 | 1 << 20;
    CHECK(Isa("rv64imac").misa() == (0x8000'0000'0000'1105 | s_and_u));
    CHECK(Isa("rv64imc").misa() == (0x8000'0000'0000'1104 | s_and_u));
    CHECK(Isa("rv64gc").misa() == (0x8000'0000'0000'112d | s_and_u));
    for (const char* const unknown : {"rv32imac", "", "rv64", "rv64mac", "rv64imd", "rv64imcf", "rv64gcv", "RV64I"}) {
        INFO(unknown);
        CHECK_THROWS_AS(Isa(unknown), InputError);
    }
}
