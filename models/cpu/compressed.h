#pragma once

#include <cstdint>

namespace aqpim {

/// True if the 16 bits at an instruction's address are all of it (Unprivileged ISA 20191213, 1.5).
constexpr bool is_compressed(std::uint32_t encoding) {
    return (encoding & 3) != 3;
}

/// The 32-bit instruction that a compressed one of RV64C stands for (Unprivileged ISA 20191213, chapter 16); 0, which
/// is no instruction, for reserved encodings.
std::uint32_t expand_compressed(std::uint16_t encoding);

}  // namespace aqpim
