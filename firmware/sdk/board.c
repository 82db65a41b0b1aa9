#include "aqpim/sdk/board.h"

#include <stddef.h>

#include "aqpim/memory_map.h"
#include "aqpim/sdk/interrupt.h"

struct aqpim_board aqpim_board;

/* Which strings of `compatible` name which device. */
static const struct {
    const char* compatible;
    uint64_t* base;
} devices[] = {
    {"ns16550a", &aqpim_board.uart},
    {"sifive,test1", &aqpim_board.finisher},
    {"sifive,test0", &aqpim_board.finisher},
    {"sifive,clint0", &aqpim_board.clint},
    {"riscv,clint0", &aqpim_board.clint},
    {"sifive,plic-1.0.0", &aqpim_board.plic},
    {"riscv,plic0", &aqpim_board.plic},
    {"aqpim,msi-frame", &aqpim_board.msi_frame},
    {"aqpim,trace-port", &aqpim_board.trace_port},
};

static void find_devices(const struct aqpim_fdt* fdt) {
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        struct aqpim_range range;
        const int node = aqpim_fdt_find_compatible(fdt, devices[i].compatible, AQPIM_FDT_NONE);
        if (aqpim_fdt_range(fdt, node, "reg", 0, &range)) {
            *devices[i].base = range.base;
        }
    }
}

/* A PLIC context is one mode of one hart, in the order of `interrupts-extended`; hart 0 comes first. */
static uint32_t find_plic_context(const struct aqpim_fdt* fdt) {
    uint32_t bytes = 0;
    const int node = aqpim_fdt_find_compatible(fdt, "riscv,plic0", AQPIM_FDT_NONE);
    const uint8_t* pairs = aqpim_fdt_property(fdt, node, "interrupts-extended", &bytes);
    for (uint32_t context = 0; pairs != NULL && context < bytes / 8; context++) {
        if (aqpim_fdt_cells(pairs + 8 * context + 4, 1) == AQPIM_INTERRUPT_EXTERNAL) {
            return context;
        }
    }
    return 0;
}

static uint32_t find_timebase(const struct aqpim_fdt* fdt) {
    uint32_t bytes = 0;
    const uint8_t* hz = aqpim_fdt_property(fdt, aqpim_fdt_find(fdt, "/cpus"), "timebase-frequency", &bytes);
    return hz != NULL && bytes == 4 ? (uint32_t)aqpim_fdt_cells(hz, 1) : AQPIM_TIMEBASE_HZ;
}

/* Entries of `ranges`: space code (1 cell), PCI address (2), hart's address (2), size (2). PCI Bus Binding to IEEE
 * 1275, 2.2.1.1: the space is bits 25..24 of its code, 2 for 32-bit and 3 for 64-bit memory. */
static void find_pci(const struct aqpim_fdt* fdt, struct aqpim_board* board) {
    const uint32_t entry_bytes = 28;
    const int node = aqpim_fdt_find_compatible(fdt, "pci-host-ecam-generic", AQPIM_FDT_NONE);
    uint32_t bytes = 0;
    const uint8_t* entry = aqpim_fdt_property(fdt, node, "ranges", &bytes);
    aqpim_fdt_range(fdt, node, "reg", 0, &board->ecam);
    for (; entry != NULL && bytes >= entry_bytes; entry += entry_bytes, bytes -= entry_bytes) {
        const unsigned space = entry[0] & 3u;
        const struct aqpim_range range = {aqpim_fdt_cells(entry + 4, 2), aqpim_fdt_cells(entry + 20, 2)};
        if (space == 2) {
            board->pci_memory32 = range;
        } else if (space == 3) {
            board->pci_memory64 = range;
        }
    }
}

void aqpim_board_init(const void* device_tree) {
    struct aqpim_board* board = &aqpim_board;
    board->uart = AQPIM_UART_BASE;
    board->finisher = AQPIM_FINISHER_BASE;
    board->timebase_hz = AQPIM_TIMEBASE_HZ;
    board->has_fdt = aqpim_fdt_open(&board->fdt, device_tree);
    if (!board->has_fdt) {
        return;
    }
    find_devices(&board->fdt);
    board->plic_context = find_plic_context(&board->fdt);
    board->timebase_hz = find_timebase(&board->fdt);
    aqpim_fdt_range(&board->fdt, aqpim_fdt_find(&board->fdt, "/memory"), "reg", 0, &board->ram);
    find_pci(&board->fdt, board);
}
