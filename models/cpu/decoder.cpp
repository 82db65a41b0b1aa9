#include "models/cpu/decoder.h"

#include "models/cpu/compressed.h"
#include "models/cpu/encoding.h"

namespace aqpim {

namespace {

constexpr InstructionRow table[] = {
#define INSTRUCTION(name, extension, match, mask, format, timing, ...) \
    {Operation::name, #name, extension, match, mask, Format::format, Timing::timing},
#include "models/cpu/instructions.def"
#undef INSTRUCTION
};

std::int32_t immediate(Format format, std::uint32_t e) {
    using encoding::field;
    using encoding::sign_extend;
    switch (format) {
        case Format::i:
            return sign_extend(e >> 20, 12);
        case Format::shift:
            return static_cast<std::int32_t>(field(e, 20, 6, 0));
        case Format::s:
            return sign_extend(field(e, 25, 7, 5) | field(e, 7, 5, 0), 12);
        case Format::b:
            return sign_extend(field(e, 31, 1, 12) | field(e, 7, 1, 11) | field(e, 25, 6, 5) | field(e, 8, 4, 1), 13);
        case Format::u:
            return static_cast<std::int32_t>(e & 0xfffff000);
        case Format::j:
            return sign_extend(field(e, 31, 1, 20) | field(e, 12, 8, 12) | field(e, 20, 1, 11) | field(e, 21, 10, 1),
                               21);
        case Format::csr:
            return static_cast<std::int32_t>(e >> 20);
        case Format::none:
        case Format::r:
            break;
    }
    return 0;
}

}  // namespace

std::span<const InstructionRow> instruction_table() {
    return table;
}

Decoder::Decoder(const Isa& isa, const Cycles& cycles) : cycles_(cycles) {
    for (const InstructionRow& row : table) {
        if (isa.has(row.extension)) {
            rows_[row.match & 0x7f].push_back(row);
        }
    }
}

const InstructionRow* Decoder::find(std::uint32_t encoding) const {
    for (const InstructionRow& row : rows_[encoding & 0x7f]) {
        if ((encoding & row.mask) == row.match) {
            return &row;
        }
    }
    return nullptr;
}

Instruction Decoder::decode(std::uint32_t encoding) const {
    Instruction instruction;
    instruction.encoding = encoding;
    std::uint32_t full = encoding;
    if (is_compressed(encoding)) {
        instruction.encoding = encoding & 0xffff;
        instruction.bytes = 2;
        full = expand_compressed(static_cast<std::uint16_t>(encoding));
    }
    const InstructionRow* const row = find(full);
    if (row == nullptr) {
        instruction.operation = Operation::illegal;
        return instruction;
    }
    instruction.operation = row->operation;
    instruction.cycles = cycles_[static_cast<std::size_t>(row->timing)];
    const auto rd = static_cast<std::uint8_t>(encoding::field(full, 7, 5, 0));
    instruction.rd = rd == 0 ? Instruction::sink : rd;
    instruction.rs1 = static_cast<std::uint8_t>(encoding::field(full, 15, 5, 0));
    instruction.rs2 = static_cast<std::uint8_t>(encoding::field(full, 20, 5, 0));
    instruction.immediate = immediate(row->format, full);
    return instruction;
}

}  // namespace aqpim
