/* Error reporting of PCI Express functions: what went wrong, and where (PCI Express Base Specification 5.0, 6.2 and
 * 7.8.4). Bits are AQPIM_PCI_AER_* of pci_registers.h. */
#ifndef AQPIM_SDK_PCI_ERROR_H
#define AQPIM_SDK_PCI_ERROR_H

#include "aqpim/sdk/pci.h"

struct aqpim_pci_errors {
    uint32_t uncorrectable;
    uint32_t correctable;
    uint32_t header[4];     /* of the TLP that the first uncorrectable error was found in */
    uint32_t first;         /* bit number of that error */
    uint32_t device_status; /* correctable, non-fatal, fatal, unsupported request: bits 0 to 3 */
};

/* What a root port was told of. Ids are bus << 8 | device << 3 | function. */
struct aqpim_pci_root_errors {
    uint32_t status; /* AQPIM_PCI_AER_ROOT_* */
    uint16_t correctable_source;
    uint16_t uncorrectable_source;
};

/* Every function reports its errors, advisory non-fatal ones included, every bridge hands them on, and every root port
 * takes them in. */
void aqpim_pci_enable_error_reporting(const struct aqpim_pci* pci);

/* The errors since they were last cleared. AQPIM_PCI_ABSENT if the function does not answer; AQPIM_PCI_UNABLE without
 * advanced error reporting, when only `device_status` is known. */
enum aqpim_pci_status aqpim_pci_read_errors(const struct aqpim_pci_function* function, struct aqpim_pci_errors* errors);

void aqpim_pci_clear_errors(const struct aqpim_pci_function* function);

/* Of a root port. AQPIM_PCI_UNABLE if it is none, or has no advanced error reporting. */
enum aqpim_pci_status aqpim_pci_read_root_errors(const struct aqpim_pci_function* port,
                                                 struct aqpim_pci_root_errors* errors);

/* Clears every function's errors, and the root ports'. */
void aqpim_pci_clear_all_errors(const struct aqpim_pci* pci);

/* The name of an uncorrectable or correctable error's bit number; null for reserved ones. */
const char* aqpim_pci_uncorrectable_name(unsigned bit);
const char* aqpim_pci_correctable_name(unsigned bit);

#endif
