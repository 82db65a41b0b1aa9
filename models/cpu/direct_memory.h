#pragma once

#include <tlm>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace aqpim {

/// The memory that a hart reaches through host pointers (TLM's direct memory interface): what targets have granted, and
/// a small table of pages in front of it.
class DirectMemory {
 public:
    static constexpr std::uint64_t page_bytes = 4096;

    /// Asks the bus for a pointer: `command` says what for.
    using Request = std::function<bool(tlm::tlm_command command, std::uint64_t address, tlm::tlm_dmi& grant)>;

    explicit DirectMemory(Request request) : request_(std::move(request)) {}

    /// The host address of an aligned access whose page was found before, else null.
    template <unsigned bytes>
    const std::uint8_t* quick_read(std::uint64_t address) const {
        return quick<bytes>(read_pages_, address);
    }
    /// As quick_read; always null in protected pages.
    template <unsigned bytes>
    std::uint8_t* quick_write(std::uint64_t address) const {
        return quick<bytes>(write_pages_, address);
    }

    /// The host address of [address, address + bytes), or null where no target grants it.
    std::uint8_t* find(tlm::tlm_command command, std::uint64_t address, std::uint64_t bytes);

    /// Copy to and from memory that may lie in several grants. False, and nothing is written, if a part is not granted.
    bool read(std::uint64_t address, void* data, unsigned bytes);
    bool write(std::uint64_t address, const void* data, unsigned bytes);

    /// Writes to the page of `address` must not be quick: it holds decoded instructions.
    void protect(std::uint64_t address);
    void unprotect_all();

    /// A target takes back its pointers.
    void invalidate(std::uint64_t start, std::uint64_t end);

 private:
    struct Grant {
        std::uint64_t end;  ///< last byte
        std::uint8_t* host;
    };
    struct Page {
        std::uint64_t address = page_bytes / 2;  ///< equals no page's
        std::uint8_t* host = nullptr;
    };
    using Pages = std::array<Page, 256>;
    using Grants = std::map<std::uint64_t, Grant>;  ///< by first byte

    /// One comparison tells both that the page is the one and that the access is aligned.
    template <unsigned bytes>
    static std::uint8_t* quick(const Pages& pages, std::uint64_t address) {
        constexpr std::uint64_t aligned_offset = page_bytes - bytes;
        const Page& page = pages[address / page_bytes % std::tuple_size_v<Pages>];
        return page.address == (address & ~aligned_offset) ? page.host + address % page_bytes : nullptr;
    }
    static std::uint8_t* look_up(const Grants& grants, std::uint64_t address, std::uint64_t bytes);
    void accept(const tlm::tlm_dmi& grant);
    void remember(tlm::tlm_command command, std::uint64_t address);

    Request request_;
    Grants readable_;
    Grants writable_;
    Pages read_pages_;
    Pages write_pages_;
    std::unordered_set<std::uint64_t> protected_pages_;
};

}  // namespace aqpim
