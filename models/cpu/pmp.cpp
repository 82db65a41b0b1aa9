#include "models/cpu/pmp.h"

#include <algorithm>
#include <bit>

namespace aqpim {

namespace {

// pmpcfg (3.7.1)
constexpr std::uint8_t config_r = 1u << 0;
constexpr std::uint8_t config_w = 1u << 1;
constexpr std::uint8_t config_x = 1u << 2;
constexpr std::uint8_t config_a = 3u << 3;
constexpr std::uint8_t config_l = 1u << 7;
constexpr std::uint8_t off = 0u << 3;
constexpr std::uint8_t top_of_range = 1u << 3;
constexpr std::uint8_t naturally_aligned_4 = 2u << 3;

constexpr unsigned address_shift = 2;
constexpr std::uint64_t address_writable = (std::uint64_t{1} << 54) - 1;
constexpr std::uint64_t granule = 4;

std::uint8_t legal(std::uint8_t config) {
    const bool write_without_read = (config & (config_r | config_w)) == config_w;
    const std::uint8_t writable = config_r | config_w | config_x | config_a | config_l;
    return config & writable & (write_without_read ? ~config_w : ~0);
}

std::uint8_t permission(Access access) {
    switch (access) {
        case Access::fetch:
            return config_x;
        case Access::load:
            return config_r;
        case Access::store:
            return config_w;
    }
    return 0;
}

/// The first entry that a configuration register holds.
unsigned first_entry(unsigned config_number) {
    return config_number / 2 * Pmp::entries_per_config;
}

}  // namespace

std::uint64_t Pmp::read_config(unsigned number) const {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < entries_per_config; ++i) {
        value |= std::uint64_t{config_.at(first_entry(number) + i)} << 8 * i;
    }
    return value;
}

void Pmp::write_config(unsigned number, std::uint64_t value) {
    for (unsigned i = 0; i < entries_per_config; ++i) {
        const unsigned entry = first_entry(number) + i;
        if (!locked(entry)) {
            config_.at(entry) = legal(static_cast<std::uint8_t>(value >> 8 * i));
        }
    }
    decode();
}

void Pmp::write_address(unsigned entry, std::uint64_t value) {
    if (!address_locked(entry)) {
        address_.at(entry) = value & address_writable;
        decode();
    }
}

void Pmp::reset() {
    config_.fill(0);
    address_.fill(0);
    decode();
}

bool Pmp::locked(unsigned entry) const {
    return (config_.at(entry) & config_l) != 0;
}

bool Pmp::address_locked(unsigned entry) const {
    const bool ends_locked_range =
        entry + 1 < entries && locked(entry + 1) && (config_.at(entry + 1) & config_a) == top_of_range;
    return locked(entry) || ends_locked_range;
}

Pmp::Range Pmp::decoded(unsigned entry) const {
    const std::uint8_t config = config_.at(entry);
    const std::uint64_t address = address_.at(entry);
    const std::uint64_t begin = address << address_shift;
    switch (config & config_a) {
        case off:
            return {0, 0, config};
        case top_of_range:
            return {entry == 0 ? 0 : address_.at(entry - 1) << address_shift, begin, config};
        case naturally_aligned_4:
            return {begin, begin + granule, config};
        default: {  // NAPOT: n trailing ones make 2^(n+3) bytes
            const std::uint64_t bytes = std::uint64_t{2 * granule} << std::countr_one(address);
            const std::uint64_t base = begin & ~(bytes - 1);
            return {base, base + bytes, config};
        }
    }
}

void Pmp::decode() {
    active_ = 0;
    for (unsigned entry = 0; entry < entries; ++entry) {
        const Range range = decoded(entry);
        if (range.begin < range.end) {
            ranges_.at(active_++) = range;
        }
    }
}

bool Pmp::allows(std::uint64_t address, std::uint64_t bytes, Access access, Privilege privilege) const {
    const std::uint64_t last = address + (bytes - 1);
    for (unsigned i = 0; i < active_; ++i) {
        const Range& range = ranges_[i];
        if (last < range.begin || address >= range.end) {
            continue;
        }
        const bool whole = address >= range.begin && last < range.end;
        const bool binding = privilege != Privilege::machine || (range.config & config_l) != 0;
        return whole && (!binding || (range.config & permission(access)) != 0);
    }
    return privilege == Privilege::machine;
}

bool Pmp::covers_page_evenly(std::uint64_t page_address) const {
    const std::uint64_t end = page_address + page_bytes;
    for (unsigned i = 0; i < active_; ++i) {
        const Range& range = ranges_[i];
        if (range.begin < end && page_address < range.end) {
            return range.begin <= page_address && end <= range.end;
        }
    }
    return true;
}

}  // namespace aqpim
