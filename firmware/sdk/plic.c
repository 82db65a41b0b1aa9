#include "aqpim/sdk/plic.h"

#include <stddef.h>

#include "aqpim/memory_map.h"
#include "aqpim/sdk/board.h"
#include "aqpim/sdk/interrupt.h"
#include "aqpim/sdk/mmio.h"

/* RISC-V Platform-Level Interrupt Controller Specification 1.0, chapter 3. */
#define PRIORITY(source) (4u * (source))
#define ENABLE(context, source) (0x2000u + 0x80u * (context) + (source) / 32 * 4)
#define THRESHOLD(context) (0x200000u + 0x1000u * (context))
#define CLAIM(context) (THRESHOLD(context) + 4u)

struct entry {
    aqpim_source_handler handler;
    void* context;
};
static struct entry table[AQPIM_PLIC_SOURCES];

static void serve_external(void) {
    const uint64_t claim = aqpim_board.plic + CLAIM(aqpim_board.plic_context);
    for (uint32_t source = aqpim_read32(claim); source != 0; source = aqpim_read32(claim)) {
        if (source < AQPIM_PLIC_SOURCES && table[source].handler != NULL) {
            table[source].handler(table[source].context);
        }
        aqpim_write32(claim, source);
    }
}

bool aqpim_plic_attach(uint32_t source, aqpim_source_handler handler, void* context) {
    const uint64_t plic = aqpim_board.plic;
    if (plic == 0 || source == 0 || source >= AQPIM_PLIC_SOURCES) {
        return false;
    }
    table[source] = (struct entry){handler, context};
    aqpim_write32(plic + PRIORITY(source), 1);
    aqpim_write32(plic + THRESHOLD(aqpim_board.plic_context), 0);
    const uint64_t enable = plic + ENABLE(aqpim_board.plic_context, source);
    aqpim_write32(enable, aqpim_read32(enable) | 1u << source % 32);
    aqpim_set_interrupt_handler(AQPIM_INTERRUPT_EXTERNAL, serve_external);
    aqpim_enable_interrupt(AQPIM_INTERRUPT_EXTERNAL);
    return true;
}
