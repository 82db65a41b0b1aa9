#pragma once

#include <array>
#include <cstdint>

namespace aqpim {

/// A table from virtual pages to host addresses, as a hart's data TLB: what it holds may be accessed without another
/// look at translation, protection or the bus.
class HostPages {
 public:
    static constexpr std::uint64_t page_bytes = 4096;

    /// The host address of an aligned access, or null. One comparison tells both that the page is the one and that the
    /// access is aligned.
    template <unsigned bytes>
    std::uint8_t* aligned(std::uint64_t address) const {
        constexpr std::uint64_t aligned_offset = page_bytes - bytes;
        const Page& page = pages_[address / page_bytes % pages];
        return page.address == (address & ~aligned_offset) ? page.host + address % page_bytes : nullptr;
    }
    /// The host address of any access within one page, or null.
    std::uint8_t* find(std::uint64_t address, std::uint64_t bytes) const {
        const Page& page = pages_[address / page_bytes % pages];
        const std::uint64_t offset = address % page_bytes;
        return page.address == address - offset && bytes <= page_bytes - offset ? page.host + offset : nullptr;
    }

    /// `host`: of the page's first byte.
    void add(std::uint64_t page_address, std::uint8_t* host) {
        pages_[page_address / page_bytes % pages] = {page_address, host};
    }
    void clear() { pages_.fill({}); }

 private:
    static constexpr std::uint64_t pages = 256;
    struct Page {
        std::uint64_t address = nowhere;
        std::uint8_t* host = nullptr;
    };
    static constexpr std::uint64_t nowhere = page_bytes / 2;  ///< no page's address

    std::array<Page, pages> pages_{};
};

}  // namespace aqpim
