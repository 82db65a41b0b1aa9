#include "platform/workload.h"

namespace aqpim {

void WorkloadParameters::declare(ParameterSection workload) {
    workload.choice(model, "model", "custom",
                    {"custom", "mistral-7b", "llama-3-8b", "llama-3.2-3b", "llama-2-7b", "llama-2-13b", "llama-3-70b",
                     "qwen2.5-7b", "opt-66b", "gpt3-175b"},
                    {"model whose shape is run; custom: the keys below", "system.md §4"});
    workload.choice(
        policy, "policy", "aqpim", {"aqpim", "fp16"},
        {"how keys and values are kept: product quantization, section pq; or all in fp16, as AttAcc maps them",
         "system.md §2"});
    const Range<std::uint32_t> any_count{0, 1u << 20};
    workload.count(shape.layers, "layers", 0, {0, 1024},
                   {"decoder layers; 0: as the tensors or the model have it", "none"});
    workload.count(shape.heads, "heads", 0, {0, 1024}, {"query heads; 0: as the tensors or the model have it", "none"});
    workload.count(shape.kv_heads, "kv_heads", 0, {0, 1024},
                   {"KV heads; 0: as the tensors or the model have it, else as many as heads", "none"});
    workload.count(shape.head_dim, "head_dim", 0, {0, 1024},
                   {"channels of a head; 0: as the tensors or the model have it", "none"});
    workload.count(shape.hidden, "hidden", 0, any_count,
                   {"width of the model; 0: as the model has it, else heads x head_dim", "none"});
    workload.count(shape.ffn, "ffn", 0, any_count, {"width of the feed-forward layer; 0: as the model has it", "none"});
    workload.count(shape.vocab, "vocab", 0, any_count, {"size of the vocabulary; 0: as the model has it", "none"});
    workload.count(shape.prompt, "prompt", 0, {0, 1u << 20},
                   {"tokens of the prompt; 0: as the tensors have it", "none"});
    workload.count(shape.steps, "steps", 0, {0, 1u << 20}, {"decode steps; 0: as the tensors have it", "none"});
    workload.path(keys, "keys", {"keys, .npy [layers, kv_heads, tokens, head_dim]", "none: random without"});
    workload.path(values, "values", {"values, .npy [layers, kv_heads, tokens, head_dim]", "none: random without"});
    workload.path(queries, "queries", {"queries, .npy [steps, layers, heads, head_dim]", "none: random without"});
    workload.path(
        prefill_queries, "prefill_queries",
        {"queries of the prompt's last t tokens, .npy [t, layers, heads, head_dim], for the importance weights",
         "none: every weight is 1 without"});
}

bool WorkloadParameters::is_given() const {
    return model != "custom" || shape != Shape{} || !keys.empty() || !values.empty() || !queries.empty() ||
           !prefill_queries.empty();
}

void QuantizationParameters::declare(ParameterSection pq) {
    pq.count(subvectors, "subvectors", 32, {1, 1024},
             {"m: subvectors of a head's vector; divides head_dim", "system.md §2"});
    pq.count(centroids, "centroids", 512, {2, 512},
             {"K: centroids of a subvector's codebook", "system.md §2: one DRAM row of fp16"});
    pq.count(iterations, "iterations", 4, {0, 100}, {"Lloyd iterations of the clustering", "system.md §2"});
    pq.count(sinks, "sinks", 8, {0, 4096}, {"first tokens kept in fp16", "system.md §2"});
    pq.count(recent, "recent", 32, {0, 4096}, {"last tokens kept in fp16", "system.md §2"});
    pq.choice(value_path, "value_path", "histogram", {"loop", "histogram"},
              {"how values are summed: codes read d/m times, or attention weight per centroid",
               "open: loop is the paper's, histogram our addition, system.md §2"});
}

}  // namespace aqpim
