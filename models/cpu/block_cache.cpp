#include "models/cpu/block_cache.h"

#include <algorithm>
#include <utility>

namespace aqpim {

void Block::clear() {
    std::vector<Instruction> room = std::move(instructions);
    room.clear();
    *this = {};
    instructions = std::move(room);
}

void Block::add(const Instruction& instruction) {
    instructions.push_back(instruction);
    instructions.back().cycles_before = static_cast<std::uint16_t>(cycles);
    last_begins = cycles;
    cycles += instruction.cycles;
    ++count;
}

Block* BlockCache::at(std::uint64_t physical) const {
    const auto page = pages_.find(physical / page_bytes);
    return page == pages_.end() ? nullptr : page->second->blocks[(physical & offset_mask) / 2].get();
}

Block* BlockCache::keep(std::uint64_t physical, Block block) {
    std::unique_ptr<Page>& page = pages_[physical / page_bytes];
    if (page == nullptr) {
        page = std::make_unique<Page>();
    }
    const std::uint64_t offset = physical & offset_mask;
    std::uint64_t bytes = 0;
    for (std::uint32_t i = 0; i < block.count; ++i) {
        bytes += block.instructions[i].bytes;
    }
    page->decoded_lines |= lines(offset, bytes);
    std::unique_ptr<Block>& place = page->blocks[offset / 2];
    place = std::make_unique<Block>(std::move(block));
    return place.get();
}

std::uint64_t BlockCache::lines(std::uint64_t offset, std::uint64_t bytes) {
    const std::uint64_t first = offset / line_bytes;
    const std::uint64_t count = (offset + bytes - 1) / line_bytes - first + 1;
    return (~std::uint64_t{0} >> (64 - count)) << first;
}

bool BlockCache::written(std::uint64_t physical, std::uint64_t bytes) {
    const auto page = pages_.find(physical / page_bytes);
    if (page == pages_.end() || (page->second->decoded_lines & lines(physical & offset_mask, bytes)) == 0) {
        return false;
    }
    dropped_.push_back(std::move(page->second));
    pages_.erase(page);
    forget_addresses();
    return true;
}

void BlockCache::clear() {
    for (auto& [number, page] : pages_) {
        dropped_.push_back(std::move(page));
    }
    pages_.clear();
    forget_addresses();
}

}  // namespace aqpim
