#pragma once

#include <stdint.h>

/// Encodings at random in which what is hard is frequent: subnormals, neighbours of the largest, halves, fractions of
/// all ones, products at either end of the range, near cancellation. The same sequence on every machine, also on a bare
/// one without a C++ library.
namespace aqpim::fp::test {

class RandomOperands {
 public:
    explicit RandomOperands(uint64_t seed) : state_(seed) {}

    /// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    uint64_t bits() {
        state_ += 0x9e37'79b9'7f4a'7c15;
        uint64_t mixed = state_;
        mixed = (mixed ^ mixed >> 30) * 0xbf58'476d'1ce4'e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d0'49bb'1331'11eb;
        return mixed ^ mixed >> 31;
    }

    uint32_t binary32() { return static_cast<uint32_t>(number(8, 23)); }
    uint64_t binary64() { return number(11, 52); }

    /// Of any length from 0 to 64 bits, often close to a power of two, of either sign.
    uint64_t integer() {
        const uint64_t chosen = bits();
        const uint64_t power = uint64_t{1} << (chosen & 63);
        uint64_t value = 0;
        switch (chosen >> 6 & 3) {
            case 0:
                value = bits() & (power - 1);
                break;
            case 1:
                value = power + (bits() & 7) - 4;
                break;
            case 2:
                value = power | power >> 24 | power >> 25 | (bits() & 1);
                break;
            default:
                value = power | power >> 53 | power >> 54 | (bits() & 1);
                break;
        }
        return (chosen >> 8 & 1) != 0 ? -value : value;
    }

 private:
    uint64_t number(int exponent_bits, int fraction_bits) {
        const uint64_t chosen = bits();
        const uint64_t exponent = field(exponent_bits, fraction_bits, chosen) & ((uint64_t{1} << exponent_bits) - 1);
        previous_ = exponent;
        const uint64_t fraction = pattern(chosen >> 8) & ((uint64_t{1} << fraction_bits) - 1);
        return (chosen & 1) << (exponent_bits + fraction_bits) | exponent << fraction_bits | fraction;
    }

    uint64_t field(int exponent_bits, int fraction_bits, uint64_t chosen) {
        const uint64_t bias = (uint64_t{1} << (exponent_bits - 1)) - 1;
        const uint64_t any = bits();
        const uint64_t precision = static_cast<uint64_t>(fraction_bits) + 1;
        const uint64_t close = any % (2 * precision + 7) - precision - 3;
        switch (chosen >> 1 & 15) {
            case 0:
                return any % 3;  // about zero
            case 1:
                return 2 * bias + 1 - any % 3;  // about infinity
            case 2:
                return bias + any % 4 - 2;  // about one
            case 3:
                return bias + any % 70 - 3;  // integers
            case 4:
            case 5:
            case 6:
                return previous_ + any % 5 - 2;  // much alike
            case 7:
            case 8:
                return previous_ + close;  // just in reach
            case 9:
                return 2 * bias - previous_ + close;  // product about one
            case 10:
                return bias - previous_ + close;  // product about the smallest
            case 11:
                return 3 * bias - previous_ + close;  // product about the largest
            default:
                return any;
        }
    }

    uint64_t pattern(uint64_t chosen) {
        const uint64_t any = bits();
        const int place = static_cast<int>(chosen >> 3 & 63);
        switch (chosen & 7) {
            case 0:
                return 0;
            case 1:
                return ~uint64_t{0};
            case 2:
                return uint64_t{1} << place;
            case 3:
                return ~uint64_t{0} << place;
            case 4:
                return (uint64_t{1} << place) + any % 5 - 2;
            case 5:
                return any << place;
            default:
                return any;
        }
    }

    uint64_t state_;
    uint64_t previous_ = 0;
};

}  // namespace aqpim::fp::test
