#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace aqpim::dram::ecc {

/// SEC-DED over a word of 64 bits with 8 check bits: the odd-weight-column code of M. Y. Hsiao, "A Class of Optimal
/// Minimum Odd-weight-column SEC-DED Codes", IBM Journal of Research and Development 14(4), 1970. One wrong bit of the
/// 72 is corrected; two are detected.
inline constexpr std::size_t data_bits = 64;
inline constexpr std::size_t check_bits = 8;
inline constexpr std::size_t word_bits = data_bits + check_bits;

/// The columns of the parity-check matrix that belong to data bits: all 56 of weight three, and eight of weight five
/// that put the same number of ones in each row. Those of the check bits have weight one.
constexpr std::array<std::uint8_t, data_bits> make_columns() {
    std::array<std::uint8_t, data_bits> columns{};
    std::size_t next = 0;
    for (unsigned a = 0; a < check_bits; ++a) {
        for (unsigned b = a + 1; b < check_bits; ++b) {
            for (unsigned c = b + 1; c < check_bits; ++c) {
                columns[next++] = static_cast<std::uint8_t>(1u << a | 1u << b | 1u << c);
            }
        }
    }
    for (unsigned turn = 0; turn < check_bits; ++turn) {
        constexpr unsigned five_ones = 0x1f;
        columns[next++] = static_cast<std::uint8_t>(five_ones << turn | five_ones >> (check_bits - turn));
    }
    return columns;
}
inline constexpr std::array<std::uint8_t, data_bits> columns = make_columns();

enum class Status : std::uint8_t { ok, corrected, detected };

struct Decoded {
    std::uint64_t data;  ///< as read when the error is only detected
    Status status;
};

/// The check bits of a word.
std::uint8_t encode(std::uint64_t data);

/// What a decoder makes of a word and its check bits. Three wrong bits or more may be taken for one.
Decoded decode(std::uint64_t data, std::uint8_t check);

}  // namespace aqpim::dram::ecc
