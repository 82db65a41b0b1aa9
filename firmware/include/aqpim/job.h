/* What the platform asks of the firmware, and what the firmware reports. The block lies in RAM; the device tree's
 * /chosen/aqpim,job property (two big-endian 64-bit cells: address, size) says where. */
#ifndef AQPIM_JOB_H
#define AQPIM_JOB_H

#include <stdint.h>

#define AQPIM_JOB_MAGIC 0x31424f4a51414dull
#define AQPIM_JOB_VERSION 1u

/* Filled in by firmware before it exits. */
struct aqpim_job_result {
    uint32_t steps_done;
    uint32_t layers_quantized;
    uint64_t kv_bytes_fp16;   /* of all tokens at the end, as fp16 */
    uint64_t kv_bytes_stored; /* PIM memory allocated to codebooks, codes and uncompressed tokens */
    uint64_t errors;          /* completions with a status other than done */
    uint64_t reserved[4];
};

/* Where a tensor's quantized form lies in the PIM memory: written by firmware into the `objects` table, so that a
 * debugger (or --dump-pq) finds codebooks and codes. One entry for each layer, K or V, and set of heads served
 * together, at index (layer * 2 + is_value) * head_sets + head_set. */
struct aqpim_job_object {
    uint32_t column_codebook;
    uint32_t column_codes;
    uint32_t column_uncoded;
    uint32_t coded; /* elements that have codes: token sinks + e is element e */
};

/* How keys and values are kept. */
enum aqpim_policy {
    AQPIM_POLICY_AQPIM = 0, /* sinks and recent tokens in fp16, codes of all others */
    AQPIM_POLICY_FP16 = 1   /* every token in fp16; then `sinks` is at least prompt + steps */
};

struct aqpim_job {
    uint64_t magic;
    uint32_t version;
    uint32_t policy; /* enum aqpim_policy */
    /* Shape. Query head h reads KV head h / (heads / kv_heads). tokens = prompt + steps. */
    uint32_t layers;
    uint32_t heads;
    uint32_t kv_heads;
    uint32_t head_dim;
    uint32_t hidden;
    uint32_t ffn;
    uint32_t vocab;
    uint32_t prompt;
    uint32_t steps;
    uint32_t prefill_query_rows; /* 0: every importance weight is 1 */
    /* Product quantization; subvectors also without it. */
    uint32_t subvectors;
    uint32_t centroids; /* 0: none */
    uint32_t iterations;
    uint32_t sinks;
    uint32_t recent;
    uint32_t value_path; /* enum aqpim_value_path */
    uint64_t seed;
    /* GPU memory: fp16 tensors in C order, and room for the kernels' intermediate data. */
    uint64_t gpu_keys;            /* [layers][kv_heads][prompt + steps][head_dim] */
    uint64_t gpu_values;          /* the same */
    uint64_t gpu_queries;         /* [steps][layers][heads][head_dim] */
    uint64_t gpu_prefill_queries; /* [prefill_query_rows][layers][heads][head_dim] */
    uint64_t gpu_output;          /* [steps][layers][heads][head_dim], written by the job */
    uint64_t gpu_scratch;         /* from here to the end of the GPU's memory */
    /* RAM: table of struct aqpim_job_object; room for `object_entries`. */
    uint64_t objects;
    uint64_t object_entries;
    struct aqpim_job_result result;
};

#endif
