#pragma once

#include <cstdint>
#include <vector>

#include "models/common/bf16.h"
#include "models/common/fp16.h"

namespace aqpim {

/// What the engines compute in. In all of them subnormals are kept, rounding is to nearest with ties to even, overflow
/// gives infinity, and NaN follows IEEE 754.
enum class Arithmetic {
    fp16_fp32,  ///< fp16 in memory and on moves, fp32 in products and accumulators
    fp16,       ///< fp16 in memory and on moves; every product and every sum is rounded to fp16
    bf16,       ///< bf16 in memory and on moves, fp32 in products and accumulators
};

/// One policy for each `Arithmetic`: 16-bit words as memory has them, what a bank engine's lane keeps of a product or a
/// sum, and what is left of a value when it moves between bank and buffer engine.
struct Fp16Fp32Policy {
    static std::uint16_t store(float value) { return to_half(value); }
    static float load(std::uint16_t word) { return to_float(word); }
    static float lane(float value) { return value; }
    static float move(float value) { return round_to_half(value); }
    static float largest_moving_to(float moved) { return largest_rounding_to_half(to_half(moved)); }
};

struct Fp16Policy {
    static std::uint16_t store(float value) { return to_half(value); }
    static float load(std::uint16_t word) { return to_float(word); }
    static float lane(float value) { return round_to_half(value); }
    static float move(float value) { return round_to_half(value); }
    static float largest_moving_to(float moved) { return largest_rounding_to_half(to_half(moved)); }
};

struct Bf16Policy {
    static std::uint16_t store(float value) { return to_bfloat(value); }
    static float load(std::uint16_t word) { return bfloat_to_float(word); }
    static float lane(float value) { return value; }
    static float move(float value) { return round_to_bfloat(value); }
    static float largest_moving_to(float moved) { return largest_rounding_to_bfloat(to_bfloat(moved)); }
};

/// Calls `body` with the policy of `arithmetic` and returns what it returns.
template <typename Body>
auto with_arithmetic(Arithmetic arithmetic, const Body& body) {
    switch (arithmetic) {
        case Arithmetic::fp16:
            return body(Fp16Policy{});
        case Arithmetic::bf16:
            return body(Bf16Policy{});
        case Arithmetic::fp16_fp32:
            break;
    }
    return body(Fp16Fp32Policy{});
}

/// `value` as a 16-bit word of memory, and back.
inline std::uint16_t store_word(float value, Arithmetic arithmetic) {
    return with_arithmetic(arithmetic, [value](auto policy) { return policy.store(value); });
}
inline float load_word(std::uint16_t word, Arithmetic arithmetic) {
    return with_arithmetic(arithmetic, [word](auto policy) { return policy.load(word); });
}
std::vector<std::uint16_t> store_words(const std::vector<float>& values, Arithmetic arithmetic);
std::vector<float> load_words(const std::vector<std::uint16_t>& words, Arithmetic arithmetic);

}  // namespace aqpim
