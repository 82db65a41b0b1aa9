#include "gpu_scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

extern "C" {
#include "aqpim/sdk/trace.h"
#include "devices.h"
}

namespace {
FakeGpu* gpu = nullptr;
}  // namespace

extern "C" {
std::uint64_t aqpim_queue_put(aqpim_queue* queue, const void* descriptor) {
    return gpu->submit(*queue, descriptor);
}
std::uint64_t aqpim_queue_submit(aqpim_queue* queue, const void* descriptor) {
    return gpu->submit(*queue, descriptor);
}
bool aqpim_queue_wait(aqpim_queue* queue, std::uint64_t ticket) {
    return gpu->wait(*queue, ticket);
}
void aqpim_trace_begin(unsigned, std::uint32_t) {}
void aqpim_trace_end(unsigned) {}
void write_pim_memory(run*, std::uint64_t, const void*, std::uint32_t) {
    FAIL("there is no PIM device");
}
}

GpuScene::GpuScene(aqpim_kv kv, const std::vector<unsigned>& prompts, unsigned steps) {
    job.kv = kv;
    job.policy = AQPIM_POLICY_FP16;
    job.layers = 3;
    job.heads = 4;
    job.kv_heads = 2;
    job.head_dim = 16;
    job.hidden = 48;
    job.ffn = 80;
    job.vocab = 100;
    job.steps = steps;
    job.host_kv = 0x10000000000;
    state.job = &job;
    state.copy.name = "copy";
    state.copy.entries = 1024;
    state.compute.name = "compute";
    gpu = &fake;
    set_prompts(prompts);
    place_tensors();
}

void GpuScene::set_prompts(const std::vector<unsigned>& prompts) {
    job.batch = static_cast<unsigned>(prompts.size());
    job.prompt = *std::max_element(prompts.begin(), prompts.end());
    sequences.clear();
    for (const unsigned prompt : prompts) {
        sequences.push_back({prompt, 7, 7, 7});
    }
    state.sequences = sequences.data();
}

void GpuScene::place_tensors() {
    const std::uint64_t vector = job.head_dim * 2ull;
    const std::uint64_t group = job.heads / job.kv_heads;
    job.head_stride = job.prompt * vector;
    job.layer_stride = job.kv_heads * job.head_stride;
    job.sequence_stride = job.layers * job.layer_stride;
    job.new_layer_stride = job.kv_heads * job.batch * vector;
    job.new_step_stride = job.layers * job.new_layer_stride;
    job.query_layer_stride = group * job.new_layer_stride;
    job.query_step_stride = group * job.new_step_stride;
    std::uint64_t end = 0;
    const auto take = [&end](std::uint64_t bytes) { return std::exchange(end, end + bytes); };
    job.gpu_keys = take(job.batch * job.sequence_stride);
    job.gpu_values = take(job.batch * job.sequence_stride);
    job.gpu_queries = take(job.steps * job.query_step_stride);
    job.gpu_output = take(job.steps * job.query_step_stride);
    job.gpu_new_keys = take(job.steps * job.new_step_stride);
    job.gpu_new_values = take(job.steps * job.new_step_stride);
    job.gpu_scratch = end;
    state.gpu_memory_bytes = ~std::uint64_t{0} >> 1;
    job.host_kv_bytes = state.gpu_memory_bytes;
    REQUIRE(plan_fits(&state, job.batch, job.prompt));
    state.gpu_memory_bytes = state.cache.gpu_end;
    job.host_kv_bytes = state.cache.ram_bytes;
}

void GpuScene::overflow(unsigned kept) {
    job.flags |= AQPIM_JOB_OVERFLOW;
    const auto aligned = [](std::uint64_t bytes) { return (bytes + 4095) / 4096 * 4096; };
    const unsigned stagings = (job.flags & AQPIM_JOB_PREFETCH) != 0 ? 2 : 1;
    const std::uint64_t tokens = aligned(job.gpu_scratch) + 4 * job.batch;
    const std::uint64_t last = kept > 0 ? kept * layer_bytes() : 0;
    const std::uint64_t buffers = aligned(tokens) + (stagings - 1) * aligned(layer_bytes());
    state.gpu_memory_bytes = kept > 0 ? buffers + aligned(layer_bytes()) + last : buffers + layer_bytes();
    job.host_kv_bytes = (job.layers - kept) * layer_bytes();
}

std::uint64_t GpuScene::layer_bytes() const {
    return 2ull * job.kv_heads * job.batch * (job.prompt + job.steps) * job.head_dim * 2;
}

void GpuScene::fill() {
    std::mt19937 random(1);
    fake.memory.resize(state.gpu_memory_bytes);
    fake.ram.resize(job.host_kv_bytes);
    for (std::vector<std::uint8_t>* memory : {&fake.memory, &fake.ram}) {
        std::generate(memory->begin(), memory->end(), [&random] { return static_cast<std::uint8_t>(random()); });
    }
    given = fake.memory;
}

double GpuScene::given_word(std::uint64_t address) const {
    std::uint16_t word;
    std::memcpy(&word, &given[address], sizeof word);
    return FakeGpu::value_of(word);
}

std::uint64_t GpuScene::vector_of_token(bool value, unsigned sequence, unsigned layer, unsigned head,
                                        unsigned token) const {
    const std::uint64_t vector = job.head_dim * 2ull;
    const unsigned prompt = sequences[sequence].prompt;
    if (token < prompt) {
        return (value ? job.gpu_values : job.gpu_keys) +
               (((std::uint64_t{sequence} * job.layers + layer) * job.kv_heads + head) * job.prompt + token) * vector;
    }
    const std::uint64_t step = token - prompt;
    return (value ? job.gpu_new_values : job.gpu_new_keys) +
           (((step * job.layers + layer) * job.kv_heads + head) * job.batch + sequence) * vector;
}

std::vector<double> GpuScene::expected(unsigned step, unsigned layer, unsigned sequence, unsigned query_head) const {
    const unsigned group = job.heads / job.kv_heads;
    const unsigned head = query_head / group;
    const std::uint64_t unit =
        ((std::uint64_t{step} * job.layers + layer) * job.kv_heads + head) * job.batch + sequence;
    const std::uint64_t query = job.gpu_queries + (unit * group + query_head % group) * job.head_dim * 2;
    std::vector<double> sums(job.head_dim);
    double weights = 0;
    for (unsigned token = 0; token <= sequences[sequence].prompt + step; ++token) {
        const std::uint64_t key = vector_of_token(false, sequence, layer, head, token);
        const std::uint64_t value = vector_of_token(true, sequence, layer, head, token);
        double score = 0;
        for (unsigned d = 0; d < job.head_dim; ++d) {
            score += given_word(query + d * 2) * given_word(key + d * 2);
        }
        const double weight = std::exp(score / std::sqrt(job.head_dim));
        weights += weight;
        for (unsigned d = 0; d < job.head_dim; ++d) {
            sums[d] += weight * given_word(value + d * 2);
        }
    }
    for (double& sum : sums) {
        sum /= weights;
    }
    return sums;
}

void GpuScene::check_outputs() const {
    std::uint64_t address = job.gpu_output;  // [steps][layers][heads grouped by KV head and sequence][head_dim]
    const unsigned group = job.heads / job.kv_heads;
    double worst = 0;
    for (unsigned row = 0; row < job.steps * job.layers; ++row) {
        for (unsigned index = 0; index < job.heads * job.batch; ++index) {
            const unsigned head = index / (group * job.batch) * group + index % group;
            const unsigned sequence = index / group % job.batch;
            for (const double sum : expected(row / job.layers, row % job.layers, sequence, head)) {
                worst = std::max(worst, std::abs(fake.outputs.at(address) - sum));
                address += 2;
            }
        }
    }
    CHECK(worst < 1e-12);
    CHECK(fake.outputs.size() == std::size_t{job.steps} * job.layers * job.heads * job.batch * job.head_dim);
}
