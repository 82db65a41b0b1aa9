#include "capacity.h"

#include <stdio.h>

#include "aqpim/sdk/format.h"
#include "plan.h"
#include "wave.h"

static uint32_t min(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* The longest prompt above `low`, up to `high`, that fits; `low` if none does. */
static uint32_t longest_between(struct run* run, uint32_t low, uint32_t high) {
    uint32_t too_long = high + 1;
    while (too_long - low > 1) {
        const uint32_t middle = low + (too_long - low) / 2;
        if (plan_fits(run, run->job->batch, middle)) {
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
    const struct aqpim_job* job = run->job;
    const uint32_t ends[] = {job->prompt - 1, min(job->sinks + job->recent, job->prompt - 1),
                             min(job->sinks, job->prompt - 1), 0};
    for (unsigned i = 0; i + 1 < sizeof ends / sizeof *ends; i++) {
        const uint32_t longest = longest_between(run, ends[i + 1], ends[i]);
        if (longest > ends[i + 1]) {
            return longest;
        }
    }
    return 0;
}

/* More sequences have smaller groups of banks, so not every larger batch takes more memory. */
uint32_t largest_batch(struct run* run) {
    uint32_t batch = run->job->batch - 1;
    while (batch > 0 && !plan_fits(run, batch, run->job->prompt)) {
        batch--;
    }
    return batch;
}

static void print_what_fits(uint32_t longest, uint32_t batch) {
    if (longest > 0 && batch > 0) {
        printf("prompts of up to %u tokens would fit, or the first %u of the sequences\n", (unsigned)longest,
               (unsigned)batch);
    } else if (longest > 0) {
        printf("prompts of up to %u tokens would fit\n", (unsigned)longest);
    } else if (batch > 0) {
        printf("the first %u of the sequences would fit, but no shorter prompts of all\n", (unsigned)batch);
    } else {
        printf("no prompt would fit\n");
    }
}

/* What the memory that is too small is asked to hold. */
static void tell_shortage(const struct run* run) {
    static const char* const names[] = {"", "PIM memory", "GPU's memory", "RAM for the cache"};
    struct aqpim_job* job = run->job;
    const struct shortage shortage = shortage_of(run);
    job->result.short_memory = shortage.memory;
    job->result.bytes_wanted = shortage.wanted;
    printf("error: the %s of %s is too small: ", names[shortage.memory], aqpim_format_bytes(shortage.bytes).text);
    printf("%u sequences of up to %u tokens and %u steps take %s", (unsigned)job->batch, (unsigned)job->prompt,
           (unsigned)job->steps, aqpim_format_bytes(shortage.wanted).text);
    if (shortage.weights > 0) {
        printf(", %s of them the model's weights", aqpim_format_bytes(shortage.weights).text);
    }
    if (layers_in_ram(run) > 0) {
        printf(", with %u of %u layers in RAM", (unsigned)layers_in_ram(run), (unsigned)job->layers);
    }
    printf("; ");
}

void report_capacity(struct run* run) {
    tell_shortage(run);
    const uint32_t longest = longest_prompt(run);
    const uint32_t batch = largest_batch(run);
    run->job->result.tokens_that_fit = longest;
    print_what_fits(longest, batch);
}

uint64_t kv_bytes_fp16(const struct run* run) {
    const struct aqpim_job* job = run->job;
    uint64_t tokens = 0;
    for (uint32_t b = 0; b < job->batch; b++) {
        tokens += run->sequences[b].prompt + job->steps;
    }
    return tokens * TENSORS * job->layers * job->kv_heads * vector_bytes(run);
}

uint64_t kv_bytes_spilled(const struct run* run) {
    return kv_bytes_fp16(run) / run->job->layers * (run->job->layers - run->kept_layers);
}

/* Columns of codes and of what decodes them. */
static uint64_t coded_columns(const struct run* run, const struct wave* wave, const struct window* window, int tensor) {
    const struct aqpim_layout* layout = &wave->layout;
    const uint32_t levels = run->job->centroids;
    const uint32_t elements = window_code_elements(window);
    if (elements == 0) {
        return 0;
    }
    if (is_uniform(run)) {
        return aqpim_uniform_columns(layout, elements, levels) +
               aqpim_uniform_parameter_columns(layout, elements, tensor == VALUE);
    }
    return (uint64_t)window_codebooks(window) * aqpim_codebook_columns(layout, levels) +
           (uint64_t)code_page_count(run, wave, elements) * run->job->page_columns;
}

static uint64_t stored_by_sequence(const struct run* run, const struct wave* wave, uint32_t sequence) {
    const struct window window = sequence_window(run, sequence);
    const uint32_t uncoded = min(window_slots(&window), window.prompt + window.steps);
    uint64_t columns = 0;
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        const struct tensor_parts parts = parts_of(run, wave, tensor);
        columns += coded_columns(run, wave, &window, tensor) + parts.count * part_columns(&parts, uncoded);
    }
    return aqpim_pim_stored_bytes(&wave->layout, columns * run->kept_layers * run->job->kv_heads);
}

uint64_t kv_bytes_stored(const struct run* run) {
    if (!keeps_in_pim(run)) {
        return kv_bytes_fp16(run) - kv_bytes_spilled(run);
    }
    uint64_t bytes = 0;
    for (uint32_t w = 0; w < run->wave_count; w++) {
        const struct wave* wave = &run->waves[w];
        for (uint32_t s = 0; s < wave->sequences; s++) {
            bytes += stored_by_sequence(run, wave, wave->first + s);
        }
    }
    return bytes;
}
