#pragma once

#include <string_view>

namespace aqpim {

/// Name of a standard CSR, whether a hart has it or not (Privileged 1.12, tables 2.2 to 2.6, and extensions of its
/// time); empty if there is none.
std::string_view csr_name(unsigned number);

}  // namespace aqpim
