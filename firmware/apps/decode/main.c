/* The main job: quantizes the prompt's keys and values in the PIM memory, then decodes with attention computed there.
 */
#include <stdio.h>

#include "aqpim/sdk/format.h"
#include "aqpim/sdk/time.h"
#include "aqpim/sdk/trace.h"
#include "decode.h"
#include "devices.h"
#include "job_block.h"
#include "plan.h"
#include "prefill.h"

static struct run run;

/* When each phase ended. */
struct times {
    uint64_t start;
    uint64_t setup;
    uint64_t prefill;
    uint64_t decode;
};

static uint64_t kv_bytes_fp16(const struct run* run) {
    return (uint64_t)TENSORS * run->job->layers * run->job->kv_heads * head_stride(run);
}

static uint64_t kv_bytes_stored(const struct run* run) {
    return aqpim_pim_bytes(&run->memory, AQPIM_PIM_CODEBOOKS) + aqpim_pim_bytes(&run->memory, AQPIM_PIM_CODES) +
           aqpim_pim_bytes(&run->memory, AQPIM_PIM_UNCODED);
}

static void print_memory(const struct run* run) {
    const struct aqpim_pim_memory* memory = &run->memory;
    printf("PIM memory: codebooks %s, ", aqpim_format_bytes(aqpim_pim_bytes(memory, AQPIM_PIM_CODEBOOKS)).text);
    printf("codes %s, ", aqpim_format_bytes(aqpim_pim_bytes(memory, AQPIM_PIM_CODES)).text);
    printf("uncompressed %s, ", aqpim_format_bytes(aqpim_pim_bytes(memory, AQPIM_PIM_UNCODED)).text);
    printf("work %s\n", aqpim_format_bytes(aqpim_pim_bytes(memory, AQPIM_PIM_WORK)).text);
}

static enum exit_code set_up(struct run* run) {
    run->job = find_job();
    if (run->job == NULL) {
        return EXIT_BAD_JOB;
    }
    struct aqpim_job* job = run->job;
    job->result = (struct aqpim_job_result){0};
    run->window = (struct window){job->prompt, job->steps, job->sinks, job->recent};
    run->objects = (struct aqpim_job_object*)(uintptr_t)job->objects;
    printf("job: %u layers, %u heads on %u KV heads of %u, prompt %u, %u steps; %u subvectors, %u centroids\n",
           (unsigned)job->layers, (unsigned)job->heads, (unsigned)job->kv_heads, (unsigned)job->head_dim,
           (unsigned)job->prompt, (unsigned)job->steps, (unsigned)job->subvectors, (unsigned)job->centroids);
    if (!open_devices(run)) {
        return EXIT_NO_DEVICE;
    }
    lay_out(run);
    const uint64_t objects = (uint64_t)job->layers * TENSORS * run->head_sets;
    if (run->head_sets > MOST_HEAD_SETS || job->object_entries < objects) {
        printf("error: %u sets of KV heads (at most %u), %lu objects (the table has room for %lu)\n",
               (unsigned)run->head_sets, MOST_HEAD_SETS, (unsigned long)objects, (unsigned long)job->object_entries);
        return EXIT_BAD_JOB;
    }
    if (!make_plan(run)) {
        return EXIT_CAPACITY;
    }
    print_memory(run);
    return EXIT_DONE;
}

static void fill_in_result(struct run* run) {
    struct aqpim_job_result* result = &run->job->result;
    result->kv_bytes_fp16 = kv_bytes_fp16(run);
    result->kv_bytes_stored = kv_bytes_stored(run);
    result->errors = run->copy.errors + run->compute.errors + run->pim.errors;
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
    printf("%s stored: %s times smaller\n", aqpim_format_bytes(result->kv_bytes_stored).text,
           aqpim_format_ratio(result->kv_bytes_fp16, result->kv_bytes_stored).text);
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
    aqpim_pim_free_all(&run->memory);
    return decoded && run->job->result.errors == 0 ? EXIT_DONE : EXIT_DEVICE_ERROR;
}

int main(void) {
    struct times times = {.start = aqpim_time_ns()};
    return run_job(&run, &times);
}
