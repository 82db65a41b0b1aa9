#include <fmt/format.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "models/common/error.h"
#include "models/dram/faults.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

constexpr std::uint64_t capacity = std::uint64_t{1} << 30;

/// A memory in which byte i holds i * 37, modulo 256, and faults in front of it.
struct Rig {
    explicit Rig(std::initializer_list<std::pair<const char*, std::string>> changes = {}) {
        parameters.declare(table.section("dram"));
        for (const auto& [key, value] : changes) {
            table.set(key, value, "test");
        }
        std::vector<std::uint8_t> contents(4096);
        for (std::size_t i = 0; i < contents.size(); ++i) {
            contents[i] = true_byte(i);
        }
        store.write(0, contents.data(), contents.size());
        injector.emplace(parameters, capacity);
    }

    static std::uint8_t true_byte(std::uint64_t address) { return static_cast<std::uint8_t>(address * 37); }

    /// Reads through the faults; returns what differs from the contents, as a mask for each byte.
    std::vector<std::uint8_t> wrong_bits(std::uint64_t address, std::size_t bytes) {
        std::vector<std::uint8_t> contents(bytes + 2 * static_cast<std::size_t>(margin));
        store.read(address, contents.data() + margin, bytes);
        std::vector<std::uint8_t> data = contents;
        outcome = injector->apply(store, address, data.data() + margin, bytes);
        for (std::size_t i = 0; i < data.size(); ++i) {
            data[i] = static_cast<std::uint8_t>(data[i] ^ contents[i]);
        }
        const auto first = data.begin() + margin;
        const auto last = first + static_cast<std::ptrdiff_t>(bytes);
        margins_untouched &= std::count(data.begin(), first, 0) == margin && std::count(last, data.end(), 0) == margin;
        return {first, last};
    }
    const MemoryErrors& errors() const { return injector->errors(); }

    static constexpr std::ptrdiff_t margin = 8;

    ParameterTable table;
    FaultParameters parameters;
    SparseMemory store;
    std::optional<FaultInjector> injector;
    ReadOutcome outcome = ReadOutcome::ok;
    bool margins_untouched = true;
};

std::uint64_t count_bits(const std::vector<std::uint8_t>& masks) {
    std::uint64_t bits = 0;
    for (const std::uint8_t mask : masks) {
        bits += static_cast<std::uint64_t>(std::popcount(mask));
    }
    return bits;
}

/// Words of eight bytes that read wrong, of `words`.
std::uint64_t wrong_words(const std::vector<std::uint8_t>& masks) {
    std::uint64_t count = 0;
    for (std::size_t word = 0; word < masks.size() / 8; ++word) {
        const auto first = masks.begin() + static_cast<std::ptrdiff_t>(8 * word);
        count += std::any_of(first, first + 8, [](std::uint8_t mask) { return mask != 0; }) ? 1 : 0;
    }
    return count;
}

}  // namespace

TEST_CASE("without faults every read is right, with ECC and without") {
    for (const char* ecc : {"none", "secded"}) {
        Rig rig({{"dram.ecc", ecc}});
        CHECK_FALSE(rig.injector->active());
        CHECK(count_bits(rig.wrong_bits(0, 4096)) == 0);
        CHECK(rig.outcome == ReadOutcome::ok);
        CHECK(rig.errors().bits_flipped == 0);
    }
}

TEST_CASE("a bad cell reads inverted wherever a read covers it") {
    Rig rig({{"dram.faults", "0x15.3"}});
    for (std::uint64_t address = 0; address < 0x20; ++address) {
        for (std::size_t bytes = 1; bytes < 0x20; ++bytes) {
            const std::vector<std::uint8_t> wrong = rig.wrong_bits(address, bytes);
            const bool covered = address <= 0x15 && 0x15 < address + bytes;
            INFO(address << " " << bytes);
            REQUIRE(count_bits(wrong) == (covered ? 1u : 0u));
            REQUIRE((!covered || wrong[0x15 - address] == 1 << 3));
            REQUIRE(rig.outcome == ReadOutcome::ok);
            REQUIRE(rig.margins_untouched);
        }
    }
}

TEST_CASE("the store keeps what was written") {
    Rig rig({{"dram.faults", "8.0, 9.7/stuck0"}});
    rig.wrong_bits(0, 64);
    std::array<std::uint8_t, 2> stored{};
    rig.store.read(8, stored.data(), stored.size());
    CHECK(stored[0] == Rig::true_byte(8));
    CHECK(stored[1] == Rig::true_byte(9));
}

TEST_CASE("a stuck cell is wrong only while it holds the other value") {
    Rig rig({{"dram.faults", "100.2/stuck0,101.2/stuck1"}});
    const std::array<std::uint8_t, 2> ones = {0xff, 0xff};
    rig.store.write(100, ones.data(), 2);
    CHECK(rig.wrong_bits(100, 2) == std::vector<std::uint8_t>{0x04, 0x00});
    const std::array<std::uint8_t, 2> zeros = {0, 0};
    rig.store.write(100, zeros.data(), 2);
    CHECK(rig.wrong_bits(100, 2) == std::vector<std::uint8_t>{0x00, 0x04});
    CHECK(rig.errors().bits_flipped == 2);
    CHECK(rig.errors().undetected == 2);
}

TEST_CASE("memory that nobody has written has bad cells too") {
    Rig rig({{"dram.faults", "0x3fffffff.7,0x20000000.0/stuck1"}});
    CHECK(rig.wrong_bits(capacity - 8, 8) == std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 0x80});
    CHECK(rig.wrong_bits(0x20000000, 1) == std::vector<std::uint8_t>{1});
}

TEST_CASE("SEC-DED corrects one bad cell of a word") {
    Rig rig({{"dram.ecc", "secded"}, {"dram.faults", "0x10.0,0x18.7,0x20.4"}});
    CHECK(count_bits(rig.wrong_bits(0, 64)) == 0);
    CHECK(rig.outcome == ReadOutcome::ok);
    CHECK(rig.errors().bits_flipped == 3);
    CHECK(rig.errors().corrected == 3);
    CHECK(rig.errors().detected == 0);
    CHECK(rig.errors().undetected == 0);
}

TEST_CASE("two bad cells of a word poison a read that covers any part of it") {
    Rig rig({{"dram.ecc", "secded"}, {"dram.faults", "0x10.0,0x17.7"}});
    CHECK(count_bits(rig.wrong_bits(0, 64)) == 2);
    CHECK(rig.outcome == ReadOutcome::poisoned);
    CHECK(rig.errors().detected == 1);
    CHECK(count_bits(rig.wrong_bits(0x12, 2)) == 0);
    CHECK(rig.outcome == ReadOutcome::poisoned);
    rig.wrong_bits(0x18, 8);
    CHECK(rig.outcome == ReadOutcome::ok);
    CHECK(rig.errors().detected == 2);
    CHECK(rig.errors().corrected == 0);
    CHECK(rig.errors().undetected == 0);
}

TEST_CASE("a poisoned word does not keep others from being corrected") {
    Rig rig({{"dram.ecc", "secded"}, {"dram.faults", "0.0,0.1,8.0,16.0"}});
    CHECK(rig.wrong_bits(0, 24)[0] == 3);
    CHECK(rig.outcome == ReadOutcome::poisoned);
    CHECK(rig.errors().corrected == 2);
    CHECK(rig.errors().detected == 1);
}

TEST_CASE("three bad cells that look like one are delivered wrong without notice") {
    // The columns 0x07, 0x0b and 0x0d of bits 0, 1 and 6 add up to 0x01: the code takes them for its first check bit.
    Rig rig({{"dram.ecc", "secded"}, {"dram.faults", "0.0,0.1,0.6"}});
    CHECK(rig.wrong_bits(0, 8)[0] == 0x43);
    CHECK(rig.outcome == ReadOutcome::ok);
    CHECK(rig.errors().undetected == 1);
    CHECK(rig.errors().corrected == 0);
}

TEST_CASE("the same seed gives the same wrong bits, another one others") {
    const auto read = [](const char* seed) {
        Rig rig({{"dram.fault_rate", "0.001"}, {"dram.fault_seed", seed}});
        std::vector<std::uint8_t> wrong;
        for (int i = 0; i < 10; ++i) {
            const std::vector<std::uint8_t> part = rig.wrong_bits(0, 4096);
            wrong.insert(wrong.end(), part.begin(), part.end());
        }
        return wrong;
    };
    CHECK(read("1") == read("1"));
    CHECK(read("1") != read("2"));
}

TEST_CASE("a read of many words has the wrong bits that reads of each would have") {
    Rig whole({{"dram.fault_rate", "0.01"}});
    Rig parts({{"dram.fault_rate", "0.01"}});
    const std::vector<std::uint8_t> wrong = whole.wrong_bits(0, 4096);
    for (std::uint64_t address = 0; address < 4096; address += 8) {
        const std::vector<std::uint8_t> part = parts.wrong_bits(address, 8);
        REQUIRE(std::equal(part.begin(), part.end(), wrong.begin() + static_cast<std::ptrdiff_t>(address)));
    }
}

TEST_CASE("bits are wrong at the rate given, all alike") {
    for (const double rate : {1e-2, 1e-3, 1e-5}) {
        Rig rig({{"dram.fault_rate", fmt::to_string(rate)}});
        std::array<std::uint64_t, 64> of_position{};
        std::uint64_t seen = 0;
        constexpr int reads = 2000;
        for (int i = 0; i < reads; ++i) {
            const std::vector<std::uint8_t> wrong = rig.wrong_bits(0, 4096);
            seen += count_bits(wrong);
            for (std::size_t bit = 0; bit < of_position.size(); ++bit) {
                for (std::size_t byte = bit / 8; byte < wrong.size(); byte += 8) {
                    of_position[bit] += wrong[byte] >> bit % 8 & 1u;
                }
            }
        }
        const double bits = reads * 4096.0 * 8;
        const double deviation = std::sqrt(bits * rate * (1 - rate));
        INFO(rate << ": " << seen);
        CHECK(std::abs(static_cast<double>(seen) - bits * rate) < 4 * deviation);
        CHECK(rig.errors().bits_flipped == seen);
        for (const std::uint64_t count : of_position) {
            CHECK(std::abs(static_cast<double>(count) - bits / 64 * rate) < 5 * deviation / 8);
        }
    }
}

TEST_CASE("the words that SEC-DED corrects and detects are as many as the binomial distribution says") {
    constexpr double rate = 0.01;
    constexpr int reads = 400;
    constexpr double words = reads * 512.0;
    Rig rig({{"dram.ecc", "secded"}, {"dram.fault_rate", "0.01"}});
    std::uint64_t wrong = 0;
    for (int i = 0; i < reads; ++i) {
        wrong += wrong_words(rig.wrong_bits(0, 4096));
    }
    const auto check = [&](std::uint64_t counted, double probability) {
        const double deviation = std::sqrt(words * probability * (1 - probability));
        INFO(counted << " of " << words * probability);
        CHECK(std::abs(static_cast<double>(counted) - words * probability) < 4 * deviation);
    };
    const double none = std::pow(1 - rate, 72);
    const double one = 72 * rate * std::pow(1 - rate, 71);
    const double two = 72 * 71 / 2 * rate * rate * std::pow(1 - rate, 70);
    check(rig.errors().corrected, one);
    CHECK(rig.errors().detected >= static_cast<std::uint64_t>(0.95 * words * two));
    check(rig.errors().detected + rig.errors().undetected, 1 - none - one);
    const double flips = 72 * words * rate;
    CHECK(std::abs(static_cast<double>(rig.errors().bits_flipped) - flips) < 4 * std::sqrt(flips));
    CHECK(rig.errors().undetected > 0);
    CHECK(wrong <= rig.errors().detected + rig.errors().undetected);  // check bits alone can be wrong
}

TEST_CASE("a rare fault comes after as many bits as it should, however they are read") {
    // Each read has 32768 bits: half of all seeds see the first wrong bit within ln 2 / rate of them.
    constexpr double rate = 1e-9;
    int early = 0;
    constexpr int seeds = 400;
    for (int seed = 0; seed < seeds; ++seed) {
        Rig rig({{"dram.fault_rate", "1e-9"}, {"dram.fault_seed", std::to_string(seed)}});
        std::vector<std::uint8_t> data(1 << 20);
        const auto enough = static_cast<int>(std::log(2) / rate / (8 << 20));
        for (int i = 0; i < enough; ++i) {
            rig.injector->apply(rig.store, 0, data.data(), data.size());
        }
        early += rig.errors().bits_flipped > 0 ? 1 : 0;
    }
    CHECK(std::abs(early - seeds / 2) < 4 * std::sqrt(seeds) / 2);
}

TEST_CASE("the smallest rates never overflow") {
    for (const char* rate : {"1e-15", "1e-300", "5e-324"}) {
        Rig rig({{"dram.fault_rate", rate}});
        CHECK(rig.injector->active());
        std::vector<std::uint8_t> data(1 << 20);
        for (int i = 0; i < 20'000; ++i) {  // 1.7e11 bits
            rig.injector->apply(rig.store, 0, data.data(), data.size());
        }
        CHECK(rig.errors().bits_flipped == 0);
    }
}

TEST_CASE("rates beyond one in a hundred are refused") {
    for (const char* rate : {"0.011", "-0.001", "nan", "1"}) {
        CHECK_THROWS_AS(Rig({{"dram.fault_rate", rate}}), InputError);
    }
}
