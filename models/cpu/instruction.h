#pragma once

#include <cstddef>
#include <cstdint>

namespace aqpim {

/// One for each line of instructions.def.
enum class Operation : std::uint16_t {
    illegal,    ///< no instruction of this hart
    block_end,  ///< behind the last instruction of a block that goes on at the next address
#define INSTRUCTION(name, ...) name,
#include "models/cpu/instructions.def"
#undef INSTRUCTION
};

/// An instruction's operands and the places of their bits (Unprivileged ISA 20191213, 2.2, 2.3, 8.2 and 11.5). x and f
/// are integer and floating-point registers.
enum class Format : std::uint8_t {
    none,
    r,              ///< rd, rs1, rs2
    i,              ///< rd, rs1, 12-bit immediate
    shift,          ///< rd, rs1, shift amount of 6 bits
    u,              ///< rd, upper 20 bits of an immediate
    j,              ///< rd, 21-bit jump offset
    b,              ///< rs1, rs2, 13-bit branch offset
    load,           ///< rd, 12-bit offset, rs1 (jalr too)
    store,          ///< rs2, 12-bit offset, rs1
    lr,             ///< rd, rs1
    amo,            ///< rd, rs2, rs1
    csr,            ///< rd, CSR number, rs1
    csri,           ///< rd, CSR number, 5-bit immediate in place of rs1
    fence,          ///< predecessors, successors
    sfence,         ///< rs1 (address), rs2 (address space)
    float_load,     ///< f rd, 12-bit offset, x rs1
    float_store,    ///< f rs2, 12-bit offset, x rs1
    float_r,        ///< f rd, f rs1, f rs2
    float_rm,       ///< f rd, f rs1, f rs2, rounding mode
    float_r4,       ///< f rd, f rs1, f rs2, f rs3, rounding mode
    float_unary,    ///< f rd, f rs1, rounding mode
    float_compare,  ///< x rd, f rs1, f rs2
    float_to_x,     ///< x rd, f rs1
    float_to_int,   ///< x rd, f rs1, rounding mode
    int_to_float,   ///< f rd, x rs1, rounding mode
    x_to_float,     ///< f rd, x rs1
};

constexpr bool is_float(Format format) {
    return format >= Format::float_load;
}
constexpr bool writes_float(Format format) {
    switch (format) {
        case Format::float_load:
        case Format::float_r:
        case Format::float_rm:
        case Format::float_r4:
        case Format::float_unary:
        case Format::int_to_float:
        case Format::x_to_float:
            return true;
        default:
            return false;
    }
}
constexpr bool has_rounding(Format format) {
    return format == Format::float_rm || format == Format::float_r4 || format == Format::float_unary ||
           format == Format::float_to_int || format == Format::int_to_float;
}

/// What an instruction's time depends on: HartParameters has the cycles of each.
enum class Timing : std::uint8_t {
    alu,
    multiply,
    divide,
    memory,
    atomic,
    branch,
    csr,
    fmove,     ///< sign injection, minimum and maximum, comparison, classification, moves between x and f
    fconvert,  ///< to and from integers, between formats
    fadd,
    fmul,
    fmadd,
    fdiv,  ///< and square root
};
inline constexpr std::size_t timing_count = 13;

/// Control may go elsewhere, or the hart's state change for what follows, after an instruction of this class.
constexpr bool ends_block(Timing timing) {
    return timing == Timing::branch || timing == Timing::csr;
}

class Hart;
struct Block;
struct Instruction;

/// Executes an instruction of `block`, and those that follow, until the hart has to look around. `page_pc`: virtual
/// address of the block's page; `tick` and `instructions`: the time and the instructions retired when the block began.
using InstructionCode = void (*)(Hart& hart, const Instruction* instruction, Block* block, std::uint64_t page_pc,
                                 std::uint64_t tick, std::uint64_t instructions);

/// One instruction, decoded.
struct Instruction {
    /// As destination in place of register 0, so that writing needs no test.
    static constexpr std::uint8_t sink = 32;

    InstructionCode code = nullptr;  ///< given by the hart
    Operation operation = Operation::illegal;
    std::uint16_t page_offset = 0;    ///< of its address in the page of 4 KiB
    std::uint16_t cycles = 0;         ///< of its own
    std::uint16_t cycles_before = 0;  ///< of the instructions before it in its block
    std::uint8_t rd = sink;
    std::uint8_t rs1 = 0;
    std::uint8_t rs2 = 0;
    std::uint8_t rs3 = 0;
    std::int32_t immediate = 0;  ///< for CSR instructions the CSR's number
    std::uint32_t encoding = 0;  ///< as fetched, 16 or 32 bits
    std::uint8_t bytes = 4;      ///< 2 or 4
    std::uint8_t rounding = 0;   ///< the field rm
};

}  // namespace aqpim
