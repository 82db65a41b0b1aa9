#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace aqpim {

/// Bytes of a large memory of which only the pages with other bytes than zero written to them take space;
/// the rest reads as zero. A page, once made,
/// keeps its address, so that DMI pointers stay valid.
class SparseMemory {
 public:
    static constexpr std::size_t page_bytes = 64 * 1024;

    void read(std::uint64_t address, std::uint8_t* data, std::size_t bytes) const;
    void write(std::uint64_t address, const std::uint8_t* data, std::size_t bytes);

    /// The page that holds `address` (made if missing); its first byte stands at address rounded down to page_bytes.
    std::uint8_t* page(std::uint64_t address);
    std::uint64_t allocated_bytes() const { return pages_.size() * page_bytes; }

 private:
    using Page = std::array<std::uint8_t, page_bytes>;
    std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
};

}  // namespace aqpim
