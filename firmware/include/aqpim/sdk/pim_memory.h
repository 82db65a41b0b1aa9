/* Allocator of the PIM memory. It hands out ranges of columns, the same in every bank (aqpim/pim_layout.h). All that a
 * sequence holds is freed at once when it ends, so there is nothing to search: ranges follow one another. */
#ifndef AQPIM_SDK_PIM_MEMORY_H
#define AQPIM_SDK_PIM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

enum aqpim_pim_region {
    AQPIM_PIM_CODEBOOKS, /* fixed in place once made */
    AQPIM_PIM_CODES,   /* grow with the sequence; room for all of them is taken at once, so that they stay contiguous */
    AQPIM_PIM_UNCODED, /* sinks and recent tokens */
    AQPIM_PIM_WORK,    /* prefill buffers, scratch, staging: reused by each layer */
    AQPIM_PIM_REGIONS
};

struct aqpim_pim_memory {
    uint32_t channels;
    uint32_t banks_per_channel;
    uint32_t row_columns;
    uint32_t columns;          /* of a bank, over all rows */
    uint64_t column_set_bytes; /* one column of every bank */
    /* May exceed `columns`: then what was asked for does not fit, and this is what it would take. */
    uint64_t next;
    uint64_t used[AQPIM_PIM_REGIONS]; /* columns */
};

/* Reads the geometry from the device's registers. False if it is no PIM device or has no memory. */
bool aqpim_pim_memory_open(struct aqpim_pim_memory* memory, uint64_t registers);

/* The first of `count` columns. Goes on counting when the memory is full; ask aqpim_pim_memory_fits() at the end. */
uint32_t aqpim_pim_allocate(struct aqpim_pim_memory* memory, enum aqpim_pim_region region, uint64_t count);

/* The same, from a whole row. */
uint32_t aqpim_pim_allocate_rows(struct aqpim_pim_memory* memory, enum aqpim_pim_region region, uint64_t count);

bool aqpim_pim_memory_fits(const struct aqpim_pim_memory* memory);

uint64_t aqpim_pim_bytes(const struct aqpim_pim_memory* memory, enum aqpim_pim_region region);

void aqpim_pim_free_all(struct aqpim_pim_memory* memory);

#endif
