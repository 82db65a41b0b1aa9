#include "models/cpu/coverage.h"

#include <fmt/format.h>

#include "models/cpu/decoder.h"
#include "models/cpu/disassembler.h"

namespace aqpim {

InstructionCoverage::InstructionCoverage()
    : counts_(static_cast<std::size_t>(instruction_table().back().operation) + 1) {}

std::uint64_t InstructionCoverage::executed(Operation operation) const {
    return counts_[static_cast<std::size_t>(operation)];
}

void InstructionCoverage::write_csv(std::ostream& out) const {
    out << "mnemonic,extension,count\n";
    for (const InstructionRow& row : instruction_table()) {
        out << fmt::format("{},{},{}\n", mnemonic(row), row.extension, executed(row.operation));
    }
}

}  // namespace aqpim
