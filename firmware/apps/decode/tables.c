#include "tables.h"

#include <stdio.h>

#include "devices.h"
#include "wave.h"

static uint32_t max(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static uint8_t owner_of(const struct wave* wave) {
    return (uint8_t)(wave->index + 1);
}

struct aqpim_pim_pages pages_of(const struct aqpim_job_object* object) {
    return (struct aqpim_pim_pages){.extents = object->codes, .count = object->extents};
}

static void write_entry(struct run* run, uint64_t table, uint32_t index, const struct aqpim_pim_sequence* entry) {
    write_pim_memory(run, table + index * sizeof *entry, entry, sizeof *entry);
}

/* What lies behind the last extent prolongs it. */
static void add_extent(struct run* run, struct aqpim_job_object* object, struct aqpim_pim_extent* last,
                       struct aqpim_pim_extent more) {
    if (object->extents > 0 && last->column + last->columns == more.column) {
        last->columns += more.columns;
    } else {
        *last = more;
        object->extents++;
    }
    write_pim_memory(run, object->codes + (object->extents - 1) * sizeof more, last, sizeof more);
}

static bool take_pages(struct run* run, const struct wave* wave, uint32_t index, uint32_t pages) {
    struct code_pages* held = &run->code_pages[index];
    while (held->pages < pages) {
        const struct aqpim_pim_extent more = aqpim_pim_take_pages(&run->memory, owner_of(wave), pages - held->pages,
                                                                  held->last.column + held->last.columns);
        if (more.columns == 0) {
            printf("error: no page of PIM memory is free: all %u hold codes\n", (unsigned)run->memory.pages);
            return false;
        }
        add_extent(run, &run->objects[index], &held->last, more);
        held->pages += more.columns / run->memory.page_columns;
    }
    return true;
}

/* Room for the codes of `elements` elements in both tensors. */
static bool make_room(struct run* run, const struct wave* wave, uint32_t layer, uint32_t set, uint32_t elements) {
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        const uint32_t index = object_index(run, wave, layer, tensor, set);
        if (!take_pages(run, wave, index, code_page_count(run, wave, elements))) {
            return false;
        }
    }
    return true;
}

bool take_prefill_pages(struct run* run, const struct wave* wave, uint32_t layer, uint32_t set) {
    return keeps_whole(run) || make_room(run, wave, layer, set, wave->image_elements);
}

/* The objects of a wave grow together: if the first has the room, all have. */
static bool grow_wave(struct run* run, const struct wave* wave, uint32_t elements) {
    const uint32_t first = object_index(run, wave, 0, KEY, 0);
    if (keeps_whole(run) || run->code_pages[first].pages >= code_page_count(run, wave, elements)) {
        return true;
    }
    for (uint32_t index = 0; index < run->kept_layers * wave->head_sets; index++) {
        if (!make_room(run, wave, index / wave->head_sets, index % wave->head_sets, elements)) {
            return false;
        }
    }
    return true;
}

void write_prefill_tables(struct run* run) {
    for (uint32_t w = 0; w < run->wave_count; w++) {
        const struct wave* wave = &run->waves[w];
        for (uint32_t s = 0; s < wave->sequences; s++) {
            struct aqpim_job_sequence* sequence = &run->sequences[wave->first + s];
            const struct window window = sequence_window(run, wave->first + s);
            const struct aqpim_pim_sequence entry = {
                .coded = window_clustered(&window).count,
                .slot = AQPIM_PIM_NONE,
                .element = AQPIM_PIM_NONE,
                .windows = window_codebooks(&window),
            };
            write_entry(run, wave->pim_prefill_table, s, &entry);
            sequence->wave = w;
            sequence->windows = entry.windows;
            sequence->coded = window_coded(&window).count;
        }
    }
}

/* Returns the most elements of any sequence. */
static uint32_t write_wave_step(struct run* run, const struct wave* wave, uint32_t step) {
    uint32_t elements = 0;
    for (uint32_t s = 0; s < wave->sequences; s++) {
        struct aqpim_job_sequence* sequence = &run->sequences[wave->first + s];
        const struct window window = sequence_window(run, wave->first + s);
        const struct token_place place = window_step(&window, step);
        const struct aqpim_pim_sequence entry = {
            .coded = place.coded,
            .uncoded = place.uncoded,
            .slot = place.slot,
            .element = place.element,
            .windows = sequence->windows,
        };
        write_entry(run, wave->pim_step_table, s, &entry);
        sequence->coded = place.coded;
        elements = max(elements, place.coded);
    }
    return elements;
}

bool write_step_tables(struct run* run, uint32_t step) {
    for (uint32_t w = 0; w < run->wave_count; w++) {
        const struct wave* wave = &run->waves[w];
        if (!grow_wave(run, wave, write_wave_step(run, wave, step))) {
            return false;
        }
    }
    return true;
}

bool free_pages(struct run* run) {
    struct aqpim_pim_memory* memory = &run->memory;
    for (uint32_t w = 0; w < run->wave_count; w++) {
        aqpim_pim_free_pages(memory, owner_of(&run->waves[w]));
    }
    if (memory->free_pages != memory->pages) {
        printf("error: %u of %u pages of PIM memory were not given back\n",
               (unsigned)(memory->pages - memory->free_pages), (unsigned)memory->pages);
    }
    return memory->free_pages == memory->pages;
}
