// Runs every instruction of the F and D extensions on random operands and writes results and flags to its output. A
// static Linux program without any library, for qemu-riscv64.

#include "tests/cpu/float/instruction_cases.h"

using namespace aqpim::fp::test;

namespace {

struct Instruction {
    Source source;
    uint64_t (*execute)(const Registers& sources);
};

// One instruction each, in the dynamic rounding mode.
#define EXECUTE_f_f(mnemonic) "fmv.d.x ft0, %1\n" mnemonic " ft3, ft0\n fmv.x.d %0, ft3"
#define EXECUTE_f_ff(mnemonic) "fmv.d.x ft0, %1\n fmv.d.x ft1, %2\n" mnemonic " ft3, ft0, ft1\n fmv.x.d %0, ft3"
#define EXECUTE_f_fff(mnemonic) \
    "fmv.d.x ft0, %1\n fmv.d.x ft1, %2\n fmv.d.x ft2, %3\n" mnemonic " ft3, ft0, ft1, ft2\n fmv.x.d %0, ft3"
#define EXECUTE_x_f(mnemonic) "fmv.d.x ft0, %1\n" mnemonic " %0, ft0"
#define EXECUTE_x_ff(mnemonic) "fmv.d.x ft0, %1\n fmv.d.x ft1, %2\n" mnemonic " %0, ft0, ft1"
#define EXECUTE_f_x(mnemonic) mnemonic " ft3, %1\n fmv.x.d %0, ft3"

#define INSTRUCTION(mnemonic, form, source, ours)                      \
    {Source::source, [](const Registers& sources) {                    \
         uint64_t result;                                              \
         asm volatile(EXECUTE_##form(mnemonic)                         \
                      : "=&r"(result)                                  \
                      : "r"(sources.a), "r"(sources.b), "r"(sources.c) \
                      : "ft0", "ft1", "ft2", "ft3");                   \
         return result;                                                \
     }},

const Instruction instructions[] = {
#include "tests/cpu/float/riscv_instructions.def"
};

int64_t system_call(uint64_t number, uint64_t first, uint64_t second, uint64_t third) {
    register uint64_t a0 asm("a0") = first;
    register uint64_t a1 asm("a1") = second;
    register uint64_t a2 asm("a2") = third;
    register uint64_t a7 asm("a7") = number;
    asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
    return static_cast<int64_t>(a0);
}

[[noreturn]] void exit(int status) {
    for (;;) {
        system_call(93, static_cast<uint64_t>(status), 0, 0);
    }
}

void write(const Block& block) {
    uint64_t done = 0;
    while (done < sizeof(block)) {
        const int64_t written = system_call(64, 1, reinterpret_cast<uint64_t>(&block) + done, sizeof(block) - done);
        if (written <= 0) {
            exit(1);
        }
        done += static_cast<uint64_t>(written);
    }
}

Block block;

}  // namespace

extern "C" [[noreturn]] void _start() {
    unsigned place = 0;
    for (const Instruction& instruction : instructions) {
        RandomRegisters random(instruction.source, place++);
        for (int i = 0; i < blocks_per_instruction * Block::cases; ++i) {
            asm volatile("fsrm %0\n fsflags x0" : : "r"(i % 5));
            block.results[i % Block::cases] = instruction.execute(random.next());
            uint64_t flags;
            asm volatile("frflags %0" : "=r"(flags));
            block.flags[i % Block::cases] = static_cast<uint8_t>(flags);
            if ((i + 1) % Block::cases == 0) {
                write(block);
            }
        }
    }
    exit(0);
}
