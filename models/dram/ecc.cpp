#include "models/dram/ecc.h"

#include <bit>

namespace aqpim::dram::ecc {

namespace {

using Masks = std::array<std::uint64_t, check_bits>;

/// The data bits that each check bit covers.
constexpr Masks make_masks() {
    Masks masks{};
    for (std::size_t check = 0; check < check_bits; ++check) {
        for (std::size_t bit = 0; bit < data_bits; ++bit) {
            masks[check] |= static_cast<std::uint64_t>(columns[bit] >> check & 1) << bit;
        }
    }
    return masks;
}
constexpr Masks masks = make_masks();

/// The data bit to turn round for each syndrome; `keep_data` where the error is in a check bit.
constexpr std::int8_t no_column = -1;
constexpr std::int8_t keep_data = 64;

constexpr std::array<std::int8_t, 256> make_corrections() {
    std::array<std::int8_t, 256> corrections{};
    corrections.fill(no_column);
    for (std::size_t check = 0; check < check_bits; ++check) {
        corrections[std::size_t{1} << check] = keep_data;
    }
    for (std::size_t bit = 0; bit < data_bits; ++bit) {
        corrections[columns[bit]] = static_cast<std::int8_t>(bit);
    }
    return corrections;
}
constexpr std::array<std::int8_t, 256> corrections = make_corrections();

}  // namespace

std::uint8_t encode(std::uint64_t data) {
    unsigned check = 0;
    for (std::size_t bit = 0; bit < check_bits; ++bit) {
        check |= static_cast<unsigned>(std::popcount(data & masks[bit]) & 1) << bit;
    }
    return static_cast<std::uint8_t>(check);
}

Decoded decode(std::uint64_t data, std::uint8_t check) {
    const auto syndrome = static_cast<std::uint8_t>(encode(data) ^ check);
    if (syndrome == 0) {
        return {data, Status::ok};
    }
    const std::int8_t correction = corrections[syndrome];
    if (correction == no_column) {
        return {data, Status::detected};
    }
    if (correction == keep_data) {
        return {data, Status::corrected};
    }
    return {data ^ std::uint64_t{1} << correction, Status::corrected};
}

}  // namespace aqpim::dram::ecc
