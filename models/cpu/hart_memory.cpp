#include <array>
#include <cstring>

#include "models/cpu/hart.h"

namespace aqpim {

namespace {

constexpr std::uint64_t page_bytes = HostPages::page_bytes;
constexpr std::uint64_t page_mask = ~(page_bytes - 1);

struct AccessCauses {
    Cause misaligned;
    Cause fault;
};

/// By Access.
constexpr AccessCauses causes[] = {
    {Cause::fetch_misaligned, Cause::fetch_access_fault},
    {Cause::load_misaligned, Cause::load_access_fault},
    {Cause::store_misaligned, Cause::store_access_fault},
};

bool crosses_page(std::uint64_t address, unsigned bytes) {
    return address % page_bytes + bytes > page_bytes;
}

unsigned bytes_in_first_page(std::uint64_t address) {
    return static_cast<unsigned>(page_bytes - address % page_bytes);
}

}  // namespace

/// Translation and protection of an access that lies within one page.
bool Hart::locate(Access access, std::uint64_t address, unsigned bytes, std::uint64_t& physical) {
    const Privilege privilege = access == Access::fetch ? csrs_.privilege() : csrs_.data_privilege();
    physical = address;
    if (privilege != Privilege::machine && csrs_.translation().sv39) {
        const Translation translation = sv39_.translate(csrs_.translation(), address, access, privilege);
        if (!translation.ok) {
            raise(translation.fault, address);
            return false;
        }
        physical = translation.physical;
    }
    if (!csrs_.pmp().allows(physical, bytes, access, privilege)) {
        raise(causes[static_cast<std::size_t>(access)].fault, address);
        return false;
    }
    return true;
}

bool Hart::read(Access access, std::uint64_t address, void* data, unsigned bytes) {
    if (const std::uint8_t* const host = access == Access::load ? pages_->read.find(address, bytes) : nullptr) {
        std::memcpy(data, host, bytes);
        return true;
    }
    if (crosses_page(address, bytes)) {
        return read_across_pages(access, address, data, bytes);
    }
    std::uint64_t physical = 0;
    if (!locate(access, address, bytes, physical)) {
        return false;
    }
    watch(Access::load, address, bytes);
    if (const std::uint8_t* const host = memory_.find(tlm::TLM_READ_COMMAND, physical, bytes)) {
        std::memcpy(data, host, bytes);
        remember_page(access, address, physical);
        return true;
    }
    return is_aligned(access, address, bytes) &&
           transact(access, tlm::TLM_READ_COMMAND, address, physical, data, bytes);
}

bool Hart::write(std::uint64_t address, const void* data, unsigned bytes) {
    if (std::uint8_t* const host = pages_->write.find(address, bytes)) {
        std::memcpy(host, data, bytes);
        return true;
    }
    if (crosses_page(address, bytes)) {
        return write_across_pages(address, data, bytes);
    }
    std::uint64_t physical = 0;
    if (!locate(Access::store, address, bytes, physical)) {
        return false;
    }
    watch(Access::store, address, bytes);
    if (std::uint8_t* const host = memory_.find(tlm::TLM_WRITE_COMMAND, physical, bytes)) {
        std::memcpy(host, data, bytes);
        stored(physical, bytes);
        remember_page(Access::store, address, physical);
        return true;
    }
    std::uint64_t copy = 0;
    std::memcpy(&copy, data, bytes);
    return is_aligned(Access::store, address, bytes) &&
           transact(Access::store, tlm::TLM_WRITE_COMMAND, address, physical, &copy, bytes);
}

bool Hart::read_across_pages(Access access, std::uint64_t address, void* data, unsigned bytes) {
    const unsigned first = bytes_in_first_page(address);
    std::array<std::uint64_t, 2> physical{};
    if (!locate(access, address, first, physical[0]) || !locate(access, address + first, bytes - first, physical[1])) {
        return false;
    }
    watch(Access::load, address, bytes);
    const std::uint8_t* const low = memory_.find(tlm::TLM_READ_COMMAND, physical[0], first);
    const std::uint8_t* const high = memory_.find(tlm::TLM_READ_COMMAND, physical[1], bytes - first);
    if (low == nullptr || high == nullptr) {
        return is_aligned(access, address, bytes);
    }
    std::memcpy(data, low, first);
    std::memcpy(static_cast<std::uint8_t*>(data) + first, high, bytes - first);
    return true;
}

/// Writes nothing unless both pages can be written.
bool Hart::write_across_pages(std::uint64_t address, const void* data, unsigned bytes) {
    const unsigned first = bytes_in_first_page(address);
    std::array<std::uint64_t, 2> physical{};
    if (!locate(Access::store, address, first, physical[0]) ||
        !locate(Access::store, address + first, bytes - first, physical[1])) {
        return false;
    }
    watch(Access::store, address, bytes);
    std::uint8_t* const low = memory_.find(tlm::TLM_WRITE_COMMAND, physical[0], first);
    std::uint8_t* const high = memory_.find(tlm::TLM_WRITE_COMMAND, physical[1], bytes - first);
    if (low == nullptr || high == nullptr) {
        return is_aligned(Access::store, address, bytes);
    }
    std::memcpy(low, data, first);
    std::memcpy(high, static_cast<const std::uint8_t*>(data) + first, bytes - first);
    stored(physical[0], first);
    stored(physical[1], bytes - first);
    return true;
}

bool Hart::is_aligned(Access access, std::uint64_t address, unsigned bytes) {
    if (address % bytes == 0) {
        return true;
    }
    raise(causes[static_cast<std::size_t>(access)].misaligned, address);
    return false;
}

bool Hart::transact(Access access, tlm::tlm_command command, std::uint64_t address, std::uint64_t physical, void* data,
                    unsigned bytes) {
    if (bus_access(command, physical, data, bytes)) {
        if (command == tlm::TLM_WRITE_COMMAND) {
            group_.written(place_, physical, bytes);
        }
        return true;
    }
    ++bus_errors_;
    raise(causes[static_cast<std::size_t>(access)].fault, address);
    return false;
}

bool Hart::bus_access(tlm::tlm_command command, std::uint64_t physical, void* data, unsigned bytes) {
    synchronise();
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_response_status status = access(socket, command, physical, data, bytes, delay);
    if (delay > sc_core::SC_ZERO_TIME) {
        wait(delay);
    }
    tick_ = clock_.first_tick_at(to_ps(sc_core::sc_time_stamp()));
    return status == tlm::TLM_OK_RESPONSE;
}

/// From now on the page is accessed by its host pointer, unless someone has to see each access.
void Hart::remember_page(Access access, std::uint64_t address, std::uint64_t physical) {
    const bool write = access == Access::store;
    const std::uint64_t page = physical & page_mask;
    if (!watchpoints_.empty() || !csrs_.pmp().covers_page_evenly(page)) {
        return;
    }
    const auto watched = watched_stores_.lower_bound(page);
    const bool stores_are_seen = blocks_.holds_code(page) || group_.guarded(page) ||
                                 (watched != watched_stores_.end() && watched->first < page + page_bytes);
    if (write && stores_are_seen) {
        return;
    }
    const tlm::tlm_command command = write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
    if (std::uint8_t* const host = memory_.find(command, page, page_bytes)) {
        (write ? pages_->write : pages_->read).add(address & page_mask, host);
    }
}

/// What has to know of a store that did not go through a remembered page.
void Hart::stored(std::uint64_t physical, std::uint64_t bytes) {
    if (blocks_.written(physical, bytes)) {
        stop_ = true;
    }
    group_.written(place_, physical, bytes);
    constexpr std::uint64_t watched_bytes = 8;
    const auto watched = watched_stores_.find(physical / watched_bytes * watched_bytes);
    if (watched != watched_stores_.end()) {
        synchronise();
        watched->second();
    }
}

void Hart::watch_store(std::uint64_t physical, std::function<void()> written) {
    watched_stores_[physical] = std::move(written);
    drop_write_pages();
}

void Hart::drop_pages() {
    for (const std::unique_ptr<DataPages>& pages : pages_by_mode_) {
        pages->read.clear();
        pages->write.clear();
    }
}

void Hart::drop_write_pages() {
    for (const std::unique_ptr<DataPages>& pages : pages_by_mode_) {
        pages->write.clear();
    }
}

bool Hart::walk_read(std::uint64_t physical, std::uint64_t& entry) {
    if (!csrs_.pmp().allows(physical, sizeof(entry), Access::load, Privilege::supervisor)) {
        return false;
    }
    if (const std::uint8_t* const host = memory_.find(tlm::TLM_READ_COMMAND, physical, sizeof(entry))) {
        std::memcpy(&entry, host, sizeof(entry));
        return true;
    }
    return bus_access(tlm::TLM_READ_COMMAND, physical, &entry, sizeof(entry));
}

bool Hart::walk_update(std::uint64_t physical, std::uint64_t entry) {
    if (!csrs_.pmp().allows(physical, sizeof(entry), Access::store, Privilege::supervisor)) {
        return false;
    }
    if (std::uint8_t* const host = memory_.find(tlm::TLM_WRITE_COMMAND, physical, sizeof(entry))) {
        std::memcpy(host, &entry, sizeof(entry));
        stored(physical, sizeof(entry));
        return true;
    }
    return bus_access(tlm::TLM_WRITE_COMMAND, physical, &entry, sizeof(entry));
}

void Hart::invalidate_direct_memory(sc_dt::uint64 start, sc_dt::uint64 end) {
    memory_.invalidate(start, end);
    drop_pages();
    blocks_.clear();
    stop_ = true;
}

}  // namespace aqpim
