#include <catch2/catch.hpp>

#include <array>
#include <bit>
#include <random>
#include <set>
#include <vector>

#include "models/dram/ecc.h"

using namespace aqpim::dram;

namespace {

/// Bits 0 to 63 are data, 64 to 71 check bits.
struct Codeword {
    explicit Codeword(std::uint64_t word) : data(word), check(ecc::encode(word)) {}

    void flip(std::size_t bit) {
        if (bit < ecc::data_bits) {
            data ^= std::uint64_t{1} << bit;
        } else {
            check = static_cast<std::uint8_t>(check ^ 1u << (bit - ecc::data_bits));
        }
    }
    ecc::Decoded decode() const { return ecc::decode(data, check); }

    std::uint64_t data;
    std::uint8_t check;
};

std::vector<std::uint64_t> words() {
    std::vector<std::uint64_t> words = {0, ~std::uint64_t{0}, 0x5555555555555555, 0x0123456789abcdef};
    std::mt19937_64 random(1);
    for (int i = 0; i < 20; ++i) {
        words.push_back(random());
    }
    return words;
}

}  // namespace

TEST_CASE("the code's columns are distinct, of odd weight, and balanced over the check bits") {
    const std::set<std::uint8_t> distinct(ecc::columns.begin(), ecc::columns.end());
    CHECK(distinct.size() == 64);
    std::array<int, ecc::check_bits> ones{};
    for (const std::uint8_t column : ecc::columns) {
        const int weight = std::popcount(column);
        CHECK((weight == 3 || weight == 5));
        for (std::size_t check = 0; check < ecc::check_bits; ++check) {
            ones[check] += column >> check & 1;
        }
    }
    for (const int count : ones) {
        CHECK(count == 26);  // (56 x 3 + 8 x 5) / 8, Hsiao's minimum
    }
}

TEST_CASE("a check bit is the parity of the data bits whose column has it") {
    CHECK(ecc::encode(0) == 0);
    for (std::size_t bit = 0; bit < ecc::data_bits; ++bit) {
        CHECK(ecc::encode(std::uint64_t{1} << bit) == ecc::columns[bit]);
    }
    for (const std::uint64_t word : words()) {
        std::uint8_t parity = 0;
        for (std::size_t bit = 0; bit < ecc::data_bits; ++bit) {
            parity = static_cast<std::uint8_t>(parity ^ ((word >> bit & 1) != 0 ? ecc::columns[bit] : 0));
        }
        CHECK(ecc::encode(word) == parity);
    }
}

TEST_CASE("a word without an error is read as it is") {
    for (const std::uint64_t word : words()) {
        const ecc::Decoded decoded = Codeword(word).decode();
        CHECK(decoded.status == ecc::Status::ok);
        CHECK(decoded.data == word);
    }
}

TEST_CASE("each single wrong bit of the 72 is corrected") {
    for (const std::uint64_t word : words()) {
        for (std::size_t bit = 0; bit < ecc::word_bits; ++bit) {
            Codeword codeword(word);
            codeword.flip(bit);
            const ecc::Decoded decoded = codeword.decode();
            INFO("bit " << bit);
            CHECK(decoded.status == ecc::Status::corrected);
            CHECK(decoded.data == word);
        }
    }
}

TEST_CASE("each pair of wrong bits is detected and left alone") {
    for (const std::uint64_t word : words()) {
        for (std::size_t first = 0; first < ecc::word_bits; ++first) {
            for (std::size_t second = first + 1; second < ecc::word_bits; ++second) {
                Codeword codeword(word);
                codeword.flip(first);
                codeword.flip(second);
                const ecc::Decoded decoded = codeword.decode();
                INFO("bits " << first << " and " << second);
                REQUIRE(decoded.status == ecc::Status::detected);
                REQUIRE(decoded.data == codeword.data);
            }
        }
    }
}

TEST_CASE("three wrong bits are never taken for none") {
    for (std::size_t first = 0; first < ecc::word_bits; ++first) {
        for (std::size_t second = first + 1; second < ecc::word_bits; ++second) {
            for (std::size_t third = second + 1; third < ecc::word_bits; ++third) {
                Codeword codeword(0);
                codeword.flip(first);
                codeword.flip(second);
                codeword.flip(third);
                REQUIRE(codeword.decode().status != ecc::Status::ok);
            }
        }
    }
}
