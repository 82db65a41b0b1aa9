/* Prints the PCIe tree as enumeration has left it. */
#include <stdio.h>

#include "aqpim/sdk/format.h"
#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci.h"
#include "aqpim/sdk/pci_link.h"
#include "aqpim/sdk/pci_registers.h"
#include "aqpim/sdk/pci_setup.h"
#include "names.h"

static struct aqpim_pci pci;

static unsigned depth_of(const struct aqpim_pci_function* function) {
    unsigned depth = 0;
    for (; (function = aqpim_pci_parent(&pci, function)) != NULL; depth++) {
    }
    return depth;
}

static void indent(unsigned depth) {
    printf("%*s", (int)(4 * depth), "");
}

static void print_bars(const struct aqpim_pci_function* function, unsigned depth) {
    for (unsigned i = 0; i < AQPIM_PCI_BARS; i++) {
        const struct aqpim_pci_bar* bar = &function->bars[i];
        if (bar->size == 0) {
            continue;
        }
        indent(depth);
        printf("BAR%u at 0x%010lx, %s, %s%s", i, (unsigned long)bar->address, aqpim_format_bytes(bar->size).text,
               bar->wide ? "64 bit" : "32 bit", bar->prefetchable ? ", prefetchable" : "");
        const uint64_t sizes = aqpim_pci_bar_sizes(function, i);
        if (sizes != 0) {
            printf(", resizable up to %s", aqpim_format_bytes(1ull << (63 - __builtin_clzll(sizes))).text);
        }
        printf("\n");
    }
}

/* What the registers say, not what the driver believes. */
static void print_windows(const struct aqpim_pci_function* bridge, unsigned depth) {
    const uint32_t numbers = aqpim_read32(bridge->config + AQPIM_PCI_BUS_NUMBERS);
    const uint32_t memory = aqpim_read32(bridge->config + AQPIM_PCI_MEMORY_WINDOW);
    const uint32_t prefetch = aqpim_read32(bridge->config + AQPIM_PCI_PREFETCH_WINDOW);
    const uint64_t base_upper = aqpim_read32(bridge->config + AQPIM_PCI_PREFETCH_BASE_UPPER);
    const uint64_t limit_upper = aqpim_read32(bridge->config + AQPIM_PCI_PREFETCH_LIMIT_UPPER);
    const uint64_t windows[2][2] = {
        {(memory & 0xfff0u) << 16, (memory & 0xfff00000u) | 0xfffffu},
        {base_upper << 32 | (prefetch & 0xfff0u) << 16, limit_upper << 32 | (prefetch & 0xfff00000u) | 0xfffffu}};
    indent(depth);
    printf("buses %02x to %02x, primary %02x\n", (unsigned)(numbers >> 8 & 0xffu), (unsigned)(numbers >> 16 & 0xffu),
           (unsigned)(numbers & 0xffu));
    for (unsigned i = 0; i < 2; i++) {
        if (windows[i][0] < windows[i][1]) {
            indent(depth);
            printf("%s window 0x%010lx to 0x%010lx\n", i == 0 ? "memory" : "prefetchable", (unsigned long)windows[i][0],
                   (unsigned long)windows[i][1]);
        }
    }
}

static void print_link(const struct aqpim_pci_function* function, unsigned depth) {
    struct aqpim_pci_link link;
    const char* type = port_type_name(aqpim_pci_port_type(function->config));
    if (type == NULL || aqpim_pci_read_link(function, &link) != AQPIM_PCI_OK) {
        return;
    }
    indent(depth);
    printf("%s, link Gen%u x%u of Gen%u x%u%s, payload %u B, read requests %u B\n", type, link.speed, link.width,
           link.most_speed, link.most_width, link.reports_active && !link.active ? ", down" : "",
           (unsigned)aqpim_pci_payload(function), (unsigned)aqpim_pci_read_request(function));
}

static void print_name(const char** separator, const char* name, unsigned id) {
    printf("%s", *separator);
    *separator = ", ";
    if (name != NULL) {
        printf("%s", name);
    } else {
        printf("%x", id);
    }
}

static void print_capabilities(uint64_t config, unsigned depth) {
    const char* separator = "capabilities: ";
    if ((aqpim_read32(config + AQPIM_PCI_COMMAND) & AQPIM_PCI_STATUS_CAPABILITIES) == 0) {
        return;
    }
    indent(depth);
    for (unsigned id = 0; id < 0x100; id++) {
        if (aqpim_pci_capability(config, (uint8_t)id) != 0) {
            print_name(&separator, capability_name((uint8_t)id), id);
        }
    }
    uint32_t offset = AQPIM_PCI_EXTENDED;
    for (unsigned limit = 64; limit > 0 && offset >= AQPIM_PCI_EXTENDED; limit--) {
        const uint32_t head = aqpim_read32(config + offset);
        if (head == 0 || head == 0xffffffffu) {
            break;
        }
        print_name(&separator, extended_capability_name((uint16_t)head), head & 0xffffu);
        offset = head >> 20 & 0xffcu;
    }
    printf("\n");
}

static void print_function(const struct aqpim_pci_function* function) {
    const unsigned depth = depth_of(function);
    uint64_t serial;
    indent(depth);
    printf("%02x:%02x.%x %04x:%04x class %06x\n", function->bus, function->device, function->function,
           function->vendor_id, function->device_id, (unsigned)function->class_code);
    print_link(function, depth + 1);
    if (function->secondary != 0) {
        print_windows(function, depth + 1);
    }
    print_bars(function, depth + 1);
    print_capabilities(function->config, depth + 1);
    if (aqpim_pci_serial_number(function->config, &serial)) {
        indent(depth + 1);
        printf("serial number %016lx\n", (unsigned long)serial);
    }
}

int main(void) {
    if (!aqpim_pci_enumerate(&pci, &aqpim_board)) {
        printf("error: PCIe: %s\n", pci.error);
        return 1;
    }
    for (uint32_t i = 0; i < pci.count; i++) {
        print_function(&pci.functions[i]);
    }
    printf("%u functions\n", (unsigned)pci.count);
    return 0;
}
