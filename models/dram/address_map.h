#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "models/dram/organization.h"

namespace aqpim::dram {

/// The order of aqpim/pim_layout.h: a contiguous range visits every channel, then every bank, then the next column.
inline constexpr std::string_view default_address_map = "row:column:rank:bank:bank_group:pseudo_channel:channel:burst";

/// Linear addresses to locations and back. The order is given as fields from the most significant, each once; `burst`,
/// the byte of a burst, comes last.
class AddressMap {
 public:
    /// Throws InputError for an unknown, missing or repeated field, and for a count that is no power of two.
    AddressMap(std::string_view order, const Organization& organization);

    /// `address` is below the organisation's capacity.
    Location decode(std::uint64_t address) const;
    /// The address of the location's first byte.
    std::uint64_t encode(const Location& location) const;

 private:
    static constexpr std::size_t field_count = 8;
    struct Field {
        std::uint32_t shift = 0;
        std::uint64_t mask = 0;
    };

    std::uint32_t value(std::size_t field, std::uint64_t address) const {
        return static_cast<std::uint32_t>(address >> fields_[field].shift & fields_[field].mask);
    }

    std::array<Field, field_count> fields_;
};

}  // namespace aqpim::dram
