#pragma once

#include "tests/cpu/float/random_operands.h"

/// What the program on RISC-V (riscv_program.cpp) and the comparison with it (test_qemu.cpp) agree on.
namespace aqpim::fp::test {

/// Of each instruction of riscv_instructions.def; case i runs in rounding mode i % 5.
inline constexpr int cases_per_instruction = AQPIM_RANDOM_CASES;

/// What the program writes to its output: block after block, instruction after instruction. The last block of an
/// instruction is filled up.
struct Block {
    static constexpr int cases = 4096;
    uint64_t results[cases];
    uint8_t flags[cases];
};
inline constexpr int blocks_per_instruction = (cases_per_instruction + Block::cases - 1) / Block::cases;

/// What an instruction's source registers hold.
enum class Source { binary32, binary64, integer };

struct Registers {
    uint64_t a, b, c;
};

class RandomRegisters {
 public:
    /// `instruction`: its place in the table.
    RandomRegisters(Source source, unsigned instruction) : source_(source), random_(instruction) {}

    Registers next() {
        const uint64_t a = value();
        const uint64_t b = value();
        return {a, b, value()};
    }

 private:
    uint64_t value() {
        if (source_ == Source::integer) {
            return random_.integer();
        }
        if (source_ == Source::binary64) {
            return random_.binary64();
        }
        const uint64_t upper = random_.bits();
        const uint64_t boxed = uint64_t{0xffff'ffff} << 32 | random_.binary32();
        return upper % 64 == 0 ? boxed ^ upper << 32 : boxed;
    }

    Source source_;
    RandomOperands random_;
};

}  // namespace aqpim::fp::test
