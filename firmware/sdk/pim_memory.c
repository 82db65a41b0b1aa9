#include "aqpim/sdk/pim_memory.h"

#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"
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

uint32_t aqpim_pim_allocate(struct aqpim_pim_memory* memory, enum aqpim_pim_region region, uint64_t count) {
    const uint64_t first = memory->next;
    memory->next += count;
    memory->used[region] += count;
    return (uint32_t)first;
}

uint32_t aqpim_pim_allocate_rows(struct aqpim_pim_memory* memory, enum aqpim_pim_region region, uint64_t count) {
    const uint64_t row = memory->row_columns;
    memory->next = (memory->next + row - 1) / row * row;
    return aqpim_pim_allocate(memory, region, count);
}

bool aqpim_pim_memory_fits(const struct aqpim_pim_memory* memory) {
    return memory->next <= memory->columns;
}

uint64_t aqpim_pim_bytes(const struct aqpim_pim_memory* memory, enum aqpim_pim_region region) {
    return memory->used[region] * memory->column_set_bytes;
}

void aqpim_pim_free_all(struct aqpim_pim_memory* memory) {
    memory->next = 0;
    for (int region = 0; region < AQPIM_PIM_REGIONS; region++) {
        memory->used[region] = 0;
    }
}
