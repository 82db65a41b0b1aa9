#pragma once

#include <cstdint>
#include <functional>

#include "models/cpu/privilege.h"

namespace aqpim {

inline constexpr unsigned page_shift = 12;

/// What satp and mstatus say of how addresses translate (Privileged 1.12, 4.1.11 and 3.1.6.3).
struct TranslationContext {
    bool sv39 = false;       ///< otherwise Bare: virtual addresses are physical
    std::uint64_t root = 0;  ///< physical address of the root page table
    std::uint16_t asid = 0;
    bool sum = false;  ///< S mode may load and store in U pages
    bool mxr = false;  ///< loads may read what is only executable

    bool operator==(const TranslationContext&) const = default;
};

/// What a walk of the page tables has found.
struct Translation {
    bool ok;
    Cause fault;               ///< unless ok: page fault or access fault of the access that was asked for
    std::uint64_t physical;    ///< address
    std::uint64_t page_bytes;  ///< 4 KiB, 2 MiB or 1 GiB: the page around `physical` that translates alike
    // Accesses to this page in the same context and mode that need no further walk. Not the store while D is clear.
    bool readable;
    bool writable;
    bool executable;
};

/// Walks the page tables of Sv39 (Privileged 1.12, 4.4.1 and the algorithm of 4.3.2).
///
/// A page fault: address that is not canonical (bits 63:39 equal bit 38), entry not valid, W without R, any of bits
/// 63:54 set (there is no Svnapot, no Svpbmt), A, D or U set in a pointer, a pointer at the last level, misaligned
/// superpage, missing permission, S mode in a U page (fetches always, others unless SUM), U mode in another.
class Sv39 {
 public:
    /// Reads the 8-byte entry at a physical address, as an S-mode load. False: PMP or the bus refuses.
    using ReadEntry = std::function<bool(std::uint64_t physical, std::uint64_t& entry)>;
    /// Writes back an entry whose A or D bit has been set, as an S-mode store. Called right after `read`; to be atomic,
    /// nothing else may write to the entry in between. False: PMP or the bus refuses.
    using UpdateEntry = std::function<bool(std::uint64_t physical, std::uint64_t old_entry, std::uint64_t new_entry)>;

    /// `hardware_update`: the walk sets A, and D for stores; otherwise an access that needs it raises a page fault.
    Sv39(ReadEntry read, UpdateEntry update, bool hardware_update);

    /// `context` is in mode Sv39; `effective` is user or supervisor.
    Translation translate(const TranslationContext& context, std::uint64_t virtual_address, Access access,
                          Privilege effective) const;

 private:
    enum class Walk { found, invalid, refused };
    struct Leaf {
        std::uint64_t address;  ///< of the entry
        std::uint64_t entry;
        unsigned level;
    };

    Walk find_leaf(std::uint64_t root, std::uint64_t virtual_address, Leaf& leaf) const;

    const ReadEntry read_;
    const UpdateEntry update_;
    const bool hardware_update_;
};

}  // namespace aqpim
