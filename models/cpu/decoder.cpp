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
        case Format::load:
        case Format::float_load:
            return sign_extend(e >> 20, 12);
        case Format::shift:
            return static_cast<std::int32_t>(field(e, 20, 6, 0));
        case Format::store:
        case Format::float_store:
            return sign_extend(field(e, 25, 7, 5) | field(e, 7, 5, 0), 12);
        case Format::b:
            return sign_extend(field(e, 31, 1, 12) | field(e, 7, 1, 11) | field(e, 25, 6, 5) | field(e, 8, 4, 1), 13);
        case Format::u:
            return static_cast<std::int32_t>(e & 0xfffff000);
        case Format::j:
            return sign_extend(field(e, 31, 1, 20) | field(e, 12, 8, 12) | field(e, 20, 1, 11) | field(e, 21, 10, 1),
                               21);
        case Format::csr:
        case Format::csri:
        case Format::fence:
            return static_cast<std::int32_t>(e >> 20);
        default:
            return 0;
    }
}

/// 5 and 6 are reserved (Unprivileged ISA 20191213, table 11.1); 7 stands for the mode in frm.
bool is_rounding_mode(std::uint32_t rm) {
    return rm != 5 && rm != 6;
}

}  // namespace

std::span<const InstructionRow> instruction_table() {
    return table;
}

bool ends_block(Operation operation) {
    constexpr auto first = static_cast<std::size_t>(Operation::lui);
    const auto number = static_cast<std::size_t>(operation);
    return number < first || ends_block(table[number - first].timing);
}

Decoder::Decoder(const Isa& isa, const Cycles& cycles) : isa_(isa), cycles_(cycles) {
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

const InstructionRow* Decoder::row(std::uint32_t encoding) const {
    if (!is_compressed(encoding)) {
        return find(encoding);
    }
    return isa_.has('c') ? find(expand_compressed(static_cast<std::uint16_t>(encoding))) : nullptr;
}

Instruction Decoder::decode(std::uint32_t encoding) const {
    using encoding::field;
    Instruction instruction;
    instruction.encoding = encoding;
    std::uint32_t full = encoding;
    if (is_compressed(encoding)) {
        instruction.encoding = encoding & 0xffff;
        instruction.bytes = 2;
        full = expand_compressed(static_cast<std::uint16_t>(encoding));
    }
    const InstructionRow* const row = this->row(encoding);
    if (row == nullptr || (has_rounding(row->format) && !is_rounding_mode(field(full, 12, 3, 0)))) {
        return instruction;
    }
    instruction.operation = row->operation;
    instruction.cycles = cycles_[static_cast<std::size_t>(row->timing)];
    const auto rd = static_cast<std::uint8_t>(field(full, 7, 5, 0));
    instruction.rd = rd == 0 && !writes_float(row->format) ? Instruction::sink : rd;
    instruction.rs1 = static_cast<std::uint8_t>(field(full, 15, 5, 0));
    instruction.rs2 = static_cast<std::uint8_t>(field(full, 20, 5, 0));
    instruction.rs3 = static_cast<std::uint8_t>(field(full, 27, 5, 0));
    instruction.rounding = static_cast<std::uint8_t>(field(full, 12, 3, 0));
    instruction.immediate = immediate(row->format, full);
    return instruction;
}

}  // namespace aqpim
