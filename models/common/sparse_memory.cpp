#include "models/common/sparse_memory.h"

#include <algorithm>
#include <cstring>

namespace aqpim {

void SparseMemory::read(std::uint64_t address, std::uint8_t* data, std::size_t bytes) const {
    while (bytes != 0) {
        const std::size_t offset = address % page_bytes;
        const std::size_t run = std::min(bytes, page_bytes - offset);
        const auto found = pages_.find(address / page_bytes);
        if (found == pages_.end()) {
            std::memset(data, 0, run);
        } else {
            std::memcpy(data, found->second->data() + offset, run);
        }
        address += run;
        data += run;
        bytes -= run;
    }
}

void SparseMemory::write(std::uint64_t address, const std::uint8_t* data, std::size_t bytes) {
    while (bytes != 0) {
        const std::size_t offset = address % page_bytes;
        const std::size_t run = std::min(bytes, page_bytes - offset);
        if (const auto found = pages_.find(address / page_bytes); found != pages_.end()) {
            std::memcpy(found->second->data() + offset, data, run);
        } else if (!std::all_of(data, data + run, [](std::uint8_t byte) { return byte == 0; })) {
            std::memcpy(page(address) + offset, data, run);  // what was never written reads as zero anyway
        }
        address += run;
        data += run;
        bytes -= run;
    }
}

std::uint8_t* SparseMemory::page(std::uint64_t address) {
    std::unique_ptr<Page>& slot = pages_[address / page_bytes];
    if (slot == nullptr) {
        slot = std::make_unique<Page>();
    }
    return slot->data();
}

}  // namespace aqpim
