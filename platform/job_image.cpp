#include "platform/job_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "aqpim/pim.h"
#include "models/common/error.h"
#include "platform/buffer_plan.h"
#include "platform/kv_bytes.h"

namespace aqpim {

namespace {

void fill_shape(aqpim_job& job, const Shape& shape) {
    job.layers = shape.layers;
    job.heads = shape.heads;
    job.kv_heads = shape.kv_heads;
    job.head_dim = shape.head_dim;
    job.hidden = shape.hidden;
    job.ffn = shape.ffn;
    job.vocab = shape.vocab;
    job.batch = shape.batch();
    job.prompt = shape.prompt;
    job.steps = shape.steps;
    job.prefill_query_rows = shape.prefill_query_rows;
}

std::uint32_t initial_centroids(const std::string& name) {
    if (name == "random") {
        return AQPIM_INITIAL_RANDOM;
    }
    if (name == "first") {
        return AQPIM_INITIAL_FIRST;
    }
    return name == "given" ? AQPIM_INITIAL_VECTORS : AQPIM_INITIAL_KMEANS_PP;
}

void quantize_products(aqpim_job& job, const QuantizationParameters& pq) {
    job.policy = AQPIM_POLICY_AQPIM;
    job.subvectors = pq.subvectors;
    job.centroids = pq.centroids;
    job.iterations = pq.iterations;
    job.sinks = pq.sinks;
    job.recent = pq.recent;
    job.value_path = pq.value_path == "loop" ? AQPIM_VALUE_LOOP : AQPIM_VALUE_HISTOGRAM;
    job.initial = initial_centroids(pq.initial);
    job.window = pq.window;
    job.page_columns = pq.page_columns;
    job.flags |= pq.empty_cluster == "farthest" ? AQPIM_JOB_FARTHEST : 0;
    job.flags |= pq.ties == "highest" ? AQPIM_JOB_HIGHEST : 0;
}

void fill_policy(aqpim_job& job, const Configuration& configuration) {
    const WorkloadParameters& workload = configuration.workload;
    if (!workload.is_fp16() && !workload.is_uniform()) {
        quantize_products(job, configuration.pq);
        return;
    }
    job.subvectors = configuration.dram.banks;  // of a bank group, over which a vector is divided (AttAcc)
    if (workload.is_uniform()) {
        job.policy = AQPIM_POLICY_UNIFORM;
        job.centroids = workload.levels();
        job.sinks = configuration.pq.sinks;
        job.recent = configuration.pq.recent;
    } else {
        job.policy = AQPIM_POLICY_FP16;
        job.sinks = job.prompt + job.steps;  // every token is kept like a sink
    }
}

std::uint32_t kv_place(const std::string& name) {
    if (name == "gpu") {
        return AQPIM_KV_GPU;
    }
    return name == "host" ? AQPIM_KV_HOST : AQPIM_KV_PIM;
}

void fill_kv(aqpim_job& job, const Configuration& configuration, const Shape& shape) {
    const bool gated = configuration.workload.is_gated();
    job.kv = kv_place(configuration.platform.kv);
    job.flags |= gated ? 0 : AQPIM_JOB_PLAIN_FFN;
    job.flags |= configuration.platform.kv_may_overflow() ? AQPIM_JOB_OVERFLOW : 0;
    if (job.kv == AQPIM_KV_HOST || configuration.platform.kv_may_overflow()) {
        job.host_kv_bytes = host_kv_bytes(shape);
        job.flags |= configuration.platform.kv_prefetch ? AQPIM_JOB_PREFETCH : 0;
    }
}

/// The PIM memory's part is as large as its part of the package's memory.
void fill_weights(aqpim_job& job, const Configuration& configuration, const Shape& shape,
                  std::uint64_t gpu_memory_bytes) {
    const std::uint64_t weights = shape.weights(configuration.workload.is_gated()) * word_bytes;
    if (configuration.platform.keeps_weights_in_package()) {
        const auto pim_bytes = static_cast<double>(configuration.dram.organization().capacity_bytes());
        const double share = pim_bytes / (pim_bytes + static_cast<double>(gpu_memory_bytes));
        job.pim_weights_bytes = static_cast<std::uint64_t>(static_cast<double>(weights) * share);
    }
    job.weights_bytes = weights - job.pim_weights_bytes;
}

/// Places the tensors, and fills in the job's addresses and strides.
class TensorPlan {
 public:
    TensorPlan(JobImage& image, const Configuration& configuration, const Inputs& inputs)
        : job_(image.job),
          inputs_(inputs),
          shape_(inputs.shape),
          aliased_(configuration.sim.is_timing()),
          burst_words_(configuration.gpu.copy_burst_bytes / word_bytes),
          plan_(image, configuration) {}

    void place() {
        place_prompts();
        place_steps();
        place_prefill_queries();
        place_codebooks();
        job_.gpu_scratch = plan_.end();
    }

 private:
    void place_prompts() {
        job_.head_stride = std::uint64_t{shape_.prompt} * shape_.head_dim * word_bytes;
        const std::uint64_t layer_bytes = job_.head_stride * shape_.kv_heads;
        job_.layer_stride = aliased_ ? 0 : layer_bytes;
        job_.sequence_stride = aliased_ || inputs_.are_shared() ? 0 : layer_bytes * shape_.layers;
        const std::uint64_t layers = aliased_ ? 1 : std::uint64_t{shape_.layers} * inputs_.activations.size();
        const auto place = [&](Tensor Activations::*tensor) {
            return plan_.buffer(layers * layer_bytes / word_bytes, [&](const BufferPlan::Put& put) {
                for (const Activations& activations : inputs_.activations) {
                    put_prompt(activations.*tensor, put);
                }
            });
        };
        job_.gpu_keys = place(&Activations::keys);
        job_.gpu_values = place(&Activations::values);
    }

    /// Of each layer and head as many tokens as the longest prompt has; of a shorter sequence, zeros for the rest.
    void put_prompt(const Tensor& tensor, const BufferPlan::Put& put) const {
        const std::size_t had = tensor.shape[2];
        const std::size_t kept = std::min<std::size_t>(had, shape_.prompt);
        const std::vector<float> zeros((shape_.prompt - kept) * shape_.head_dim);
        for (std::size_t row = 0; row < tensor.shape[0] * tensor.shape[1]; ++row) {
            put(&tensor.data[row * had * shape_.head_dim], kept * shape_.head_dim);
            put(zeros.data(), zeros.size());
        }
    }

    /// Rows begin at multiples of the copy engine's bursts, so that these end at the same places in each row, and in
    /// the one that all share without data.
    std::uint64_t padded(std::uint64_t words) const { return (words + burst_words_ - 1) / burst_words_ * burst_words_; }

    void place_steps() {
        const std::uint64_t new_words = std::uint64_t{shape_.kv_heads} * shape_.batch() * shape_.head_dim;
        const std::uint64_t query_words = new_words * shape_.queries_per_head();
        const std::uint64_t rows = aliased_ ? 1 : std::uint64_t{shape_.steps} * shape_.layers;
        job_.new_layer_stride = aliased_ ? 0 : padded(new_words) * word_bytes;
        job_.new_step_stride = job_.new_layer_stride * shape_.layers;
        job_.query_layer_stride = aliased_ ? 0 : padded(query_words) * word_bytes;
        job_.query_step_stride = job_.query_layer_stride * shape_.layers;
        const auto place_new = [&](Tensor Activations::*tensor) {
            return plan_.buffer(rows * padded(new_words), [&](const BufferPlan::Put& put) {
                put_rows(new_words, put,
                         [&](const Unit& unit) { put_new_vector(inputs_.of(unit.sequence).*tensor, unit, put); });
            });
        };
        job_.gpu_new_keys = place_new(&Activations::keys);
        job_.gpu_new_values = place_new(&Activations::values);
        job_.gpu_queries = plan_.buffer(rows * padded(query_words), [&](const BufferPlan::Put& put) {
            put_rows(query_words, put,
                     [&](const Unit& unit) { put_queries(inputs_.of(unit.sequence).queries, unit, put); });
        });
        job_.gpu_output = plan_.room(rows * padded(query_words));
    }

    struct Unit {
        std::size_t step;
        std::size_t layer;
        std::size_t kv_head;
        std::size_t sequence;
    };

    /// Rows [steps][layers] of `words`, each of all units and zeros up to the next.
    template <typename PutUnit>
    void put_rows(std::uint64_t words, const BufferPlan::Put& put, const PutUnit& put_unit) const {
        const std::vector<float> zeros(padded(words) - words);
        for (std::size_t step = 0; step < shape_.steps; ++step) {
            for (std::size_t layer = 0; layer < shape_.layers; ++layer) {
                for (std::size_t unit = 0; unit < std::size_t{shape_.kv_heads} * shape_.batch(); ++unit) {
                    put_unit(Unit{step, layer, unit / shape_.batch(), unit % shape_.batch()});
                }
                put(zeros.data(), zeros.size());
            }
        }
    }

    void put_new_vector(const Tensor& tensor, const Unit& unit, const BufferPlan::Put& put) const {
        const std::size_t token = shape_.prompts[unit.sequence] + unit.step;
        const std::size_t row = (unit.layer * shape_.kv_heads + unit.kv_head) * tensor.shape[2] + token;
        put(&tensor.data[row * shape_.head_dim], shape_.head_dim);
    }

    void put_queries(const Tensor& tensor, const Unit& unit, const BufferPlan::Put& put) const {
        const std::size_t group = shape_.queries_per_head();
        const std::size_t row = (unit.step * shape_.layers + unit.layer) * shape_.heads + unit.kv_head * group;
        put(&tensor.data[row * shape_.head_dim], group * shape_.head_dim);
    }

    void place_prefill_queries() {
        const std::uint64_t words =
            std::uint64_t{shape_.prefill_query_rows} * shape_.layers * shape_.heads * shape_.head_dim;
        job_.prefill_sequence_stride = inputs_.are_shared() ? 0 : words * word_bytes;
        job_.gpu_prefill_queries = plan_.buffer(words * inputs_.activations.size(), [&](const BufferPlan::Put& put) {
            for (const Activations& activations : inputs_.activations) {
                put(activations.prefill_queries.data.data(), activations.prefill_queries.data.size());
            }
        });
    }

    void place_codebooks() {
        const GivenCodebooks& given = inputs_.codebooks;
        if (given.keys.empty()) {
            return;
        }
        const std::uint64_t head_bytes = std::uint64_t{job_.centroids} * job_.head_dim * word_bytes;
        job_.codebook_head_stride = given.kv_heads == 1 ? 0 : head_bytes;
        job_.codebook_layer_stride = given.layers == 1 ? 0 : head_bytes * given.kv_heads;
        const auto place = [&](const std::vector<float>& values) {
            return plan_.buffer(values.size(), [&](const BufferPlan::Put& put) { put(values.data(), values.size()); });
        };
        job_.gpu_codebooks[0] = place(given.keys);
        job_.gpu_codebooks[1] = place(given.values);
    }

    aqpim_job& job_;
    const Inputs& inputs_;
    const Shape& shape_;
    bool aliased_;
    std::uint64_t burst_words_;
    BufferPlan plan_;
};

}  // namespace

JobImage make_job(const Configuration& configuration, const Inputs& inputs, std::uint64_t gpu_memory_bytes) {
    JobImage image;
    aqpim_job& job = image.job;
    job.magic = AQPIM_JOB_MAGIC;
    job.version = AQPIM_JOB_VERSION;
    job.seed = configuration.sim.seed;
    fill_shape(job, inputs.shape);
    fill_policy(job, configuration);
    job.flags |= configuration.workload.skips_prefill() ? AQPIM_JOB_SKIP_PREFILL : 0;
    job.flags |= configuration.arithmetic() == Arithmetic::bf16 ? AQPIM_JOB_BF16 : 0;
    fill_kv(job, configuration, inputs.shape);
    fill_weights(job, configuration, inputs.shape, gpu_memory_bytes);
    for (const std::uint32_t prompt : inputs.shape.prompts) {
        image.sequences.push_back({prompt, 0, 0, 0});
    }
    TensorPlan(image, configuration, inputs).place();
    if (job.gpu_scratch > gpu_memory_bytes) {
        throw InputError(fmt::format("gpu.memory: {} bytes found; the tensors need {} more", gpu_memory_bytes,
                                     job.gpu_scratch - gpu_memory_bytes));
    }
    return image;
}

std::size_t output_words(const aqpim_job& job) {
    return job.steps * job.query_step_stride / word_bytes;
}

Tensor outputs_of(const aqpim_job& job, const std::vector<std::uint16_t>& words) {
    const Arithmetic stored = stored_arithmetic(job);
    const std::size_t vectors = std::size_t{job.heads / job.kv_heads} * job.head_dim;  // of a unit
    const std::size_t rows = std::size_t{job.steps} * job.layers;
    Tensor outputs{{job.batch, job.steps, job.layers, job.heads, job.head_dim}, {}};
    outputs.data.resize(outputs.elements());
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t row_at = row * job.query_layer_stride / word_bytes;
        for (std::size_t unit = 0; unit < std::size_t{job.kv_heads} * job.batch; ++unit) {  // [kv_heads][batch]
            const std::size_t head = unit / job.batch;
            const std::size_t to = ((unit % job.batch * rows + row) * job.kv_heads + head) * vectors;
            const auto from = words.begin() + static_cast<std::ptrdiff_t>(row_at + unit * vectors);
            std::transform(from, from + static_cast<std::ptrdiff_t>(vectors),
                           outputs.data.begin() + static_cast<std::ptrdiff_t>(to),
                           [&](std::uint16_t word) { return load_word(word, stored); });
        }
    }
    return outputs;
}

}  // namespace aqpim
