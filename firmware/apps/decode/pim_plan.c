#include "pim_plan.h"

#include <stddef.h>
#include <stdio.h>

#include "staging.h"
#include "wave.h"

#define GPU_ALIGN 256u
#define MOST_PAGES (1u << 19)

/* Owners of the pages; what each object holds. */
static uint8_t page_owners[MOST_PAGES];
static struct code_pages code_pages[MOST_OBJECTS];

static uint32_t min(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}
static uint32_t max(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}
static uint64_t align_up(uint64_t value, uint64_t align) {
    return (value + align - 1) / align * align;
}

/* An object of the table; null if only room is counted. */
static struct aqpim_job_object* entry(struct run* run, bool write, const struct wave* wave, uint32_t layer, int tensor,
                                      uint32_t set) {
    if (!write) {
        return NULL;
    }
    struct aqpim_job_object* object = object_of(run, wave, layer, tensor, set);
    *object = (struct aqpim_job_object){0};
    return object;
}

/* All codebooks come first, so that they lie together. */
static void plan_codebooks(struct run* run, const struct wave* wave, bool write) {
    const struct aqpim_layout* layout = &wave->layout;
    const uint32_t align = min(run->memory.row_columns, aqpim_codebook_alignment(layout, run->job->centroids));
    const uint32_t columns = wave->codebooks * aqpim_codebook_columns(layout, run->job->centroids);
    for (uint32_t index = 0; index < run->kept_layers * TENSORS * wave->head_sets; index++) {
        const uint32_t row = index / wave->head_sets;
        struct aqpim_job_object* object =
            entry(run, write, wave, row / TENSORS, row % TENSORS, index % wave->head_sets);
        const uint32_t column = aqpim_pim_allocate_aligned(&run->memory, AQPIM_PIM_CODEBOOKS, columns, align);
        if (object != NULL) {
            object->column_codebook = column;
        }
    }
}

static void plan_uncoded(struct run* run, const struct wave* wave, bool write) {
    for (uint32_t index = 0; index < run->kept_layers * TENSORS * wave->head_sets; index++) {
        const uint32_t row = index / wave->head_sets;
        const int tensor = row % TENSORS;
        const uint32_t column = aqpim_pim_allocate(&run->memory, AQPIM_PIM_UNCODED, uncoded_columns(run, wave, tensor));
        if (write) {
            object_of(run, wave, row / TENSORS, tensor, index % wave->head_sets)->column_uncoded = column;
        }
    }
}

/* One tensor of one head set, kept whole. What is swept as a whole starts at a whole row. */
static struct aqpim_job_object plan_whole_object(struct run* run, const struct wave* wave, int tensor) {
    struct aqpim_job_object object = {0};
    object.column_uncoded =
        aqpim_pim_allocate_rows(&run->memory, AQPIM_PIM_UNCODED, uncoded_columns(run, wave, tensor));
    if (is_uniform(run)) {
        const uint32_t elements = wave->code_elements;
        const uint32_t codes = aqpim_uniform_columns(&wave->layout, elements, run->job->centroids);
        const uint32_t parameters = aqpim_uniform_parameter_columns(&wave->layout, elements, tensor == VALUE);
        object.column_codes = aqpim_pim_allocate_rows(&run->memory, AQPIM_PIM_CODES, codes);
        object.column_codebook = aqpim_pim_allocate_rows(&run->memory, AQPIM_PIM_CODEBOOKS, parameters);
    }
    return object;
}

/* What one head set has follows what the one before has, so that all lies equally far apart. */
static void plan_whole(struct run* run, const struct wave* wave, bool write) {
    for (uint32_t index = 0; index < run->kept_layers * wave->head_sets; index++) {
        for (int tensor = KEY; tensor < TENSORS; tensor++) {
            const struct aqpim_job_object object = plan_whole_object(run, wave, tensor);
            if (write) {
                *object_of(run, wave, index / wave->head_sets, tensor, index % wave->head_sets) = object;
            }
        }
    }
}

static void plan_objects(struct run* run, bool write) {
    if (keeps_whole(run)) {
        for (uint32_t w = 0; w < run->wave_count; w++) {
            plan_whole(run, &run->waves[w], write);
        }
        return;
    }
    for (uint32_t w = 0; w < run->wave_count; w++) {
        plan_codebooks(run, &run->waves[w], write);
    }
    for (uint32_t w = 0; w < run->wave_count; w++) {
        plan_uncoded(run, &run->waves[w], write);
    }
}

static uint32_t scratch_columns(const struct run* run, const struct wave* wave) {
    const uint32_t centroids = run->job->centroids;
    const uint32_t window = window_elements(run) > 0 ? window_elements(run) : wave->image_elements;
    const uint32_t clustered = min(window, wave->image_elements);
    const uint32_t cluster = aqpim_cluster_scratch_columns(&wave->layout, clustered, centroids);
    const uint32_t append = aqpim_append_scratch_columns(&wave->layout, centroids);
    return max(max(cluster, append), aqpim_attend_scratch_columns(&wave->layout, centroids));
}

/* Buffers of the widest wave. */
struct buffers {
    uint32_t image; /* columns */
    uint32_t initial;
    uint32_t uncoded[TENSORS];
    uint32_t scratch;
    uint64_t importance; /* bytes */
};

static uint64_t importance_bytes(const struct run* run, const struct wave* wave) {
    uint64_t tokens = 0;
    for (uint32_t s = 0; s < wave->sequences; s++) {
        tokens += sequence_window(run, wave->first + s).prompt;
    }
    return run->job->prefill_query_rows > 0 ? run->job->kv_heads * tokens * 2 : 0;
}

static struct buffers widest_buffers(const struct run* run) {
    struct buffers most = {0};
    for (uint32_t w = 0; w < run->wave_count; w++) {
        const struct wave* wave = &run->waves[w];
        const uint64_t importance = importance_bytes(run, wave);
        const uint32_t initial = gives_codebooks(run) ? aqpim_vector_columns(&wave->layout, run->job->centroids) : 0;
        most.image = max(most.image, aqpim_vector_columns(&wave->layout, wave->image_elements));
        most.initial = max(most.initial, initial);
        most.scratch = max(most.scratch, scratch_columns(run, wave));
        most.importance = importance > most.importance ? importance : most.importance;
        for (int tensor = KEY; tensor < TENSORS; tensor++) {
            most.uncoded[tensor] = max(most.uncoded[tensor], uncoded_columns(run, wave, tensor));
        }
    }
    return most;
}

static void plan_pim_buffers(struct run* run, const struct buffers* buffers) {
    struct aqpim_pim_memory* memory = &run->memory;
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        run->plan.column_image[tensor] = aqpim_pim_allocate(memory, AQPIM_PIM_WORK, buffers->image);
        run->plan.column_initial[tensor] = aqpim_pim_allocate(memory, AQPIM_PIM_WORK, buffers->initial);
    }
    run->plan.column_scratch = aqpim_pim_allocate_rows(memory, AQPIM_PIM_WORK, buffers->scratch);
}

static uint64_t take_gpu(struct plan* plan, uint64_t bytes) {
    const uint64_t address = align_up(plan->gpu_end, GPU_ALIGN);
    plan->gpu_end = address + bytes;
    return address;
}

static void plan_gpu(struct run* run, const struct buffers* buffers) {
    struct plan* plan = &run->plan;
    plan->gpu_end = run->job->gpu_scratch;
    if ((run->job->flags & AQPIM_JOB_SKIP_PREFILL) != 0) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        plan->gpu_importance[i] = take_gpu(plan, buffers->importance);
        for (int tensor = KEY; tensor < TENSORS; tensor++) {
            plan->gpu_image[i][tensor] = take_gpu(plan, column_bytes(run, buffers->image));
            plan->gpu_initial[i][tensor] = take_gpu(plan, column_bytes(run, buffers->initial));
            plan->gpu_uncoded[i][tensor] = take_gpu(plan, column_bytes(run, buffers->uncoded[tensor]));
        }
    }
}

static uint64_t code_pages_of_all(const struct run* run) {
    uint64_t pages = 0;
    for (uint32_t w = 0; !keeps_whole(run) && w < run->wave_count; w++) {
        const struct wave* wave = &run->waves[w];
        const uint64_t objects = (uint64_t)run->kept_layers * TENSORS * wave->head_sets;
        pages += objects * code_page_count(run, wave, wave->code_elements);
    }
    return pages;
}

/* The part of the model's weights that is spread over the PIM memory too. */
static void plan_weights(struct run* run) {
    const uint64_t set_bytes = run->memory.column_set_bytes;
    run->plan.weights_columns = (run->job->pim_weights_bytes + set_bytes - 1) / set_bytes;
    aqpim_pim_allocate(&run->memory, AQPIM_PIM_WORK, run->plan.weights_columns);
}

void plan_pim(struct run* run, bool write) {
    aqpim_pim_free_all(&run->memory);
    plan_objects(run, write);
    const struct buffers buffers = widest_buffers(run);
    plan_pim_buffers(run, &buffers);
    plan_staging(run, write);
    plan_weights(run);
    plan_gpu(run, &buffers);
    run->plan.code_pages = code_pages_of_all(run);
}

static uint32_t page_columns(const struct run* run) {
    return keeps_whole(run) ? 1 : run->job->page_columns;
}

bool pim_memory_suffices(const struct run* run) {
    const uint32_t pages = min(aqpim_pim_pages_left(&run->memory, page_columns(run)), MOST_PAGES);
    return aqpim_pim_memory_fits(&run->memory) && run->plan.code_pages <= pages;
}

uint64_t planned_columns(const struct run* run) {
    return align_up(run->memory.next, page_columns(run)) + run->plan.code_pages * page_columns(run);
}

uint64_t pim_buffer_bytes(const struct run* run) {
    return keeps_in_pim(run)
               ? aqpim_pim_bytes(&run->memory, AQPIM_PIM_WORK) - column_bytes(run, run->plan.weights_columns)
               : 0;
}

bool codes_fit_table(const struct run* run) {
    const bool fit = run->plan.code_pages <= MOST_PAGES || planned_columns(run) > run->memory.columns;
    if (!fit) {
        printf("error: codes take %lu pages of %u columns: there is a table for %u\n",
               (unsigned long)run->plan.code_pages, (unsigned)page_columns(run), MOST_PAGES);
    }
    return fit;
}

static void clear_code_pages(struct run* run) {
    run->code_pages = code_pages;
    for (uint32_t index = 0; index < object_count(run); index++) {
        code_pages[index] = (struct code_pages){0};
    }
}

/* Where vectors are kept whole, nothing grows. */
void open_pages(struct run* run) {
    clear_code_pages(run);
    aqpim_pim_open_pages(&run->memory, page_columns(run), page_owners, keeps_whole(run) ? 0 : MOST_PAGES);
}
