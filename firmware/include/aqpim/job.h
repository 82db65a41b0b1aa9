/* What the platform asks of the firmware, and what the firmware reports. The block lies in RAM; the device tree's
 * /chosen/aqpim,job property (two big-endian 64-bit cells: address, size) says where. */
#ifndef AQPIM_JOB_H
#define AQPIM_JOB_H

#include <stdint.h>

#define AQPIM_JOB_MAGIC 0x31424f4a51414dull
#define AQPIM_JOB_VERSION 4u

enum aqpim_memory { AQPIM_MEMORY_NONE = 0, AQPIM_MEMORY_PIM = 1, AQPIM_MEMORY_GPU = 2, AQPIM_MEMORY_HOST = 3 };

/* Filled in by firmware before it exits. */
struct aqpim_job_result {
    uint32_t steps_done;
    uint32_t layers_quantized;
    uint64_t kv_bytes_fp16;    /* of all tokens at the end, as fp16 */
    uint64_t kv_bytes_stored;  /* where the job asks for it; in the PIM memory, allocated to codebooks, codes and
                                  uncompressed tokens */
    uint64_t errors;           /* completions other than done, and functions that received a poisoned TLP */
    uint64_t tokens_that_fit;  /* of the longest prompt, when a memory was too small; else 0 */
    uint64_t layers_spilled;   /* AQPIM_JOB_OVERFLOW: the last layers, whose cache is in RAM */
    uint64_t kv_bytes_spilled; /* their cache at the end, as fp16 */
    uint64_t gpu_buffer_bytes; /* GPU memory for the job's tensors, prefill and staging buffers */
    uint64_t pim_buffer_bytes; /* PIM memory for prefill buffers, scratch, staging and tables */
    /* What was too small, if the job did not fit. */
    uint32_t short_memory; /* enum aqpim_memory */
    uint32_t reserved;
    uint64_t bytes_wanted; /* of it */
};

/* One sequence of the batch. */
struct aqpim_job_sequence {
    uint32_t prompt; /* given: tokens, at most the job's `prompt` */
    /* Written by firmware. Token sinks + e is element e. */
    uint32_t coded;   /* elements that have codes */
    uint32_t windows; /* codebook windows; window w has the elements from w * `window` on, the last all that follow */
    uint32_t wave;    /* sequences of one wave are served side by side */
};

/* Where a tensor's quantized form lies in the PIM memory: written by firmware into the `objects` table, so that a
 * debugger (or --dump-pq) finds codebooks and codes. One entry for each wave of sequences, layer, K or V, and set of
 * heads served together, at index ((wave * layers + layer) * 2 + is_value) * head_sets + head_set. */
struct aqpim_job_object {
    uint32_t column_codebook; /* of window 0, the others behind it; uniform quantization: the parameters */
    uint32_t column_uncoded;
    uint32_t column_codes; /* uniform quantization */
    uint32_t extents;      /* pages of codes: a table of struct aqpim_pim_extent at this address in the PIM memory */
    uint64_t codes;
};

/* How keys and values are kept. */
enum aqpim_policy {
    AQPIM_POLICY_AQPIM = 0,  /* sinks and recent tokens in fp16, codes of all others */
    AQPIM_POLICY_FP16 = 1,   /* every token in fp16; then `sinks` is at least prompt + steps */
    AQPIM_POLICY_UNIFORM = 2 /* sinks and recent tokens in fp16, `centroids` levels for all others */
};

#define AQPIM_JOB_SKIP_PREFILL 0x1u /* as if it had been: nothing is quantized */
#define AQPIM_JOB_FARTHEST 0x2u     /* AQPIM_PIM_FLAG_FARTHEST */
#define AQPIM_JOB_HIGHEST 0x4u      /* AQPIM_PIM_FLAG_HIGHEST */
#define AQPIM_JOB_BF16 0x8u         /* tensors are bfloat16, else fp16 */
#define AQPIM_JOB_PREFETCH 0x10u    /* a layer's cache in RAM is copied while the layer before computes */
#define AQPIM_JOB_PLAIN_FFN 0x20u   /* feed-forward of two projections; else gated, of three */
#define AQPIM_JOB_OVERFLOW 0x40u    /* layers that do not fit are kept as with AQPIM_KV_HOST; else nothing starts */

/* Where keys and values are kept. */
enum aqpim_kv {
    AQPIM_KV_PIM = 0, /* in the PIM memory, where attention is computed */
    AQPIM_KV_GPU = 1, /* in the GPU's memory; attention on the GPU; policy is AQPIM_POLICY_FP16 */
    AQPIM_KV_HOST = 2 /* in RAM, copied to the GPU layer by layer at every step; the same */
};

struct aqpim_job {
    uint64_t magic;
    uint32_t version;
    uint32_t policy; /* enum aqpim_policy */
    /* Shape. Query head h reads KV head h / (heads / kv_heads). Sequence b has sequences[b].prompt + steps tokens. */
    uint32_t layers;
    uint32_t heads;
    uint32_t kv_heads;
    uint32_t head_dim;
    uint32_t hidden;
    uint32_t ffn;
    uint32_t vocab;
    uint32_t batch;  /* sequences */
    uint32_t prompt; /* of the longest sequence */
    uint32_t steps;
    uint32_t prefill_query_rows; /* 0: every importance weight is 1 */
    uint32_t flags;              /* AQPIM_JOB_* */
    /* Product quantization; subvectors also without it. */
    uint32_t subvectors;
    uint32_t centroids; /* 0: none */
    uint32_t iterations;
    uint32_t sinks;
    uint32_t recent;
    uint32_t value_path;   /* enum aqpim_value_path */
    uint32_t initial;      /* enum aqpim_initial; AQPIM_INITIAL_VECTORS: gpu_codebooks */
    uint32_t window;       /* elements of a codebook window; 0: one window for all */
    uint32_t page_columns; /* of a page of codes */
    uint32_t reserved32;
    uint64_t seed;
    /* GPU memory: tensors of 16-bit values, and room for the kernels' intermediate data. Strides are in bytes and may
     * be 0. Keys and values: of sequence b, layer l, KV head h at gpu_keys + b * sequence_stride + l * layer_stride +
     * h * head_stride, [tokens][head_dim]. */
    uint64_t gpu_keys;
    uint64_t gpu_values;
    uint64_t sequence_stride;
    uint64_t layer_stride;
    uint64_t head_stride;
    /* What the projections of a step write. */
    uint64_t gpu_new_keys;   /* [steps][layers][kv_heads][batch][head_dim], with the strides below */
    uint64_t gpu_new_values; /* the same */
    uint64_t gpu_queries;    /* [steps][layers][kv_heads][batch][heads / kv_heads][head_dim] */
    uint64_t gpu_output;     /* the same shape and strides, written by the job */
    uint64_t new_step_stride;
    uint64_t new_layer_stride;
    uint64_t query_step_stride;
    uint64_t query_layer_stride;
    uint64_t gpu_prefill_queries; /* [batch][prefill_query_rows][layers][heads][head_dim] */
    uint64_t prefill_sequence_stride;
    /* Given codebooks, as vectors: [layers][kv_heads][centroids][head_dim]; 0: none. */
    uint64_t gpu_codebooks[2]; /* of keys, of values */
    uint64_t codebook_layer_stride;
    uint64_t codebook_head_stride;
    uint64_t gpu_scratch; /* from here to the end of the GPU's memory */
    /* Attention on the GPU. */
    uint32_t kv; /* enum aqpim_kv */
    uint32_t reserved_kv;
    uint64_t weights_bytes;     /* of the GPU's memory, that the model's weights take; without data */
    uint64_t pim_weights_bytes; /* the same of the PIM memory */
    uint64_t host_kv;           /* RAM for the cache: bus address */
    uint64_t host_kv_bytes;
    /* RAM. */
    uint64_t sequences;      /* struct aqpim_job_sequence[batch] */
    uint64_t objects;        /* struct aqpim_job_object[object_entries] */
    uint64_t object_entries; /* room */
    struct aqpim_job_result result;
};

#endif
