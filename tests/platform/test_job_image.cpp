#include <catch2/catch.hpp>

#include "aqpim/pim.h"
#include "models/common/error.h"
#include "models/common/fp16.h"
#include "platform/job_image.h"

using namespace aqpim;
using Catch::Contains;

namespace {

constexpr std::uint64_t memory_bytes = std::uint64_t{1} << 30;
constexpr std::size_t dims = 16;

/// Two layers, two KV heads of two query heads each, sequences of 5 and 3 tokens, two steps.
struct Scene {
    Configuration configuration;

    explicit Scene(const std::vector<std::string>& assignments = {}) {
        set({"workload.layers=2", "workload.heads=4", "workload.kv_heads=2", "workload.head_dim=16",
             "workload.prompts=5,3", "workload.steps=2", "pq.subvectors=4", "pq.centroids=4"});
        set(assignments);
    }
    void set(const std::vector<std::string>& assignments) {
        for (const std::string& assignment : assignments) {
            const std::size_t split = assignment.find('=');
            configuration.table.set(assignment.substr(0, split), assignment.substr(split + 1), "--set");
        }
    }
    JobImage make(const Inputs& inputs) const { return make_job(configuration, inputs, memory_bytes); }
    JobImage make() const { return make(load_inputs(configuration)); }
};

/// The word at an address of the GPU's memory.
Half word_at(const JobImage& image, std::uint64_t address) {
    for (const JobImage::Buffer& buffer : image.buffers) {
        if (address >= buffer.address && address < buffer.address + buffer.words.size() * 2) {
            return buffer.words[(address - buffer.address) / 2];
        }
    }
    FAIL("nothing lies at this address");
    return 0;
}

}  // namespace

TEST_CASE("The prompts of a batch lie where the strides say") {
    const Scene scene;
    const Inputs inputs = load_inputs(scene.configuration);
    const JobImage image = scene.make(inputs);
    const aqpim_job& job = image.job;
    for (const std::size_t sequence : {0u, 1u}) {
        const Tensor& keys = inputs.of(sequence).keys;
        const std::size_t layer = 1;
        const std::size_t head = 1;
        const std::size_t token = 2;
        const std::size_t channel = 7;
        const std::uint64_t address = job.gpu_keys + sequence * job.sequence_stride + layer * job.layer_stride +
                                      head * job.head_stride + (token * dims + channel) * 2;
        const float value = keys.data[((layer * 2 + head) * keys.shape[2] + token) * dims + channel];
        CHECK(word_at(image, address) == to_half(value));
    }
    CHECK(image.sequences[0].prompt == 5);
    CHECK(image.sequences[1].prompt == 3);
    CHECK(job.batch == 2);
}

TEST_CASE("What a step's projections write comes KV head by KV head, and within it sequence by sequence") {
    const Scene scene;
    const Inputs inputs = load_inputs(scene.configuration);
    const JobImage image = scene.make(inputs);
    const aqpim_job& job = image.job;
    const std::size_t step = 1;
    const std::size_t layer = 1;
    const std::size_t head = 1;
    const std::size_t sequence = 1;
    const std::size_t channel = 5;
    const Tensor& values = inputs.of(sequence).values;
    const std::size_t token = 3 + step;
    const std::uint64_t unit = head * 2 + sequence;
    CHECK(word_at(image, job.gpu_new_values + step * job.new_step_stride + layer * job.new_layer_stride +
                             (unit * dims + channel) * 2) ==
          to_half(values.data[((layer * 2 + head) * values.shape[2] + token) * dims + channel]));
    const std::size_t query = 1;  // of the KV head's two
    CHECK(word_at(image, job.gpu_queries + step * job.query_step_stride + layer * job.query_layer_stride +
                             ((unit * 2 + query) * dims + channel) * 2) ==
          to_half(inputs.of(sequence).queries.data[((step * 2 + layer) * 4 + head * 2 + query) * dims + channel]));
}

TEST_CASE("Outputs in the job's order are given back by sequence, step, layer and head") {
    const Scene scene;
    const Inputs inputs = load_inputs(scene.configuration);
    const JobImage image = scene.make(inputs);
    std::vector<std::uint16_t> words(output_words(image.job));
    for (std::size_t n = 0; n < words.size(); ++n) {
        words[n] = word_at(image, image.job.gpu_queries + n * 2);
    }
    const Tensor outputs = outputs_of(image.job, words);
    CHECK(outputs.shape == std::vector<std::size_t>{2, 2, 2, 4, dims});
    const std::size_t of_sequence = outputs.data.size() / 2;
    for (const std::size_t sequence : {0u, 1u}) {
        std::vector<float> expected;
        for (const float value : inputs.of(sequence).queries.data) {
            expected.push_back(round_to_half(value));
        }
        const auto begin = outputs.data.begin() + static_cast<std::ptrdiff_t>(sequence * of_sequence);
        CHECK(std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(of_sequence)) == expected);
    }
}

TEST_CASE("One sequence takes no sequence stride, nor do those that share their tensors") {
    CHECK(Scene({"workload.prompts=5"}).make().job.sequence_stride == 0);
    const Scene scene;
    Inputs inputs = load_inputs(scene.configuration);
    inputs.activations.resize(1);
    CHECK(scene.make(inputs).job.sequence_stride == 0);
}

TEST_CASE("Without data layers, steps and sequences share one place of the size of one") {
    Scene scene({"workload.model=mistral-7b", "workload.layers=0", "workload.heads=0", "workload.kv_heads=0",
                 "workload.head_dim=0", "workload.prompts=", "workload.batch=16", "workload.prompt=32768",
                 "sim.data=timing", "workload.prefill=skip"});
    const JobImage image = scene.make();
    const aqpim_job& job = image.job;
    CHECK(image.buffers.empty());
    CHECK(job.sequence_stride + job.layer_stride == 0);
    CHECK(job.new_step_stride + job.new_layer_stride + job.query_step_stride + job.query_layer_stride == 0);
    CHECK(job.head_stride == 32768 * 128 * 2);
    CHECK(job.gpu_values - job.gpu_keys == 8 * job.head_stride);
    CHECK(job.gpu_new_values - job.gpu_new_keys == 8 * 16 * 128 * 2);
    CHECK(job.gpu_output - job.gpu_queries == 32 * 16 * 128 * 2);
    CHECK((job.flags & AQPIM_JOB_SKIP_PREFILL) != 0);
}

TEST_CASE("Each policy has its job") {
    const aqpim_job product = Scene({"pq.window=100", "pq.page=3", "pq.initial=random", "pq.empty_cluster=farthest",
                                     "pq.ties=highest", "pq.value_path=loop", "pim.arithmetic=bf16"})
                                  .make()
                                  .job;
    CHECK(product.policy == AQPIM_POLICY_AQPIM);
    CHECK(product.window == 100);
    CHECK(product.page_columns == 3);
    CHECK(product.initial == AQPIM_INITIAL_RANDOM);
    CHECK(product.value_path == AQPIM_VALUE_LOOP);
    CHECK(product.flags == (AQPIM_JOB_FARTHEST | AQPIM_JOB_HIGHEST | AQPIM_JOB_BF16));

    const aqpim_job whole = Scene({"workload.policy=fp16", "workload.head_dim=64"}).make().job;
    CHECK(whole.policy == AQPIM_POLICY_FP16);
    CHECK(whole.subvectors == 4);
    CHECK(whole.centroids == 0);
    CHECK(whole.sinks == 7);

    const aqpim_job four_bits = Scene({"workload.policy=int4", "workload.head_dim=64", "pq.recent=20"}).make().job;
    CHECK(four_bits.policy == AQPIM_POLICY_UNIFORM);
    CHECK(four_bits.subvectors == 4);
    CHECK(four_bits.centroids == 16);
    CHECK(four_bits.recent == 20);
    CHECK(Scene({"workload.policy=int2", "workload.head_dim=64"}).make().job.centroids == 4);
}

TEST_CASE("Tensors are bfloat16 for engines that compute in it") {
    const Scene scene({"pim.arithmetic=bf16"});
    const Inputs inputs = load_inputs(scene.configuration);
    CHECK(word_at(scene.make(inputs), 0) == to_bfloat(inputs.of(0).keys.data[0]));
}

TEST_CASE("A GPU memory that is too small for the tensors is refused") {
    const Scene scene;
    const Inputs inputs = load_inputs(scene.configuration);
    const std::uint64_t needed = scene.make(inputs).job.gpu_scratch;
    CHECK_NOTHROW(make_job(scene.configuration, inputs, needed));
    CHECK_THROWS_WITH(make_job(scene.configuration, inputs, needed - 2), Contains("gpu.memory") && Contains("2 more"));
}

TEST_CASE("A model's weights follow from its shape") {
    // Mistral-7B: 32 x (4096 x (2 x 32 + 2 x 8) x 128 + 3 x 4096 x 14336) + 2 x 4096 x 32000 = 7 241 465 856 weights.
    const Scene mistral({"workload.model=mistral-7b", "workload.layers=0", "workload.heads=0", "workload.kv_heads=0",
                         "workload.head_dim=0", "sim.data=timing"});
    CHECK(mistral.make().job.weights_bytes == 14'482'931'712);
    CHECK((mistral.make().job.flags & AQPIM_JOB_PLAIN_FFN) == 0);

    // 2 x (64 x (2 x 4 + 2 x 2) x 16 + 2 x 64 x 100) weights; no vocabulary.
    const Scene plain({"workload.ffn=100", "workload.gated=false"});
    CHECK(plain.make().job.weights_bytes == 2 * 2 * (64 * 12 * 16 + 2 * 64 * 100));
    CHECK((plain.make().job.flags & AQPIM_JOB_PLAIN_FFN) != 0);

    const Scene opt({"workload.model=opt-66b", "sim.data=timing"});
    CHECK((opt.make().job.flags & AQPIM_JOB_PLAIN_FFN) != 0);
}

TEST_CASE("A job says where keys and values are kept, and what they need of RAM") {
    CHECK(Scene().make().job.kv == AQPIM_KV_PIM);
    CHECK(Scene().make().job.host_kv_bytes == 0);

    const aqpim_job gpu = Scene({"workload.policy=fp16", "platform.kv=gpu", "platform.kv_prefetch=true"}).make().job;
    CHECK(gpu.kv == AQPIM_KV_GPU);
    CHECK(gpu.host_kv_bytes == 0);
    CHECK((gpu.flags & AQPIM_JOB_PREFETCH) == 0);

    // Two heads of two sequences with up to 7 tokens of 16 values are 896 bytes: a page for each of two layers' K and
    // V.
    const aqpim_job host = Scene({"workload.policy=fp16", "platform.kv=host"}).make().job;
    CHECK(host.kv == AQPIM_KV_HOST);
    CHECK(host.host_kv_bytes == 4 * 4096);
    CHECK((host.flags & AQPIM_JOB_PREFETCH) == 0);
    CHECK((Scene({"workload.policy=fp16", "platform.kv=host", "platform.kv_prefetch=true"}).make().job.flags &
           AQPIM_JOB_PREFETCH) != 0);
}

TEST_CASE("A job whose cache may overflow asks for RAM for all of it") {
    const aqpim_job pim = Scene({"platform.kv_overflow=host", "platform.kv_prefetch=true"}).make().job;
    CHECK(pim.kv == AQPIM_KV_PIM);
    CHECK((pim.flags & AQPIM_JOB_OVERFLOW) != 0);
    CHECK((pim.flags & AQPIM_JOB_PREFETCH) != 0);
    CHECK(pim.host_kv_bytes == 4 * 4096);
    CHECK((Scene({"workload.policy=fp16", "platform.kv=host", "platform.kv_overflow=host"}).make().job.flags &
           AQPIM_JOB_OVERFLOW) == 0);
}

TEST_CASE("Weights are the GPU's, or spread over a package by the sizes of its memories") {
    const std::vector<std::string> mistral = {
        "workload.model=mistral-7b", "workload.layers=0", "workload.heads=0", "workload.kv_heads=0",
        "workload.head_dim=0",       "sim.data=timing",   "pim.attach=gpu",   "pim.stacks=4",
        "gpu.memory=16GiB"};
    const auto job_with = [&](const std::string& weights) {
        std::vector<std::string> settings = mistral;
        settings.push_back("platform.weights=" + weights);
        const Scene scene(settings);
        return make_job(scene.configuration, load_inputs(scene.configuration), std::uint64_t{16} << 30).job;
    };
    CHECK(job_with("gpu").weights_bytes == 14'482'931'712);
    CHECK(job_with("gpu").pim_weights_bytes == 0);
    CHECK(job_with("package").pim_weights_bytes == 11'586'345'369);  // four fifths, rounded down
    CHECK(job_with("package").weights_bytes == 14'482'931'712 - 11'586'345'369);
}

TEST_CASE("The fp16 cache of Mistral-7B with 16 sequences of 32768 tokens takes 64 GiB of RAM") {
    const Scene scene({"workload.model=mistral-7b", "workload.layers=0", "workload.heads=0", "workload.kv_heads=0",
                       "workload.head_dim=0", "workload.prompts=", "workload.prompt=32767", "workload.steps=1",
                       "workload.batch=16", "workload.policy=fp16", "platform.kv=host", "sim.data=timing"});
    CHECK(scene.make().job.host_kv_bytes == std::uint64_t{64} << 30);
}
