#include "models/cpu/compressed.h"

#include "models/cpu/encoding.h"

namespace aqpim {

namespace {

using namespace encoding;

constexpr std::uint32_t reserved = 0;
constexpr unsigned zero = 0;
constexpr unsigned ra = 1;
constexpr unsigned sp = 2;

/// A compressed instruction's fields. Immediates are scattered: each accessor gathers one kind.
class Fields {
 public:
    explicit Fields(std::uint32_t bits) : bits_(bits) {}

    /// Bits `low` to `low + count - 1`, moved to bit `to`.
    std::uint32_t take(unsigned low, unsigned count, unsigned to = 0) const {
        return (bits_ >> low & ((1u << count) - 1)) << to;
    }
    unsigned funct3() const { return take(13, 3); }
    unsigned rd() const { return take(7, 5); }
    unsigned rs2() const { return take(2, 5); }
    /// The three-bit fields name x8 to x15.
    unsigned short_rs1() const { return 8 + take(7, 3); }
    unsigned short_rs2() const { return 8 + take(2, 3); }

    std::uint32_t shift() const { return take(12, 1, 5) | take(2, 5); }
    std::int32_t imm6() const { return sign_extend(shift(), 6); }
    std::uint32_t word_offset() const { return take(10, 3, 3) | take(6, 1, 2) | take(5, 1, 6); }
    std::uint32_t double_offset() const { return take(10, 3, 3) | take(5, 2, 6); }
    std::uint32_t stack_address() const { return take(11, 2, 4) | take(7, 4, 6) | take(6, 1, 2) | take(5, 1, 3); }
    std::int32_t stack_adjustment() const {
        return sign_extend(take(12, 1, 9) | take(6, 1, 4) | take(5, 1, 6) | take(3, 2, 7) | take(2, 1, 5), 10);
    }
    std::int32_t jump_offset() const {
        return sign_extend(take(12, 1, 11) | take(11, 1, 4) | take(9, 2, 8) | take(8, 1, 10) | take(7, 1, 6) |
                               take(6, 1, 7) | take(3, 3, 1) | take(2, 1, 5),
                           12);
    }
    std::int32_t branch_offset() const {
        return sign_extend(take(12, 1, 8) | take(10, 2, 3) | take(5, 2, 6) | take(3, 2, 1) | take(2, 1, 5), 9);
    }
    std::uint32_t stack_load_word() const { return take(12, 1, 5) | take(4, 3, 2) | take(2, 2, 6); }
    std::uint32_t stack_load_double() const { return take(12, 1, 5) | take(5, 2, 3) | take(2, 3, 6); }
    std::uint32_t stack_store_word() const { return take(9, 4, 2) | take(7, 2, 6); }
    std::uint32_t stack_store_double() const { return take(10, 3, 3) | take(7, 3, 6); }

 private:
    std::uint32_t bits_;
};

std::uint32_t quadrant0(const Fields& c) {
    switch (c.funct3()) {
        case 0:  // c.addi4spn
            return c.stack_address() == 0 ? reserved : i_type(0x13, 0, c.short_rs2(), sp, c.stack_address());
        case 1:  // c.fld
            return i_type(0x07, 3, c.short_rs2(), c.short_rs1(), c.double_offset());
        case 2:  // c.lw
            return i_type(0x03, 2, c.short_rs2(), c.short_rs1(), c.word_offset());
        case 3:  // c.ld
            return i_type(0x03, 3, c.short_rs2(), c.short_rs1(), c.double_offset());
        case 5:  // c.fsd
            return s_type(0x27, 3, c.short_rs1(), c.short_rs2(), c.double_offset());
        case 6:  // c.sw
            return s_type(0x23, 2, c.short_rs1(), c.short_rs2(), c.word_offset());
        case 7:  // c.sd
            return s_type(0x23, 3, c.short_rs1(), c.short_rs2(), c.double_offset());
        default:
            return reserved;
    }
}

/// c.sub, c.xor, c.or, c.and, c.subw, c.addw
std::uint32_t register_arithmetic(const Fields& c) {
    const unsigned rd = c.short_rs1();
    const unsigned rs2 = c.short_rs2();
    switch (c.take(12, 1, 2) | c.take(5, 2)) {
        case 0:
            return r_type(0x33, 0, 0x20, rd, rd, rs2);
        case 1:
            return r_type(0x33, 4, 0x00, rd, rd, rs2);
        case 2:
            return r_type(0x33, 6, 0x00, rd, rd, rs2);
        case 3:
            return r_type(0x33, 7, 0x00, rd, rd, rs2);
        case 4:
            return r_type(0x3b, 0, 0x20, rd, rd, rs2);
        case 5:
            return r_type(0x3b, 0, 0x00, rd, rd, rs2);
        default:
            return reserved;
    }
}

std::uint32_t arithmetic(const Fields& c) {
    const unsigned rd = c.short_rs1();
    switch (c.take(10, 2)) {
        case 0:  // c.srli
            return i_type(0x13, 5, rd, rd, c.shift());
        case 1:  // c.srai
            return i_type(0x13, 5, rd, rd, 0x400 | c.shift());
        case 2:  // c.andi
            return i_type(0x13, 7, rd, rd, c.imm6());
        default:
            return register_arithmetic(c);
    }
}

/// c.addi16sp, c.lui
std::uint32_t upper_immediate(const Fields& c) {
    if (c.shift() == 0) {
        return reserved;
    }
    if (c.rd() == sp) {
        return i_type(0x13, 0, sp, sp, c.stack_adjustment());
    }
    return u_type(0x37, c.rd(), c.imm6());
}

std::uint32_t quadrant1(const Fields& c) {
    switch (c.funct3()) {
        case 0:  // c.addi, c.nop
            return i_type(0x13, 0, c.rd(), c.rd(), c.imm6());
        case 1:  // c.addiw
            return c.rd() == zero ? reserved : i_type(0x1b, 0, c.rd(), c.rd(), c.imm6());
        case 2:  // c.li
            return i_type(0x13, 0, c.rd(), zero, c.imm6());
        case 3:
            return upper_immediate(c);
        case 4:
            return arithmetic(c);
        case 5:  // c.j
            return j_type(0x6f, zero, c.jump_offset());
        case 6:  // c.beqz
            return b_type(0x63, 0, c.short_rs1(), zero, c.branch_offset());
        default:  // c.bnez
            return b_type(0x63, 1, c.short_rs1(), zero, c.branch_offset());
    }
}

/// c.jr, c.mv, c.ebreak, c.jalr, c.add
std::uint32_t jump_move_add(const Fields& c) {
    const bool second_half = c.take(12, 1) != 0;
    if (c.rs2() != zero) {
        return r_type(0x33, 0, 0, c.rd(), second_half ? c.rd() : zero, c.rs2());
    }
    if (c.rd() == zero) {
        return second_half ? 0x00100073 : reserved;
    }
    return i_type(0x67, 0, second_half ? ra : zero, c.rd(), 0);
}

std::uint32_t quadrant2(const Fields& c) {
    switch (c.funct3()) {
        case 0:  // c.slli
            return i_type(0x13, 1, c.rd(), c.rd(), c.shift());
        case 1:  // c.fldsp
            return i_type(0x07, 3, c.rd(), sp, c.stack_load_double());
        case 2:  // c.lwsp
            return c.rd() == zero ? reserved : i_type(0x03, 2, c.rd(), sp, c.stack_load_word());
        case 3:  // c.ldsp
            return c.rd() == zero ? reserved : i_type(0x03, 3, c.rd(), sp, c.stack_load_double());
        case 4:
            return jump_move_add(c);
        case 5:  // c.fsdsp
            return s_type(0x27, 3, sp, c.rs2(), c.stack_store_double());
        case 6:  // c.swsp
            return s_type(0x23, 2, sp, c.rs2(), c.stack_store_word());
        case 7:  // c.sdsp
            return s_type(0x23, 3, sp, c.rs2(), c.stack_store_double());
        default:
            return reserved;
    }
}

}  // namespace

std::uint32_t expand_compressed(std::uint16_t encoding) {
    const Fields fields(encoding);
    switch (encoding & 3) {
        case 0:
            return quadrant0(fields);
        case 1:
            return quadrant1(fields);
        case 2:
            return quadrant2(fields);
        default:
            return reserved;
    }
}

}  // namespace aqpim
