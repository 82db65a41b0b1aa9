/* Says what machine it runs on. */
#include <stdio.h>

#include "aqpim/sdk/board.h"
#include "aqpim/sdk/format.h"
#include "aqpim/sdk/pci.h"

static struct aqpim_pci pci;

static void print_function(const struct aqpim_pci_function* function) {
    printf("pci %02x:%02x.%x  %04x:%04x  class %06x\n", function->bus, function->device, function->function,
           function->vendor_id, function->device_id, (unsigned)function->class_code);
    for (unsigned i = 0; i < AQPIM_PCI_BARS; i++) {
        const struct aqpim_pci_bar* bar = &function->bars[i];
        if (bar->address != 0) {
            printf("    BAR%u at 0x%010lx, %s%s\n", i, (unsigned long)bar->address, aqpim_format_bytes(bar->size).text,
                   bar->prefetchable ? ", prefetchable" : "");
        }
    }
}

int main(unsigned long hart, const void* device_tree) {
    printf("hello from hart %lu, device tree at 0x%lx\n", hart, (unsigned long)device_tree);
    printf("memory: %s at 0x%lx\n", aqpim_format_bytes(aqpim_board.ram.size).text, (unsigned long)aqpim_board.ram.base);
    if (!aqpim_pci_enumerate(&pci, &aqpim_board)) {
        printf("error: %s\n", pci.error);
        return 1;
    }
    for (uint32_t i = 0; i < pci.count; i++) {
        print_function(&pci.functions[i]);
    }
    return 0;
}
