#include "models/cpu/direct_memory.h"

#include <algorithm>
#include <cstring>

namespace aqpim {

namespace {

std::uint64_t page_of(std::uint64_t address) {
    return address & ~(DirectMemory::page_bytes - 1);
}

}  // namespace

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
    std::uint8_t* host = look_up(grants, address, bytes);
    if (host == nullptr) {
        tlm::tlm_dmi grant;
        if (!request_(command, address, grant)) {
            return nullptr;
        }
        accept(grant);
        host = look_up(grants, address, bytes);
    }
    if (host != nullptr) {
        remember(command, address);
    }
    return host;
}

void DirectMemory::accept(const tlm::tlm_dmi& grant) {
    if (grant.is_read_allowed()) {
        readable_.insert_or_assign(grant.get_start_address(), Grant{grant.get_end_address(), grant.get_dmi_ptr()});
    }
    if (grant.is_write_allowed()) {
        writable_.insert_or_assign(grant.get_start_address(), Grant{grant.get_end_address(), grant.get_dmi_ptr()});
    }
}

void DirectMemory::remember(tlm::tlm_command command, std::uint64_t address) {
    const bool write = command == tlm::TLM_WRITE_COMMAND;
    const std::uint64_t start = page_of(address);
    std::uint8_t* const host = look_up(write ? writable_ : readable_, start, page_bytes);
    if (host == nullptr || (write && protected_pages_.contains(start))) {
        return;
    }
    Pages& pages = write ? write_pages_ : read_pages_;
    pages[start / page_bytes % pages.size()] = {start, host};
}

bool DirectMemory::read(std::uint64_t address, void* data, unsigned bytes) {
    if (const std::uint8_t* const host = find(tlm::TLM_READ_COMMAND, address, bytes)) {
        std::memcpy(data, host, bytes);
        return true;
    }
    if (address % bytes == 0) {
        return false;
    }
    auto* const to = static_cast<std::uint8_t*>(data);
    for (unsigned i = 0; i < bytes; ++i) {
        const std::uint8_t* const host = find(tlm::TLM_READ_COMMAND, address + i, 1);
        if (host == nullptr) {
            return false;
        }
        to[i] = *host;
    }
    return true;
}

bool DirectMemory::write(std::uint64_t address, const void* data, unsigned bytes) {
    if (std::uint8_t* const host = find(tlm::TLM_WRITE_COMMAND, address, bytes)) {
        std::memcpy(host, data, bytes);
        return true;
    }
    if (address % bytes == 0) {
        return false;
    }
    std::array<std::uint8_t*, 8> hosts{};
    for (unsigned i = 0; i < bytes; ++i) {
        hosts[i] = find(tlm::TLM_WRITE_COMMAND, address + i, 1);
        if (hosts[i] == nullptr) {
            return false;
        }
    }
    for (unsigned i = 0; i < bytes; ++i) {
        *hosts[i] = static_cast<const std::uint8_t*>(data)[i];
    }
    return true;
}

void DirectMemory::protect(std::uint64_t address) {
    protected_pages_.insert(page_of(address));
    write_pages_[address / page_bytes % write_pages_.size()] = {};
}

void DirectMemory::unprotect_all() {
    protected_pages_.clear();
}

void DirectMemory::invalidate(std::uint64_t start, std::uint64_t end) {
    for (Grants* const grants : {&readable_, &writable_}) {
        std::erase_if(*grants, [&](const auto& entry) { return entry.first <= end && start <= entry.second.end; });
    }
    read_pages_.fill({});
    write_pages_.fill({});
}

}  // namespace aqpim
