#include "models/cpu/decode_cache.h"

namespace aqpim {

const Instruction* DecodeCache::look_up(std::uint64_t number) {
    const auto found = pages_.find(number);
    if (found == pages_.end()) {
        return blank_.data();
    }
    recent_[number % recent_.size()] = {number, found->second->data()};
    return found->second->data();
}

const Instruction* DecodeCache::keep(std::uint64_t pc, const Instruction& instruction) {
    std::unique_ptr<Page>& page = pages_[pc / page_bytes];
    if (page == nullptr) {
        page = std::make_unique<Page>();
    }
    Instruction& entry = (*page)[index(pc)];
    entry = instruction;
    return &entry;
}

const Instruction* DecodeCache::keep_once(std::uint64_t pc, const Instruction& instruction) {
    once_[once_index_] = {};
    once_index_ = index(pc);
    once_[once_index_] = instruction;
    return &once_[once_index_];
}

void DecodeCache::forget(std::uint64_t address, unsigned bytes) {
    constexpr std::uint64_t longest_instruction = 4;
    const std::uint64_t first = (address & ~std::uint64_t{1}) - (longest_instruction - 2);
    for (std::uint64_t pc = first; pc - first < address + bytes - first; pc += 2) {
        const auto found = pages_.find(pc / page_bytes);
        if (found != pages_.end()) {
            // Only this: the instruction in execution, which makes the store, may be among them.
            (*found->second)[index(pc)].operation = Operation::none;
        }
    }
}

void DecodeCache::clear() {
    pages_.clear();
    recent_.fill({});
}

}  // namespace aqpim
