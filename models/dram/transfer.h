#pragma once

#include <cstdint>

#include "models/dram/address_map.h"
#include "models/dram/request.h"

namespace aqpim::dram {

/// What a payload asks of the memory: `length` bytes, which lie at `address` in beats of `width` bytes; a width below
/// the length visits the same place again (the streaming width of TLM-2.0).
struct Transfer {
    std::uint64_t address = 0;
    std::uint64_t length = 0;  ///< above zero
    std::uint64_t width = 0;   ///< above zero
    bool write = false;
};

/// Takes a transfer apart into requests: bursts that are neighbours in one row travel together. A burst that is covered
/// in part is a whole one.
class RequestWalk {
 public:
    RequestWalk(const Transfer& transfer, const AddressMap& address_map, const Organization& organization);

    /// The next one's place, bursts and direction, in `request`; false after the last.
    bool next(Request& request);

 private:
    bool next_burst();
    bool continues(const Request& request) const;

    const AddressMap& address_map_;
    std::uint64_t burst_bytes_;
    Transfer transfer_;
    std::uint64_t beat_ = 0;      ///< bytes before the one under way
    std::uint64_t burst_;         ///< address
    std::uint64_t beat_end_ = 0;  ///< address behind the last byte
    Location location_;
    bool ended_ = false;
};

}  // namespace aqpim::dram
