#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

extern "C" {
#include "aqpim/sdk/pim_memory.h"
}

namespace {

/// 16 channels of 64 banks, 4 columns in front of 10 pages of 3.
struct Memory {
    aqpim_pim_memory memory{};
    std::vector<std::uint8_t> owners;

    explicit Memory(std::uint32_t entries = 100) : owners(entries, 77) {
        memory.channels = 16;
        memory.banks_per_channel = 64;
        memory.row_columns = 32;
        memory.columns = 38;
        memory.column_set_bytes = 16 * 64 * 32;
        aqpim_pim_allocate(&memory, AQPIM_PIM_WORK, 4);
        aqpim_pim_open_pages(&memory, 3, owners.data(), entries);
    }

    std::pair<std::uint32_t, std::uint32_t> take(std::uint8_t owner, std::uint32_t pages, std::uint32_t behind = 0) {
        const aqpim_pim_extent extent = aqpim_pim_take_pages(&memory, owner, pages, behind);
        return {extent.column, extent.columns};
    }
};

using Extent = std::pair<std::uint32_t, std::uint32_t>;

}  // namespace

TEST_CASE("PIM memory is handed out column after column, from whole rows where asked, and freed at once") {
    aqpim_pim_memory memory{};
    memory.row_columns = 32;
    memory.columns = 96;
    memory.column_set_bytes = 16 * 64 * 32;
    CHECK(aqpim_pim_allocate(&memory, AQPIM_PIM_CODEBOOKS, 5) == 0);
    CHECK(aqpim_pim_allocate(&memory, AQPIM_PIM_CODES, 3) == 5);
    CHECK(aqpim_pim_allocate_aligned(&memory, AQPIM_PIM_CODEBOOKS, 2, 4) == 8);
    CHECK(aqpim_pim_allocate_rows(&memory, AQPIM_PIM_WORK, 40) == 32);
    CHECK(aqpim_pim_allocate_rows(&memory, AQPIM_PIM_WORK, 24) == 96);
    CHECK_FALSE(aqpim_pim_memory_fits(&memory));
    CHECK(aqpim_pim_pages_left(&memory, 1) == 0);
    CHECK(aqpim_pim_bytes(&memory, AQPIM_PIM_CODES) == 3 * 16 * 64 * 32);
    aqpim_pim_free_all(&memory);
    CHECK(aqpim_pim_memory_fits(&memory));
    CHECK(aqpim_pim_allocate(&memory, AQPIM_PIM_WORK, 96) == 0);
    CHECK(aqpim_pim_memory_fits(&memory));
}

TEST_CASE("pages start at a multiple of their size behind what is allocated") {
    const Memory m;
    CHECK(m.memory.first_page_column == 6);
    CHECK(m.memory.pages == 10);
    CHECK(m.memory.free_pages == 10);
}

TEST_CASE("pages are taken in one piece where there is one, lowest first") {
    Memory m;
    CHECK(m.take(1, 3) == Extent(6, 9));
    CHECK(m.take(2, 2) == Extent(15, 6));
    CHECK(m.take(3, 4) == Extent(21, 12));
    CHECK(m.memory.free_pages == 1);
    CHECK(aqpim_pim_bytes(&m.memory, AQPIM_PIM_CODES) == 27 * m.memory.column_set_bytes);
    aqpim_pim_free_pages(&m.memory, 1);
    CHECK(m.take(4, 1) == Extent(6, 3));
    CHECK(m.take(4, 2) == Extent(9, 6));
}

TEST_CASE("a page behind one's last is preferred, so that extents grow together") {
    Memory m;
    REQUIRE(m.take(1, 2) == Extent(6, 6));
    REQUIRE(m.take(2, 2) == Extent(12, 6));
    CHECK(m.take(2, 1, 18) == Extent(18, 3));
    CHECK(m.take(1, 1, 12) == Extent(21, 3));
    aqpim_pim_free_pages(&m.memory, 2);
    CHECK(m.take(1, 5, 12) == Extent(12, 9));  // as far as it goes
    CHECK(m.take(1, 1, 7) == Extent(24, 3));   // no page begins there
}

TEST_CASE("what is not free in one piece is taken from the lowest free pages on") {
    Memory m;
    for (std::uint8_t owner = 1; owner <= 10; ++owner) {
        REQUIRE(m.take(owner, 1) == Extent(3 + 3 * owner, 3));
    }
    CHECK(m.take(11, 1) == Extent(0, 0));
    for (const std::uint8_t owner : {2, 5, 6, 9}) {
        aqpim_pim_free_pages(&m.memory, owner);
    }
    CHECK(m.take(11, 4) == Extent(9, 3));
    CHECK(m.take(11, 3) == Extent(18, 6));
    CHECK(m.take(11, 1) == Extent(30, 3));
    CHECK(m.memory.free_pages == 0);
}

TEST_CASE("a piece that is large enough is found behind one that is too small") {
    Memory m;
    for (std::uint8_t owner = 1; owner <= 5; ++owner) {
        REQUIRE(m.take(owner, 1) == Extent(3 + 3 * owner, 3));
    }
    for (const std::uint8_t owner : {1, 3, 4}) {
        aqpim_pim_free_pages(&m.memory, owner);
    }
    CHECK(m.take(6, 2) == Extent(12, 6));
    CHECK(m.take(6, 1) == Extent(6, 3));
}

TEST_CASE("all pages of an owner are given back at once, and only those") {
    Memory m;
    m.take(1, 2);
    m.take(2, 2);
    m.take(1, 2);
    aqpim_pim_free_pages(&m.memory, 1);
    CHECK(m.memory.free_pages == 8);
    CHECK(aqpim_pim_bytes(&m.memory, AQPIM_PIM_CODES) == 6 * m.memory.column_set_bytes);
    aqpim_pim_free_pages(&m.memory, 1);
    CHECK(m.memory.free_pages == 8);
    CHECK(m.take(3, 2) == Extent(6, 6));
}

TEST_CASE("there are no more pages than the table has entries") {
    Memory m(4);
    CHECK(m.memory.pages == 4);
    CHECK(m.take(1, 9) == Extent(6, 12));
    CHECK(m.take(1, 1, 18) == Extent(0, 0));
}

TEST_CASE("what a sequence stores is counted in the banks of one group") {
    const aqpim_layout quarter = aqpim_make_layout(16, 64, 16, 16, 64);
    const aqpim_layout two_channels = aqpim_make_layout(16, 64, 128, 32, 128);
    CHECK(aqpim_pim_stored_bytes(&quarter, 10) == 10 * 16 * 32);
    CHECK(aqpim_pim_stored_bytes(&two_channels, 3) == 3 * 128 * 32);
}
