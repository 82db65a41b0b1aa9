#include "models/cpu/direct_memory.h"

#include <catch2/catch.hpp>

#include <vector>

#include "models/cpu/host_pages.h"

using namespace aqpim;

namespace {

constexpr std::uint64_t page = HostPages::page_bytes;

/// Grants stretches of `grant_bytes`, each elsewhere in the host's memory.
struct Target {
    std::uint64_t size;
    std::uint64_t grant_bytes;
    bool writable = true;
    unsigned requests = 0;
    std::vector<std::vector<std::uint8_t>> stretches = std::vector<std::vector<std::uint8_t>>(
        (size + grant_bytes - 1) / grant_bytes, std::vector<std::uint8_t>(grant_bytes));

    DirectMemory::Request request() {
        return [this](tlm::tlm_command command, std::uint64_t address, tlm::tlm_dmi& grant) {
            ++requests;
            if (address >= size || (command == tlm::TLM_WRITE_COMMAND && !writable)) {
                return false;
            }
            const std::uint64_t index = address / grant_bytes;
            grant.set_start_address(index * grant_bytes);
            grant.set_end_address((index + 1) * grant_bytes - 1);
            grant.set_dmi_ptr(stretches[index].data());
            grant.set_granted_access(writable ? tlm::tlm_dmi::DMI_ACCESS_READ_WRITE : tlm::tlm_dmi::DMI_ACCESS_READ);
            return true;
        };
    }
    std::uint8_t* at(std::uint64_t address) { return &stretches[address / grant_bytes][address % grant_bytes]; }
};

}  // namespace

TEST_CASE("memory is found where it is granted, and asked for once") {
    Target target{16 * page, 4 * page};
    DirectMemory memory(target.request());
    CHECK(memory.find(tlm::TLM_READ_COMMAND, page + 8, 8) == target.at(page + 8));
    CHECK(memory.find(tlm::TLM_WRITE_COMMAND, 4 * page - 1, 1) == target.at(4 * page - 1));
    CHECK(target.requests == 1);
    CHECK(memory.find(tlm::TLM_READ_COMMAND, 4 * page - 1, 2) == nullptr);
    CHECK(memory.find(tlm::TLM_READ_COMMAND, 16 * page, 1) == nullptr);
    CHECK(memory.find(tlm::TLM_READ_COMMAND, 16 * page - 4, 8) == nullptr);
}

TEST_CASE("memory granted for reading is not written") {
    Target target{page, page, false};
    DirectMemory memory(target.request());
    CHECK(memory.find(tlm::TLM_READ_COMMAND, 0, 8) == target.at(0));
    CHECK(memory.find(tlm::TLM_WRITE_COMMAND, 0, 8) == nullptr);
}

TEST_CASE("invalidation drops the grants that it touches and asks again") {
    Target target{4 * page, page};
    DirectMemory memory(target.request());
    for (std::uint64_t address = 0; address < 4 * page; address += page) {
        memory.find(tlm::TLM_READ_COMMAND, address, 8);
    }
    CHECK(target.requests == 4);
    memory.invalidate(2 * page - 1, 2 * page);
    memory.find(tlm::TLM_READ_COMMAND, 0, 8);
    memory.find(tlm::TLM_READ_COMMAND, 3 * page, 8);
    CHECK(target.requests == 4);
    memory.find(tlm::TLM_READ_COMMAND, page, 8);
    memory.find(tlm::TLM_READ_COMMAND, 2 * page, 8);
    CHECK(target.requests == 6);
}

TEST_CASE("a remembered page is found by its aligned accesses, and by all that lie within it") {
    HostPages pages;
    std::vector<std::uint8_t> memory(page);
    pages.add(5 * page, memory.data());
    CHECK(pages.aligned<8>(5 * page) == &memory[0]);
    CHECK(pages.aligned<8>(6 * page - 8) == &memory[page - 8]);
    CHECK(pages.aligned<1>(5 * page + 3) == &memory[3]);
    CHECK(pages.aligned<4>(5 * page + 2) == nullptr);
    CHECK(pages.aligned<8>(6 * page) == nullptr);
    CHECK(pages.find(5 * page + 3, 8) == &memory[3]);
    CHECK(pages.find(6 * page - 8, 8) == &memory[page - 8]);
    CHECK(pages.find(6 * page - 7, 8) == nullptr);
    CHECK(pages.find(5 * page - 1, 1) == nullptr);
    pages.clear();
    CHECK(pages.aligned<8>(5 * page) == nullptr);
    CHECK(pages.find(5 * page, 1) == nullptr);
}

TEST_CASE("no address is found in an empty table of pages") {
    const HostPages pages;
    for (std::uint64_t address = 0; address < 3 * page; ++address) {
        CHECK(pages.find(address, 1) == nullptr);
        CHECK(pages.aligned<1>(address) == nullptr);
    }
}

TEST_CASE("pages that share an entry of the table displace each other") {
    HostPages pages;
    std::vector<std::uint8_t> memory(2 * page);
    constexpr std::uint64_t far = 4096 * page;
    pages.add(page, &memory[0]);
    pages.add(page + far, &memory[page]);
    CHECK(pages.aligned<2>(page) == nullptr);
    CHECK(pages.aligned<2>(page + far) == &memory[page]);
}
