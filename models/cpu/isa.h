#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aqpim {

/// Which single-letter extensions a 64-bit hart has: I, and any of M, A, F, D (with F) and C. Zicsr, Zifencei, Zicntr,
/// S and U mode are always there.
class Isa {
 public:
    /// "rv64imac", "rv64gc": "rv64", then "i" or "g" (for "imafd"), then letters of "mafdc" in this order. Throws
    /// InputError for anything else.
    explicit Isa(std::string_view name);

    bool has(char extension) const { return (letters_ >> (extension - 'a') & 1) != 0; }
    /// CSR misa: MXL = 2 (64 bits) and the extensions' letters, with S and U (Privileged 1.12, 3.1.1).
    std::uint64_t misa() const { return std::uint64_t{2} << 62 | letters_; }
    /// "rv64imafdc": without "g", "s" and "u", as device trees give it.
    std::string name() const;

 private:
    std::uint32_t letters_;  ///< bit 0: 'a'
};

}  // namespace aqpim
