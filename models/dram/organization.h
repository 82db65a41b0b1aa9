#pragma once

#include <cstdint>

namespace aqpim::dram {

/// How a PIM memory is divided. `channels` counts over all stacks; every other field counts within the level above it.
struct Organization {
    std::uint32_t channels = 16;
    std::uint32_t pseudo_channels = 2;
    std::uint32_t ranks = 2;
    std::uint32_t bank_groups = 4;
    std::uint32_t banks = 4;
    std::uint32_t rows = 16384;
    std::uint32_t columns = 32;      ///< bursts in a row
    std::uint32_t burst_bytes = 32;  ///< of one column

    std::uint32_t banks_per_channel() const { return pseudo_channels * ranks * bank_groups * banks; }
    std::uint32_t row_bytes() const { return columns * burst_bytes; }
    std::uint64_t capacity_bytes() const { return std::uint64_t{channels} * banks_per_channel() * rows * row_bytes(); }
};

/// One column of one bank.
struct Location {
    std::uint32_t channel = 0;
    std::uint32_t pseudo_channel = 0;
    std::uint32_t rank = 0;
    std::uint32_t bank_group = 0;
    std::uint32_t bank = 0;
    std::uint32_t row = 0;
    std::uint32_t column = 0;

    bool operator==(const Location&) const = default;
};

}  // namespace aqpim::dram
