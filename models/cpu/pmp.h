#pragma once

#include <array>
#include <cstdint>

#include "models/cpu/privilege.h"

namespace aqpim {

/// Physical memory protection with 16 entries of 4-byte granularity (Privileged 1.12, 3.7).
///
/// - The lowest entry that matches any byte of an access decides. It must match all bytes, or the access fails in every
///   mode. Its R, W and X bind S and U mode, and M mode when it is locked.
/// - Without a match M mode succeeds, S and U mode fail.
/// - A locked entry ignores writes until reset, and so does the address register below a locked TOR entry.
/// - A configuration byte holds R, W, X, A and L. The reserved combination W without R is held as neither.
class Pmp {
 public:
    static constexpr unsigned entries = 16;
    static constexpr unsigned entries_per_config = 8;
    static constexpr std::uint64_t page_bytes = 4096;

    /// pmpcfg0 and pmpcfg2, by their numbers; entry n's byte is byte n % 8 of pmpcfg(n / 8 * 2).
    std::uint64_t read_config(unsigned number) const;
    void write_config(unsigned number, std::uint64_t value);
    /// pmpaddr0 to pmpaddr15: bits 55:2 of an address.
    std::uint64_t read_address(unsigned entry) const { return address_.at(entry); }
    void write_address(unsigned entry, std::uint64_t value);
    /// Every entry is off and unlocked.
    void reset();

    /// May `bytes` (above zero) be accessed at a physical address as one access?
    bool allows(std::uint64_t address, std::uint64_t bytes, Access access, Privilege privilege) const;
    /// One answer per mode and kind of access holds for every access within the 4 KiB page at `page_address`.
    bool covers_page_evenly(std::uint64_t page_address) const;

 private:
    /// The bytes that an entry matches.
    struct Range {
        std::uint64_t begin;
        std::uint64_t end;  ///< behind the last byte
        std::uint8_t config;
    };

    bool locked(unsigned entry) const;
    bool address_locked(unsigned entry) const;
    Range decoded(unsigned entry) const;
    void decode();

    std::array<std::uint8_t, entries> config_{};
    std::array<std::uint64_t, entries> address_{};
    std::array<Range, entries> ranges_{};  ///< of the entries that match anything, by priority
    unsigned active_ = 0;                  ///< how many those are
};

}  // namespace aqpim
