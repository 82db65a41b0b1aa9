// Every instruction of F and D in all rounding modes against qemu-riscv64, which runs riscv_program.cpp.

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "models/cpu/float/float_arithmetic.h"
#include "tests/cpu/float/instruction_cases.h"
#include "tests/cpu/float/outcome.h"

using namespace aqpim::fp;
using namespace aqpim::fp::test;

namespace {

using Single = std::uint32_t;
using Double = std::uint64_t;

struct Instruction {
    const char* mnemonic;
    Source source;
    std::uint64_t (*execute)(const Registers& sources, Rounding rounding, std::uint8_t& flags);
};

template <Source source>
auto encoding(std::uint64_t value) {
    if constexpr (source == Source::binary32) {
        return unbox(value);
    } else {
        return value;
    }
}

/// How a result stands in its register: a word in an x register is sign-extended, a binary32 in an f register boxed.
namespace destination {

std::uint64_t x(auto result) {
    using Result = decltype(result);
    if constexpr (sizeof(Result) == 4) {
        return static_cast<std::uint64_t>(static_cast<std::int32_t>(result));
    } else {
        return static_cast<std::uint64_t>(result);
    }
}
std::uint64_t f(Single result) {
    return box(result);
}
std::uint64_t f(Double result) {
    return result;
}

constexpr auto x_f = [](auto result) { return x(result); };
constexpr auto x_ff = x_f;
constexpr auto f_f = [](auto result) { return f(result); };
constexpr auto f_ff = f_f;
constexpr auto f_fff = f_f;
constexpr auto f_x = f_f;

}  // namespace destination

#define INSTRUCTION(mnemonic, form, source, ours)                                      \
    {mnemonic, Source::source,                                                         \
     []([[maybe_unused]] const Registers& sources, [[maybe_unused]] Rounding rounding, \
        [[maybe_unused]] std::uint8_t& flags) -> std::uint64_t {                       \
         [[maybe_unused]] const auto a = encoding<Source::source>(sources.a);          \
         [[maybe_unused]] const auto b = encoding<Source::source>(sources.b);          \
         [[maybe_unused]] const auto c = encoding<Source::source>(sources.c);          \
         [[maybe_unused]] const std::uint64_t x = sources.a;                           \
         return destination::form(ours);                                               \
     }},

const Instruction instructions[] = {
#include "tests/cpu/float/riscv_instructions.def"
};

struct ClosePipe {
    void operator()(std::FILE* pipe) const { pclose(pipe); }
};

/// `results` and `flags` of one block against ours.
void compare(const Instruction& instruction, RandomRegisters& random, int first, const Block& block) {
    for (int i = 0; i < Block::cases; ++i) {
        const Registers sources = random.next();
        const Rounding rounding = rounding_modes[(first + i) % 5];
        const auto found = ours([&](std::uint8_t& flags) { return instruction.execute(sources, rounding, flags); });
        const Outcome<std::uint64_t> expected{block.results[i], block.flags[i]};
        if (expected != found) {
            FAIL(fmt::format("{} of {:#x}, {:#x}, {:#x} in rounding mode {}: QEMU gives ", instruction.mnemonic,
                             sources.a, sources.b, sources.c, static_cast<int>(rounding))
                 << expected << ", we " << found);
        }
    }
}

}  // namespace

TEST_CASE("every floating-point instruction gives QEMU's results and flags") {
    const std::unique_ptr<std::FILE, ClosePipe> qemu(popen(AQPIM_QEMU " " AQPIM_RISCV_PROGRAM, "r"));
    REQUIRE(qemu);
    Block block;
    unsigned place = 0;
    for (const Instruction& instruction : instructions) {
        RandomRegisters random(instruction.source, place++);
        for (int i = 0; i < blocks_per_instruction; ++i) {
            if (std::fread(&block, sizeof(block), 1, qemu.get()) != 1) {
                FAIL("the program ended before " << instruction.mnemonic);
            }
            compare(instruction, random, i * Block::cases, block);
        }
    }
    CHECK(std::fgetc(qemu.get()) == EOF);
}
