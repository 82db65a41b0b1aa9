#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "models/cpu/decoder.h"

namespace aqpim {

/// What an instruction's text names, one after the other.
enum class Operand : std::uint8_t {
    none,
    rd,
    rs1,
    rs2,
    fd,  ///< f registers
    fs1,
    fs2,
    fs3,
    imm,           ///< signed, decimal
    shift,         ///< hexadecimal
    upper,         ///< bits 31 to 12 of the immediate
    target,        ///< address that the offset leads to
    memory,        ///< offset(rs1)
    address,       ///< (rs1)
    csr,           ///< by name
    zimm,          ///< the field rs1 as a number
    predecessors,  ///< of a fence: "iorw"
    successors,
    rounding,  ///< left out if it is the mode in frm
};

using Operands = std::array<Operand, 5>;

/// How an instruction is written.
struct Wording {
    std::string_view name;  ///< empty: the table line's own
    Operands operands;
};

/// The wording of `encoding`, an instruction of table line `row`: an alias if one fits, otherwise the line's name with
/// its format's operands. `compressed`: the 16 bits that `encoding` was expanded from, or 0.
Wording wording(const InstructionRow& row, std::uint32_t encoding, std::uint16_t compressed);

}  // namespace aqpim
