#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "models/cpu/instruction.h"

namespace aqpim {

/// Decoded instructions, in pages of 4 KiB with one entry for each address an instruction can have. What is not decoded
/// has Operation::none. Behind a page's last entry stand two more such, on which execution falls when it leaves the
/// page.
class DecodeCache {
 public:
    static constexpr std::uint64_t page_bytes = 4096;
    static constexpr std::uint64_t offset_mask = page_bytes - 1;
    /// The place of `pc` in its page.
    static constexpr std::size_t index(std::uint64_t pc) { return (pc & offset_mask) / 2; }

    /// The first entry of the page of `pc`. A page without entries gives one in which nothing is decoded.
    const Instruction* page(std::uint64_t pc) {
        const Recent& recent = recent_[pc / page_bytes % recent_.size()];
        return recent.page == pc / page_bytes ? recent.entries : look_up(pc / page_bytes);
    }

    /// Keep `instruction`, which lies at `pc` within one page; returns its entry.
    const Instruction* keep(std::uint64_t pc, const Instruction& instruction);
    /// An entry that holds until the next call: for what must be fetched each time.
    const Instruction* keep_once(std::uint64_t pc, const Instruction& instruction);

    /// [address, address + bytes) has been written.
    void forget(std::uint64_t address, unsigned bytes);
    void clear();

 private:
    static constexpr std::size_t entries_per_page = page_bytes / 2;
    using Page = std::array<Instruction, entries_per_page + 2>;
    struct Recent {
        std::uint64_t page = ~std::uint64_t{0};
        const Instruction* entries = nullptr;
    };

    const Instruction* look_up(std::uint64_t number);

    std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;  ///< by page number
    std::array<Recent, 64> recent_;
    const Page blank_{};
    Page once_{};
    std::size_t once_index_ = 0;
};

}  // namespace aqpim
