// How long the floating-point operations take, on the host's arithmetic and in integers. Not a test.

#include <fmt/format.h>

#include <array>
#include <bit>
#include <chrono>
#include <random>

#include "models/cpu/float/float_arithmetic.h"

using namespace aqpim::fp;

namespace {

constexpr std::size_t operands = 1024;
constexpr int rounds = 20'000;

std::array<std::uint64_t, operands> some_numbers() {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> numbers(1.0, 1000.0);
    std::array<std::uint64_t, operands> result{};
    for (auto& bits : result) {
        bits = std::bit_cast<std::uint64_t>(numbers(random));
    }
    return result;
}

/// `operation` takes two operands; independent calls, as in a vector sum.
template <class Operation>
void measure(const char* name, const Operation& operation) {
    const auto numbers = some_numbers();
    std::uint64_t digest = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t i = 1; i < operands; ++i) {
            digest += operation(numbers[i - 1], numbers[i]);
        }
    }
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
    fmt::print("{:<34} {:6.2f} ns  ({:x})\n", name, taken.count() / rounds / (operands - 1), digest);
}

}  // namespace

int main() {
    std::uint8_t flags = inexact;
    std::uint8_t clear = 0;
    const auto nearest = Rounding::nearest_even;
    using B = std::uint64_t;
    const B one = 0x3ff0'0000'0000'0000;
    measure("add, host", [&](B a, B b) { return add(a, b, nearest, flags); });
    measure("add, host, exact sums", [&](B a, B) { return add(one, a & 0xffff'ff00'0000'0000, nearest, clear); });
    measure("add, integers", [&](B a, B b) { return exact::add(a, b, nearest, flags); });
    measure("multiply, host", [&](B a, B b) { return multiply(a, b, nearest, flags); });
    measure("multiply, integers", [&](B a, B b) { return exact::multiply(a, b, nearest, flags); });
    measure("fused_multiply_add, host", [&](B a, B b) { return fused_multiply_add(a, b, one, nearest, flags); });
    measure("fused_multiply_add, host, all exact",
            [&](B a, B) { return fused_multiply_add(a & 0xffff'ff00'0000'0000, one, one, nearest, clear); });
    measure("fused_multiply_add, integers",
            [&](B a, B b) { return exact::fused_multiply_add(a, b, one, nearest, flags); });
    measure("divide, host", [&](B a, B b) { return divide(a, b, nearest, flags); });
    measure("divide, integers", [&](B a, B b) { return exact::divide(a, b, nearest, flags); });
    measure("square_root, host", [&](B a, B) { return square_root(a, nearest, flags); });
    measure("square_root, integers", [&](B a, B) { return exact::square_root(a, nearest, flags); });
    return 0;
}
