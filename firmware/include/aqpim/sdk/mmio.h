/* Access to device registers, by address and width. */
#ifndef AQPIM_SDK_MMIO_H
#define AQPIM_SDK_MMIO_H

#include <stdint.h>

static inline uint8_t aqpim_read8(uint64_t address) {
    return *(volatile uint8_t*)(uintptr_t)address;
}
static inline uint32_t aqpim_read32(uint64_t address) {
    return *(volatile uint32_t*)(uintptr_t)address;
}
static inline uint64_t aqpim_read64(uint64_t address) {
    return *(volatile uint64_t*)(uintptr_t)address;
}

static inline void aqpim_write8(uint64_t address, uint8_t value) {
    *(volatile uint8_t*)(uintptr_t)address = value;
}
static inline void aqpim_write32(uint64_t address, uint32_t value) {
    *(volatile uint32_t*)(uintptr_t)address = value;
}
static inline void aqpim_write64(uint64_t address, uint64_t value) {
    *(volatile uint64_t*)(uintptr_t)address = value;
}

#endif
