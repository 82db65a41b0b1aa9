/* Where BARs and bridge windows go. A bus's requests (its BARs, and one for all that lies behind each of its bridges)
 * are placed in the order of falling alignment, so that the gaps stay small. */
#include <stddef.h>

#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci.h"
#include "aqpim/sdk/pci_registers.h"

struct request {
    uint64_t size;
    uint64_t align;
    struct aqpim_pci_function* function;
    int bar; /* or BRIDGE */
};
#define BRIDGE (-1)
/* A device's 8 functions of 6 BARs, or the ports of a bus. */
#define MOST_REQUESTS 128u

struct requests {
    struct request list[MOST_REQUESTS];
    unsigned count;
};

static uint64_t align_up(uint64_t value, uint64_t align) {
    return (value + align - 1) & ~(align - 1);
}

static enum aqpim_pci_window window_of(const struct aqpim_pci_bar* bar) {
    return bar->wide && bar->prefetchable ? AQPIM_PCI_MEMORY64 : AQPIM_PCI_MEMORY32;
}

static void insert(struct aqpim_pci* pci, struct requests* requests, struct request request) {
    unsigned at = requests->count;
    if (at == MOST_REQUESTS) {
        pci->error = "more BARs on a bus than the table holds";
        return;
    }
    for (; at > 0 && requests->list[at - 1].align < request.align; at--) {
        requests->list[at] = requests->list[at - 1];
    }
    requests->list[at] = request;
    requests->count++;
}

/* What the bus asks for in this window, in the order of falling alignment. */
static void collect(struct aqpim_pci* pci, uint32_t bus, enum aqpim_pci_window window, struct requests* requests) {
    requests->count = 0;
    for (uint32_t i = 0; i < pci->count; i++) {
        struct aqpim_pci_function* function = &pci->functions[i];
        if (function->bus != bus) {
            continue;
        }
        for (unsigned bar = 0; bar < AQPIM_PCI_BARS; bar++) {
            const uint64_t size = function->bars[bar].size;
            if (size != 0 && window_of(&function->bars[bar]) == window) {
                insert(pci, requests, (struct request){size, size, function, (int)bar});
            }
        }
        const struct aqpim_pci_range* behind = &function->windows[window];
        if (behind->size != 0) {
            insert(pci, requests, (struct request){behind->size, behind->align, function, BRIDGE});
        }
    }
}

/* Aligned as the largest request behind it, so that its size does not depend on where it goes. */
static void measure_bridge(struct aqpim_pci* pci, struct aqpim_pci_function* bridge, enum aqpim_pci_window window) {
    struct requests behind;
    struct aqpim_pci_range total = {0, 0, AQPIM_PCI_WINDOW_ALIGN};
    collect(pci, bridge->secondary, window, &behind);
    for (unsigned i = 0; i < behind.count; i++) {
        total.size = align_up(total.size, behind.list[i].align) + behind.list[i].size;
        total.align = behind.list[i].align > total.align ? behind.list[i].align : total.align;
    }
    total.size = align_up(total.size, AQPIM_PCI_WINDOW_ALIGN);
    bridge->windows[window] = total;
}

/* Places all requests of a bus from `at` on; returns the first address behind them. */
static uint64_t place_bus(struct aqpim_pci* pci, uint32_t bus, enum aqpim_pci_window window, uint64_t at) {
    struct requests requests;
    collect(pci, bus, window, &requests);
    for (unsigned i = 0; i < requests.count; i++) {
        const struct request* request = &requests.list[i];
        at = align_up(at, request->align);
        if (request->bar == BRIDGE) {
            request->function->windows[window].address = at;
        } else {
            request->function->bars[request->bar].address = at;
        }
        at += request->size;
    }
    return at;
}

/* Bridges stand before what is behind them: measured from the last to the first, placed from the first to the last.
 * Returns the first address behind everything. */
static uint64_t place_window(struct aqpim_pci* pci, enum aqpim_pci_window window, uint64_t base) {
    for (uint32_t i = pci->count; i-- > 0;) {
        if (pci->functions[i].secondary != 0) {
            measure_bridge(pci, &pci->functions[i], window);
        }
    }
    const uint64_t end = place_bus(pci, 0, window, base);
    for (uint32_t i = 0; i < pci->count; i++) {
        const struct aqpim_pci_function* function = &pci->functions[i];
        if (function->windows[window].size != 0) {
            place_bus(pci, function->secondary, window, function->windows[window].address);
        }
    }
    return end;
}

static void write_bar(const struct aqpim_pci_function* function, unsigned index) {
    const struct aqpim_pci_bar* bar = &function->bars[index];
    const uint64_t config = function->config + AQPIM_PCI_BAR0 + 4 * index;
    aqpim_write32(config, (uint32_t)bar->address);
    if (bar->wide) {
        aqpim_write32(config + 4, (uint32_t)(bar->address >> 32));
    }
}

static void write_window(uint64_t config, enum aqpim_pci_window window, const struct aqpim_pci_range* range) {
    /* A base above the limit closes a window. */
    const uint64_t first = range->size != 0 ? range->address : AQPIM_PCI_WINDOW_ALIGN;
    const uint64_t last = range->size != 0 ? range->address + range->size - 1 : 0;
    const uint32_t value = (uint32_t)(last & 0xfff00000u) | (uint32_t)(first >> 16 & 0xfff0u);
    if (window == AQPIM_PCI_MEMORY32) {
        aqpim_write32(config + AQPIM_PCI_MEMORY_WINDOW, value);
    } else {
        aqpim_write32(config + AQPIM_PCI_PREFETCH_WINDOW, value);
        aqpim_write32(config + AQPIM_PCI_PREFETCH_BASE_UPPER, (uint32_t)(first >> 32));
        aqpim_write32(config + AQPIM_PCI_PREFETCH_LIMIT_UPPER, (uint32_t)(last >> 32));
    }
}

void aqpim_pci_write_placement(const struct aqpim_pci_function* function) {
    if (function->secondary != 0) {
        aqpim_write32(function->config + AQPIM_PCI_BUS_NUMBERS,
                      (uint32_t)function->subordinate << 16 | (uint32_t)function->secondary << 8 | function->bus);
        aqpim_write32(function->config + AQPIM_PCI_IO_WINDOW, 0x00f0u);
        write_window(function->config, AQPIM_PCI_MEMORY32, &function->windows[AQPIM_PCI_MEMORY32]);
        write_window(function->config, AQPIM_PCI_MEMORY64, &function->windows[AQPIM_PCI_MEMORY64]);
    }
    for (unsigned bar = 0; bar < AQPIM_PCI_BARS; bar++) {
        if (function->bars[bar].size != 0) {
            write_bar(function, bar);
        }
    }
}

static void disable_memory(const struct aqpim_pci* pci) {
    for (uint32_t i = 0; i < pci->count; i++) {
        const uint64_t command = pci->functions[i].config + AQPIM_PCI_COMMAND;
        aqpim_write32(command, aqpim_read32(command) & 0xffffu & ~AQPIM_PCI_COMMAND_MEMORY);
    }
}

static void enable_functions(const struct aqpim_pci* pci) {
    for (uint32_t i = 0; i < pci->count; i++) {
        const uint64_t command = pci->functions[i].config + AQPIM_PCI_COMMAND;
        aqpim_write32(command, (aqpim_read32(command) & 0xffffu) | AQPIM_PCI_COMMAND_MEMORY | AQPIM_PCI_COMMAND_MASTER |
                                   AQPIM_PCI_COMMAND_NO_INTX);
    }
}

bool aqpim_pci_place(struct aqpim_pci* pci, const struct aqpim_board* board) {
    const struct aqpim_range* memory32 = &board->pci_memory32;
    const struct aqpim_range* memory64 = &board->pci_memory64;
    const uint64_t end32 = place_window(pci, AQPIM_PCI_MEMORY32, memory32->base);
    const uint64_t end64 = place_window(pci, AQPIM_PCI_MEMORY64, memory64->base);
    if (pci->error == NULL && end32 > memory32->base + memory32->size) {
        pci->error = "the BARs do not fit into the 32-bit PCIe window";
    } else if (pci->error == NULL && end64 > memory64->base + memory64->size) {
        pci->error = "the BARs do not fit into the 64-bit PCIe window";
    }
    if (pci->error != NULL) {
        return false;
    }
    disable_memory(pci);
    for (uint32_t i = 0; i < pci->count; i++) {
        aqpim_pci_write_placement(&pci->functions[i]);
    }
    enable_functions(pci);
    return true;
}
