#pragma once

#include <vector>

#include "tests/cpu/assembler.h"

namespace aqpim::test {

// What the tables of the test files execute.
std::vector<rv::Word> integer_codes();  ///< RV64I and RV64M
std::vector<rv::Word> atomic_codes();
std::vector<rv::Word> float_codes();

}  // namespace aqpim::test
