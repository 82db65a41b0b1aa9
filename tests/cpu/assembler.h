#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

/// Encodings as the instruction set manual's tables give them, written apart from the model's.
namespace rv {

using Word = std::uint32_t;

enum Register : Word { zero, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7 };
inline constexpr Register t5 = Register{30};
inline constexpr Register t6 = Register{31};

constexpr Word bits(std::int64_t value, int high, int low) {
    return static_cast<Word>(static_cast<std::uint64_t>(value) >> low & ((std::uint64_t{1} << (high - low + 1)) - 1));
}

constexpr Word r_format(Word funct7, Word rs2, Word rs1, Word funct3, Word rd, Word opcode) {
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr Word i_format(std::int64_t imm, Word rs1, Word funct3, Word rd, Word opcode) {
    return bits(imm, 11, 0) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr Word s_format(std::int64_t imm, Word rs2, Word rs1, Word funct3) {
    return bits(imm, 11, 5) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | bits(imm, 4, 0) << 7 | 0x23;
}
constexpr Word b_format(std::int64_t imm, Word rs2, Word rs1, Word funct3) {
    return bits(imm, 12, 12) << 31 | bits(imm, 10, 5) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 |
           bits(imm, 4, 1) << 8 | bits(imm, 11, 11) << 7 | 0x63;
}
/// `imm`: what the field holds, bits 31 to 12 of the value.
constexpr Word u_format(std::int64_t imm, Word rd, Word opcode) {
    return bits(imm, 19, 0) << 12 | rd << 7 | opcode;
}
constexpr Word j_format(std::int64_t imm, Word rd) {
    return bits(imm, 20, 20) << 31 | bits(imm, 10, 1) << 21 | bits(imm, 11, 11) << 20 | bits(imm, 19, 12) << 12 |
           rd << 7 | 0x6f;
}

constexpr Word lui(Word rd, std::int64_t imm) {
    return u_format(imm, rd, 0x37);
}
constexpr Word auipc(Word rd, std::int64_t imm) {
    return u_format(imm, rd, 0x17);
}
constexpr Word jal(Word rd, std::int64_t offset) {
    return j_format(offset, rd);
}
constexpr Word jalr(Word rd, Word rs1, std::int64_t imm) {
    return i_format(imm, rs1, 0, rd, 0x67);
}
constexpr Word beq(Word rs1, Word rs2, std::int64_t offset) {
    return b_format(offset, rs2, rs1, 0);
}
constexpr Word bne(Word rs1, Word rs2, std::int64_t offset) {
    return b_format(offset, rs2, rs1, 1);
}
constexpr Word blt(Word rs1, Word rs2, std::int64_t offset) {
    return b_format(offset, rs2, rs1, 4);
}
constexpr Word bge(Word rs1, Word rs2, std::int64_t offset) {
    return b_format(offset, rs2, rs1, 5);
}
constexpr Word bltu(Word rs1, Word rs2, std::int64_t offset) {
    return b_format(offset, rs2, rs1, 6);
}
constexpr Word bgeu(Word rs1, Word rs2, std::int64_t offset) {
    return b_format(offset, rs2, rs1, 7);
}

constexpr Word lb(Word rd, std::int64_t imm, Word rs1) {
    return i_format(imm, rs1, 0, rd, 0x03);
}
constexpr Word lh(Word rd, std::int64_t imm, Word rs1) {
    return i_format(imm, rs1, 1, rd, 0x03);
}
constexpr Word lw(Word rd, std::int64_t imm, Word rs1) {
    return i_format(imm, rs1, 2, rd, 0x03);
}
constexpr Word ld(Word rd, std::int64_t imm, Word rs1) {
    return i_format(imm, rs1, 3, rd, 0x03);
}
constexpr Word lbu(Word rd, std::int64_t imm, Word rs1) {
    return i_format(imm, rs1, 4, rd, 0x03);
}
constexpr Word lhu(Word rd, std::int64_t imm, Word rs1) {
    return i_format(imm, rs1, 5, rd, 0x03);
}
constexpr Word lwu(Word rd, std::int64_t imm, Word rs1) {
    return i_format(imm, rs1, 6, rd, 0x03);
}
constexpr Word sb(Word rs2, std::int64_t imm, Word rs1) {
    return s_format(imm, rs2, rs1, 0);
}
constexpr Word sh(Word rs2, std::int64_t imm, Word rs1) {
    return s_format(imm, rs2, rs1, 1);
}
constexpr Word sw(Word rs2, std::int64_t imm, Word rs1) {
    return s_format(imm, rs2, rs1, 2);
}
constexpr Word sd(Word rs2, std::int64_t imm, Word rs1) {
    return s_format(imm, rs2, rs1, 3);
}

constexpr Word addi(Word rd, Word rs1, std::int64_t imm) {
    return i_format(imm, rs1, 0, rd, 0x13);
}
constexpr Word slti(Word rd, Word rs1, std::int64_t imm) {
    return i_format(imm, rs1, 2, rd, 0x13);
}
constexpr Word sltiu(Word rd, Word rs1, std::int64_t imm) {
    return i_format(imm, rs1, 3, rd, 0x13);
}
constexpr Word xori(Word rd, Word rs1, std::int64_t imm) {
    return i_format(imm, rs1, 4, rd, 0x13);
}
constexpr Word ori(Word rd, Word rs1, std::int64_t imm) {
    return i_format(imm, rs1, 6, rd, 0x13);
}
constexpr Word andi(Word rd, Word rs1, std::int64_t imm) {
    return i_format(imm, rs1, 7, rd, 0x13);
}
constexpr Word slli(Word rd, Word rs1, Word shift) {
    return i_format(shift, rs1, 1, rd, 0x13);
}
constexpr Word srli(Word rd, Word rs1, Word shift) {
    return i_format(shift, rs1, 5, rd, 0x13);
}
constexpr Word srai(Word rd, Word rs1, Word shift) {
    return i_format(0x400 | shift, rs1, 5, rd, 0x13);
}
constexpr Word addiw(Word rd, Word rs1, std::int64_t imm) {
    return i_format(imm, rs1, 0, rd, 0x1b);
}
constexpr Word slliw(Word rd, Word rs1, Word shift) {
    return i_format(shift, rs1, 1, rd, 0x1b);
}
constexpr Word srliw(Word rd, Word rs1, Word shift) {
    return i_format(shift, rs1, 5, rd, 0x1b);
}
constexpr Word sraiw(Word rd, Word rs1, Word shift) {
    return i_format(0x400 | shift, rs1, 5, rd, 0x1b);
}

// Loads, stores and operations on floating-point registers, which are given by number.
enum FloatFormat : Word { single_format, double_format };

constexpr Word flw(Word fd, std::int64_t imm, Word rs1) {
    return i_format(imm, rs1, 2, fd, 0x07);
}
constexpr Word fld(Word fd, std::int64_t imm, Word rs1) {
    return i_format(imm, rs1, 3, fd, 0x07);
}
constexpr Word fsw(Word fs2, std::int64_t imm, Word rs1) {
    return s_format(imm, fs2, rs1, 2) | 0x04;
}
constexpr Word fsd(Word fs2, std::int64_t imm, Word rs1) {
    return s_format(imm, fs2, rs1, 3) | 0x04;
}
/// OP-FP. `rm`: rounding mode, or what else the field tells.
constexpr Word fp_op(Word funct5, FloatFormat format, Word rm, Word rd, Word rs1, Word rs2) {
    return r_format(funct5 << 2 | format, rs2, rs1, rm, rd, 0x53);
}
/// fmadd 0x43, fmsub 0x47, fnmsub 0x4b, fnmadd 0x4f.
constexpr Word fp_fused(Word opcode, FloatFormat format, Word rm, Word rd, Word rs1, Word rs2, Word rs3) {
    return r_format(rs3 << 2 | format, rs2, rs1, rm, rd, opcode);
}

/// Register-register operations: OP (0x33) and OP-32 (0x3b).
constexpr Word op(Word funct7, Word funct3, Word rd, Word rs1, Word rs2) {
    return r_format(funct7, rs2, rs1, funct3, rd, 0x33);
}
constexpr Word op32(Word funct7, Word funct3, Word rd, Word rs1, Word rs2) {
    return r_format(funct7, rs2, rs1, funct3, rd, 0x3b);
}
constexpr Word add(Word rd, Word rs1, Word rs2) {
    return op(0, 0, rd, rs1, rs2);
}
constexpr Word sub(Word rd, Word rs1, Word rs2) {
    return op(0x20, 0, rd, rs1, rs2);
}

/// `width`: 2 for words, 3 for double words; `funct5` tells the operation.
constexpr Word amo(Word funct5, Word width, Word rd, Word rs2, Word rs1) {
    return r_format(funct5 << 2, rs2, rs1, width, rd, 0x2f);
}
constexpr Word lr(Word width, Word rd, Word rs1) {
    return amo(2, width, rd, 0, rs1);
}
constexpr Word sc(Word width, Word rd, Word rs2, Word rs1) {
    return amo(3, width, rd, rs2, rs1);
}

constexpr Word csrrw(Word rd, Word csr, Word rs1) {
    return i_format(csr, rs1, 1, rd, 0x73);
}
constexpr Word csrrs(Word rd, Word csr, Word rs1) {
    return i_format(csr, rs1, 2, rd, 0x73);
}
constexpr Word csrrc(Word rd, Word csr, Word rs1) {
    return i_format(csr, rs1, 3, rd, 0x73);
}
constexpr Word csrrwi(Word rd, Word csr, Word imm) {
    return i_format(csr, imm, 5, rd, 0x73);
}
constexpr Word csrrsi(Word rd, Word csr, Word imm) {
    return i_format(csr, imm, 6, rd, 0x73);
}
constexpr Word csrrci(Word rd, Word csr, Word imm) {
    return i_format(csr, imm, 7, rd, 0x73);
}
constexpr Word csrr(Word rd, Word csr) {
    return csrrs(rd, csr, zero);
}
constexpr Word csrw(Word csr, Word rs1) {
    return csrrw(zero, csr, rs1);
}

inline constexpr Word nop = 0x00000013;
inline constexpr Word fence = 0x0ff0000f;
inline constexpr Word fence_i = 0x0000100f;
inline constexpr Word ecall = 0x00000073;
inline constexpr Word ebreak = 0x00100073;
inline constexpr Word mret = 0x30200073;
inline constexpr Word sret = 0x10200073;
inline constexpr Word wfi = 0x10500073;
inline constexpr Word c_nop = 0x0001;
constexpr Word sfence_vma(Word rs1, Word rs2) {
    return r_format(0x09, rs2, rs1, 0, zero, 0x73);
}

// CSRs
inline constexpr Word fflags = 0x001;
inline constexpr Word frm = 0x002;
inline constexpr Word fcsr = 0x003;
inline constexpr Word sstatus = 0x100;
inline constexpr Word sie = 0x104;
inline constexpr Word stvec = 0x105;
inline constexpr Word scounteren = 0x106;
inline constexpr Word sscratch = 0x140;
inline constexpr Word sepc = 0x141;
inline constexpr Word scause = 0x142;
inline constexpr Word stval = 0x143;
inline constexpr Word sip = 0x144;
inline constexpr Word satp = 0x180;
inline constexpr Word mstatus = 0x300;
inline constexpr Word misa = 0x301;
inline constexpr Word medeleg = 0x302;
inline constexpr Word mideleg = 0x303;
inline constexpr Word mie = 0x304;
inline constexpr Word mtvec = 0x305;
inline constexpr Word mcounteren = 0x306;
inline constexpr Word mscratch = 0x340;
inline constexpr Word mepc = 0x341;
inline constexpr Word mcause = 0x342;
inline constexpr Word mtval = 0x343;
inline constexpr Word mip = 0x344;
inline constexpr Word pmpcfg0 = 0x3a0;
inline constexpr Word pmpaddr0 = 0x3b0;
inline constexpr Word mcycle = 0xb00;
inline constexpr Word minstret = 0xb02;
inline constexpr Word cycle = 0xc00;
inline constexpr Word time = 0xc01;
inline constexpr Word instret = 0xc02;
inline constexpr Word mhartid = 0xf14;

/// Code as it lies in memory.
class Program {
 public:
    Program& add(std::initializer_list<Word> words) {
        for (const Word word : words) {
            half(static_cast<std::uint16_t>(word)).half(static_cast<std::uint16_t>(word >> 16));
        }
        return *this;
    }
    Program& half(std::uint16_t encoding) {
        bytes_.push_back(static_cast<std::uint8_t>(encoding));
        bytes_.push_back(static_cast<std::uint8_t>(encoding >> 8));
        return *this;
    }
    Program& halves(std::initializer_list<std::uint16_t> encodings) {
        for (const std::uint16_t encoding : encodings) {
            half(encoding);
        }
        return *this;
    }
    /// A constant of 32 bits, sign-extended; two instructions.
    Program& li(Word rd, std::int32_t value) {
        return add({lui(rd, (std::int64_t{value} + 0x800) >> 12), addiw(rd, rd, value)});
    }
    Program& add(const Program& other) {
        bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
        return *this;
    }
    /// wfi with no interrupt enabled: the simulation runs out of events.
    Program& stop() { return add({csrrwi(zero, mie, 0), wfi}); }

    std::uint64_t size() const { return bytes_.size(); }
    const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
    std::vector<std::uint8_t> bytes_;
};

}  // namespace rv
