/* Allocator of the PIM memory. It hands out columns, the same in every bank (aqpim/pim_layout.h).
 *
 * What stays in place for the whole job (codebooks, uncompressed tokens, work) is taken from the front, range after
 * range. All behind that is pages of equal size for codes, which are taken as sequences grow. Each page remembers its
 * owner, so that all pages of one owner can be given back at once.
 *
 * Bytes allocated and bytes stored: columns are allocated in every bank, for the longest of the sequences that share
 * them. A sequence stores the columns, and of its codes the whole pages, that it uses itself, in the banks of its own
 * groups only: aqpim_pim_stored_bytes() of each of its KV heads. */
#ifndef AQPIM_SDK_PIM_MEMORY_H
#define AQPIM_SDK_PIM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"

enum aqpim_pim_region {
    AQPIM_PIM_CODEBOOKS, /* fixed in place once made; parameters of uniform quantization */
    AQPIM_PIM_CODES,     /* pages, and the codes of uniform quantization */
    AQPIM_PIM_UNCODED,   /* sinks and recent tokens */
    AQPIM_PIM_WORK,      /* prefill buffers, scratch, staging, tables: reused by each layer */
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
    /* Pages. */
    uint32_t first_page_column;
    uint32_t page_columns;
    uint32_t pages;
    uint32_t free_pages;
    uint32_t lowest_free; /* no page below this one is free */
    uint8_t* owners;      /* of each page; 0: free */
};

/* Reads the geometry from the device's registers. False if it is no PIM device or has no memory. */
bool aqpim_pim_memory_open(struct aqpim_pim_memory* memory, uint64_t registers);

/* The first of `count` columns. Goes on counting when the memory is full; ask aqpim_pim_memory_fits() at the end. */
uint32_t aqpim_pim_allocate(struct aqpim_pim_memory* memory, enum aqpim_pim_region region, uint64_t count);

/* The same, from a multiple of `align` columns. */
uint32_t aqpim_pim_allocate_aligned(struct aqpim_pim_memory* memory, enum aqpim_pim_region region, uint64_t count,
                                    uint32_t align);

/* The same, from a whole row. */
uint32_t aqpim_pim_allocate_rows(struct aqpim_pim_memory* memory, enum aqpim_pim_region region, uint64_t count);

bool aqpim_pim_memory_fits(const struct aqpim_pim_memory* memory);

/* Bytes allocated. */
uint64_t aqpim_pim_bytes(const struct aqpim_pim_memory* memory, enum aqpim_pim_region region);

/* Bytes that `columns` columns of one group hold. */
uint64_t aqpim_pim_stored_bytes(const struct aqpim_layout* layout, uint64_t columns);

/* Pages of `page_columns` columns that the memory behind what is allocated would make; they start at a multiple of
 * their size. */
uint32_t aqpim_pim_pages_left(const struct aqpim_pim_memory* memory, uint32_t page_columns);

/* Makes them, but not more than there are `entries` in `owners`. Nothing may be allocated in front of them any more. */
void aqpim_pim_open_pages(struct aqpim_pim_memory* memory, uint32_t page_columns, uint8_t* owners, uint32_t entries);

/* Takes up to `pages` (at least 1) that follow one another, for owner 1 to 255: those from column `behind` on, if free;
 * else the lowest that are as many as asked for; else the lowest that are free. Returns their columns; none if no page
 * is free. */
struct aqpim_pim_extent aqpim_pim_take_pages(struct aqpim_pim_memory* memory, uint8_t owner, uint32_t pages,
                                             uint32_t behind);

/* Gives back all pages of this owner. */
void aqpim_pim_free_pages(struct aqpim_pim_memory* memory, uint8_t owner);

/* Gives back everything, all pages included. */
void aqpim_pim_free_all(struct aqpim_pim_memory* memory);

#endif
