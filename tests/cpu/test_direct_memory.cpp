#include "models/cpu/direct_memory.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace aqpim;

namespace {

constexpr std::uint64_t page = DirectMemory::page_bytes;

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

TEST_CASE("a page that was found is quick from then on, for aligned accesses") {
    Target target{16 * page, 4 * page};
    DirectMemory memory(target.request());
    CHECK(memory.quick_read<8>(page) == nullptr);
    CHECK(memory.find(tlm::TLM_READ_COMMAND, page + 8, 8) == target.at(page + 8));
    CHECK(memory.quick_read<8>(page) == target.at(page));
    CHECK(memory.quick_read<8>(2 * page - 8) == target.at(2 * page - 8));
    CHECK(memory.quick_read<1>(page + 3) == target.at(page + 3));
    CHECK(memory.quick_read<4>(page + 2) == nullptr);
    CHECK(memory.quick_read<8>(2 * page) == nullptr);
    CHECK(memory.quick_write<8>(page) == nullptr);
    CHECK(memory.find(tlm::TLM_WRITE_COMMAND, page, 1) == target.at(page));
    CHECK(memory.quick_write<8>(page) == target.at(page));
    CHECK(target.requests == 1);
}

TEST_CASE("pages that share an entry of the table displace each other") {
    Target target{2048 * page, 2048 * page};
    DirectMemory memory(target.request());
    for (std::uint64_t address = 0; address < target.size; address += page) {
        CHECK(memory.find(tlm::TLM_READ_COMMAND, address, 1) == target.at(address));
        CHECK(memory.quick_read<2>(address) == target.at(address));
    }
    CHECK(memory.quick_read<2>(0) == nullptr);
    CHECK(memory.find(tlm::TLM_READ_COMMAND, 0, 1) == target.at(0));
    CHECK(target.requests == 1);
}

TEST_CASE("grants smaller than a page work, but never quickly") {
    Target target{2 * page, 256};
    DirectMemory memory(target.request());
    CHECK(memory.find(tlm::TLM_READ_COMMAND, 264, 8) == target.at(264));
    CHECK(memory.quick_read<8>(264) == nullptr);
}

TEST_CASE("an access across two grants is put together, one beyond the memory is refused whole") {
    Target target{2 * page, page};
    DirectMemory memory(target.request());
    const std::uint64_t value = 0x8877'6655'4433'2211;
    CHECK(memory.write(page - 3, &value, 8));
    std::uint64_t read = 0;
    CHECK(memory.read(page - 3, &read, 8));
    CHECK(read == value);
    CHECK(*target.at(page - 1) == 0x33);
    CHECK(*target.at(page) == 0x44);
    CHECK_FALSE(memory.write(2 * page - 3, &value, 8));
    CHECK(*target.at(2 * page - 1) == 0);
    CHECK_FALSE(memory.read(2 * page - 3, &read, 8));
    CHECK_FALSE(memory.read(5 * page, &read, 8));
}

TEST_CASE("memory granted for reading is not written") {
    Target target{page, page, false};
    DirectMemory memory(target.request());
    std::uint64_t value = 1;
    CHECK(memory.read(0, &value, 8));
    CHECK_FALSE(memory.write(0, &value, 8));
    CHECK(memory.quick_write<8>(0) == nullptr);
}

TEST_CASE("writes to a protected page are possible but not quick") {
    Target target{4 * page, 4 * page};
    DirectMemory memory(target.request());
    memory.find(tlm::TLM_WRITE_COMMAND, page, 1);
    memory.protect(page + 12);
    CHECK(memory.quick_write<1>(page) == nullptr);
    CHECK(memory.find(tlm::TLM_WRITE_COMMAND, page, 8) != nullptr);
    CHECK(memory.quick_write<1>(page) == nullptr);
    memory.unprotect_all();
    memory.find(tlm::TLM_WRITE_COMMAND, page, 1);
    CHECK(memory.quick_write<1>(page) != nullptr);
}

TEST_CASE("invalidation drops the grants that it touches and asks again") {
    Target target{4 * page, page};
    DirectMemory memory(target.request());
    for (std::uint64_t address = 0; address < 4 * page; address += page) {
        memory.find(tlm::TLM_READ_COMMAND, address, 8);
    }
    CHECK(target.requests == 4);
    memory.invalidate(2 * page - 1, 2 * page);
    CHECK(memory.quick_read<8>(page) == nullptr);
    memory.find(tlm::TLM_READ_COMMAND, 0, 8);
    memory.find(tlm::TLM_READ_COMMAND, 3 * page, 8);
    CHECK(target.requests == 4);
    memory.find(tlm::TLM_READ_COMMAND, page, 8);
    memory.find(tlm::TLM_READ_COMMAND, 2 * page, 8);
    CHECK(target.requests == 6);
}
