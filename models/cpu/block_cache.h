#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "models/cpu/instruction.h"

namespace aqpim {

/// Decoded instructions of one page that follow each other in memory, and of which only the last may go elsewhere.
struct Block {
    std::vector<Instruction> instructions;  ///< and Operation::block_end, unless the last one ends a block by itself
    std::uint32_t count = 0;                ///< of instructions
    std::uint32_t cycles = 0;               ///< of them all
    std::uint32_t cycles_if_taken = 0;      ///< the same if the last jumps
    std::uint32_t last_begins = 0;          ///< cycles before the last
    /// Blocks of the same page that are known to follow: at the next address, and at the target of a direct jump.
    Block* next = nullptr;
    Block* target = nullptr;

    /// As new, but for the room it has.
    void clear();
    /// Adds an instruction at the end.
    void add(const Instruction& instruction);
    std::uint16_t page_offset() const { return instructions.front().page_offset; }
};

/// The blocks of a hart. They lie by physical address, so that each is decoded once whatever maps it, and are found by
/// virtual address in a table that keeps what was found before. Chains lead only to blocks of the same page: they hold
/// under every mapping, and vanish together.
class BlockCache {
 public:
    static constexpr std::uint64_t page_bytes = 4096;
    static constexpr std::uint64_t offset_mask = page_bytes - 1;

    /// The block remembered for a virtual address, or null.
    Block* find(std::uint64_t pc) const {
        const Found& found = found_[pc / 2 % found_.size()];
        return found.pc == pc && found.context == context_ ? found.block : nullptr;
    }
    void remember(std::uint64_t pc, Block* block) { found_[pc / 2 % found_.size()] = {pc, context_, block}; }
    /// The mode in which code is fetched from now on, 0 to 3.
    void set_mode(unsigned mode) { context_ = context_ / modes * modes + mode; }
    /// Nothing is remembered for any mode: translations have changed.
    void forget_addresses() { context_ += modes; }

    /// The block at a physical address, or null.
    Block* at(std::uint64_t physical) const;
    /// Keep `block`, which was decoded from the bytes at `physical`.
    Block* keep(std::uint64_t physical, Block block);
    bool holds_code(std::uint64_t physical_page) const { return pages_.contains(physical_page / page_bytes); }

    /// [physical, physical + bytes), within a page, has been written; true if blocks have been dropped for it. They
    /// live on until sweep(), since one of them may be running.
    bool written(std::uint64_t physical, std::uint64_t bytes);
    /// Drop all blocks, likewise.
    void clear();
    /// Free what was dropped.
    void sweep() {
        if (!dropped_.empty()) {
            dropped_.clear();
        }
    }

 private:
    static constexpr std::uint64_t modes = 4;
    static constexpr std::uint64_t line_bytes = page_bytes / 64;
    struct Page {
        std::uint64_t decoded_lines = 0;  ///< bit n: bytes from n * line_bytes on have been decoded
        std::array<std::unique_ptr<Block>, page_bytes / 2> blocks;
    };
    struct Found {
        std::uint64_t pc = 1;  ///< no instruction's
        std::uint64_t context = 0;
        Block* block = nullptr;
    };

    /// Bits of the lines that [offset, offset + bytes) of a page touches.
    static std::uint64_t lines(std::uint64_t offset, std::uint64_t bytes);

    std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;  ///< by physical page number
    std::vector<std::unique_ptr<Page>> dropped_;
    std::array<Found, 4096> found_;
    std::uint64_t context_ = 0;  ///< counts changes of translation; the mode in the lowest bits
};

}  // namespace aqpim
