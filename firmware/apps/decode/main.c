/* The main job: quantizes the prompt's keys and values in the PIM memory, then decodes with attention computed there;
 * or keeps them in the GPU's memory or in RAM, and decodes with attention computed on the GPU. */
#include <stdio.h>

#include "aqpim/sdk/format.h"
#include "aqpim/sdk/time.h"
#include "aqpim/sdk/trace.h"
#include "capacity.h"
#include "decode.h"
#include "devices.h"
#include "job_block.h"
#include "pim_plan.h"
#include "plan.h"
#include "prefill.h"
#include "tables.h"
#include "wave.h"

static struct run run;

/* When each phase ended. */
struct times {
    uint64_t start;
    uint64_t setup;
    uint64_t prefill;
    uint64_t decode;
};

static void print_job(const struct aqpim_job* job) {
    printf("job: %u layers, %u heads on %u KV heads of %u, %u sequences of up to %u tokens, %u steps; ",
           (unsigned)job->layers, (unsigned)job->heads, (unsigned)job->kv_heads, (unsigned)job->head_dim,
           (unsigned)job->batch, (unsigned)job->prompt, (unsigned)job->steps);
    printf("%u subvectors, %u centroids\n", (unsigned)job->subvectors, (unsigned)job->centroids);
}

/* Codes take their pages later. */
static void print_memory(const struct run* run) {
    const struct aqpim_pim_memory* memory = &run->memory;
    const uint64_t pages = run->plan.code_pages * memory->page_columns;
    const uint64_t codes = aqpim_pim_bytes(memory, AQPIM_PIM_CODES) + column_bytes(run, pages);
    printf("PIM memory: codebooks %s, ", aqpim_format_bytes(aqpim_pim_bytes(memory, AQPIM_PIM_CODEBOOKS)).text);
    printf("codes %s in the end, ", aqpim_format_bytes(codes).text);
    printf("uncompressed %s, ", aqpim_format_bytes(aqpim_pim_bytes(memory, AQPIM_PIM_UNCODED)).text);
    printf("work %s", aqpim_format_bytes(pim_buffer_bytes(run)).text);
    if (run->plan.weights_columns > 0) {
        printf(", weights %s", aqpim_format_bytes(column_bytes(run, run->plan.weights_columns)).text);
    }
    printf("\n");
    printf("%u waves of up to %u sequences, %u banks for each KV head of a sequence\n", (unsigned)run->wave_count,
           (unsigned)run->waves[0].sequences, (unsigned)run->waves[0].layout.banks);
}

static bool divide(struct run* run) {
    const struct aqpim_job* job = run->job;
    if (!make_waves(run, job->batch, job->prompt)) {
        printf("error: %u sequences of %u KV heads take more than %u waves, %u sets of heads or %u objects\n",
               (unsigned)job->batch, (unsigned)job->kv_heads, MOST_WAVES, MOST_HEAD_SETS, MOST_OBJECTS);
        return false;
    }
    if (job->object_entries < object_count(run)) {
        printf("error: %u objects: the job's table has room for %lu\n", (unsigned)object_count(run),
               (unsigned long)job->object_entries);
        return false;
    }
    return true;
}

static void print_cache(const struct run* run) {
    if (run->cache.bytes > 0) {
        printf("KV cache: %s in the GPU's memory\n", aqpim_format_bytes(run->cache.bytes).text);
    }
    if (layers_in_ram(run) > 0) {
        printf("KV cache: %s in RAM, %u of %u layers, ", aqpim_format_bytes(run->cache.ram_bytes).text,
               (unsigned)layers_in_ram(run), (unsigned)run->job->layers);
        printf("%u staging buffers of %s\n", (unsigned)run->cache.stagings,
               aqpim_format_bytes(run->cache.layer_stride).text);
    }
}

/* Gives everything its place. */
static enum exit_code place(struct run* run) {
    if (keeps_in_pim(run) && !divide(run)) {
        return EXIT_BAD_JOB;
    }
    if (!make_plan(run)) {
        return EXIT_CAPACITY;
    }
    if (keeps_in_pim(run)) {
        print_memory(run);
    }
    print_cache(run);
    return EXIT_DONE;
}

static enum exit_code set_up(struct run* run) {
    run->job = find_job();
    if (run->job == NULL) {
        return EXIT_BAD_JOB;
    }
    struct aqpim_job* job = run->job;
    job->result = (struct aqpim_job_result){0};
    run->sequences = (struct aqpim_job_sequence*)(uintptr_t)job->sequences;
    run->objects = (struct aqpim_job_object*)(uintptr_t)job->objects;
    print_job(job);
    return open_devices(run) ? place(run) : EXIT_NO_DEVICE;
}

static void fill_in_result(struct run* run) {
    struct aqpim_job_result* result = &run->job->result;
    result->kv_bytes_fp16 = kv_bytes_fp16(run);
    result->kv_bytes_stored = kv_bytes_stored(run);
    result->kv_bytes_spilled = kv_bytes_spilled(run);
    result->layers_spilled = run->job->layers - run->kept_layers;
    result->gpu_buffer_bytes = gpu_buffer_bytes(run);
    result->pim_buffer_bytes = pim_buffer_bytes(run);
    result->errors = run->copy.errors + run->compute.errors + run->pim.errors + count_poisoned_functions();
}

static void print_summary(const struct run* run, const struct times* times) {
    const struct aqpim_job_result* result = &run->job->result;
    printf("set-up   %s\n", aqpim_format_time(times->setup - times->start).text);
    printf("prefill  %s\n", aqpim_format_time(times->prefill - times->setup).text);
    printf("decode   %s", aqpim_format_time(times->decode - times->prefill).text);
    if (result->steps_done > 0) {
        printf(", %s per step", aqpim_format_time((times->decode - times->prefill) / result->steps_done).text);
    }
    printf("\nKV cache %s as fp16, ", aqpim_format_bytes(result->kv_bytes_fp16).text);
    const uint64_t kept = result->kv_bytes_stored + result->kv_bytes_spilled;
    printf("%s stored: %s times smaller\n", aqpim_format_bytes(kept).text,
           aqpim_format_ratio(result->kv_bytes_fp16, kept).text);
    printf("errors   %lu\n", (unsigned long)result->errors);
}

static enum exit_code run_job(struct run* run, struct times* times) {
    aqpim_trace_begin(AQPIM_PHASE_SETUP, 0);
    const enum exit_code ready = set_up(run);
    aqpim_trace_end(AQPIM_PHASE_SETUP);
    if (ready != EXIT_DONE) {
        return ready;
    }
    times->setup = aqpim_time_ns();
    const bool prefilled = run_prefill(run);
    times->prefill = aqpim_time_ns();
    const bool decoded = prefilled && run_decode(run);
    times->decode = aqpim_time_ns();
    fill_in_result(run);
    print_summary(run, times);
    const bool freed = free_pages(run);
    return decoded && freed && run->job->result.errors == 0 ? EXIT_DONE : EXIT_DEVICE_ERROR;
}

int main(void) {
    struct times times = {.start = aqpim_time_ns()};
    return run_job(&run, &times);
}
