#include "models/cpu/wording.h"

#include <span>

namespace aqpim {

namespace {

using enum Operand;

/// On fields of an encoding.
struct Condition {
    std::uint32_t mask = 0;
    std::uint32_t match = 0;
    bool same_sources = false;  ///< rs1 and rs2 are the same

    constexpr bool holds(std::uint32_t encoding) const {
        return (encoding & mask) == match && (!same_sources || (encoding >> 15 & 0x1f) == (encoding >> 20 & 0x1f));
    }
};

constexpr Condition operator&(const Condition& a, const Condition& b) {
    return {a.mask | b.mask, a.match | b.match, a.same_sources || b.same_sources};
}

constexpr Condition always;
constexpr Condition same_sources = {0, 0, true};
constexpr Condition rd_is(std::uint32_t number) {
    return {0x1fu << 7, number << 7};
}
constexpr Condition rs1_is(std::uint32_t number) {
    return {0x1fu << 15, number << 15};
}
constexpr Condition rs2_is(std::uint32_t number) {
    return {0x1fu << 20, number << 20};
}
constexpr Condition rounding_is(std::uint32_t mode) {
    return {7u << 12, mode << 12};
}
/// The twelve bits of an I-type immediate, of a CSR's number or of a fence's sets.
constexpr Condition imm_is(std::uint32_t value) {
    return {0xfffu << 20, value << 20};
}

constexpr std::uint32_t zero = 0;
constexpr std::uint32_t ra = 1;
constexpr std::uint32_t fflags = 0x001;
constexpr std::uint32_t frm = 0x002;
constexpr std::uint32_t fcsr = 0x003;
constexpr std::uint32_t cycle = 0xc00;
constexpr std::uint32_t time = 0xc01;
constexpr std::uint32_t instret = 0xc02;

struct Alias {
    Operation operation;
    Condition condition;
    Wording wording;
};

// The first that fits is taken. Most are those of the assembly programmer's handbook (Unprivileged ISA 20191213,
// chapter 25); the short names of immediate forms, zext.b and unimp are GNU's.
constexpr Alias aliases[] = {
    {Operation::addi, rd_is(zero) & rs1_is(zero) & imm_is(0), {"nop", {}}},
    {Operation::addi, rs1_is(zero), {"li", {rd, imm}}},
    {Operation::addi, imm_is(0), {"mv", {rd, rs1}}},
    {Operation::addi, always, {"add", {rd, rs1, imm}}},
    {Operation::sltiu, imm_is(1), {"seqz", {rd, rs1}}},
    {Operation::xori, imm_is(0xfff), {"not", {rd, rs1}}},
    {Operation::xori, always, {"xor", {rd, rs1, imm}}},
    {Operation::ori, always, {"or", {rd, rs1, imm}}},
    {Operation::andi, imm_is(0xff), {"zext.b", {rd, rs1}}},
    {Operation::andi, always, {"and", {rd, rs1, imm}}},
    {Operation::slli, always, {"sll", {rd, rs1, shift}}},
    {Operation::srli, always, {"srl", {rd, rs1, shift}}},
    {Operation::srai, always, {"sra", {rd, rs1, shift}}},
    {Operation::sub, rs1_is(zero), {"neg", {rd, rs2}}},
    {Operation::slt, rs2_is(zero), {"sltz", {rd, rs1}}},
    {Operation::slt, rs1_is(zero), {"sgtz", {rd, rs2}}},
    {Operation::sltu, rs1_is(zero), {"snez", {rd, rs2}}},
    {Operation::addiw, imm_is(0), {"sext.w", {rd, rs1}}},
    {Operation::addiw, always, {"addw", {rd, rs1, imm}}},
    {Operation::slliw, always, {"sllw", {rd, rs1, shift}}},
    {Operation::srliw, always, {"srlw", {rd, rs1, shift}}},
    {Operation::sraiw, always, {"sraw", {rd, rs1, shift}}},
    {Operation::subw, rs1_is(zero), {"negw", {rd, rs2}}},

    {Operation::jal, rd_is(zero), {"j", {target}}},
    {Operation::jal, rd_is(ra), {"jal", {target}}},
    {Operation::jalr, rd_is(zero) & rs1_is(ra) & imm_is(0), {"ret", {}}},
    {Operation::jalr, rd_is(zero) & imm_is(0), {"jr", {rs1}}},
    {Operation::jalr, rd_is(zero), {"jr", {memory}}},
    {Operation::jalr, rd_is(ra) & imm_is(0), {"jalr", {rs1}}},
    {Operation::jalr, rd_is(ra), {"jalr", {memory}}},
    {Operation::jalr, imm_is(0), {"jalr", {rd, rs1}}},
    {Operation::beq, rs2_is(zero), {"beqz", {rs1, target}}},
    {Operation::bne, rs2_is(zero), {"bnez", {rs1, target}}},
    {Operation::blt, rs2_is(zero), {"bltz", {rs1, target}}},
    {Operation::blt, rs1_is(zero), {"bgtz", {rs2, target}}},
    {Operation::bge, rs1_is(zero), {"blez", {rs2, target}}},
    {Operation::bge, rs2_is(zero), {"bgez", {rs1, target}}},

    {Operation::fence, imm_is(0x0ff), {"fence", {}}},
    {Operation::fence, imm_is(0x833), {"fence.tso", {}}},
    {Operation::sfence_vma, rs1_is(zero) & rs2_is(zero), {"sfence.vma", {}}},
    {Operation::sfence_vma, rs2_is(zero), {"sfence.vma", {rs1}}},

    {Operation::csrrw, imm_is(cycle) & rd_is(zero) & rs1_is(zero), {"unimp", {}}},
    {Operation::csrrw, imm_is(fflags) & rd_is(zero), {"fsflags", {rs1}}},
    {Operation::csrrw, imm_is(fflags), {"fsflags", {rd, rs1}}},
    {Operation::csrrw, imm_is(frm) & rd_is(zero), {"fsrm", {rs1}}},
    {Operation::csrrw, imm_is(frm), {"fsrm", {rd, rs1}}},
    {Operation::csrrw, imm_is(fcsr) & rd_is(zero), {"fscsr", {rs1}}},
    {Operation::csrrw, imm_is(fcsr), {"fscsr", {rd, rs1}}},
    {Operation::csrrw, rd_is(zero), {"csrw", {csr, rs1}}},
    {Operation::csrrs, imm_is(fflags) & rs1_is(zero), {"frflags", {rd}}},
    {Operation::csrrs, imm_is(frm) & rs1_is(zero), {"frrm", {rd}}},
    {Operation::csrrs, imm_is(fcsr) & rs1_is(zero), {"frcsr", {rd}}},
    {Operation::csrrs, imm_is(cycle) & rs1_is(zero), {"rdcycle", {rd}}},
    {Operation::csrrs, imm_is(time) & rs1_is(zero), {"rdtime", {rd}}},
    {Operation::csrrs, imm_is(instret) & rs1_is(zero), {"rdinstret", {rd}}},
    {Operation::csrrs, rs1_is(zero), {"csrr", {rd, csr}}},
    {Operation::csrrs, rd_is(zero), {"csrs", {csr, rs1}}},
    {Operation::csrrc, rd_is(zero), {"csrc", {csr, rs1}}},
    {Operation::csrrwi, imm_is(fflags), {"fsflagsi", {rd, zimm}}},
    {Operation::csrrwi, imm_is(frm), {"fsrmi", {rd, zimm}}},
    {Operation::csrrwi, rd_is(zero), {"csrw", {csr, zimm}}},
    {Operation::csrrwi, always, {"csrrw", {rd, csr, zimm}}},
    {Operation::csrrsi, rd_is(zero), {"csrs", {csr, zimm}}},
    {Operation::csrrsi, always, {"csrrs", {rd, csr, zimm}}},
    {Operation::csrrci, rd_is(zero), {"csrc", {csr, zimm}}},
    {Operation::csrrci, always, {"csrrc", {rd, csr, zimm}}},

    {Operation::fsgnj_s, same_sources, {"fmv.s", {fd, fs1}}},
    {Operation::fsgnjn_s, same_sources, {"fneg.s", {fd, fs1}}},
    {Operation::fsgnjx_s, same_sources, {"fabs.s", {fd, fs1}}},
    {Operation::fsgnj_d, same_sources, {"fmv.d", {fd, fs1}}},
    {Operation::fsgnjn_d, same_sources, {"fneg.d", {fd, fs1}}},
    {Operation::fsgnjx_d, same_sources, {"fabs.d", {fd, fs1}}},
    // Exact conversions: assemblers write mode 0.
    {Operation::fcvt_d_s, rounding_is(0), {"fcvt.d.s", {fd, fs1}}},
    {Operation::fcvt_d_w, rounding_is(0), {"fcvt.d.w", {fd, rs1}}},
    {Operation::fcvt_d_wu, rounding_is(0), {"fcvt.d.wu", {fd, rs1}}},
};

/// On the 16 bits of a compressed instruction: moves and sums of one form each, and hints and custom encodings (16.7),
/// whose names say that the 32-bit instruction would be written otherwise.
constexpr Condition bits(std::uint32_t mask, std::uint32_t match) {
    return {mask, match};
}

constexpr Alias compressed_aliases[] = {
    {Operation::addi, bits(0xffff, 0x0001), {"nop", {}}},
    {Operation::addi, bits(0xef83, 0x0001), {"c.nop", {imm}}},
    {Operation::addi, bits(0xe003, 0x0001), {"add", {rd, rs1, imm}}},
    {Operation::addi, bits(0xef83, 0x4001), {"c.li", {rd, imm}}},
    {Operation::lui, bits(0xef83, 0x6001), {"c.lui", {rd, upper}}},
    {Operation::srli, bits(0xfc7f, 0x8001), {"c.srli64", {rd}}},
    {Operation::srai, bits(0xfc7f, 0x8401), {"c.srai64", {rd}}},
    {Operation::slli, bits(0xf07f, 0x0002), {"c.slli64", {rd}}},
    {Operation::slli, bits(0xef83, 0x0002), {"c.slli", {rd, shift}}},
    {Operation::add, bits(0xff83, 0x8002), {"c.mv", {rd, rs2}}},
    {Operation::add, bits(0xf003, 0x8002), {"mv", {rd, rs2}}},
    {Operation::add, bits(0xff83, 0x9002), {"c.add", {rd, rs2}}},
};

const Alias* find(std::span<const Alias> table, Operation operation, std::uint32_t encoding) {
    for (const Alias& alias : table) {
        if (alias.operation == operation && alias.condition.holds(encoding)) {
            return &alias;
        }
    }
    return nullptr;
}

Operands operands(Format format) {
    switch (format) {
        case Format::none:
            return {};
        case Format::r:
            return {rd, rs1, rs2};
        case Format::i:
            return {rd, rs1, imm};
        case Format::shift:
            return {rd, rs1, shift};
        case Format::u:
            return {rd, upper};
        case Format::j:
            return {rd, target};
        case Format::b:
            return {rs1, rs2, target};
        case Format::load:
            return {rd, memory};
        case Format::store:
            return {rs2, memory};
        case Format::lr:
            return {rd, address};
        case Format::amo:
            return {rd, rs2, address};
        case Format::csr:
            return {rd, csr, rs1};
        case Format::csri:
            return {rd, csr, zimm};
        case Format::fence:
            return {predecessors, successors};
        case Format::sfence:
            return {rs1, rs2};
        case Format::float_load:
            return {fd, memory};
        case Format::float_store:
            return {fs2, memory};
        case Format::float_r:
            return {fd, fs1, fs2};
        case Format::float_rm:
            return {fd, fs1, fs2, rounding};
        case Format::float_r4:
            return {fd, fs1, fs2, fs3, rounding};
        case Format::float_unary:
            return {fd, fs1, rounding};
        case Format::float_compare:
            return {rd, fs1, fs2};
        case Format::float_to_x:
            return {rd, fs1};
        case Format::float_to_int:
            return {rd, fs1, rounding};
        case Format::int_to_float:
            return {fd, rs1, rounding};
        case Format::x_to_float:
            return {fd, rs1};
    }
    return {};
}

}  // namespace

Wording wording(const InstructionRow& row, std::uint32_t encoding, std::uint16_t compressed) {
    const Alias* alias = compressed == 0 ? nullptr : find(compressed_aliases, row.operation, compressed);
    if (alias == nullptr) {
        alias = find(aliases, row.operation, encoding);
    }
    return alias == nullptr ? Wording{"", operands(row.format)} : alias->wording;
}

}  // namespace aqpim
