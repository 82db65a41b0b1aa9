#include "plan.h"

#include <stddef.h>
#include <stdio.h>

#include "aqpim/sdk/format.h"

#define GPU_ALIGN 256u

static uint32_t max(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}
static uint64_t align_up(uint64_t value, uint64_t align) {
    return (value + align - 1) / align * align;
}

/* Vectors that are swept as a whole start at a whole row. */
static uint32_t allocate_uncoded(struct run* run, int tensor, uint32_t slots) {
    const struct tensor_parts parts = parts_of(run, tensor);
    const uint32_t columns = parts.count * part_columns(&parts, slots);
    return is_fp16(run) ? aqpim_pim_allocate_rows(&run->memory, AQPIM_PIM_UNCODED, columns)
                        : aqpim_pim_allocate(&run->memory, AQPIM_PIM_UNCODED, columns);
}

/* The objects of all layers; the table is written only if there is one to write. */
static void plan_objects(struct run* run, const struct window* window, struct aqpim_job_object* objects) {
    const struct aqpim_layout* layout = &run->layout;
    const uint32_t codebook = aqpim_codebook_columns(layout, run->job->centroids);
    const uint32_t codes = aqpim_code_columns(layout, window_code_elements(window), run->job->centroids);
    const uint32_t count = run->job->layers * TENSORS * run->head_sets;
    for (uint32_t index = 0; index < count; index++) {
        const struct aqpim_job_object object = {
            .column_codebook = aqpim_pim_allocate(&run->memory, AQPIM_PIM_CODEBOOKS, codebook),
            .column_codes = aqpim_pim_allocate(&run->memory, AQPIM_PIM_CODES, codes),
            .column_uncoded = allocate_uncoded(run, index / run->head_sets % TENSORS, window_slots(window)),
        };
        if (objects != NULL) {
            objects[index] = object;
        }
    }
}

static uint32_t scratch_columns(const struct run* run, const struct window* window) {
    const struct aqpim_layout* layout = &run->layout;
    const uint32_t centroids = run->job->centroids;
    const uint32_t cluster = aqpim_cluster_scratch_columns(layout, window_clustered(window).count, centroids);
    const uint32_t append = aqpim_append_scratch_columns(layout, centroids);
    const uint32_t attend = aqpim_attend_scratch_columns(layout, window_code_elements(window), centroids);
    return max(max(cluster, append), attend);
}

/* Linear addresses, from whole columns on. */
static void plan_staging(struct run* run, const struct window* window) {
    struct plan* plan = &run->plan;
    const uint64_t set_heads = head_set(run, 0).heads;
    const uint64_t group = run->job->heads / run->job->kv_heads;
    plan->pim_weights_stride = align_up(window_clustered(window).count * 2ull, AQPIM_BURST_BYTES);
    plan->pim_set_stride = align_up(set_heads * vector_bytes(run), AQPIM_BURST_BYTES);
    plan->pim_query_stride = align_up(set_heads * group * vector_bytes(run), AQPIM_BURST_BYTES);

    uint64_t at = 0; /* within the staging area */
    for (int i = 0; i < 2; i++) {
        plan->pim_weights[i] = at;
        at += set_heads * plan->pim_weights_stride;
    }
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        plan->pim_new[tensor] = at;
        at += run->head_sets * plan->pim_set_stride;
    }
    plan->pim_query = at;
    plan->pim_output = at + run->head_sets * plan->pim_query_stride;
    at = plan->pim_output + run->head_sets * plan->pim_query_stride;

    const uint64_t set_bytes = run->memory.column_set_bytes;
    const uint64_t base =
        column_bytes(run, aqpim_pim_allocate(&run->memory, AQPIM_PIM_WORK, align_up(at, set_bytes) / set_bytes));
    for (int i = 0; i < 2; i++) {
        plan->pim_weights[i] += base;
        plan->pim_new[i] += base;
    }
    plan->pim_query += base;
    plan->pim_output += base;
}

static uint64_t take_gpu(struct plan* plan, uint64_t bytes) {
    const uint64_t address = align_up(plan->gpu_end, GPU_ALIGN);
    plan->gpu_end = address + bytes;
    return address;
}

static void plan_gpu(struct run* run, uint32_t image, uint32_t slots) {
    struct plan* plan = &run->plan;
    plan->gpu_end = run->job->gpu_scratch;
    for (int i = 0; i < 2; i++) {
        if (run->job->prefill_query_rows > 0) {
            plan->gpu_importance[i] = take_gpu(plan, (uint64_t)run->job->kv_heads * run->job->prompt * 2);
        }
        for (int tensor = KEY; tensor < TENSORS; tensor++) {
            plan->gpu_image[i][tensor] = take_gpu(plan, column_bytes(run, image));
            const struct tensor_parts parts = parts_of(run, tensor);
            plan->gpu_uncoded[i][tensor] = take_gpu(plan, column_bytes(run, parts.count * part_columns(&parts, slots)));
        }
    }
}

static void plan_all(struct run* run, const struct window* window, struct aqpim_job_object* objects) {
    const uint32_t image = aqpim_vector_columns(&run->layout, window_clustered(window).count);
    aqpim_pim_free_all(&run->memory);
    plan_objects(run, window, objects);
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        run->plan.column_image[tensor] = aqpim_pim_allocate(&run->memory, AQPIM_PIM_WORK, image);
    }
    run->plan.column_scratch = aqpim_pim_allocate_rows(&run->memory, AQPIM_PIM_WORK, scratch_columns(run, window));
    plan_staging(run, window);
    plan_gpu(run, image, window_slots(window));
}

static uint32_t min(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static bool prompt_fits(struct run* run, uint32_t prompt) {
    struct window window = run->window;
    window.prompt = prompt;
    if (is_fp16(run)) {
        window.sinks = prompt + window.steps;
    }
    plan_all(run, &window, NULL);
    return aqpim_pim_memory_fits(&run->memory);
}

/* The longest prompt above `low`, up to `high`, that fits; `low` if none does. */
static uint32_t longest_between(struct run* run, uint32_t low, uint32_t high) {
    uint32_t too_long = high + 1;
    while (too_long - low > 1) {
        const uint32_t middle = low + (too_long - low) / 2;
        if (prompt_fits(run, middle)) {
            low = middle;
        } else {
            too_long = middle;
        }
    }
    return low;
}

/* A longer prompt takes more memory, except where tokens start to leave the sinks, or the recent window: then fewer are
 * clustered in the prefill. */
uint32_t longest_prompt(struct run* run) {
    const struct window* window = &run->window;
    const uint32_t ends[] = {window->prompt - 1, window_slots(window), window->sinks, 0};
    for (unsigned i = 0; i + 1 < sizeof ends / sizeof *ends; i++) {
        const uint32_t low = min(ends[i + 1], ends[0]);
        const uint32_t longest = longest_between(run, low, min(ends[i], ends[0]));
        if (longest > low) {
            return longest;
        }
    }
    return 0;
}

bool make_plan(struct run* run) {
    plan_all(run, &run->window, run->objects);
    if (!aqpim_pim_memory_fits(&run->memory)) {
        const uint64_t wanted = column_bytes(run, run->memory.next);
        const uint32_t fits = longest_prompt(run);
        printf("error: the PIM memory of %s is too small: a prompt of %u tokens and %u steps take %s; ",
               aqpim_format_bytes(column_bytes(run, run->memory.columns)).text, (unsigned)run->job->prompt,
               (unsigned)run->job->steps, aqpim_format_bytes(wanted).text);
        if (fits > 0) {
            printf("a prompt of %u tokens would fit\n", (unsigned)fits);
        } else {
            printf("no prompt would fit\n");
        }
        return false;
    }
    if (run->plan.gpu_end > run->gpu_memory_bytes) {
        printf("error: the GPU's memory of %s is too small: tensors and prefill buffers end at %s\n",
               aqpim_format_bytes(run->gpu_memory_bytes).text, aqpim_format_bytes(run->plan.gpu_end).text);
        return false;
    }
    return true;
}
