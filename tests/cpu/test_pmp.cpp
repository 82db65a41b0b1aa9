// Physical memory protection (Privileged 1.12, 3.7).

#include <catch2/catch.hpp>

#include <random>

#include "models/cpu/pmp.h"

using namespace aqpim;

namespace {

constexpr std::uint64_t r = 1;
constexpr std::uint64_t w = 2;
constexpr std::uint64_t x = 4;
constexpr std::uint64_t tor = 1 << 3;
constexpr std::uint64_t na4 = 2 << 3;
constexpr std::uint64_t napot = 3 << 3;
constexpr std::uint64_t locked = 1 << 7;
constexpr std::uint64_t a_field = 3 << 3;

constexpr Access all_accesses[] = {Access::fetch, Access::load, Access::store};
constexpr Privilege all_modes[] = {Privilege::user, Privilege::supervisor, Privilege::machine};

/// pmpaddr of a naturally aligned range of 8 bytes or more.
std::uint64_t napot_address(std::uint64_t base, std::uint64_t bytes) {
    return base >> 2 | (bytes / 8 - 1);
}

/// Sets an entry's byte alone.
void configure(Pmp& pmp, unsigned entry, std::uint64_t config) {
    const unsigned number = entry / 8 * 2;
    const unsigned shift = entry % 8 * 8;
    pmp.write_config(number, (pmp.read_config(number) & ~(std::uint64_t{0xff} << shift)) | config << shift);
}

std::uint64_t config_of(const Pmp& pmp, unsigned entry) {
    return pmp.read_config(entry / 8 * 2) >> entry % 8 * 8 & 0xff;
}

// The specification's rules, byte by byte.

bool matches(const Pmp& pmp, unsigned entry, std::uint64_t byte) {
    const std::uint64_t address = pmp.read_address(entry);
    const std::uint64_t word = byte >> 2;
    switch (config_of(pmp, entry) & a_field) {
        case tor:
            return word < address && (entry == 0 || word >= pmp.read_address(entry - 1));
        case na4:
            return word == address;
        case napot: {
            const std::uint64_t any = address ^ (address + 1);  // up to and including the lowest zero
            return (word & ~any) == (address & ~any);
        }
        default:
            return false;
    }
}

constexpr unsigned no_entry = Pmp::entries;

unsigned first_match(const Pmp& pmp, std::uint64_t byte) {
    unsigned entry = 0;
    while (entry < Pmp::entries && !matches(pmp, entry, byte)) {
        ++entry;
    }
    return entry;
}

bool reference_allows(const Pmp& pmp, std::uint64_t address, std::uint64_t bytes, Access access, Privilege mode) {
    unsigned decisive = no_entry;
    for (std::uint64_t i = 0; i < bytes; ++i) {
        decisive = std::min(decisive, first_match(pmp, address + i));
    }
    if (decisive == no_entry) {
        return mode == Privilege::machine;
    }
    for (std::uint64_t i = 0; i < bytes; ++i) {
        if (!matches(pmp, decisive, address + i)) {
            return false;
        }
    }
    const std::uint64_t config = config_of(pmp, decisive);
    if (mode == Privilege::machine && (config & locked) == 0) {
        return true;
    }
    const std::uint64_t needed = access == Access::fetch ? x : access == Access::load ? r : w;
    return (config & needed) != 0;
}

/// Few entries near address 0, so that they overlap; some are locked, some ranges are empty or span pages.
void randomize(Pmp& pmp, std::mt19937_64& random) {
    pmp.reset();
    const unsigned used = random() % 6 + 1;
    for (unsigned i = 0; i < used; ++i) {
        const unsigned entry = random() % Pmp::entries;
        const std::uint64_t span = random() % 2 == 0 ? 16 : 4096;
        pmp.write_address(entry, random() % 4 == 0 ? napot_address(0, 8u << random() % 12) : random() % span);
        configure(pmp, entry, random() & (a_field | r | w | x | (random() % 8 == 0 ? locked : 0)));
    }
}

}  // namespace

TEST_CASE("without entries M mode may access everything, S and U mode nothing") {
    const Pmp pmp;
    for (const Access access : all_accesses) {
        CHECK(pmp.allows(0x8000'0000, 8, access, Privilege::machine));
        CHECK_FALSE(pmp.allows(0x8000'0000, 8, access, Privilege::supervisor));
        CHECK_FALSE(pmp.allows(0x8000'0000, 8, access, Privilege::user));
    }
    CHECK(pmp.covers_page_evenly(0x8000'0000));
}

TEST_CASE("a NAPOT entry of all ones opens the whole address space") {
    Pmp pmp;
    pmp.write_address(0, ~std::uint64_t{0});
    configure(pmp, 0, napot | r | w | x);
    CHECK(pmp.read_address(0) == 0x003f'ffff'ffff'ffff);
    for (const std::uint64_t address : {std::uint64_t{0}, std::uint64_t{0x8000'0000}, (std::uint64_t{1} << 56) - 8}) {
        CHECK(pmp.allows(address, 8, Access::store, Privilege::user));
        CHECK(pmp.covers_page_evenly(address & ~std::uint64_t{0xfff}));
    }
}

TEST_CASE("a TOR entry reaches from the address below to its own, the first one from zero") {
    Pmp pmp;
    pmp.write_address(0, 0x1000 >> 2);
    pmp.write_address(1, 0x3000 >> 2);
    configure(pmp, 0, tor | x);
    configure(pmp, 1, tor | r);
    CHECK(pmp.allows(0, 4, Access::fetch, Privilege::user));
    CHECK(pmp.allows(0xffc, 4, Access::fetch, Privilege::user));
    CHECK_FALSE(pmp.allows(0x1000, 4, Access::fetch, Privilege::user));
    CHECK(pmp.allows(0x1000, 4, Access::load, Privilege::user));
    CHECK(pmp.allows(0x2fff, 1, Access::load, Privilege::user));
    CHECK_FALSE(pmp.allows(0x3000, 1, Access::load, Privilege::user));
    CHECK_FALSE(pmp.allows(0x2000, 1, Access::store, Privilege::user));
}

TEST_CASE("a TOR entry that ends where it begins or before matches nothing") {
    Pmp pmp;
    pmp.write_address(0, 0x3000 >> 2);
    pmp.write_address(1, 0x1000 >> 2);
    configure(pmp, 1, tor | locked);
    CHECK(pmp.allows(0x2000, 4, Access::load, Privilege::machine));
    pmp.reset();
    pmp.write_address(0, 0x1004 >> 2);
    pmp.write_address(1, 0x1004 >> 2);
    configure(pmp, 1, tor | locked);
    CHECK(pmp.allows(0x1000, 8, Access::load, Privilege::machine));
}

TEST_CASE("an NA4 entry covers four bytes") {
    Pmp pmp;
    pmp.write_address(3, 0x1004 >> 2);
    configure(pmp, 3, na4 | r);
    CHECK(pmp.allows(0x1004, 4, Access::load, Privilege::supervisor));
    CHECK(pmp.allows(0x1007, 1, Access::load, Privilege::supervisor));
    CHECK_FALSE(pmp.allows(0x1000, 4, Access::load, Privilege::supervisor));
    CHECK_FALSE(pmp.allows(0x1008, 4, Access::load, Privilege::supervisor));
    CHECK_FALSE(pmp.covers_page_evenly(0x1000));
    CHECK(pmp.covers_page_evenly(0x2000));
}

TEST_CASE("an access that an entry matches in part fails in every mode, whatever lies behind") {
    Pmp pmp;
    pmp.write_address(0, 0x1004 >> 2);
    pmp.write_address(1, ~std::uint64_t{0});
    configure(pmp, 0, na4 | r | w | x);
    configure(pmp, 1, napot | r | w | x);
    for (const Privilege mode : all_modes) {
        CHECK_FALSE(pmp.allows(0x1000, 8, Access::load, mode));
        CHECK(pmp.allows(0x1004, 4, Access::load, mode));
        CHECK(pmp.allows(0x1008, 8, Access::load, mode));
    }
}

TEST_CASE("the lowest matching entry decides, and a page that it fills is even") {
    Pmp pmp;
    pmp.write_address(0, napot_address(0x1000, 0x1000));
    pmp.write_address(1, napot_address(0x1000, 8));
    configure(pmp, 0, napot | r);
    configure(pmp, 1, napot | r | w | x);
    CHECK_FALSE(pmp.allows(0x1000, 8, Access::store, Privilege::user));
    CHECK(pmp.covers_page_evenly(0x1000));
    configure(pmp, 0, 0);
    CHECK(pmp.allows(0x1000, 8, Access::store, Privilege::user));
    CHECK_FALSE(pmp.covers_page_evenly(0x1000));
}

TEST_CASE("a range beside a page leaves it even") {
    Pmp pmp;
    pmp.write_address(0, 0x0ffc >> 2);
    pmp.write_address(1, 0x2000 >> 2);
    configure(pmp, 0, na4 | r);
    configure(pmp, 1, na4 | r);
    CHECK_FALSE(pmp.covers_page_evenly(0x0000));
    CHECK(pmp.covers_page_evenly(0x1000));
    CHECK_FALSE(pmp.covers_page_evenly(0x2000));
}

TEST_CASE("M mode is bound by locked entries only") {
    Pmp pmp;
    pmp.write_address(0, napot_address(0x1000, 0x1000));
    configure(pmp, 0, napot | r);
    CHECK(pmp.allows(0x1000, 8, Access::store, Privilege::machine));
    configure(pmp, 0, napot | r | locked);
    CHECK_FALSE(pmp.allows(0x1000, 8, Access::store, Privilege::machine));
    CHECK(pmp.allows(0x1000, 8, Access::load, Privilege::machine));
}

TEST_CASE("a configuration byte holds R, W, X, A and L, but not W without R") {
    Pmp pmp;
    configure(pmp, 9, 0x7f);
    CHECK(config_of(pmp, 9) == (napot | r | w | x));
    configure(pmp, 9, tor | w | x);
    CHECK(config_of(pmp, 9) == (tor | x));
    configure(pmp, 9, na4 | r | x);
    CHECK(config_of(pmp, 9) == (na4 | r | x));
    CHECK(pmp.read_config(0) == 0);
    CHECK(pmp.read_config(2) == (na4 | r | x) << 8);
}

TEST_CASE("a locked entry keeps its configuration and address until reset") {
    Pmp pmp;
    pmp.write_address(2, 0x1234);
    configure(pmp, 2, locked | r);  // off, but locked
    pmp.write_address(2, 0x5678);
    pmp.write_config(0, ~std::uint64_t{0});
    CHECK(pmp.read_address(2) == 0x1234);
    CHECK(config_of(pmp, 2) == (locked | r));
    CHECK(config_of(pmp, 3) == (locked | napot | r | w | x));
    pmp.reset();
    CHECK(pmp.read_config(0) == 0);
    pmp.write_address(2, 0x5678);
    CHECK(pmp.read_address(2) == 0x5678);
}

TEST_CASE("a locked TOR entry locks the address below it, another kind does not") {
    for (unsigned entry = 1; entry < Pmp::entries; ++entry) {
        INFO(entry);
        Pmp pmp;
        pmp.write_address(entry - 1, 0x100);
        configure(pmp, entry, locked | tor | r);
        pmp.write_address(entry - 1, 0x80);
        CHECK(pmp.read_address(entry - 1) == 0x100);
        configure(pmp, entry - 1, napot | r);  // its configuration is free
        CHECK(config_of(pmp, entry - 1) == (napot | r));
    }
    Pmp pmp;
    configure(pmp, 8, locked | napot | r);
    pmp.write_address(7, 0x80);
    CHECK(pmp.read_address(7) == 0x80);
}

TEST_CASE("random configurations answer as the rules do byte by byte") {
    std::mt19937_64 random(1);
    Pmp pmp;
    for (unsigned round = 0; round < 2000; ++round) {
        randomize(pmp, random);
        for (unsigned i = 0; i < 20; ++i) {
            const std::uint64_t bytes = 1u << random() % 5;
            const std::uint64_t address = random() % (random() % 2 == 0 ? 80 : 17000);
            const Access access = all_accesses[random() % 3];
            const Privilege mode = all_modes[random() % 3];
            INFO("round " << round << " address " << address << " bytes " << bytes);
            REQUIRE(pmp.allows(address, bytes, access, mode) == reference_allows(pmp, address, bytes, access, mode));
        }
    }
}

TEST_CASE("within an even page every access of a kind and mode has one answer") {
    std::mt19937_64 random(2);
    Pmp pmp;
    unsigned even = 0;
    unsigned uneven = 0;
    for (unsigned round = 0; round < 300; ++round) {
        randomize(pmp, random);
        const std::uint64_t page = random() % 5 * Pmp::page_bytes;
        const unsigned decisive = first_match(pmp, page);
        bool one_entry = true;
        for (std::uint64_t offset = 0; offset < Pmp::page_bytes; offset += 4) {
            one_entry = one_entry && first_match(pmp, page + offset) == decisive;
        }
        INFO("round " << round);
        CHECK(pmp.covers_page_evenly(page) == one_entry);
        ++(one_entry ? even : uneven);
    }
    CHECK(even > 20);
    CHECK(uneven > 20);
}
