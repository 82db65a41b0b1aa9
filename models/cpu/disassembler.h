#pragma once

#include <cstdint>
#include <string>

#include "models/cpu/decoder.h"
#include "models/cpu/isa.h"

namespace aqpim {

/// A table line's name as assembly language writes it: "amoadd.w".
std::string mnemonic(const InstructionRow& row);

/// Turns encodings into assembly language, in the words of GNU objdump 2.40: registers by their ABI names, the aliases
/// it prefers ("ret", "li", "add" for addi), compressed instructions as what they stand for, CSRs by name, branch
/// targets as addresses. Encodings that are no instruction become ".4byte" or ".2byte", and 0 "unimp".
///
/// It differs where that objdump does not know what the hart executes (fence and fence.i with fields that are to be
/// ignored, Unprivileged ISA 20191213, 2.7 and chapter 3; exact conversions with a rounding mode) or knows what the
/// hart lacks (instructions and CSRs of other extensions), and in its comments, which are left out.
class Disassembler {
 public:
    explicit Disassembler(const Isa& isa);

    /// Mnemonic, tab, operands: "add\ta0,a0,-16"; only the mnemonic if there are no operands. `encoding` as the decoder
    /// takes it; `pc`: its address, from which branch targets are counted.
    std::string text(std::uint32_t encoding, std::uint64_t pc) const;
    /// A line of `objdump -d` without symbols: "    80000000:\t00000297          \tauipc\tt0,0x0".
    std::string line(std::uint32_t encoding, std::uint64_t pc) const;

 private:
    Decoder decoder_;
};

}  // namespace aqpim
