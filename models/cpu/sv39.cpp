#include "models/cpu/sv39.h"

#include <utility>

namespace aqpim {

namespace {

constexpr unsigned levels = 3;
constexpr unsigned index_bits = 9;
constexpr unsigned entry_bytes = 8;
constexpr unsigned virtual_bits = 39;

// Page table entry (4.4.1)
constexpr std::uint64_t entry_v = 1u << 0;
constexpr std::uint64_t entry_r = 1u << 1;
constexpr std::uint64_t entry_w = 1u << 2;
constexpr std::uint64_t entry_x = 1u << 3;
constexpr std::uint64_t entry_u = 1u << 4;
constexpr std::uint64_t entry_a = 1u << 6;
constexpr std::uint64_t entry_d = 1u << 7;
constexpr unsigned entry_page_shift = 10;
constexpr std::uint64_t entry_reserved = ~std::uint64_t{0} << 54;

bool is_canonical(std::uint64_t address) {
    constexpr unsigned unused = 64 - virtual_bits;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(address << unused) >> unused) == address;
}

bool is_valid(std::uint64_t entry) {
    const bool write_without_read = (entry & (entry_r | entry_w)) == entry_w;
    return (entry & entry_v) != 0 && !write_without_read && (entry & entry_reserved) == 0;
}

bool is_leaf(std::uint64_t entry) {
    return (entry & (entry_r | entry_x)) != 0;
}

/// The address that an entry points to: of a page or of the next table.
std::uint64_t target(std::uint64_t entry) {
    return entry >> entry_page_shift << page_shift;
}

std::uint64_t bytes_at(unsigned level) {
    return std::uint64_t{1} << (page_shift + index_bits * level);
}

bool permits(std::uint64_t entry, const TranslationContext& context, Access access, Privilege effective) {
    const bool user_page = (entry & entry_u) != 0;
    if (effective == Privilege::user && !user_page) {
        return false;
    }
    if (effective == Privilege::supervisor && user_page && (access == Access::fetch || !context.sum)) {
        return false;
    }
    switch (access) {
        case Access::fetch:
            return (entry & entry_x) != 0;
        case Access::load:
            return (entry & entry_r) != 0 || (context.mxr && (entry & entry_x) != 0);
        case Access::store:
            return (entry & entry_w) != 0;
    }
    return false;
}

Cause page_fault(Access access) {
    switch (access) {
        case Access::fetch:
            return Cause::fetch_page_fault;
        case Access::load:
            return Cause::load_page_fault;
        case Access::store:
            break;
    }
    return Cause::store_page_fault;
}

Cause access_fault(Access access) {
    switch (access) {
        case Access::fetch:
            return Cause::fetch_access_fault;
        case Access::load:
            return Cause::load_access_fault;
        case Access::store:
            break;
    }
    return Cause::store_access_fault;
}

Translation failed(Cause fault) {
    return {false, fault, 0, 0, false, false, false};
}

}  // namespace

Sv39::Sv39(ReadEntry read, UpdateEntry update, bool hardware_update)
    : read_(std::move(read)), update_(std::move(update)), hardware_update_(hardware_update) {}

Sv39::Walk Sv39::find_leaf(std::uint64_t root, std::uint64_t virtual_address, Leaf& leaf) const {
    std::uint64_t table = root;
    for (unsigned level = levels; level-- > 0;) {
        const std::uint64_t index = virtual_address / bytes_at(level) % (1u << index_bits);
        leaf = {table + index * entry_bytes, 0, level};
        if (!read_(leaf.address, leaf.entry)) {
            return Walk::refused;
        }
        if (!is_valid(leaf.entry)) {
            return Walk::invalid;
        }
        if (is_leaf(leaf.entry)) {
            const bool aligned = target(leaf.entry) % bytes_at(level) == 0;
            return aligned ? Walk::found : Walk::invalid;
        }
        if ((leaf.entry & (entry_a | entry_d | entry_u)) != 0) {
            return Walk::invalid;
        }
        table = target(leaf.entry);
    }
    return Walk::invalid;
}

Translation Sv39::translate(const TranslationContext& context, std::uint64_t virtual_address, Access access,
                            Privilege effective) const {
    if (!is_canonical(virtual_address)) {
        return failed(page_fault(access));
    }
    Leaf leaf;
    const Walk walk = find_leaf(context.root, virtual_address, leaf);
    if (walk == Walk::refused) {
        return failed(access_fault(access));
    }
    if (walk == Walk::invalid || !permits(leaf.entry, context, access, effective)) {
        return failed(page_fault(access));
    }

    const std::uint64_t used = leaf.entry | entry_a | (access == Access::store ? entry_d : 0);
    if (used != leaf.entry) {
        if (!hardware_update_) {
            return failed(page_fault(access));
        }
        if (!update_(leaf.address, leaf.entry, used)) {
            return failed(access_fault(access));
        }
    }

    const std::uint64_t page_bytes = bytes_at(leaf.level);
    const auto needs_no_walk = [&](Access other) { return permits(used, context, other, effective); };
    return {true,
            Cause{},
            target(used) + virtual_address % page_bytes,
            page_bytes,
            needs_no_walk(Access::load),
            needs_no_walk(Access::store) && (used & entry_d) != 0,
            needs_no_walk(Access::fetch)};
}

}  // namespace aqpim
