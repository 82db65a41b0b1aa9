#include "aqpim/sdk/msix.h"

#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci_registers.h"

/* PCI Express Base Specification 5.0, 7.7.2. */
#define ENABLE (1u << 31)
#define MASK_ALL (1u << 30)
#define TABLE 4u
#define ENTRY_BYTES 16u

bool aqpim_msix_route(const struct aqpim_pci_function* function, uint32_t vector, uint32_t source) {
    const uint32_t offset = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_MSIX);
    if (offset == 0 || aqpim_board.msi_frame == 0) {
        return false;
    }
    const uint64_t capability = function->config + offset;
    const uint32_t control = aqpim_read32(capability);
    const uint32_t table = aqpim_read32(capability + TABLE);
    const uint32_t bar = table & 7u;
    if (vector > (control >> 16 & 0x7ffu) || bar >= AQPIM_PCI_BARS || function->bars[bar].address == 0) {
        return false;
    }
    const uint64_t entry = function->bars[bar].address + (table & ~7u) + vector * ENTRY_BYTES;
    aqpim_write32(entry + 0, (uint32_t)aqpim_board.msi_frame);
    aqpim_write32(entry + 4, (uint32_t)(aqpim_board.msi_frame >> 32));
    aqpim_write32(entry + 8, source);
    aqpim_write32(entry + 12, 0);
    aqpim_write32(capability, (control | ENABLE) & ~MASK_ALL);
    return true;
}
