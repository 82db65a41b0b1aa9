/* MSI-X: routes a function's vectors to PLIC sources through the MSI frame. */
#ifndef AQPIM_SDK_MSIX_H
#define AQPIM_SDK_MSIX_H

#include <stdbool.h>
#include <stdint.h>

#include "aqpim/sdk/pci.h"

/* From now on, vector `vector` raises PLIC source `source` (AQPIM_IRQ_MSI_FIRST and the following). False if the
 * function has no such vector or the machine no MSI frame. */
bool aqpim_msix_route(const struct aqpim_pci_function* function, uint32_t vector, uint32_t source);

#endif
