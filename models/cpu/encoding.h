#pragma once

#include <cstdint>

/// Places of an instruction's fields (Unprivileged ISA 20191213, 2.2 and 2.3), for putting encodings together.
namespace aqpim::encoding {

/// The low `bits` bits of `value` as a signed number.
constexpr std::int32_t sign_extend(std::uint32_t value, unsigned bits) {
    return static_cast<std::int32_t>(value << (32 - bits)) >> (32 - bits);
}

/// `count` bits of `value` from bit `low`, moved to bit `to`.
constexpr std::uint32_t field(std::uint32_t value, unsigned low, unsigned count, unsigned to) {
    return (value >> low & ((1u << count) - 1)) << to;
}

constexpr std::uint32_t r_type(unsigned opcode, unsigned funct3, unsigned funct7, unsigned rd, unsigned rs1,
                               unsigned rs2) {
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

constexpr std::uint32_t i_type(unsigned opcode, unsigned funct3, unsigned rd, unsigned rs1, std::uint32_t imm) {
    return field(imm, 0, 12, 20) | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

constexpr std::uint32_t s_type(unsigned opcode, unsigned funct3, unsigned rs1, unsigned rs2, std::uint32_t imm) {
    return field(imm, 5, 7, 25) | rs2 << 20 | rs1 << 15 | funct3 << 12 | field(imm, 0, 5, 7) | opcode;
}

constexpr std::uint32_t b_type(unsigned opcode, unsigned funct3, unsigned rs1, unsigned rs2, std::uint32_t offset) {
    return field(offset, 12, 1, 31) | field(offset, 5, 6, 25) | rs2 << 20 | rs1 << 15 | funct3 << 12 |
           field(offset, 1, 4, 8) | field(offset, 11, 1, 7) | opcode;
}

/// `imm`: bits 31 to 12 of the value.
constexpr std::uint32_t u_type(unsigned opcode, unsigned rd, std::uint32_t imm) {
    return imm << 12 | rd << 7 | opcode;
}

constexpr std::uint32_t j_type(unsigned opcode, unsigned rd, std::uint32_t offset) {
    return field(offset, 20, 1, 31) | field(offset, 1, 10, 21) | field(offset, 11, 1, 20) | field(offset, 12, 8, 12) |
           rd << 7 | opcode;
}

}  // namespace aqpim::encoding
