#include "aqpim/sdk/pci.h"

#include <stddef.h>

#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci_registers.h"

#define DEVICES 32u
#define FUNCTIONS 8u
#define NO_DEVICE 0xffffffffu

/* What a scan carries along. */
struct scan {
    struct aqpim_pci* pci;
    uint64_t ecam;
    uint32_t buses; /* that the ECAM window covers */
    uint32_t last_bus;
};

static uint64_t config_address(const struct scan* scan, uint32_t bus, uint32_t device, uint32_t function) {
    return scan->ecam + (bus << 20 | device << 15 | function << 12);
}

static uint32_t probe(uint64_t bar, uint32_t* old) {
    *old = aqpim_read32(bar);
    aqpim_write32(bar, 0xffffffffu);
    const uint32_t mask = aqpim_read32(bar);
    aqpim_write32(bar, *old);
    return mask;
}

/* Sizes the BAR `index`; returns how many registers it takes. I/O BARs stay unplaced. */
static unsigned size_bar(struct aqpim_pci_function* function, unsigned index, unsigned bars) {
    const uint64_t address = function->config + AQPIM_PCI_BAR0 + 4 * index;
    struct aqpim_pci_bar* bar = &function->bars[index];
    uint32_t old;
    uint32_t low = probe(address, &old);
    if (low == 0 || (low & AQPIM_PCI_BAR_IO) != 0) {
        return 1;
    }
    bar->wide = (low & AQPIM_PCI_BAR_TYPE) == AQPIM_PCI_BAR_64BIT && index + 1 < bars;
    bar->prefetchable = (low & AQPIM_PCI_BAR_PREFETCHABLE) != 0;
    const uint64_t high = bar->wide ? probe(address + 4, &old) : 0xffffffffu;
    bar->size = ~(high << 32 | (low & ~0xfu)) + 1;
    return bar->wide ? 2 : 1;
}

static void size_bars(struct aqpim_pci_function* function, bool is_bridge) {
    const unsigned bars = is_bridge ? 2 : AQPIM_PCI_BARS;
    const uint32_t command = aqpim_read32(function->config + AQPIM_PCI_COMMAND) & 0xffffu;
    aqpim_write32(function->config + AQPIM_PCI_COMMAND, command & ~AQPIM_PCI_COMMAND_MEMORY);
    for (unsigned index = 0; index < bars;) {
        index += size_bar(function, index, bars);
    }
}

/* Root ports and a switch's downstream ports have a link below, with one device on it. */
static bool has_one_device_below(uint64_t config) {
    const uint32_t type = aqpim_pci_port_type(config);
    return type == AQPIM_PCI_PORT_ROOT || type == AQPIM_PCI_PORT_DOWNSTREAM;
}

static bool scan_bus(struct scan* scan, uint32_t bus, unsigned devices);

static bool scan_bridge(struct scan* scan, struct aqpim_pci_function* bridge) {
    if (scan->last_bus + 1 >= scan->buses) {
        scan->pci->error = "more buses than the ECAM window covers";
        return false;
    }
    const uint32_t secondary = ++scan->last_bus;
    const uint64_t numbers = bridge->config + AQPIM_PCI_BUS_NUMBERS;
    bridge->secondary = (uint8_t)secondary;
    aqpim_write32(numbers, 0xffu << 16 | secondary << 8 | bridge->bus);
    const bool done = scan_bus(scan, secondary, has_one_device_below(bridge->config) ? 1 : DEVICES);
    aqpim_write32(numbers, scan->last_bus << 16 | secondary << 8 | bridge->bus);
    bridge->subordinate = (uint8_t)scan->last_bus;
    return done;
}

static bool scan_function(struct scan* scan, uint32_t bus, uint32_t device, uint32_t number) {
    const uint64_t config = config_address(scan, bus, device, number);
    const uint32_t id = aqpim_read32(config + AQPIM_PCI_ID);
    if (id == NO_DEVICE) {
        return true;
    }
    if (scan->pci->count == AQPIM_PCI_MAX_FUNCTIONS) {
        scan->pci->error = "more functions than the table holds";
        return false;
    }
    struct aqpim_pci_function* function = &scan->pci->functions[scan->pci->count++];
    *function = (struct aqpim_pci_function){.bus = (uint8_t)bus,
                                            .device = (uint8_t)device,
                                            .function = (uint8_t)number,
                                            .vendor_id = (uint16_t)id,
                                            .device_id = (uint16_t)(id >> 16),
                                            .class_code = aqpim_read32(config + AQPIM_PCI_CLASS) >> 8,
                                            .config = config};
    const bool is_bridge = (aqpim_read32(config + AQPIM_PCI_HEADER) >> 16 & 0x7fu) == 1;
    size_bars(function, is_bridge);
    return !is_bridge || scan_bridge(scan, function);
}

static bool scan_bus(struct scan* scan, uint32_t bus, unsigned devices) {
    for (uint32_t device = 0; device < devices; device++) {
        const uint64_t first = config_address(scan, bus, device, 0);
        if (aqpim_read32(first + AQPIM_PCI_ID) == NO_DEVICE) {
            continue;
        }
        const bool multifunction = (aqpim_read32(first + AQPIM_PCI_HEADER) >> 23 & 1) != 0;
        for (uint32_t number = 0; number < (multifunction ? FUNCTIONS : 1); number++) {
            if (!scan_function(scan, bus, device, number)) {
                return false;
            }
        }
    }
    return true;
}

bool aqpim_pci_scan(struct aqpim_pci* pci, const struct aqpim_board* board) {
    struct scan scan = {pci, board->ecam.base, (uint32_t)(board->ecam.size >> 20), 0};
    pci->count = 0;
    pci->error = NULL;
    if (board->ecam.base == 0) {
        pci->error = "the device tree has no PCIe host bridge";
        return false;
    }
    return scan_bus(&scan, 0, DEVICES);
}

bool aqpim_pci_enumerate(struct aqpim_pci* pci, const struct aqpim_board* board) {
    return aqpim_pci_scan(pci, board) && aqpim_pci_place(pci, board);
}

const struct aqpim_pci_function* aqpim_pci_find(const struct aqpim_pci* pci, uint16_t vendor_id, uint16_t device_id,
                                                unsigned index) {
    for (uint32_t i = 0; i < pci->count; i++) {
        const struct aqpim_pci_function* function = &pci->functions[i];
        if (function->vendor_id == vendor_id && function->device_id == device_id && index-- == 0) {
            return function;
        }
    }
    return NULL;
}

const struct aqpim_pci_function* aqpim_pci_parent(const struct aqpim_pci* pci,
                                                  const struct aqpim_pci_function* function) {
    for (uint32_t i = 0; i < pci->count; i++) {
        const struct aqpim_pci_function* bridge = &pci->functions[i];
        if (bridge->secondary != 0 && bridge->secondary == function->bus) {
            return bridge;
        }
    }
    return NULL;
}

bool aqpim_pci_is_below(const struct aqpim_pci_function* function, const struct aqpim_pci_function* bridge) {
    return bridge->secondary != 0 && function->bus >= bridge->secondary && function->bus <= bridge->subordinate;
}
