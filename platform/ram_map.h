#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "aqpim/memory_map.h"
#include "models/bus/bus.h"

namespace aqpim {

/// Where RAM lies in the host's address space: below the 64-bit PCIe window as much as fits there, the rest above it.
struct RamMap {
    std::uint64_t low_bytes;   ///< from AQPIM_RAM_BASE on
    std::uint64_t high_bytes;  ///< from AQPIM_RAM_HIGH_BASE on, or 0

    static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 40;

    explicit RamMap(std::uint64_t bytes)
        : low_bytes(std::min<std::uint64_t>(bytes, AQPIM_RAM_LOW_MOST)), high_bytes(bytes - low_bytes) {}

    std::uint64_t low_end() const { return AQPIM_RAM_BASE + low_bytes; }
    /// Windows of the one memory.
    std::vector<AddressRange> windows() const {
        std::vector<AddressRange> windows{{AQPIM_RAM_BASE, low_bytes, 0}};
        if (high_bytes != 0) {
            windows.push_back({AQPIM_RAM_HIGH_BASE, high_bytes, low_bytes});
        }
        return windows;
    }
};

}  // namespace aqpim
