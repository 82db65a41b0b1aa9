/* In place of the SDK's: accesses go to the test's devices (fake_pci.h). */
#ifndef AQPIM_SDK_MMIO_H
#define AQPIM_SDK_MMIO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

uint32_t aqpim_read32(uint64_t address);
uint64_t aqpim_read64(uint64_t address);
void aqpim_write32(uint64_t address, uint32_t value);
void aqpim_write64(uint64_t address, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
