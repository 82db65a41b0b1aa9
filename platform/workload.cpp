#include "platform/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "models/common/error.h"

namespace aqpim {

namespace {

constexpr std::uint32_t most_tokens = 1u << 20;
constexpr std::uint32_t most_sequences = 1024;

struct Model {
    std::string_view name;
    std::uint32_t layers, heads, kv_heads, head_dim, hidden, ffn, vocab;
    bool gated = true;
};

/// system.md §4; OPT and GPT-3 have a feed-forward layer without a gate (Zhang et al., arXiv:2205.01068; Brown et al.,
/// arXiv:2005.14165).
constexpr std::array models = {
    Model{"mistral-7b", 32, 32, 8, 128, 4096, 14336, 32000},
    Model{"llama-3-8b", 32, 32, 8, 128, 4096, 14336, 128256},
    Model{"llama-3.2-3b", 28, 24, 8, 128, 3072, 8192, 128256},
    Model{"llama-2-7b", 32, 32, 32, 128, 4096, 11008, 32000},
    Model{"llama-2-13b", 40, 40, 40, 128, 5120, 13824, 32000},
    Model{"llama-3-70b", 80, 64, 8, 128, 8192, 28672, 128256},
    Model{"qwen2.5-7b", 28, 28, 4, 128, 3584, 18944, 152064},
    Model{"opt-66b", 64, 72, 72, 128, 9216, 36864, 50272, false},
    Model{"gpt3-175b", 96, 96, 96, 128, 12288, 49152, 50257, false},
};

std::uint32_t prompt_length(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    const std::size_t last = text.find_last_not_of(' ');
    const std::string_view word = first == text.npos ? std::string_view() : text.substr(first, last - first + 1);
    std::uint32_t length = 0;
    const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), length);
    if (error != std::errc{} || rest != word.data() + word.size() || length == 0 || length > most_tokens) {
        throw InputError(fmt::format(
            "workload.prompts: '{}' found; lengths from 1 to {}, separated by commas, are allowed", word, most_tokens));
    }
    return length;
}

/// The end of the table for `custom`.
auto find_model(std::string_view name) {
    return std::find_if(models.begin(), models.end(), [&](const Model& model) { return model.name == name; });
}

}  // namespace

std::uint64_t Shape::weights(bool gated) const {
    const std::uint64_t query_width = std::uint64_t{heads} * head_dim;
    const std::uint64_t kv_width = std::uint64_t{kv_heads} * head_dim;
    const std::uint64_t attention = 2 * query_width + 2 * kv_width;  // Q and output; K and V
    const std::uint64_t feed_forward = (gated ? 3u : 2u) * std::uint64_t{ffn};
    const std::uint64_t vocabulary = 2 * std::uint64_t{vocab};
    return hidden * (layers * (attention + feed_forward) + vocabulary);
}

void WorkloadParameters::declare(ParameterSection workload) {
    workload.choice(model, "model", "custom",
                    {"custom", "mistral-7b", "llama-3-8b", "llama-3.2-3b", "llama-2-7b", "llama-2-13b", "llama-3-70b",
                     "qwen2.5-7b", "opt-66b", "gpt3-175b"},
                    {"model whose shape is run; custom: the keys below", "system.md §4"});
    workload.choice(
        policy, "policy", "aqpim", {"aqpim", "fp16", "int4", "int2"},
        {"how keys and values are kept: product quantization, section pq; all in fp16, as AttAcc maps them; "
         "or uniformly quantized, keys per channel and values per token, but for pq.sinks and pq.recent",
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
    workload.flag(gated, "gated", true,
                  {"feed-forward of three projections, one of them a gate; else of two. Of a custom model, others have "
                   "their own",
                   "SwiGLU, as all but OPT and GPT-3 in system.md §4"});
    workload.count(batch, "batch", 1, {1, most_sequences},
                   {"sequences that are decoded together; 1: or as many as workload.prompts", "one user"});
    workload.count(shape.prompt, "prompt", 0, {0, most_tokens},
                   {"tokens of the prompt; 0: as the tensors have it", "none"});
    workload.text(prompts, "prompts", "",
                  {"tokens of each sequence's prompt, separated by commas, instead of workload.prompt; empty: all the "
                   "same",
                   "none"});
    workload.count(shape.steps, "steps", 0, {0, most_tokens}, {"decode steps; 0: as the tensors have it", "none"});
    workload.choice(
        prefill, "prefill", "run", {"run", "skip"},
        {"skip: decode from a cache as a prefill would have left it; with sim.data = timing only", "the whole job"});
    workload.count(
        shape.prefill_query_rows, "prefill_rows", 0, {0, 4096},
        {"t: last rows of the prompt from which the GPU computes importance weights; 0: as prefill_queries has "
         "them, every weight is 1 without",
         "none; the paper's t is 32, system.md §2"});
    workload.path(keys, "keys", {"keys, .npy [layers, kv_heads, tokens, head_dim]", "none: random without"});
    workload.path(values, "values", {"values, .npy [layers, kv_heads, tokens, head_dim]", "none: random without"});
    workload.path(queries, "queries", {"queries, .npy [steps, layers, heads, head_dim]", "none: random without"});
    workload.path(
        prefill_queries, "prefill_queries",
        {"queries of the prompt's last t tokens, .npy [t, layers, heads, head_dim], for the importance weights",
         "none: every weight is 1 without"});
    workload.choice(rope, "rope", "interleaved", {"none", "interleaved", "half"},
                    {"channels of a key that RoPE rotates together, which channel sorting keeps together: none, 2i and "
                     "2i + 1, or i and i + head_dim / 2",
                     "as data/activations has it"});
    workload.path(key_order, "key_order",
                  {"order of the keys' and queries' channels, .npy uint16 [layers, kv_heads, head_dim], as "
                   "aqpim-vp sort-channels writes it",
                   "none: as in the tensors"});
    workload.path(value_order, "value_order", {"order of the values' channels, the same", "none: as in the tensors"});
}

bool WorkloadParameters::is_gated() const {
    const auto known = find_model(model);
    return known == models.end() ? gated : known->gated;
}

bool WorkloadParameters::is_given() const {
    return model != "custom" || shape != Shape{} || batch != 1 || !prompts.empty() || has_tensors();
}

std::vector<std::uint32_t> WorkloadParameters::prompt_lengths(std::uint32_t prompt) const {
    if (prompts.empty()) {
        return std::vector<std::uint32_t>(batch, prompt);
    }
    std::vector<std::uint32_t> lengths;
    for (std::size_t begin = 0; begin <= prompts.size();) {
        const std::size_t end = std::min(prompts.find(',', begin), prompts.size());
        lengths.push_back(prompt_length(std::string_view(prompts).substr(begin, end - begin)));
        begin = end + 1;
    }
    if ((batch != 1 && lengths.size() != batch) || lengths.size() > most_sequences) {
        throw InputError(fmt::format("workload.prompts: {} lengths found; workload.batch asks for {}", lengths.size(),
                                     batch == 1 ? most_sequences : batch));
    }
    return lengths;
}

Shape WorkloadParameters::configured_shape() const {
    Shape configured = shape;
    const auto known = find_model(model);
    if (known != models.end()) {
        const auto fill = [](std::uint32_t& field, std::uint32_t value) { field = field == 0 ? value : field; };
        fill(configured.layers, known->layers);
        fill(configured.heads, known->heads);
        fill(configured.kv_heads, known->kv_heads);
        fill(configured.head_dim, known->head_dim);
        fill(configured.hidden, known->hidden);
        fill(configured.ffn, known->ffn);
        fill(configured.vocab, known->vocab);
    }
    return configured;
}

void QuantizationParameters::declare(ParameterSection pq) {
    pq.count(subvectors, "subvectors", 32, {1, 1024},
             {"m: subvectors of a head's vector; divides head_dim", "system.md §2"});
    pq.count(centroids, "centroids", 512, {2, 1024},
             {"K: centroids of a subvector's codebook; at most as many fp16 values as a row of the PIM memory holds",
              "system.md §2: one DRAM row of fp16"});
    pq.count(iterations, "iterations", 4, {0, 100}, {"Lloyd iterations of the clustering", "system.md §2"});
    pq.count(sinks, "sinks", 8, {0, 4096}, {"first tokens kept in fp16", "system.md §2"});
    pq.count(recent, "recent", 32, {0, 4096}, {"last tokens kept in fp16", "system.md §2"});
    pq.count(window, "window", 0, {0, most_tokens},
             {"tokens of a codebook window, counted from the sinks on; a new window starts from the centroids of the "
              "last one. 0: one window for the whole sequence",
              "system.md §2: one"});
    pq.choice(value_path, "value_path", "histogram", {"loop", "histogram"},
              {"how values are summed: codes read d/m times, or attention weight per centroid",
               "open: loop is the paper's, histogram our addition, system.md §2"});
    pq.choice(initial, "initial", "kmeans++", {"kmeans++", "random", "first", "given"},
              {"initial centroids: k-means++; different vectors drawn at random; vectors evenly spaced, from the first "
               "on; or pq.codebook_keys and pq.codebook_values",
               "open, system.md §2"});
    pq.choice(empty_cluster, "empty_cluster", "keep", {"keep", "farthest"},
              {"centroid of a cluster without vectors: stays, or moves to the vector that is farthest from its own",
               "open, system.md §2"});
    pq.choice(ties, "ties", "lowest", {"lowest", "highest"},
              {"index that wins among centroids equally near", "open, system.md §2"});
    pq.count(page_columns, "page", 1, {1, 1024},
             {"columns of 32 B, in each bank, of a page of codes", "open: the smallest, 28 codes of 9 bits"});
    pq.path(codebook_keys, "codebook_keys",
            {"initial centroids of the keys with pq.initial = given, .npy [layers or 1, kv_heads or 1, 1, m, K, "
             "head_dim/m] as --dump-pq writes it; with pq.iterations = 0 they are the codebook",
             "none"});
    pq.path(codebook_values, "codebook_values", {"the same of the values", "none"});
}

}  // namespace aqpim
