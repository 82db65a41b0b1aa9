#include "aqpim/sdk/pim_memory.h"

#include <stddef.h>
#include <string.h>

#include "aqpim/sdk/mmio.h"

bool aqpim_pim_memory_open(struct aqpim_pim_memory* memory, uint64_t registers) {
    if (aqpim_read64(registers + AQPIM_PIM_ID) != AQPIM_PIM_MAGIC) {
        return false;
    }
    *memory = (struct aqpim_pim_memory){
        .channels = (uint32_t)aqpim_read64(registers + AQPIM_PIM_CHANNELS),
        .banks_per_channel = (uint32_t)aqpim_read64(registers + AQPIM_PIM_BANKS_PER_CHANNEL),
        .row_columns = (uint32_t)aqpim_read64(registers + AQPIM_PIM_COLUMNS),
    };
    memory->column_set_bytes = (uint64_t)memory->channels * memory->banks_per_channel * AQPIM_BURST_BYTES;
    if (memory->column_set_bytes == 0 || memory->row_columns == 0) {
        return false;
    }
    memory->columns = (uint32_t)(aqpim_read64(registers + AQPIM_PIM_MEMORY_BYTES) / memory->column_set_bytes);
    return memory->columns > 0;
}

static uint64_t align_up(uint64_t value, uint64_t align) {
    return (value + align - 1) / align * align;
}

uint32_t aqpim_pim_allocate(struct aqpim_pim_memory* memory, enum aqpim_pim_region region, uint64_t count) {
    const uint64_t first = memory->next;
    memory->next += count;
    memory->used[region] += count;
    return (uint32_t)first;
}

uint32_t aqpim_pim_allocate_aligned(struct aqpim_pim_memory* memory, enum aqpim_pim_region region, uint64_t count,
                                    uint32_t align) {
    memory->next = align_up(memory->next, align);
    return aqpim_pim_allocate(memory, region, count);
}

uint32_t aqpim_pim_allocate_rows(struct aqpim_pim_memory* memory, enum aqpim_pim_region region, uint64_t count) {
    return aqpim_pim_allocate_aligned(memory, region, count, memory->row_columns);
}

bool aqpim_pim_memory_fits(const struct aqpim_pim_memory* memory) {
    return memory->next <= memory->columns;
}

uint64_t aqpim_pim_bytes(const struct aqpim_pim_memory* memory, enum aqpim_pim_region region) {
    return memory->used[region] * memory->column_set_bytes;
}

uint64_t aqpim_pim_stored_bytes(const struct aqpim_layout* layout, uint64_t columns) {
    return columns * layout->banks * AQPIM_BURST_BYTES;
}

uint32_t aqpim_pim_pages_left(const struct aqpim_pim_memory* memory, uint32_t page_columns) {
    const uint64_t first = align_up(memory->next, page_columns);
    return first < memory->columns ? (uint32_t)((memory->columns - first) / page_columns) : 0;
}

void aqpim_pim_open_pages(struct aqpim_pim_memory* memory, uint32_t page_columns, uint8_t* owners, uint32_t entries) {
    const uint32_t left = aqpim_pim_pages_left(memory, page_columns);
    memory->first_page_column = (uint32_t)align_up(memory->next, page_columns);
    memory->page_columns = page_columns;
    memory->pages = left < entries ? left : entries;
    memory->free_pages = memory->pages;
    memory->lowest_free = 0;
    memory->owners = owners;
    memset(owners, 0, memory->pages);
}

/* Free pages from `first` on, at most `most`. */
static uint32_t free_from(const struct aqpim_pim_memory* memory, uint32_t first, uint32_t most) {
    uint32_t count = 0;
    while (count < most && first + count < memory->pages && memory->owners[first + count] == 0) {
        count++;
    }
    return count;
}

/* The first page of the lowest free run of `count`; `pages` if there is none. */
static uint32_t find_run(const struct aqpim_pim_memory* memory, uint32_t count) {
    uint32_t first = memory->lowest_free;
    while (first < memory->pages) {
        const uint32_t length = free_from(memory, first, count);
        if (length == count) {
            return first;
        }
        first += length + 1;
    }
    return memory->pages;
}

/* The page that begins with this column; `pages` if none does. */
static uint32_t page_at(const struct aqpim_pim_memory* memory, uint32_t column) {
    const uint32_t offset = column - memory->first_page_column;
    const bool begins = column >= memory->first_page_column && offset % memory->page_columns == 0;
    return begins ? offset / memory->page_columns : memory->pages;
}

static void occupy(struct aqpim_pim_memory* memory, uint32_t first, uint32_t count, uint8_t owner) {
    memset(memory->owners + first, owner, count);
    memory->free_pages -= count;
    memory->used[AQPIM_PIM_CODES] += (uint64_t)count * memory->page_columns;
    while (memory->lowest_free < memory->pages && memory->owners[memory->lowest_free] != 0) {
        memory->lowest_free++;
    }
}

struct aqpim_pim_extent aqpim_pim_take_pages(struct aqpim_pim_memory* memory, uint8_t owner, uint32_t pages,
                                             uint32_t behind) {
    if (memory->free_pages == 0) {
        return (struct aqpim_pim_extent){0, 0};
    }
    uint32_t first = page_at(memory, behind);
    if (free_from(memory, first, 1) == 0) {
        first = find_run(memory, pages);
    }
    if (first == memory->pages) {
        first = memory->lowest_free;
    }
    const uint32_t count = free_from(memory, first, pages);
    occupy(memory, first, count, owner);
    return (struct aqpim_pim_extent){memory->first_page_column + first * memory->page_columns,
                                     count * memory->page_columns};
}

void aqpim_pim_free_pages(struct aqpim_pim_memory* memory, uint8_t owner) {
    for (uint32_t page = memory->pages; page-- > 0;) {
        if (memory->owners[page] == owner) {
            memory->owners[page] = 0;
            memory->free_pages++;
            memory->used[AQPIM_PIM_CODES] -= memory->page_columns;
            memory->lowest_free = page < memory->lowest_free ? page : memory->lowest_free;
        }
    }
}

void aqpim_pim_free_all(struct aqpim_pim_memory* memory) {
    memory->next = 0;
    memory->pages = 0;
    memory->free_pages = 0;
    for (int region = 0; region < AQPIM_PIM_REGIONS; region++) {
        memory->used[region] = 0;
    }
}
