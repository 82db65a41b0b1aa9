#pragma once

#include <cstddef>
#include <cstdint>

namespace aqpim {

/// One for each line of instructions.def.
enum class Operation : std::uint16_t {
    none,     ///< not decoded
    illegal,  ///< decoded, and no instruction of this hart
#define INSTRUCTION(name, ...) name,
#include "models/cpu/instructions.def"
#undef INSTRUCTION
};

/// An instruction's operands and the places of their bits (Unprivileged ISA 20191213, 2.2 and 2.3).
enum class Format : std::uint8_t {
    none,
    r,      ///< rd, rs1, rs2
    i,      ///< rd, rs1, 12-bit immediate
    shift,  ///< rd, rs1, shift amount of 6 bits
    s,      ///< rs1, rs2, 12-bit immediate (stores)
    b,      ///< rs1, rs2, 13-bit branch offset
    u,      ///< rd, upper 20 bits of an immediate
    j,      ///< rd, 21-bit jump offset
    csr,    ///< rd, rs1 or a 5-bit immediate in its place, CSR number
};

/// What an instruction's time depends on: HartParameters has the cycles of each.
enum class Timing : std::uint8_t { alu, multiply, divide, memory, atomic, branch, csr };
inline constexpr std::size_t timing_count = 7;

/// One instruction, decoded.
struct Instruction {
    /// As destination in place of register 0, so that writing needs no test.
    static constexpr std::uint8_t sink = 32;

    Operation operation = Operation::none;
    std::uint16_t cycles = 0;
    std::uint8_t rd = sink;
    std::uint8_t rs1 = 0;
    std::uint8_t rs2 = 0;
    std::uint8_t bytes = 4;      ///< 2 or 4
    std::int32_t immediate = 0;  ///< for Format::csr the CSR's number
    std::uint32_t encoding = 0;  ///< as fetched, 16 or 32 bits
};
static_assert(sizeof(Instruction) == 16, "execution computes addresses from places in arrays of these");

}  // namespace aqpim
