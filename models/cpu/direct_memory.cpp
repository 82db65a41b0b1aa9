#include "models/cpu/direct_memory.h"

#include <iterator>

namespace aqpim {

std::uint8_t* DirectMemory::look_up(const Grants& grants, std::uint64_t address, std::uint64_t bytes) {
    const auto after = grants.upper_bound(address);
    if (after == grants.begin()) {
        return nullptr;
    }
    const auto& [start, grant] = *std::prev(after);
    const bool covered = address <= grant.end && bytes - 1 <= grant.end - address;
    return covered ? grant.host + (address - start) : nullptr;
}

std::uint8_t* DirectMemory::find(tlm::tlm_command command, std::uint64_t address, std::uint64_t bytes) {
    const Grants& grants = command == tlm::TLM_WRITE_COMMAND ? writable_ : readable_;
    if (std::uint8_t* const host = look_up(grants, address, bytes)) {
        return host;
    }
    tlm::tlm_dmi grant;
    if (!request_(command, address, grant)) {
        return nullptr;
    }
    accept(grant);
    return look_up(grants, address, bytes);
}

void DirectMemory::accept(const tlm::tlm_dmi& grant) {
    const std::uint64_t start = grant.get_start_address();
    const Grant place{grant.get_end_address(), grant.get_dmi_ptr()};
    if (grant.is_read_allowed()) {
        readable_.insert_or_assign(start, place);
    }
    if (grant.is_write_allowed()) {
        writable_.insert_or_assign(start, place);
    }
}

void DirectMemory::invalidate(std::uint64_t start, std::uint64_t end) {
    for (Grants* const grants : {&readable_, &writable_}) {
        std::erase_if(*grants, [&](const auto& entry) { return entry.first <= end && start <= entry.second.end; });
    }
}

}  // namespace aqpim
