#include "models/cpu/disassembler.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "models/cpu/compressed.h"
#include "models/cpu/csr_names.h"
#include "models/cpu/encoding.h"
#include "models/cpu/wording.h"

namespace aqpim {

namespace {

using encoding::field;

constexpr std::string_view x_names[] = {"zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
                                        "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
                                        "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
constexpr std::string_view f_names[] = {"ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1", "fa0",
                                        "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4", "fs5",
                                        "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};
/// By the field rm; 7 stands for the mode in frm and is left out.
constexpr std::string_view rounding_modes[] = {"rne", "rtz", "rdn", "rup", "rmm", "unknown", "unknown", ""};
/// By the bits aq and rl.
constexpr std::string_view orderings[] = {"", ".rl", ".aq", ".aqrl"};

constexpr unsigned dynamic_rounding = 7;

std::string csr_text(unsigned number) {
    const std::string_view name = csr_name(number);
    return name.empty() ? fmt::format("{:#x}", number) : std::string(name);
}

/// Device input, device output, memory reads, memory writes (Unprivileged ISA 20191213, 2.7).
std::string fence_set(std::uint32_t set) {
    std::string text;
    for (unsigned bit = 0; bit < 4; ++bit) {
        if ((set >> (3 - bit) & 1) != 0) {
            text += "iorw"[bit];
        }
    }
    return text.empty() ? "unknown" : text;
}

/// One instruction of 32 bits at its address.
struct Encoded {
    std::uint32_t bits;
    std::int64_t immediate;
    std::uint64_t pc;

    std::uint32_t take(unsigned low, unsigned count) const { return field(bits, low, count, 0); }
    std::string_view x(unsigned low) const { return x_names[take(low, 5)]; }
    std::string_view f(unsigned low) const { return f_names[take(low, 5)]; }

    std::string text(Operand operand) const;
};

std::string Encoded::text(Operand operand) const {
    switch (operand) {
        case Operand::rd:
            return std::string(x(7));
        case Operand::rs1:
            return std::string(x(15));
        case Operand::rs2:
            return std::string(x(20));
        case Operand::fd:
            return std::string(f(7));
        case Operand::fs1:
            return std::string(f(15));
        case Operand::fs2:
            return std::string(f(20));
        case Operand::fs3:
            return std::string(f(27));
        case Operand::imm:
            return fmt::format("{}", immediate);
        case Operand::shift:
            return fmt::format("{:#x}", immediate);
        case Operand::upper:
            return fmt::format("{:#x}", take(12, 20));
        case Operand::target:
            return fmt::format("{:#x}", pc + static_cast<std::uint64_t>(immediate));
        case Operand::memory:
            return fmt::format("{}({})", immediate, x(15));
        case Operand::address:
            return fmt::format("({})", x(15));
        case Operand::csr:
            return csr_text(take(20, 12));
        case Operand::zimm:
            return fmt::format("{}", take(15, 5));
        case Operand::predecessors:
            return fence_set(take(24, 4));
        case Operand::successors:
            return fence_set(take(20, 4));
        case Operand::rounding:
            return std::string(rounding_modes[take(12, 3)]);
        case Operand::none:
            break;
    }
    return {};
}

bool is_written(Operand operand, const Encoded& encoded) {
    return operand != Operand::none && !(operand == Operand::rounding && encoded.take(12, 3) == dynamic_rounding);
}

std::string data_text(std::uint32_t encoding) {
    if (!is_compressed(encoding)) {
        return fmt::format(".4byte\t{:#x}", encoding);
    }
    const std::uint32_t half = encoding & 0xffff;
    return half == 0 ? "unimp" : fmt::format(".2byte\t{:#x}", half);
}

}  // namespace

std::string mnemonic(const InstructionRow& row) {
    std::string name(row.name);
    if (name.back() == '_') {
        name.pop_back();
    }
    std::replace(name.begin(), name.end(), '_', '.');
    return name;
}

Disassembler::Disassembler(const Isa& isa) : decoder_(isa, Decoder::Cycles{}) {}

std::string Disassembler::text(std::uint32_t encoding, std::uint64_t pc) const {
    const InstructionRow* const row = decoder_.row(encoding);
    if (row == nullptr) {
        return data_text(encoding);
    }
    const auto half = static_cast<std::uint16_t>(is_compressed(encoding) ? encoding : 0);
    const Encoded encoded = {half == 0 ? encoding : expand_compressed(half), decoder_.decode(encoding).immediate, pc};
    const Wording words = wording(*row, encoded.bits, half);
    std::string text = words.name.empty() ? mnemonic(*row) : std::string(words.name);
    if (row->format == Format::lr || row->format == Format::amo) {
        text += orderings[encoded.take(25, 2)];
    }
    char separator = '\t';
    for (const Operand operand : words.operands) {
        if (is_written(operand, encoded)) {
            text += separator + encoded.text(operand);
            separator = ',';
        }
    }
    return text;
}

std::string Disassembler::line(std::uint32_t encoding, std::uint64_t pc) const {
    // objdump's column for addresses is a multiple of four wide, with room for a blank up to fifteen digits.
    const std::size_t digits = fmt::formatted_size("{:x}", pc);
    const std::size_t width = std::min<std::size_t>((digits / 4 + 1) * 4, 16);
    const std::string address = fmt::format("{:{}x}", pc, width);
    const std::string bytes =
        is_compressed(encoding) ? fmt::format("{:04x}      ", encoding & 0xffff) : fmt::format("{:08x}", encoding);
    return fmt::format("{}:\t{}          \t{}", address, bytes, text(encoding, pc));
}

}  // namespace aqpim
