#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "models/common/sparse_memory.h"

using namespace aqpim;

TEST_CASE("memory never written reads as zero and takes no space") {
    const SparseMemory memory;
    std::vector<std::uint8_t> data(100'000, 0xff);
    memory.read(std::uint64_t{80} << 30, data.data(), data.size());
    CHECK(std::all_of(data.begin(), data.end(), [](auto byte) { return byte == 0; }));
    CHECK(memory.allocated_bytes() == 0);
}

TEST_CASE("writes across pages read back, and take the pages they touch") {
    SparseMemory memory;
    std::vector<std::uint8_t> data(200'000);
    for (std::size_t i = 0; i < data.size(); ++i) {
        data[i] = static_cast<std::uint8_t>(i * 7);
    }
    const std::uint64_t address = (std::uint64_t{1} << 36) + 12'345;
    memory.write(address, data.data(), data.size());
    std::vector<std::uint8_t> found(data.size());
    memory.read(address, found.data(), found.size());
    CHECK(found == data);
    CHECK(memory.allocated_bytes() == 4 * SparseMemory::page_bytes);
}

TEST_CASE("a page keeps its address") {
    SparseMemory memory;
    const std::uint8_t* const page = memory.page(5);
    for (std::uint64_t i = 1; i < 1000; ++i) {
        memory.page(i * SparseMemory::page_bytes);
    }
    CHECK(memory.page(7) == page);
}
