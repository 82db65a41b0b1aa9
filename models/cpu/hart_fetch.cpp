#include <algorithm>
#include <cstring>

#include "models/cpu/compressed.h"
#include "models/cpu/hart.h"

namespace aqpim {

namespace {

/// Cycles before an instruction of a block are held in 16 bits.
constexpr std::uint32_t longest_block = 64;
static_assert(longest_block * most_cycles <= 0xffff);

}  // namespace

/// The block at pc_, cut where the slice or an observer wants it to end.
Block* Hart::next_block() {
    blocks_.sweep();
    Block* const block = find_block();
    if (block == nullptr) {
        return nullptr;
    }
    if (trace_ != nullptr) {
        *trace_ << disassembler_.line(block->instructions.front().encoding, pc_) << '\n';
    }
    if (coverage_ != nullptr) {
        coverage_->count(block->instructions.front().operation);
    }
    const std::uint32_t count = most_instructions(*block);
    return count < block->count ? cut(*block, count) : block;
}

Block* Hart::find_block() {
    if (Block* const known = blocks_.find(pc_)) {
        return known;
    }
    std::uint64_t physical = 0;
    if (!locate(Access::fetch, pc_, 2, physical)) {
        return nullptr;
    }
    Block* const block = find_in_memory(physical);
    if (block == nullptr) {
        return fetch_one();
    }
    blocks_.remember(pc_, block);
    return block;
}

/// Null where blocks cannot be kept: the bus grants no pointer to the page, parts of it are protected differently, or
/// the first instruction reaches into the next page.
Block* Hart::find_in_memory(std::uint64_t physical) {
    const std::uint64_t offset = physical & BlockCache::offset_mask;
    const std::uint64_t page = physical - offset;
    if (!csrs_.pmp().covers_page_evenly(page)) {
        return nullptr;
    }
    if (Block* const kept = blocks_.at(physical)) {
        return kept;
    }
    const std::uint8_t* const host = memory_.find(tlm::TLM_READ_COMMAND, page, BlockCache::page_bytes);
    if (host == nullptr || (offset == BlockCache::page_bytes - 2 && !is_compressed(host[offset]))) {
        return nullptr;
    }
    if (!blocks_.holds_code(page)) {
        drop_write_pages();
    }
    return blocks_.keep(physical, decode_block(offset, host));
}

Instruction Hart::decode(std::uint32_t encoding, std::uint64_t page_offset) const {
    Instruction instruction = decoder_.decode(encoding);
    instruction.code = code_of(instruction);
    instruction.page_offset = static_cast<std::uint16_t>(page_offset);
    return instruction;
}

void Hart::end(Block& block) const {
    block.cycles_if_taken = block.cycles + static_cast<std::uint32_t>(taken_branch_penalty_);
    const Instruction& last = block.instructions.back();
    if (!ends_block(last.operation)) {
        Instruction end;
        end.operation = Operation::block_end;
        end.code = code_of(end);
        end.bytes = 0;
        // May equal the page's size: execution then goes on in the next page.
        end.page_offset = static_cast<std::uint16_t>(last.page_offset + last.bytes);
        end.cycles_before = static_cast<std::uint16_t>(block.cycles);
        block.instructions.push_back(end);
    }
}

/// From `offset` in a page up to the first instruction that may go elsewhere, or that is not all in the page.
Block Hart::decode_block(std::uint64_t offset, const std::uint8_t* page) const {
    Block block;
    bool ended = false;
    while (!ended && block.count < longest_block && offset + 2 <= BlockCache::page_bytes) {
        std::uint32_t encoding = 0;
        std::memcpy(&encoding, page + offset, 2);
        if (!is_compressed(encoding)) {
            if (offset + 4 > BlockCache::page_bytes) {
                break;
            }
            std::memcpy(&encoding, page + offset, 4);
        }
        const Instruction instruction = decode(encoding, offset);
        block.add(instruction);
        offset += instruction.bytes;
        ended = ends_block(instruction.operation);
    }
    end(block);
    pair_up(block);
    return block;
}

/// The instruction at pc_ as a block that lasts until the next call.
Block* Hart::fetch_one() {
    std::uint32_t encoding = 0;
    const unsigned first_bytes = pc_ % 4 == 0 ? 4 : 2;
    if (!fetch(pc_, &encoding, first_bytes)) {
        return nullptr;
    }
    std::uint16_t upper = 0;
    if (first_bytes == 2 && !is_compressed(encoding)) {
        if (!fetch(pc_ + 2, &upper, 2)) {
            return nullptr;
        }
        encoding |= std::uint32_t{upper} << 16;
    }
    const Instruction instruction = decode(encoding, pc_ & BlockCache::offset_mask);
    cut_.clear();
    cut_.add(instruction);
    end(cut_);
    return &cut_;
}

bool Hart::fetch(std::uint64_t address, void* data, unsigned bytes) {
    std::uint64_t physical = 0;
    if (!locate(Access::fetch, address, bytes, physical)) {
        return false;
    }
    if (const std::uint8_t* const host = memory_.find(tlm::TLM_READ_COMMAND, physical, bytes)) {
        std::memcpy(data, host, bytes);
        return true;
    }
    return transact(Access::fetch, tlm::TLM_READ_COMMAND, address, physical, data, bytes);
}

/// How many instructions of a block may run before the hart has to look around. At least one.
std::uint32_t Hart::most_instructions(const Block& block) const {
    if (one_at_a_time_) {
        return 1;
    }
    if (!observed_ && tick_ + block.last_begins < limit_) {
        return block.count;
    }
    const std::uint64_t page_pc = pc_ & ~BlockCache::offset_mask;
    std::uint32_t count = 1;
    while (count < block.count) {
        const Instruction& next = block.instructions[count];
        const std::uint64_t pc = page_pc + next.page_offset;
        if (tick_ + next.cycles_before >= limit_ ||
            std::find(breakpoints_.begin(), breakpoints_.end(), pc) != breakpoints_.end()) {
            break;
        }
        ++count;
    }
    return count;
}

/// A copy of a block's first instructions.
Block* Hart::cut(const Block& block, std::uint32_t count) {
    cut_.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
        cut_.add(block.instructions[i]);
        cut_.instructions.back().code = code_of(block.instructions[i]);  // not as one of a pair
    }
    end(cut_);
    return &cut_;
}

void Hart::follow_mode() {
    blocks_.set_mode(static_cast<unsigned>(csrs_.privilege()));
    pages_ = pages_by_mode_[static_cast<std::size_t>(csrs_.data_privilege())].get();
}

void Hart::translation_changed() {
    drop_pages();
    blocks_.forget_addresses();
    follow_mode();
}

}  // namespace aqpim
