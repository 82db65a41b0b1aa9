/* Where BARs and bridge windows go. A bus's requests (its BARs, and one for all that lies behind each of its bridges)
 * are placed in the order of falling alignment, so that the gaps stay small. */
#include <stddef.h>

#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci.h"
#include "aqpim/sdk/pci_registers.h"

enum window { MEMORY32, MEMORY64 };

struct request {
    uint64_t size;
    uint64_t align;
    struct aqpim_pci_function* function;
    int bar; /* or BRIDGE */
};
#define BRIDGE (-1)
#define MOST_REQUESTS 64u

struct requests {
    struct request list[MOST_REQUESTS];
    unsigned count;
};

static uint64_t align_up(uint64_t value, uint64_t align) {
    return (value + align - 1) & ~(align - 1);
}

static enum window window_of(const struct aqpim_pci_bar* bar) {
    return bar->wide && bar->prefetchable ? MEMORY64 : MEMORY32;
}

static bool insert(struct requests* requests, struct request request) {
    unsigned at = requests->count;
    if (at == MOST_REQUESTS) {
        return false;
    }
    for (; at > 0 && requests->list[at - 1].align < request.align; at--) {
        requests->list[at] = requests->list[at - 1];
    }
    requests->list[at] = request;
    requests->count++;
    return true;
}

static struct request measure_bridge(struct aqpim_pci* pci, struct aqpim_pci_function* bridge, enum window window);

/* What the bus asks for in this window, in the order of falling alignment. */
static bool collect(struct aqpim_pci* pci, uint32_t bus, enum window window, struct requests* requests) {
    requests->count = 0;
    for (uint32_t i = 0; i < pci->count; i++) {
        struct aqpim_pci_function* function = &pci->functions[i];
        if (function->bus != bus) {
            continue;
        }
        for (unsigned bar = 0; bar < AQPIM_PCI_BARS; bar++) {
            const uint64_t size = function->bars[bar].size;
            if (size != 0 && window_of(&function->bars[bar]) == window &&
                !insert(requests, (struct request){size, size, function, (int)bar})) {
                return false;
            }
        }
        if (function->secondary != 0) {
            const struct request behind = measure_bridge(pci, function, window);
            if (behind.size != 0 && !insert(requests, behind)) {
                return false;
            }
        }
    }
    return true;
}

/* Aligned as the largest request behind it, so that its size does not depend on where it goes. */
static struct request measure_bridge(struct aqpim_pci* pci, struct aqpim_pci_function* bridge, enum window window) {
    struct requests behind;
    struct request total = {0, AQPIM_PCI_WINDOW_ALIGN, bridge, BRIDGE};
    collect(pci, bridge->secondary, window, &behind);
    for (unsigned i = 0; i < behind.count; i++) {
        total.size = align_up(total.size, behind.list[i].align) + behind.list[i].size;
        total.align = behind.list[i].align > total.align ? behind.list[i].align : total.align;
    }
    total.size = align_up(total.size, AQPIM_PCI_WINDOW_ALIGN);
    return total;
}

static void write_bar(struct aqpim_pci_function* function, unsigned index, uint64_t address) {
    const uint64_t config = function->config + AQPIM_PCI_BAR0 + 4 * index;
    function->bars[index].address = address;
    aqpim_write32(config, (uint32_t)address);
    if (function->bars[index].wide) {
        aqpim_write32(config + 4, (uint32_t)(address >> 32));
    }
}

/* Opens a bridge's window over [base, base + size); closes it when size is 0. */
static void write_window(uint64_t config, enum window window, uint64_t base, uint64_t size) {
    /* A base above the limit closes a window. */
    const uint64_t first = size != 0 ? base : AQPIM_PCI_WINDOW_ALIGN;
    const uint64_t last = size != 0 ? base + size - 1 : 0;
    const uint32_t value = (uint32_t)(last & 0xfff00000u) | (uint32_t)(first >> 16 & 0xfff0u);
    if (window == MEMORY32) {
        aqpim_write32(config + AQPIM_PCI_MEMORY_WINDOW, value);
    } else {
        aqpim_write32(config + AQPIM_PCI_PREFETCH_WINDOW, value);
        aqpim_write32(config + AQPIM_PCI_PREFETCH_BASE_UPPER, (uint32_t)(first >> 32));
        aqpim_write32(config + AQPIM_PCI_PREFETCH_LIMIT_UPPER, (uint32_t)(last >> 32));
    }
}

/* Places all requests of a bus from `at` on; returns the first address behind them. */
static uint64_t place_bus(struct aqpim_pci* pci, uint32_t bus, enum window window, uint64_t at) {
    struct requests requests;
    if (!collect(pci, bus, window, &requests)) {
        pci->error = "more BARs on a bus than the table holds";
    }
    for (unsigned i = 0; i < requests.count; i++) {
        const struct request* request = &requests.list[i];
        at = align_up(at, request->align);
        if (request->bar == BRIDGE) {
            write_window(request->function->config, window, at, request->size);
            place_bus(pci, request->function->secondary, window, at);
        } else {
            write_bar(request->function, (unsigned)request->bar, at);
        }
        at += request->size;
    }
    return at;
}

static void close_windows(const struct aqpim_pci* pci) {
    for (uint32_t i = 0; i < pci->count; i++) {
        const struct aqpim_pci_function* function = &pci->functions[i];
        if (function->secondary != 0) {
            aqpim_write32(function->config + AQPIM_PCI_IO_WINDOW, 0x00f0u);
            write_window(function->config, MEMORY32, 0, 0);
            write_window(function->config, MEMORY64, 0, 0);
        }
    }
}

static void enable_functions(const struct aqpim_pci* pci) {
    for (uint32_t i = 0; i < pci->count; i++) {
        aqpim_write32(pci->functions[i].config + AQPIM_PCI_COMMAND,
                      AQPIM_PCI_COMMAND_MEMORY | AQPIM_PCI_COMMAND_MASTER | AQPIM_PCI_COMMAND_NO_INTX);
    }
}

bool aqpim_pci_place(struct aqpim_pci* pci, const struct aqpim_board* board) {
    close_windows(pci);
    const uint64_t end32 = place_bus(pci, 0, MEMORY32, board->pci_memory32.base);
    const uint64_t end64 = place_bus(pci, 0, MEMORY64, board->pci_memory64.base);
    if (end32 > board->pci_memory32.base + board->pci_memory32.size) {
        pci->error = "the BARs do not fit into the 32-bit PCIe window";
    } else if (end64 > board->pci_memory64.base + board->pci_memory64.size) {
        pci->error = "the BARs do not fit into the 64-bit PCIe window";
    }
    if (pci->error == NULL) {
        enable_functions(pci);
    }
    return pci->error == NULL;
}
