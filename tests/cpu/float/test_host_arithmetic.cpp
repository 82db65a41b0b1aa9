// Arithmetic on a million random operands in each rounding mode against the host's floating-point unit.

#include "tests/cpu/float/host_fpu.h"

using namespace aqpim::fp;
using namespace aqpim::fp::test;

namespace {

template <Bits B>
struct Operands {
    B a, b, c;
};

/// The same as numbers.
template <class Number>
struct Numbers {
    Number a, b, c;
};

template <Bits B>
struct Operation {
    using Function = B (*)(const Operands<B>&, Rounding, std::uint8_t& flags);

    Function with_host;    ///< as the hart calls it
    Function in_integers;  ///< behind it
    Number<B> (*reference)(const Numbers<Number<B>>&);
    bool (*is_exactly)(const Numbers<Quad>&, Quad value);  ///< whether the exact result is `value`
};

/// The host has no nearest_away. It differs from nearest_even only where the exact result lies half-way.
template <Bits B>
Outcome<B> nearest_away(const Operation<B>& operation, const Numbers<Number<B>>& numbers) {
    const auto reference = [&] { return operation.reference(numbers); };
    const auto even = encoded<B>(on_host(Rounding::nearest_even, reference));
    const auto down = on_host(Rounding::down, reference).value;
    const auto up = on_host(Rounding::up, reference).value;
    if (!std::isfinite(down) || !std::isfinite(up) || down == up ||
        !operation.is_exactly({numbers.a, numbers.b, numbers.c}, (Quad{down} + Quad{up}) / 2)) {
        return even;
    }
    return {std::bit_cast<B>(std::abs(down) > std::abs(up) ? down : up), even.flags};
}

template <Bits B>
Outcome<B> expected(const Operation<B>& operation, const Operands<B>& o, Rounding rounding) {
    const Numbers<Number<B>> numbers{host::number(o.a), host::number(o.b), host::number(o.c)};
    if (rounding == Rounding::nearest_away) {
        return nearest_away(operation, numbers);
    }
    return encoded<B>(on_host(rounding, [&] { return operation.reference(numbers); }));
}

template <Bits B>
void compare_with_host(const Operation<B>& operation) {
    RandomOperands random(sizeof(B));
    for (int i = 0; i < cases; ++i) {
        const B a = random_number<B>(random);
        const B b = random_number<B>(random);
        const Operands<B> o{a, b, random_number<B>(random)};
        for (const Rounding rounding : rounding_modes) {
            const auto right = expected(operation, o, rounding);
            const auto integers = [&](std::uint8_t& flags) { return operation.in_integers(o, rounding, flags); };
            const auto with_host = [&](std::uint8_t& flags) { return operation.with_host(o, rounding, flags); };
            compare(right, ours(integers), rounding, o.a, o.b, o.c);
            compare(right, ours(with_host), rounding, o.a, o.b, o.c);
            // With inexact set already the host's result is taken more often.
            const Outcome<B> after_inexact{right.value, right.flags | inexact};
            compare(after_inexact, ours(with_host, inexact), rounding, o.a, o.b, o.c);
        }
    }
}

/// RISC-V raises invalid also when a quiet NaN is added; the host may not.
template <class N>
N host_fma(N a, N b, N c) {
    if ((std::isinf(a) && b == 0) || (a == 0 && std::isinf(b))) {
        std::feraiseexcept(FE_INVALID);
    }
    return std::fma(a, b, c);
}

/// Whether a + b is `value` without any error (Knuth's two-sum).
bool sum_is(Quad a, Quad b, Quad value) {
    const Quad part_b = value - a;
    const Quad part_a = value - part_b;
    return a + b == value && (a - part_a) + (b - part_b) == 0;
}

}  // namespace

TEMPLATE_TEST_CASE("sums are the host's", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    compare_with_host<B>({
        .with_host = [](const auto& o, auto rounding, auto& flags) { return add(o.a, o.b, rounding, flags); },
        .in_integers = [](const auto& o, auto rounding, auto& flags) { return exact::add(o.a, o.b, rounding, flags); },
        .reference = [](const auto& n) { return opaque(n.a) + opaque(n.b); },
        .is_exactly = [](const auto& n, Quad value) { return sum_is(n.a, n.b, value); },
    });
}

TEMPLATE_TEST_CASE("differences are the host's", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    compare_with_host<B>({
        .with_host = [](const auto& o, auto rounding, auto& flags) { return subtract(o.a, o.b, rounding, flags); },
        .in_integers = [](const auto& o, auto rounding,
                          auto& flags) { return exact::add(o.a, negate(o.b), rounding, flags); },
        .reference = [](const auto& n) { return opaque(n.a) - opaque(n.b); },
        .is_exactly = [](const auto& n, Quad value) { return sum_is(n.a, -n.b, value); },
    });
}

TEMPLATE_TEST_CASE("products are the host's", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    compare_with_host<B>({
        .with_host = [](const auto& o, auto rounding, auto& flags) { return multiply(o.a, o.b, rounding, flags); },
        .in_integers = [](const auto& o, auto rounding,
                          auto& flags) { return exact::multiply(o.a, o.b, rounding, flags); },
        .reference = [](const auto& n) { return opaque(n.a) * opaque(n.b); },
        .is_exactly = [](const auto& n, Quad value) { return n.a * n.b == value; },
    });
}

TEMPLATE_TEST_CASE("quotients are the host's", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    compare_with_host<B>({
        .with_host = [](const auto& o, auto rounding, auto& flags) { return divide(o.a, o.b, rounding, flags); },
        .in_integers = [](const auto& o, auto rounding,
                          auto& flags) { return exact::divide(o.a, o.b, rounding, flags); },
        .reference = [](const auto& n) { return opaque(n.a) / opaque(n.b); },
        .is_exactly = [](const auto& n, Quad value) { return value * n.b == n.a; },
    });
}

TEMPLATE_TEST_CASE("square roots are the host's", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    compare_with_host<B>({
        .with_host = [](const auto& o, auto rounding, auto& flags) { return square_root(o.a, rounding, flags); },
        .in_integers = [](const auto& o, auto rounding,
                          auto& flags) { return exact::square_root(o.a, rounding, flags); },
        .reference = [](const auto& n) { return std::sqrt(opaque(n.a)); },
        .is_exactly = [](const auto& n, Quad value) { return value * value == n.a; },
    });
}

TEMPLATE_TEST_CASE("fused multiply-adds are the host's", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    compare_with_host<B>({
        .with_host = [](const auto& o, auto rounding,
                        auto& flags) { return fused_multiply_add(o.a, o.b, o.c, rounding, flags); },
        .in_integers = [](const auto& o, auto rounding,
                          auto& flags) { return exact::fused_multiply_add(o.a, o.b, o.c, rounding, flags); },
        .reference = [](const auto& n) { return host_fma(opaque(n.a), opaque(n.b), opaque(n.c)); },
        .is_exactly = [](const auto& n, Quad value) { return sum_is(n.a * n.b, n.c, value); },
    });
}
