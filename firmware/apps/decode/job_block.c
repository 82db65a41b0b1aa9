#include "job_block.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "aqpim/pim.h"
#include "aqpim/sdk/board.h"
#include "gpu_cache.h"

static const char* flaw_of_pq(const struct aqpim_job* job) {
    if (job->centroids < 2) {
        return "fewer than 2 centroids";
    }
    if (job->page_columns == 0) {
        return "pages of 0 columns";
    }
    if (job->initial == AQPIM_INITIAL_CODEBOOK || job->initial > AQPIM_INITIAL_VECTORS) {
        return "unknown initial centroids";
    }
    if (job->initial == AQPIM_INITIAL_VECTORS && (job->gpu_codebooks[0] == 0 || job->gpu_codebooks[1] == 0)) {
        return "codebooks are to be given, but are not there";
    }
    return NULL;
}

static const char* flaw_of_whole(const struct aqpim_job* job) {
    if (aqpim_fp16_value_blocks(job->head_dim, job->subvectors) * 16 * job->subvectors != job->head_dim) {
        return "head_dim is not a multiple of 16 subvectors";
    }
    if (job->policy == AQPIM_POLICY_UNIFORM) {
        return job->centroids != 4 && job->centroids != 16 ? "neither 4 nor 16 levels" : NULL;
    }
    return (uint64_t)job->sinks < (uint64_t)job->prompt + job->steps ? "not every token has a slot" : NULL;
}

/* For layers that overflow into RAM, too. */
static const char* flaw_of_gpu_attention(const struct aqpim_job* job) {
    if (job->batch > MOST_SEQUENCES || job->kv_heads > UINT16_MAX || job->head_dim > UINT16_MAX ||
        job->heads / job->kv_heads > UINT16_MAX) {
        return "more sequences, heads or dimensions than the GPU's attention serves";
    }
    return NULL;
}

static const char* flaw_of_gpu_cache(const struct aqpim_job* job) {
    if (job->kv > AQPIM_KV_HOST) {
        return "unknown place of keys and values";
    }
    if (job->policy != AQPIM_POLICY_FP16) {
        return "attention on the GPU is of fp16 keys and values";
    }
    return job->kv == AQPIM_KV_HOST && job->host_kv == 0 ? "no memory of the host's for the cache" : NULL;
}

static const char* flaw_of_policy(const struct aqpim_job* job) {
    if (job->subvectors == 0 || job->head_dim % job->subvectors != 0) {
        return "head_dim is not a multiple of subvectors";
    }
    switch (job->policy) {
        case AQPIM_POLICY_AQPIM:
            return flaw_of_pq(job);
        case AQPIM_POLICY_FP16:
        case AQPIM_POLICY_UNIFORM:
            return flaw_of_whole(job);
        default:
            return "unknown policy";
    }
}

static const char* flaw_of_sequences(const struct aqpim_job* job) {
    const struct aqpim_job_sequence* sequences = (const void*)(uintptr_t)job->sequences;
    for (uint32_t b = 0; b < job->batch; b++) {
        if (sequences[b].prompt == 0 || sequences[b].prompt > job->prompt) {
            return "a sequence's prompt is empty, or longer than the longest";
        }
    }
    return NULL;
}

/* Why this job cannot be carried out, or null. */
static const char* flaw(const struct aqpim_job* job) {
    if (job->layers == 0 || job->heads == 0 || job->kv_heads == 0 || job->head_dim == 0 || job->prompt == 0 ||
        job->batch == 0) {
        return "layers, heads, kv_heads, head_dim, batch and prompt must not be 0";
    }
    if (job->layers > 255) {
        return "more than 255 layers";
    }
    if (job->heads % job->kv_heads != 0) {
        return "heads is not a multiple of kv_heads";
    }
    const bool uses_gpu = job->kv != AQPIM_KV_PIM || (job->flags & AQPIM_JOB_OVERFLOW) != 0;
    const char* why = job->kv == AQPIM_KV_PIM ? flaw_of_policy(job) : flaw_of_gpu_cache(job);
    why = why == NULL && uses_gpu ? flaw_of_gpu_attention(job) : why;
    return why != NULL ? why : flaw_of_sequences(job);
}

static const char* flaw_of_block(const struct aqpim_job* job, uint64_t bytes) {
    if (bytes < sizeof *job) {
        return "it is too small";
    }
    if (job->magic != AQPIM_JOB_MAGIC) {
        return "wrong magic number";
    }
    if (job->version != AQPIM_JOB_VERSION) {
        return "wrong version";
    }
    return flaw(job);
}

struct aqpim_job* find_job(void) {
    const struct aqpim_board* board = &aqpim_board;
    struct aqpim_range range;
    const int chosen = board->has_fdt ? aqpim_fdt_find(&board->fdt, "/chosen") : AQPIM_FDT_NONE;
    if (!aqpim_fdt_range(&board->fdt, chosen, "aqpim,job", 0, &range)) {
        printf("error: the device tree names no job (/chosen, aqpim,job)\n");
        return NULL;
    }
    struct aqpim_job* job = (struct aqpim_job*)(uintptr_t)range.base;
    const char* why = flaw_of_block(job, range.size);
    if (why != NULL) {
        printf("error: the job block at 0x%lx cannot be used: %s\n", (unsigned long)range.base, why);
        return NULL;
    }
    return job;
}
