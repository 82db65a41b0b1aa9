// Each instruction of RV64F and RV64D with operands at the edges: result and exception flags. Expected values follow
// from IEEE 754-2008 and the instruction set manual (Unprivileged ISA 20191213, chapters 11 and 12), worked out by
// hand.

#include "tests/cpu/machine.h"
#include "tests/cpu/tested_codes.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

constexpr FloatFormat sp_ = single_format;
constexpr FloatFormat dp_ = double_format;

// Rounding modes (table 11.1) and flags (table 11.2)
enum Rounding : Word { rne, rtz, rdn, rup, rmm, dyn = 7 };
enum Flag : std::uint64_t { none = 0, nx = 1, uf = 2, of = 4, dz = 8, nv = 16 };

/// binary32 as it is boxed in a register.
constexpr std::uint64_t s(std::uint32_t value) {
    return 0xffff'ffff'0000'0000 | value;
}
constexpr std::uint32_t negative = 0x8000'0000;
constexpr std::uint64_t s_one = s(0x3f80'0000);
constexpr std::uint64_t s_two = s(0x4000'0000);
constexpr std::uint64_t s_three = s(0x4040'0000);
constexpr std::uint64_t s_max = s(0x7f7f'ffff);
constexpr std::uint64_t s_inf = s(0x7f80'0000);
constexpr std::uint64_t s_nan = s(0x7fc0'0000);
constexpr std::uint64_t s_signaling = s(0x7f80'0001);
constexpr std::uint64_t s_zero = s(0);
constexpr std::uint64_t s_minus_zero = s(negative);
constexpr std::uint64_t s_tiny = s(1);
constexpr std::uint64_t s_minus_one = s(0xbf80'0000);
constexpr std::uint64_t unboxed_one = 0x3f80'0000;

constexpr std::uint64_t one = 0x3ff0'0000'0000'0000;
constexpr std::uint64_t two = 0x4000'0000'0000'0000;
constexpr std::uint64_t three = 0x4008'0000'0000'0000;
constexpr std::uint64_t half = 0x3fe0'0000'0000'0000;
constexpr std::uint64_t max = 0x7fef'ffff'ffff'ffff;
constexpr std::uint64_t inf = 0x7ff0'0000'0000'0000;
constexpr std::uint64_t nan = 0x7ff8'0000'0000'0000;
constexpr std::uint64_t signaling = 0x7ff0'0000'0000'0001;
constexpr std::uint64_t minus = 0x8000'0000'0000'0000;
constexpr std::uint64_t ones = ~std::uint64_t{0};
constexpr std::uint64_t max64 = 0x7fff'ffff'ffff'ffff;
constexpr std::uint64_t min32 = 0xffff'ffff'8000'0000;

/// The result is in f4 or in t2; sources are f1 = a, f2 = b, f3 = c and t0 = a.
enum class To { f, x };
struct Case {
    const char* name;
    To to;
    Word code;
    std::uint64_t a;
    std::uint64_t b;
    std::uint64_t c;
    std::uint64_t result;
    std::uint64_t flags;
};

constexpr Word binary(Word funct5, FloatFormat format, Word rm) {
    return fp_op(funct5, format, rm, 4, 1, 2);
}
constexpr Word unary(Word funct5, FloatFormat format, Word rm, Word kind) {
    return fp_op(funct5, format, rm, 4, 1, kind);
}
constexpr Word compare(FloatFormat format, Word kind) {
    return fp_op(0x14, format, kind, t2, 1, 2);
}
constexpr Word to_x(Word funct5, FloatFormat format, Word rm, Word kind) {
    return fp_op(funct5, format, rm, t2, 1, kind);
}
constexpr Word from_x(Word funct5, FloatFormat format, Word rm, Word kind) {
    return fp_op(funct5, format, rm, 4, t0, kind);
}
constexpr Word fused(Word opcode, FloatFormat format) {
    return fp_fused(opcode, format, rne, 4, 1, 2, 3);
}
constexpr Word fadd(FloatFormat format, Word rm = rne) {
    return binary(0x00, format, rm);
}
constexpr Word fsub(FloatFormat format, Word rm = rne) {
    return binary(0x01, format, rm);
}
constexpr Word fmul(FloatFormat format, Word rm = rne) {
    return binary(0x02, format, rm);
}
constexpr Word fdiv(FloatFormat format, Word rm = rne) {
    return binary(0x03, format, rm);
}
constexpr Word fsqrt(FloatFormat format) {
    return unary(0x0b, format, rne, 0);
}
/// Sign injection: 0 fsgnj, 1 fsgnjn, 2 fsgnjx.
constexpr Word fsgn(FloatFormat format, Word kind) {
    return binary(0x04, format, kind);
}
constexpr Word fmin(FloatFormat format) {
    return binary(0x05, format, 0);
}
constexpr Word fmax(FloatFormat format) {
    return binary(0x05, format, 1);
}
constexpr Word fle(FloatFormat format) {
    return compare(format, 0);
}
constexpr Word flt(FloatFormat format) {
    return compare(format, 1);
}
constexpr Word feq(FloatFormat format) {
    return compare(format, 2);
}
constexpr Word fclass(FloatFormat format) {
    return to_x(0x1c, format, 1, 0);
}
/// To and from integers: 0 w, 1 wu, 2 l, 3 lu.
constexpr Word to_int(FloatFormat format, Word kind, Word rm = rne) {
    return to_x(0x18, format, rm, kind);
}
constexpr Word from_int(FloatFormat format, Word kind, Word rm = rne) {
    return from_x(0x1a, format, rm, kind);
}

const std::vector<Case> single_arithmetic = {
    {"fadd.s", To::f, fadd(sp_), s_one, s_two, 0, s_three, none},
    {"fadd.s, tie to even", To::f, fadd(sp_), s_one, s(0x3380'0000), 0, s_one, nx},
    {"fadd.s, tie away", To::f, fadd(sp_, rmm), s_one, s(0x3380'0000), 0, s(0x3f80'0001), nx},
    {"fadd.s, overflow", To::f, fadd(sp_), s_max, s_max, 0, s_inf, of | nx},
    {"fadd.s, overflow towards zero", To::f, fadd(sp_, rtz), s_max, s_max, 0, s_max, of | nx},
    {"fadd.s, inf - inf", To::f, fadd(sp_), s_inf, s(0xff80'0000), 0, s_nan, nv},
    {"fadd.s, signaling NaN", To::f, fadd(sp_), s_signaling, s_one, 0, s_nan, nv},
    {"fadd.s, payload is not kept", To::f, fadd(sp_), s(0xffc0'0123), s_one, 0, s_nan, none},
    {"fadd.s, 1 - 1", To::f, fadd(sp_), s_one, s_minus_one, 0, s_zero, none},
    {"fadd.s, 1 - 1 down", To::f, fadd(sp_, rdn), s_one, s_minus_one, 0, s_minus_zero, none},
    {"fadd.s, -0 - 0", To::f, fadd(sp_), s_minus_zero, s_minus_zero, 0, s_minus_zero, none},
    {"fadd.s, unboxed operand", To::f, fadd(sp_), unboxed_one, s_one, 0, s_nan, none},
    {"fsub.s", To::f, fsub(sp_), s_three, s_two, 0, s_one, none},
    {"fsub.s, inf - inf", To::f, fsub(sp_), s_inf, s_inf, 0, s_nan, nv},
    {"fsub.s, exact subnormal", To::f, fsub(sp_), s(0x0080'0000), s_tiny, 0, s(0x007f'ffff), none},
    {"fmul.s", To::f, fmul(sp_), s_two, s_three, 0, s(0x40c0'0000), none},
    {"fmul.s, 0 * inf", To::f, fmul(sp_), s_zero, s_inf, 0, s_nan, nv},
    {"fmul.s, -1 * 0", To::f, fmul(sp_), s_minus_one, s_zero, 0, s_minus_zero, none},
    {"fmul.s, overflow", To::f, fmul(sp_), s_max, s_two, 0, s_inf, of | nx},
    {"fmul.s, underflow", To::f, fmul(sp_), s_tiny, s(0x3f00'0000), 0, s_zero, uf | nx},
    {"fmul.s, underflow up", To::f, fmul(sp_, rup), s_tiny, s(0x3f00'0000), 0, s_tiny, uf | nx},
    // 2^-126 (1 - 2^-24): tiny with 24 bits, though it rounds to a normal number
    {"fmul.s, tiny after rounding", To::f, fmul(sp_), s(0x0080'0000), s(0x3f7f'ffff), 0, s(0x0080'0000), uf | nx},
    // 2^-126 (1 - 2^-46): not tiny, since 24 bits round it to 2^-126
    {"fmul.s, not tiny", To::f, fmul(sp_), s(0x3f80'0001), s(0x007f'ffff), 0, s(0x0080'0000), nx},
    {"fdiv.s", To::f, fdiv(sp_), s_one, s_three, 0, s(0x3eaa'aaab), nx},
    {"fdiv.s, towards zero", To::f, fdiv(sp_, rtz), s_one, s_three, 0, s(0x3eaa'aaaa), nx},
    {"fdiv.s, by zero", To::f, fdiv(sp_), s_minus_one, s_zero, 0, s(0xff80'0000), dz},
    {"fdiv.s, 0 / 0", To::f, fdiv(sp_), s_zero, s_zero, 0, s_nan, nv},
    {"fdiv.s, inf / inf", To::f, fdiv(sp_), s_inf, s_inf, 0, s_nan, nv},
    {"fdiv.s, 1 / inf", To::f, fdiv(sp_), s_one, s_inf, 0, s_zero, none},
    {"fsqrt.s", To::f, fsqrt(sp_), s(0x4080'0000), 0, 0, s_two, none},
    {"fsqrt.s, inexact", To::f, fsqrt(sp_), s_two, 0, 0, s(0x3fb5'04f3), nx},
    {"fsqrt.s, -1", To::f, fsqrt(sp_), s_minus_one, 0, 0, s_nan, nv},
    {"fsqrt.s, -0", To::f, fsqrt(sp_), s_minus_zero, 0, 0, s_minus_zero, none},
    {"fmadd.s", To::f, fused(0x43, sp_), s_two, s_three, s_one, s(0x40e0'0000), none},
    // (1 + 2^-23)(1 - 2^-23) - 1 = -2^-46 with one rounding
    {"fmadd.s, one rounding", To::f, fused(0x43, sp_), s(0x3f80'0001), s(0x3f7f'fffe), s_minus_one, s(0xa880'0000),
     none},
    {"fmadd.s, 0 * inf + NaN", To::f, fused(0x43, sp_), s_zero, s_inf, s_nan, s_nan, nv},
    {"fmadd.s, unboxed addend", To::f, fused(0x43, sp_), s_one, s_one, unboxed_one, s_nan, none},
    {"fmsub.s", To::f, fused(0x47, sp_), s_two, s_three, s_one, s(0x40a0'0000), none},
    {"fnmsub.s", To::f, fused(0x4b, sp_), s_two, s_three, s_one, s(0xc0a0'0000), none},
    {"fnmadd.s", To::f, fused(0x4f, sp_), s_two, s_three, s_one, s(0xc0e0'0000), none},
    {"fnmadd.s, -1 + 1", To::f, fused(0x4f, sp_), s_one, s_one, s_minus_one, s_zero, none},
};

const std::vector<Case> double_arithmetic = {
    {"fadd.d", To::f, fadd(dp_), one, two, 0, three, none},
    {"fadd.d, tie to even", To::f, fadd(dp_), one, 0x3ca0'0000'0000'0000, 0, one, nx},
    {"fadd.d, up", To::f, fadd(dp_, rup), one, 1, 0, one + 1, nx},
    {"fadd.d, overflow", To::f, fadd(dp_), max, max, 0, inf, of | nx},
    {"fadd.d, inf - inf", To::f, fadd(dp_), inf, minus | inf, 0, nan, nv},
    {"fsub.d", To::f, fsub(dp_), three, one, 0, two, none},
    {"fsub.d, tie to even", To::f, fsub(dp_), one, 0x3c90'0000'0000'0000, 0, one, nx},
    {"fsub.d, down", To::f, fsub(dp_, rdn), one, 1, 0, one - 1, nx},
    {"fmul.d", To::f, fmul(dp_), two, three, 0, 0x4018'0000'0000'0000, none},
    {"fmul.d, -1 * 0", To::f, fmul(dp_), minus | one, 0, 0, minus, none},
    {"fmul.d, underflow", To::f, fmul(dp_), 1, half, 0, 0, uf | nx},
    {"fmul.d, underflow up", To::f, fmul(dp_, rup), 1, half, 0, 1, uf | nx},
    {"fdiv.d", To::f, fdiv(dp_), one, three, 0, 0x3fd5'5555'5555'5555, nx},
    {"fdiv.d, by zero", To::f, fdiv(dp_), one, minus, 0, minus | inf, dz},
    {"fdiv.d, 0 / 0", To::f, fdiv(dp_), 0, 0, 0, nan, nv},
    {"fsqrt.d", To::f, fsqrt(dp_), two, 0, 0, 0x3ff6'a09e'667f'3bcd, nx},
    {"fsqrt.d, -1", To::f, fsqrt(dp_), minus | one, 0, 0, nan, nv},
    {"fmadd.d", To::f, fused(0x43, dp_), two, three, one, 0x401c'0000'0000'0000, none},
    // (1 + 2^-52)(1 - 2^-52) - 1 = -2^-104
    {"fmadd.d, one rounding", To::f, fused(0x43, dp_), one + 1, one - 2, minus | one, 0xb970'0000'0000'0000, none},
    {"fmsub.d", To::f, fused(0x47, dp_), two, three, one, 0x4014'0000'0000'0000, none},
    {"fnmsub.d", To::f, fused(0x4b, dp_), two, three, one, 0xc014'0000'0000'0000, none},
    {"fnmadd.d", To::f, fused(0x4f, dp_), two, three, one, 0xc01c'0000'0000'0000, none},
    {"fcvt.s.d", To::f, unary(0x08, sp_, rne, 1), half, 0, 0, s(0x3f00'0000), none},
    {"fcvt.s.d, tie", To::f, unary(0x08, sp_, rne, 1), 0x3ff0'0000'1000'0000, 0, 0, s_one, nx},
    {"fcvt.s.d, overflow", To::f, unary(0x08, sp_, rne, 1), max, 0, 0, s_inf, of | nx},
    {"fcvt.s.d, overflow down", To::f, unary(0x08, sp_, rdn, 1), max, 0, 0, s_max, of | nx},
    {"fcvt.s.d, 2^-150", To::f, unary(0x08, sp_, rne, 1), 0x3690'0000'0000'0000, 0, 0, s_zero, uf | nx},
    {"fcvt.s.d, signaling NaN", To::f, unary(0x08, sp_, rne, 1), signaling, 0, 0, s_nan, nv},
    {"fcvt.d.s", To::f, unary(0x08, dp_, rne, 0), s_one, 0, 0, one, none},
    {"fcvt.d.s, 2^-149", To::f, unary(0x08, dp_, rne, 0), s_tiny, 0, 0, 0x36a0'0000'0000'0000, none},
    {"fcvt.d.s, signaling NaN", To::f, unary(0x08, dp_, rne, 0), s_signaling, 0, 0, nan, nv},
    {"fcvt.d.s, unboxed operand", To::f, unary(0x08, dp_, rne, 0), unboxed_one, 0, 0, nan, none},
};

const std::vector<Case> moves_and_comparisons = {
    {"fsgnj.s", To::f, fsgn(sp_, 0), s_one, s(0xc000'0000), 0, s_minus_one, none},
    {"fsgnj.s, signaling NaN", To::f, fsgn(sp_, 0), s_signaling, s_minus_one, 0, s(0xff80'0001), none},
    {"fsgnj.s, unboxed operand", To::f, fsgn(sp_, 0), unboxed_one, s_minus_one, 0, s(0xffc0'0000), none},
    {"fsgnjn.s", To::f, fsgn(sp_, 1), s_one, s_two, 0, s_minus_one, none},
    {"fsgnjn.s, unboxed sign", To::f, fsgn(sp_, 1), s_one, negative, 0, s_minus_one, none},
    {"fsgnjx.s", To::f, fsgn(sp_, 2), s_minus_one, s_minus_one, 0, s_one, none},
    {"fsgnj.d", To::f, fsgn(dp_, 0), one, minus | two, 0, minus | one, none},
    {"fsgnjn.d", To::f, fsgn(dp_, 1), signaling, two, 0, minus | signaling, none},
    {"fsgnjx.d", To::f, fsgn(dp_, 2), minus | one, minus, 0, one, none},
    {"fmin.s, zeros", To::f, fmin(sp_), s_zero, s_minus_zero, 0, s_minus_zero, none},
    {"fmin.s, quiet NaN", To::f, fmin(sp_), s_nan, s_one, 0, s_one, none},
    {"fmin.s, signaling NaN", To::f, fmin(sp_), s_one, s_signaling, 0, s_one, nv},
    {"fmin.s, NaNs", To::f, fmin(sp_), s(0xffc0'0001), s_nan, 0, s_nan, none},
    {"fmax.s, zeros", To::f, fmax(sp_), s_minus_zero, s_zero, 0, s_zero, none},
    {"fmax.s, NaNs", To::f, fmax(sp_), s_signaling, s_nan, 0, s_nan, nv},
    {"fmin.d", To::f, fmin(dp_), minus | inf, one, 0, minus | inf, none},
    {"fmin.d, quiet NaN", To::f, fmin(dp_), one, nan, 0, one, none},
    {"fmax.d", To::f, fmax(dp_), one, two, 0, two, none},
    {"fmax.d, signaling NaN", To::f, fmax(dp_), signaling, two, 0, two, nv},
    {"feq.s, zeros", To::x, feq(sp_), s_zero, s_minus_zero, 0, 1, none},
    {"feq.s, quiet NaN", To::x, feq(sp_), s_nan, s_nan, 0, 0, none},
    {"feq.s, signaling NaN", To::x, feq(sp_), s_one, s_signaling, 0, 0, nv},
    {"feq.s, unboxed operand", To::x, feq(sp_), unboxed_one, unboxed_one, 0, 0, none},
    {"flt.s", To::x, flt(sp_), s_minus_one, s_tiny, 0, 1, none},
    {"flt.s, zeros", To::x, flt(sp_), s_minus_zero, s_zero, 0, 0, none},
    {"flt.s, quiet NaN", To::x, flt(sp_), s_nan, s_one, 0, 0, nv},
    {"fle.s, zeros", To::x, fle(sp_), s_zero, s_minus_zero, 0, 1, none},
    {"fle.s, quiet NaN", To::x, fle(sp_), s_one, s_nan, 0, 0, nv},
    {"feq.d", To::x, feq(dp_), one, one, 0, 1, none},
    {"feq.d, quiet NaN", To::x, feq(dp_), one, nan, 0, 0, none},
    {"flt.d", To::x, flt(dp_), minus | inf, minus | max, 0, 1, none},
    {"flt.d, quiet NaN", To::x, flt(dp_), nan, one, 0, 0, nv},
    {"fle.d", To::x, fle(dp_), two, one, 0, 0, none},
    {"fle.d, signaling NaN", To::x, fle(dp_), signaling, one, 0, 0, nv},
    {"fclass.s, -inf", To::x, fclass(sp_), s(0xff80'0000), 0, 0, 1 << 0, none},
    {"fclass.s, -normal", To::x, fclass(sp_), s_minus_one, 0, 0, 1 << 1, none},
    {"fclass.s, -subnormal", To::x, fclass(sp_), s(negative | 1), 0, 0, 1 << 2, none},
    {"fclass.s, -0", To::x, fclass(sp_), s_minus_zero, 0, 0, 1 << 3, none},
    {"fclass.s, 0", To::x, fclass(sp_), s_zero, 0, 0, 1 << 4, none},
    {"fclass.s, subnormal", To::x, fclass(sp_), s(0x007f'ffff), 0, 0, 1 << 5, none},
    {"fclass.s, normal", To::x, fclass(sp_), s(0x0080'0000), 0, 0, 1 << 6, none},
    {"fclass.s, inf", To::x, fclass(sp_), s_inf, 0, 0, 1 << 7, none},
    {"fclass.s, signaling NaN", To::x, fclass(sp_), s_signaling, 0, 0, 1 << 8, none},
    {"fclass.s, unboxed operand", To::x, fclass(sp_), unboxed_one, 0, 0, 1 << 9, none},
    {"fclass.d, -subnormal", To::x, fclass(dp_), minus | 1, 0, 0, 1 << 2, none},
    {"fclass.d, normal", To::x, fclass(dp_), max, 0, 0, 1 << 6, none},
    {"fclass.d, quiet NaN", To::x, fclass(dp_), minus | nan, 0, 0, 1 << 9, none},
    {"fmv.x.w, unboxed", To::x, to_x(0x1c, sp_, 0, 0), 0x1234'5678'8000'0001, 0, 0, 0xffff'ffff'8000'0001, none},
    {"fmv.w.x", To::f, from_x(0x1e, sp_, 0, 0), 0x1234'5678'7f80'0001, 0, 0, s_signaling, none},
    {"fmv.x.d", To::x, to_x(0x1c, dp_, 0, 0), signaling, 0, 0, signaling, none},
    {"fmv.d.x", To::f, from_x(0x1e, dp_, 0, 0), unboxed_one, 0, 0, unboxed_one, none},
};

const std::vector<Case> integer_conversions = {
    {"fcvt.w.s, 1.5 to nearest", To::x, to_int(sp_, 0), s(0x3fc0'0000), 0, 0, 2, nx},
    {"fcvt.w.s, 2.5 to nearest", To::x, to_int(sp_, 0), s(0x4020'0000), 0, 0, 2, nx},
    {"fcvt.w.s, 2.5 away", To::x, to_int(sp_, 0, rmm), s(0x4020'0000), 0, 0, 3, nx},
    {"fcvt.w.s, -1.5 to zero", To::x, to_int(sp_, 0, rtz), s(0xbfc0'0000), 0, 0, ones, nx},
    {"fcvt.w.s, -1.5 down", To::x, to_int(sp_, 0, rdn), s(0xbfc0'0000), 0, 0, ones - 1, nx},
    {"fcvt.w.s, 2^31", To::x, to_int(sp_, 0), s(0x4f00'0000), 0, 0, 0x7fff'ffff, nv},
    {"fcvt.w.s, -2^31", To::x, to_int(sp_, 0), s(0xcf00'0000), 0, 0, min32, none},
    {"fcvt.w.s, NaN", To::x, to_int(sp_, 0), s(0xffc0'0000), 0, 0, 0x7fff'ffff, nv},
    {"fcvt.w.s, -inf", To::x, to_int(sp_, 0), s(0xff80'0000), 0, 0, min32, nv},
    {"fcvt.wu.s, -1", To::x, to_int(sp_, 1), s_minus_one, 0, 0, 0, nv},
    {"fcvt.wu.s, -0.5", To::x, to_int(sp_, 1), s(0xbf00'0000), 0, 0, 0, nx},
    {"fcvt.wu.s, -0.5 down", To::x, to_int(sp_, 1, rdn), s(0xbf00'0000), 0, 0, 0, nv},
    {"fcvt.wu.s, 2^31", To::x, to_int(sp_, 1), s(0x4f00'0000), 0, 0, min32, none},
    {"fcvt.wu.s, 2^32", To::x, to_int(sp_, 1), s(0x4f80'0000), 0, 0, ones, nv},
    {"fcvt.l.s, 2^63", To::x, to_int(sp_, 2), s(0x5f00'0000), 0, 0, max64, nv},
    {"fcvt.l.s, -2^63", To::x, to_int(sp_, 2), s(0xdf00'0000), 0, 0, minus, none},
    {"fcvt.l.s, unboxed operand", To::x, to_int(sp_, 2), unboxed_one, 0, 0, max64, nv},
    {"fcvt.lu.s, 2^63", To::x, to_int(sp_, 3), s(0x5f00'0000), 0, 0, minus, none},
    {"fcvt.lu.s, 2^64", To::x, to_int(sp_, 3), s(0x5f80'0000), 0, 0, ones, nv},
    {"fcvt.lu.s, NaN", To::x, to_int(sp_, 3), s_nan, 0, 0, ones, nv},
    // 2^31 - 0.5
    {"fcvt.w.d, overflow by rounding", To::x, to_int(dp_, 0), 0x41df'ffff'ffe0'0000, 0, 0, 0x7fff'ffff, nv},
    {"fcvt.w.d, to zero", To::x, to_int(dp_, 0, rtz), 0x41df'ffff'ffe0'0000, 0, 0, 0x7fff'ffff, nx},
    // -(2^31 + 0.5)
    {"fcvt.w.d, -2^31 to zero", To::x, to_int(dp_, 0, rtz), 0xc1e0'0000'0010'0000, 0, 0, min32, nx},
    {"fcvt.wu.d, 2^32 - 1", To::x, to_int(dp_, 1), 0x41ef'ffff'ffe0'0000, 0, 0, ones, none},
    {"fcvt.l.d, 2^63", To::x, to_int(dp_, 2), 0x43e0'0000'0000'0000, 0, 0, max64, nv},
    {"fcvt.l.d, 0.5", To::x, to_int(dp_, 2), half, 0, 0, 0, nx},
    {"fcvt.l.d, 0.5 up", To::x, to_int(dp_, 2, rup), half, 0, 0, 1, nx},
    {"fcvt.lu.d, 2^63", To::x, to_int(dp_, 3), 0x43e0'0000'0000'0000, 0, 0, minus, none},
    {"fcvt.lu.d, -1", To::x, to_int(dp_, 3), minus | one, 0, 0, 0, nv},
    {"fcvt.s.w takes 32 bits", To::f, from_int(sp_, 0), 0x1'ffff'ffff, 0, 0, s_minus_one, none},
    {"fcvt.s.w, 2^24 + 1", To::f, from_int(sp_, 0), 0x100'0001, 0, 0, s(0x4b80'0000), nx},
    {"fcvt.s.w, 2^24 + 1 up", To::f, from_int(sp_, 0, rup), 0x100'0001, 0, 0, s(0x4b80'0001), nx},
    {"fcvt.s.wu", To::f, from_int(sp_, 1), ones, 0, 0, s(0x4f80'0000), nx},
    {"fcvt.s.l", To::f, from_int(sp_, 2), minus, 0, 0, s(0xdf00'0000), none},
    {"fcvt.s.l, to zero", To::f, from_int(sp_, 2, rtz), max64, 0, 0, s(0x5eff'ffff), nx},
    {"fcvt.s.lu", To::f, from_int(sp_, 3), ones, 0, 0, s(0x5f80'0000), nx},
    {"fcvt.d.w", To::f, from_int(dp_, 0), 0x8000'0000, 0, 0, 0xc1e0'0000'0000'0000, none},
    {"fcvt.d.wu", To::f, from_int(dp_, 1), ones, 0, 0, 0x41ef'ffff'ffe0'0000, none},
    {"fcvt.d.l, 2^53 + 1", To::f, from_int(dp_, 2), 0x20'0000'0000'0001, 0, 0, 0x4340'0000'0000'0000, nx},
    {"fcvt.d.lu", To::f, from_int(dp_, 3), ones, 0, 0, 0x43f0'0000'0000'0000, nx},
};

constexpr std::uint64_t bytes_per_case = 40;

void check(const std::vector<Case>& cases) {
    Machine machine({.isa = "rv64gc"});
    Program program;
    program.li(t0, 0x2000).add({csrrs(zero, mstatus, t0)});
    for (unsigned i = 0; i < cases.size(); ++i) {
        machine.set_data(5 * i, cases[i].a);
        machine.set_data(5 * i + 1, cases[i].b);
        machine.set_data(5 * i + 2, cases[i].c);
        program.add({ld(t0, 0, a0), fld(1, 0, a0), fld(2, 8, a0), fld(3, 16, a0), cases[i].code});
        program.add({cases[i].to == To::f ? fsd(4, 24, a0) : sd(t2, 24, a0)});
        program.add({csrrwi(a2, fflags, 0), sd(a2, 32, a0), addi(a0, a0, bytes_per_case)});
    }
    machine.run(program.stop());
    CHECK_FALSE(machine.hart().last_exception());
    for (unsigned i = 0; i < cases.size(); ++i) {
        INFO(cases[i].name);
        CHECK(machine.data(5 * i + 3) == cases[i].result);
        CHECK(machine.data(5 * i + 4) == cases[i].flags);
    }
}

}  // namespace

std::vector<Word> aqpim::test::float_codes() {
    std::vector<Word> codes;
    for (const auto* cases : {&single_arithmetic, &double_arithmetic, &moves_and_comparisons, &integer_conversions}) {
        for (const Case& c : *cases) {
            codes.push_back(c.code);
        }
    }
    return codes;
}

TEST_CASE("single-precision arithmetic rounds once and tells its exceptions") {
    check(single_arithmetic);
}

TEST_CASE("double-precision arithmetic rounds once and tells its exceptions") {
    check(double_arithmetic);
}

TEST_CASE("floating-point moves and comparisons follow the rules for zeros, NaNs and boxes") {
    check(moves_and_comparisons);
}

TEST_CASE("conversions to and from integers saturate and round") {
    check(integer_conversions);
}
