#pragma once

#include <cstdint>
#include <string_view>

namespace aqpim {

/// Which single-letter extensions a 64-bit hart has. Zicsr, Zifencei and Zicntr are always there.
class Isa {
 public:
    /// "rv64imac"; throws InputError for what the hart cannot be.
    explicit Isa(std::string_view name);

    bool has(char extension) const { return (letters_ >> (extension - 'a') & 1) != 0; }
    /// CSR misa: MXL = 2 (64 bits) and the extensions' letters (Privileged 1.12, 3.1.1).
    std::uint64_t misa() const { return std::uint64_t{2} << 62 | letters_; }

 private:
    std::uint32_t letters_ = 0;  ///< bit 0: 'a'
};

}  // namespace aqpim
