// Address translation by Sv39 (Privileged 1.12, 4.3.2 and 4.4).

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/cpu/sv39.h"

using namespace aqpim;

namespace {

constexpr std::uint64_t v = 1 << 0;
constexpr std::uint64_t r = 1 << 1;
constexpr std::uint64_t w = 1 << 2;
constexpr std::uint64_t x = 1 << 3;
constexpr std::uint64_t u = 1 << 4;
constexpr std::uint64_t g = 1 << 5;
constexpr std::uint64_t a = 1 << 6;
constexpr std::uint64_t d = 1 << 7;
constexpr std::uint64_t software = 3 << 8;

// Three tables, one for each level, and the path of one virtual address through them.
constexpr std::uint64_t root = 0x8000'1000;
constexpr std::uint64_t middle = 0x8000'2000;
constexpr std::uint64_t last = 0xff'ffff'ffff'f000;  // the highest page there is
constexpr std::uint64_t virtual_address = 0x0000'0012'3456'789a;
constexpr std::uint64_t root_entry = root + 8 * 0x48;
constexpr std::uint64_t middle_entry = middle + 8 * 0x1a2;
constexpr std::uint64_t last_entry = last + 8 * 0x167;

constexpr Access all_accesses[] = {Access::fetch, Access::load, Access::store};

std::uint64_t entry(std::uint64_t address, std::uint64_t bits) {
    return address >> 12 << 10 | bits;
}

Cause page_fault(Access access) {
    return access == Access::fetch  ? Cause::fetch_page_fault
           : access == Access::load ? Cause::load_page_fault
                                    : Cause::store_page_fault;
}

Cause access_fault(Access access) {
    return access == Access::fetch  ? Cause::fetch_access_fault
           : access == Access::load ? Cause::load_access_fault
                                    : Cause::store_access_fault;
}

/// Memory with the tables, in which `virtual_address` leads to the page 0x9000'0000.
struct Scene {
    std::map<std::uint64_t, std::uint64_t> memory = {
        {root_entry, entry(middle, v)},
        {middle_entry, entry(last, v)},
        {last_entry, entry(0x9000'0000, v | r | w | x | a | d)},
    };
    std::set<std::uint64_t> unreadable;
    std::set<std::uint64_t> unwritable;
    std::vector<std::uint64_t> reads;
    TranslationContext context{.sv39 = true, .root = root, .asid = 0, .sum = false, .mxr = false};
    bool hardware_update = true;

    Translation translate(Access access, Privilege mode = Privilege::supervisor,
                          std::uint64_t address = virtual_address) {
        const Sv39 sv39(
            [this](std::uint64_t physical, std::uint64_t& value) {
                reads.push_back(physical);
                value = memory.count(physical) != 0 ? memory.at(physical) : 0;
                return unreadable.count(physical) == 0;
            },
            [this](std::uint64_t physical, std::uint64_t old_value, std::uint64_t new_value) {
                CHECK(memory.at(physical) == old_value);
                if (unwritable.count(physical) != 0) {
                    return false;
                }
                memory[physical] = new_value;
                return true;
            },
            hardware_update);
        return sv39.translate(context, address, access, mode);
    }

    void check_page_faults(const std::string& reason) {
        const auto before = memory;
        for (const Access access : all_accesses) {
            INFO(reason << ", access " << static_cast<int>(access));
            const Translation translation = translate(access);
            CHECK_FALSE(translation.ok);
            CHECK(translation.fault == page_fault(access));
        }
        CHECK(memory == before);
    }
};

}  // namespace

TEST_CASE("three tables lead to a page of 4 KiB") {
    Scene scene;
    const Translation translation = scene.translate(Access::load);
    REQUIRE(translation.ok);
    CHECK(translation.physical == 0x9000'089a);
    CHECK(translation.page_bytes == 0x1000);
    CHECK(scene.reads == std::vector<std::uint64_t>{root_entry, middle_entry, last_entry});
}

TEST_CASE("a leaf in an upper table is a page of 2 MiB or 1 GiB") {
    Scene scene;
    scene.memory[middle_entry] = entry(0xa020'0000, v | r | a);
    Translation translation = scene.translate(Access::load);
    REQUIRE(translation.ok);
    CHECK(translation.physical == 0xa020'0000 + 0x16'789a);
    CHECK(translation.page_bytes == 0x20'0000);

    scene.memory[root_entry] = entry(0xc000'0000, v | r | a);
    translation = scene.translate(Access::load);
    REQUIRE(translation.ok);
    CHECK(translation.physical == 0xc000'0000 + 0x3456'789a);
    CHECK(translation.page_bytes == 0x4000'0000);
}

TEST_CASE("bits 63 to 39 of an address must equal bit 38") {
    Scene scene;
    scene.memory[root + 8 * 0xff] = entry(0, v | r | a);
    scene.memory[root + 8 * 0x100] = entry(0x4000'0000, v | r | a);
    CHECK(scene.translate(Access::load, Privilege::supervisor, 0x0000'003f'ffff'ffff).physical == 0x3fff'ffff);
    CHECK(scene.translate(Access::load, Privilege::supervisor, 0xffff'ffc0'0000'0001).physical == 0x4000'0001);
    scene.reads.clear();
    for (const std::uint64_t address : {0x0000'0040'0000'0000ull, 0xffff'ffbf'ffff'ffffull, 0x8000'0000'0000'0000ull,
                                        0x7fff'ffc0'0000'0000ull, 0x0000'0080'0000'0000ull}) {
        for (const Access access : all_accesses) {
            const Translation translation = scene.translate(access, Privilege::supervisor, address);
            CHECK_FALSE(translation.ok);
            CHECK(translation.fault == page_fault(access));
        }
    }
    CHECK(scene.reads.empty());
}

TEST_CASE("an invalid entry is a page fault at every level") {
    for (const std::uint64_t address : {root_entry, middle_entry, last_entry}) {
        Scene scene;
        scene.memory[address] &= ~v;
        scene.check_page_faults("V is 0");
        scene.memory[address] = entry(0, v | w | a | d);
        scene.check_page_faults("W without R");
        scene.memory[address] = entry(0, v | w | x | a | d);
        scene.check_page_faults("W and X without R");
    }
}

TEST_CASE("reserved bits of an entry are page faults") {
    for (const std::uint64_t address : {root_entry, middle_entry, last_entry}) {
        for (unsigned bit = 54; bit < 64; ++bit) {
            Scene scene;
            scene.memory[address] |= std::uint64_t{1} << bit;
            scene.check_page_faults("bit " + std::to_string(bit));
        }
    }
    for (const std::uint64_t address : {root_entry, middle_entry}) {
        for (const std::uint64_t bits : {a, d, u}) {
            Scene scene;
            scene.memory[address] |= bits;
            scene.check_page_faults("A, D or U of a pointer");
        }
    }
}

TEST_CASE("G and software's bits are free") {
    for (const std::uint64_t address : {root_entry, middle_entry, last_entry}) {
        Scene scene;
        scene.memory[address] |= g | software;
        CHECK(scene.translate(Access::store).physical == 0x9000'089a);
    }
}

TEST_CASE("a pointer in the last table is a page fault") {
    Scene scene;
    scene.memory[last_entry] = entry(0x9000'0000, v);
    scene.check_page_faults("pointer");
    CHECK(scene.reads.size() == 9);
}

TEST_CASE("a misaligned superpage is a page fault") {
    Scene scene;
    scene.memory[middle_entry] = entry(0xa010'0000, v | r | w | x | a | d);
    scene.check_page_faults("2 MiB");
    scene.memory[root_entry] = entry(0xe000'0000, v | r | w | x | a | d);
    scene.check_page_faults("1 GiB");
}

TEST_CASE("an entry that cannot be read is an access fault of the access") {
    for (const std::uint64_t address : {root_entry, middle_entry, last_entry}) {
        for (const Access access : all_accesses) {
            Scene scene;
            scene.unreadable.insert(address);
            const Translation translation = scene.translate(access);
            CHECK_FALSE(translation.ok);
            CHECK(translation.fault == access_fault(access));
        }
    }
}

TEST_CASE("an entry that cannot be updated is an access fault of the access") {
    for (const Access access : all_accesses) {
        Scene scene;
        scene.memory[last_entry] = entry(0x9000'0000, v | r | w | x);
        scene.unwritable.insert(last_entry);
        const Translation translation = scene.translate(access);
        CHECK_FALSE(translation.ok);
        CHECK(translation.fault == access_fault(access));
    }
}

TEST_CASE("the walk sets A, and D for stores only") {
    const std::uint64_t fresh = entry(0x9000'0000, v | r | w | x);
    for (const Access access : all_accesses) {
        Scene scene;
        scene.memory[last_entry] = fresh;
        CHECK(scene.translate(access).ok);
        CHECK(scene.memory[last_entry] == (fresh | a | (access == Access::store ? d : 0)));
    }
}

TEST_CASE("without hardware update a clear A, or D for stores, is a page fault") {
    Scene scene;
    scene.hardware_update = false;
    scene.memory[last_entry] = entry(0x9000'0000, v | r | w | x | d);
    scene.check_page_faults("A is 0");
    scene.memory[last_entry] = entry(0x9000'0000, v | r | w | x | a);
    CHECK(scene.translate(Access::fetch).ok);
    CHECK(scene.translate(Access::load).ok);
    const Translation store = scene.translate(Access::store);
    CHECK_FALSE(store.ok);
    CHECK(store.fault == Cause::store_page_fault);
}

TEST_CASE("a load of a clean page leaves the store to another walk") {
    Scene scene;
    scene.memory[last_entry] = entry(0x9000'0000, v | r | w | a);
    Translation translation = scene.translate(Access::load);
    CHECK(translation.readable);
    CHECK_FALSE(translation.writable);
    CHECK_FALSE(translation.executable);
    translation = scene.translate(Access::store);
    CHECK(translation.readable);
    CHECK(translation.writable);
    CHECK(scene.translate(Access::load).writable);
}

TEST_CASE("permissions follow R, W, X, U, SUM, MXR and the mode for every valid leaf") {
    struct Rule {
        Access access;
        std::uint64_t any_of;      // bits of which one is needed
        std::uint64_t any_of_mxr;  // the same under MXR
    };
    const Rule rules[] = {{Access::fetch, x, x}, {Access::load, r, r | x}, {Access::store, w, w}};
    for (const std::uint64_t kind : {r, r | w, x, r | x, r | w | x}) {
        for (unsigned flags = 0; flags < 16; ++flags) {
            const bool user_page = (flags & 1) != 0;
            const bool user_mode = (flags & 2) != 0;
            Scene scene;
            scene.context.sum = (flags & 4) != 0;
            scene.context.mxr = (flags & 8) != 0;
            scene.memory[last_entry] = entry(0x9000'0000, v | a | d | kind | (user_page ? u : 0));
            const Privilege mode = user_mode ? Privilege::user : Privilege::supervisor;
            bool expected[3];
            for (const Rule& rule : rules) {
                const bool kind_permits = (kind & (scene.context.mxr ? rule.any_of_mxr : rule.any_of)) != 0;
                const bool supervisor_in_user_page = scene.context.sum && rule.access != Access::fetch;
                const bool mode_permits = user_page == user_mode || (user_page && supervisor_in_user_page);
                expected[static_cast<int>(rule.access)] = kind_permits && mode_permits;
            }
            for (const Access access : all_accesses) {
                INFO("kind " << kind << " flags " << flags << " access " << static_cast<int>(access));
                const Translation translation = scene.translate(access, mode);
                CHECK(translation.ok == expected[static_cast<int>(access)]);
                if (translation.ok) {
                    CHECK(translation.executable == expected[0]);
                    CHECK(translation.readable == expected[1]);
                    CHECK(translation.writable == expected[2]);
                } else {
                    CHECK(translation.fault == page_fault(access));
                }
            }
        }
    }
}
