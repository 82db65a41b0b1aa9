#pragma once

#include <cstdint>
#include <ostream>
#include <vector>

#include "models/cpu/instruction.h"

namespace aqpim {

/// How often each line of the instruction table was executed.
class InstructionCoverage {
 public:
    InstructionCoverage();

    /// One execution.
    void count(Operation operation) { ++counts_[static_cast<std::size_t>(operation)]; }
    std::uint64_t executed(Operation operation) const;

    /// CSV with the header "mnemonic,extension,count"; every line of the table, in its order, also those never
    /// executed. Operation::illegal and Operation::block_end are no lines and do not appear.
    void write_csv(std::ostream& out) const;

 private:
    std::vector<std::uint64_t> counts_;  ///< by Operation
};

}  // namespace aqpim
