#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/cpu/instruction.h"
#include "models/cpu/isa.h"

namespace aqpim {

/// A line of instructions.def without its semantics.
struct InstructionRow {
    Operation operation;
    std::string_view name;
    char extension;
    std::uint32_t match;
    std::uint32_t mask;
    Format format;
    Timing timing;
};

std::span<const InstructionRow> instruction_table();

/// An illegal instruction ends a block, too.
bool ends_block(Operation operation);

/// Turns encodings into instructions of one instruction set.
class Decoder {
 public:
    using Cycles = std::array<std::uint16_t, timing_count>;  ///< by Timing

    Decoder(const Isa& isa, const Cycles& cycles);

    /// `encoding`: 32 bits at the instruction's address; the upper half does not matter if the lower is a compressed
    /// instruction. What is no instruction gives Operation::illegal.
    Instruction decode(std::uint32_t encoding) const;
    /// The line of the table that `encoding` belongs to, for a compressed instruction that of what it stands for; null
    /// if there is none.
    const InstructionRow* row(std::uint32_t encoding) const;

    const Isa& isa() const { return isa_; }

 private:
    const InstructionRow* find(std::uint32_t encoding) const;

    Isa isa_;
    Cycles cycles_;
    std::array<std::vector<InstructionRow>, 128> rows_;  ///< by major opcode, bits 6 to 0
};

}  // namespace aqpim
