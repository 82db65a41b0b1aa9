#include "cycles.h"

volatile uint64_t trap_cycles;

struct moment now(const struct aqpim_gpu* gpu) {
    const uint64_t before = read_cycles();
    const uint64_t ps = aqpim_gpu_time_ps(gpu);
    const uint64_t after = read_cycles();
    return (struct moment){before + (after - before) / 2, ps};
}

struct rate measure_rate(const struct aqpim_gpu* gpu) {
    const uint64_t least_ps = 100000000;
    const struct moment first = now(gpu);
    struct moment last;
    do {
        last = now(gpu);
    } while (last.ps - first.ps < least_ps);
    return (struct rate){last.ps - first.ps, last.cycles - first.cycles};
}

uint64_t cycles_to_ps(const struct rate* rate, uint64_t cycles) {
    return cycles * rate->ps / rate->cycles;
}

/* The SDK's trap entry saves what C may change; this one must not change anything either. */
__asm__(
    "    .section .text.noting_entry, \"ax\"\n"
    "    .balign 4\n"
    "noting_entry:\n"
    "    csrw mscratch, t0\n"
    "    csrr t0, mcycle\n"
    "    addi sp, sp, -16\n"
    "    sd t1, 0(sp)\n"
    "    la t1, trap_cycles\n"
    "    sd t0, 0(t1)\n"
    "    ld t1, 0(sp)\n"
    "    addi sp, sp, 16\n"
    "    csrr t0, mscratch\n"
    "    j aqpim_trap_entry\n"
    "    .text\n");

void note_traps(void) {
    extern const char noting_entry[];
    __asm__ volatile("csrw mtvec, %0" ::"r"(noting_entry) : "memory");
}
