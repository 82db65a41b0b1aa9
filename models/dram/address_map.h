#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/dram/organization.h"

namespace aqpim::dram {

/// The order of aqpim/pim_layout.h: a contiguous range visits every channel, then every bank, then the next column.
inline constexpr std::string_view default_address_map = "row:column:rank:bank:bank_group:pseudo_channel:channel:burst";

/// Linear addresses to locations and back.
///
/// `order` names the fields of an address from the most significant: row, column, rank, bank, bank_group,
/// pseudo_channel, channel, each once, and last `burst`, the byte of a burst. A field of which there is one may be left
/// out. A field may stand in parts: `row:column[4:2]:bank:column[1:0]:burst`.
///
/// `hash` is "none" or a list such as `bank^row[1:0],channel^row`: the field on the left is XORed with bits of the
/// field on the right, which is not hashed itself; without a range with as many of its low bits as there are.
class AddressMap {
 public:
    /// Throws InputError for a text that is none of these, for an order that has not each bit of each field once, and
    /// for a count that is no power of two.
    AddressMap(std::string_view order, std::string_view hash, const Organization& organization);
    AddressMap(std::string_view order, const Organization& organization) : AddressMap(order, "none", organization) {}

    /// `address` is below the organisation's capacity.
    Location decode(std::uint64_t address) const {
        address = hashed(address);
        Values values;
        for (std::size_t field = 0; field < field_count; ++field) {
            values[field] = first_parts_[field].from(address);
        }
        for (const Part& part : more_parts_) {
            values[part.field] |= part.from(address);
        }
        return {values[channel], values[pseudo_channel], values[rank], values[bank_group], values[bank],
                values[row],     values[column]};
    }

    /// The address of the location's first byte.
    std::uint64_t encode(const Location& location) const {
        const Values values{location.row,        location.column,         location.rank,   location.bank,
                            location.bank_group, location.pseudo_channel, location.channel};
        std::uint64_t address = 0;
        for (std::size_t field = 0; field < field_count; ++field) {
            address |= first_parts_[field].to_address(values[field]);
        }
        for (const Part& part : more_parts_) {
            address |= part.to_address(values[part.field]);
        }
        return hashed(address);
    }

    bool is_hashed() const { return !hashes_.empty(); }

    enum Field : std::size_t { row, column, rank, bank, bank_group, pseudo_channel, channel };
    static constexpr std::size_t field_count = 7;

 private:
    using Values = std::array<std::uint32_t, field_count>;

    /// Bits of a field that are neighbours in the address, too.
    struct Part {
        std::size_t field = 0;
        std::uint32_t shift = 0;  ///< in the address
        std::uint32_t mask = 0;   ///< of its bits, from bit 0
        std::uint32_t place = 0;  ///< of its lowest bit in the field

        std::uint32_t from(std::uint64_t address) const {
            return (static_cast<std::uint32_t>(address >> shift) & mask) << place;
        }
        std::uint64_t to_address(std::uint32_t value) const { return std::uint64_t{value >> place & mask} << shift; }
    };
    /// Neighbouring bits of the address that are XORed onto others.
    struct Hash {
        std::uint32_t source = 0;  ///< lowest bit
        std::uint32_t target = 0;  ///< lowest bit
        std::uint64_t mask = 0;    ///< from bit 0
    };

    /// Its own inverse, as what is hashed hashes nothing.
    std::uint64_t hashed(std::uint64_t address) const {
        std::uint64_t result = address;
        for (const Hash& hash : hashes_) {
            result ^= (address >> hash.source & hash.mask) << hash.target;
        }
        return result;
    }

    /// Bits of each field, and of the address within a burst.
    using Widths = std::array<std::uint32_t, field_count + 1>;
    void place_fields(std::string_view order, const Widths& widths);
    void add_hashes(std::string_view list, const Widths& widths);

    void add_hash(std::uint32_t source_bit, std::uint32_t target_bit);
    std::uint32_t address_bit(std::size_t field, std::uint32_t bit) const;

    std::array<Part, field_count> first_parts_;  ///< of each field; mask 0 where it has no bits
    std::vector<Part> more_parts_;               ///< of fields in several parts
    std::vector<Hash> hashes_;
};

}  // namespace aqpim::dram
