#include "plan.h"

#include "aqpim/sdk/pim_memory.h"
#include "capacity.h"
#include "gpu_cache.h"
#include "pim_plan.h"
#include "wave.h"

/* With the cache of the first `kept` layers where the job asks for it. */
static void plan_all(struct run* run, uint32_t kept, bool write) {
    run->kept_layers = kept;
    run->plan.gpu_end = 0;
    if (keeps_in_pim(run)) {
        plan_pim(run, write);
    }
    plan_cache(run);
}

static uint64_t gpu_bytes_wanted(const struct run* run) {
    const uint64_t prefill = run->plan.gpu_end;
    const uint64_t decode = run->cache.gpu_end;
    return (prefill > decode ? prefill : decode) + run->job->weights_bytes;
}

/* The memories but RAM, which takes what does not fit into them. */
static bool device_memories_suffice(const struct run* run) {
    return (!keeps_in_pim(run) || pim_memory_suffices(run)) && gpu_bytes_wanted(run) <= run->gpu_memory_bytes;
}

static bool memories_suffice(const struct run* run) {
    return device_memories_suffice(run) && run->cache.ram_bytes <= run->job->host_kv_bytes;
}

struct shortage shortage_of(const struct run* run) {
    const struct aqpim_job* job = run->job;
    if (keeps_in_pim(run) && !pim_memory_suffices(run)) {
        return (struct shortage){AQPIM_MEMORY_PIM, column_bytes(run, run->memory.columns),
                                 column_bytes(run, planned_columns(run)), job->pim_weights_bytes};
    }
    if (run->cache.ram_bytes > job->host_kv_bytes) {
        return (struct shortage){AQPIM_MEMORY_HOST, job->host_kv_bytes, run->cache.ram_bytes, 0};
    }
    return (struct shortage){AQPIM_MEMORY_GPU, run->gpu_memory_bytes, gpu_bytes_wanted(run), job->weights_bytes};
}

static bool may_overflow(const struct run* run) {
    return run->job->kv != AQPIM_KV_HOST && (run->job->flags & AQPIM_JOB_OVERFLOW) != 0;
}

/* The most layers that the device memories hold. The fewer there are the less they take, once one is in RAM and takes a
 * staging buffer. */
static uint32_t most_layers(struct run* run) {
    plan_all(run, run->job->layers, false);
    if (!may_overflow(run) || device_memories_suffice(run)) {
        return run->job->layers;
    }
    uint32_t fits = 0;
    uint32_t too_many = run->job->layers;
    while (too_many - fits > 1) {
        const uint32_t middle = fits + (too_many - fits) / 2;
        plan_all(run, middle, false);
        *(device_memories_suffice(run) ? &fits : &too_many) = middle;
    }
    return fits;
}

/* False if it is too much for the tables. */
static bool divide(struct run* run, uint32_t batch, uint32_t longest) {
    run->batch = batch;
    run->longest = longest;
    return !keeps_in_pim(run) || make_waves(run, batch, longest);
}

bool plan_fits(struct run* run, uint32_t batch, uint32_t longest) {
    if (!divide(run, batch, longest)) {
        return false;
    }
    plan_all(run, most_layers(run), false);
    return memories_suffice(run);
}

uint64_t gpu_buffer_bytes(const struct run* run) {
    return gpu_bytes_wanted(run) - run->job->weights_bytes - run->cache.bytes;
}

bool make_plan(struct run* run) {
    run->batch = run->job->batch;
    run->longest = run->job->prompt;
    plan_all(run, may_overflow(run) ? most_layers(run) : run->job->layers, keeps_in_pim(run));
    if (keeps_in_pim(run) && !codes_fit_table(run)) {
        return false;
    }
    if (!memories_suffice(run)) {
        report_capacity(run);
        return false;
    }
    if (keeps_in_pim(run)) {
        open_pages(run);
    }
    return true;
}
