#include "scene.h"

#include <catch2/catch.hpp>

#include <algorithm>

extern "C" {
#include "devices.h"
}

unsigned open_phases = 0;

namespace {
FakeDevices* devices = nullptr;
}  // namespace

extern "C" {
std::uint64_t aqpim_queue_put(aqpim_queue* queue, const void* descriptor) {
    return devices->submit(*queue, descriptor);
}
std::uint64_t aqpim_queue_submit(aqpim_queue* queue, const void* descriptor) {
    return devices->submit(*queue, descriptor);
}
bool aqpim_queue_wait(aqpim_queue* queue, std::uint64_t ticket) {
    return devices->wait(*queue, ticket);
}
void aqpim_trace_begin(unsigned, std::uint32_t) {
    ++open_phases;
}
void aqpim_trace_end(unsigned) {
    --open_phases;
}
void write_pim_memory(run*, std::uint64_t address, const void* words, std::uint32_t bytes) {
    devices->write(address, words, bytes);
}
}

Scene::Scene(window shape, unsigned heads, unsigned kv_heads, unsigned query_rows) {
    job.layers = 3;
    job.heads = heads;
    job.kv_heads = kv_heads;
    job.head_dim = 16;
    job.hidden = 64;
    job.ffn = 128;
    job.vocab = 100;
    job.steps = shape.steps;
    job.prefill_query_rows = query_rows;
    job.subvectors = 4;
    job.centroids = 16;
    job.iterations = 4;
    job.sinks = shape.sinks;
    job.recent = shape.recent;
    job.window = shape.codebook_elements;
    job.page_columns = 1;
    job.seed = 1;
    state.job = &job;
    state.pim_bus = 0x400000000;
    state.copy.name = "copy";
    state.compute.name = "compute";
    state.pim.name = "pim";
    set_memory(4, 8, 64);
    set_prompts({shape.prompt});
    devices = &fake;
    open_phases = 0;
}

void Scene::set_memory(unsigned channels, unsigned banks, unsigned rows) {
    state.memory = {};
    state.memory.channels = channels;
    state.memory.banks_per_channel = banks;
    state.memory.row_columns = 32;
    state.memory.columns = 32 * rows;
    state.memory.column_set_bytes = std::uint64_t{channels} * banks * 32;
}

void Scene::set_prompts(const std::vector<unsigned>& prompts) {
    job.batch = static_cast<unsigned>(prompts.size());
    job.prompt = *std::max_element(prompts.begin(), prompts.end());
    sequences.clear();
    for (const unsigned prompt : prompts) {
        sequences.push_back({prompt, 0, 0, 0});
    }
    state.sequences = sequences.data();
    place_tensors();
}

void Scene::keep_fp16() {
    job.policy = AQPIM_POLICY_FP16;
    job.head_dim = 128;
    job.centroids = 0;
    job.sinks = job.prompt + job.steps;
    job.recent = 0;
    place_tensors();
}

void Scene::keep_uniform(unsigned levels) {
    job.policy = AQPIM_POLICY_UNIFORM;
    job.head_dim = 128;
    job.centroids = levels;
    place_tensors();
}

void Scene::give_codebooks() {
    job.initial = AQPIM_INITIAL_VECTORS;
    job.codebook_head_stride = job.centroids * job.head_dim * 2;
    job.codebook_layer_stride = job.kv_heads * job.codebook_head_stride;
    place_tensors();
}

void Scene::place_tensors() {
    constexpr std::uint64_t room = 1u << 26;  // for each tensor
    const std::uint64_t vector = job.head_dim * 2;
    const std::uint64_t group = job.heads / job.kv_heads;
    job.head_stride = job.prompt * vector;
    job.layer_stride = job.kv_heads * job.head_stride;
    job.sequence_stride = job.layers * job.layer_stride;
    job.new_layer_stride = job.kv_heads * job.batch * vector;
    job.new_step_stride = job.layers * job.new_layer_stride;
    job.query_layer_stride = group * job.new_layer_stride;
    job.query_step_stride = group * job.new_step_stride;
    job.prefill_sequence_stride = job.prefill_query_rows * job.layers * job.heads * vector;
    job.gpu_keys = 0;
    job.gpu_values = room;
    job.gpu_queries = 2 * room;
    job.gpu_prefill_queries = 3 * room;
    job.gpu_output = 4 * room;
    job.gpu_new_keys = 5 * room;
    job.gpu_new_values = 6 * room;
    if (job.initial == AQPIM_INITIAL_VECTORS) {
        job.gpu_codebooks[KEY] = 7 * room;
        job.gpu_codebooks[VALUE] = 8 * room;
    }
    job.gpu_scratch = 9 * room;
    state.gpu_memory_bytes = 16 * room;
}

bool Scene::plan() {
    if (!make_waves(&state, job.batch, job.prompt)) {
        return false;
    }
    objects.assign(object_count(&state), {});
    state.objects = objects.data();
    return make_plan(&state);
}

void Scene::check_attention() const {
    for (unsigned step = 0; step < job.steps; ++step) {
        for (unsigned layer = 0; layer < job.layers; ++layer) {
            for (unsigned unit = 0; unit < job.batch * job.kv_heads; ++unit) {
                const unsigned sequence = unit % job.batch;
                const unsigned head = unit / job.batch;
                std::vector<Vector> expected;
                for (const int tensor : {KEY, VALUE}) {
                    for (unsigned token = 0; token <= sequences[sequence].prompt + step; ++token) {
                        expected.push_back({tensor, sequence, layer, head, token});
                    }
                }
                std::vector<Vector> seen = fake.seen.at({step, layer, sequence, head});
                std::sort(seen.begin(), seen.end());
                REQUIRE(seen == expected);
            }
        }
    }
    CHECK(fake.returned.size() == std::size_t{job.steps} * job.layers * job.heads * job.batch);
    CHECK(open_phases == 0);
}
