/* The hart's cycle counter as a fine clock, put against the GPU's. */
#ifndef AQPIM_APPS_GPU_CYCLES_H
#define AQPIM_APPS_GPU_CYCLES_H

#include <stdint.h>

#include "aqpim/sdk/gpu.h"

static inline uint64_t read_cycles(void) {
    uint64_t cycles;
    __asm__ volatile("csrr %0, mcycle" : "=r"(cycles)::"memory");
    return cycles;
}

/* A moment by both clocks: the cycle count in the middle of the read of AQPIM_GPU_TIME, which the request is halfway
 * through when it reaches the device; right up to the difference between the ways there and back. */
struct moment {
    uint64_t cycles;
    uint64_t ps;
};
struct moment now(const struct aqpim_gpu* gpu);

/* Cycles as picoseconds: measured against the GPU's clock over some 100 us, awake. */
struct rate {
    uint64_t ps;
    uint64_t cycles;
};
struct rate measure_rate(const struct aqpim_gpu* gpu);
uint64_t cycles_to_ps(const struct rate* rate, uint64_t cycles);

/* From now on every trap notes the cycle count at its first instruction, then goes on to the SDK's handler. */
void note_traps(void);
extern volatile uint64_t trap_cycles;

#endif
