#include "platform/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "aqpim/memory_map.h"
#include "aqpim/pim.h"
#include "models/common/error.h"
#include "models/common/fp16.h"
#include "platform/device_tree.h"

namespace aqpim {

namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t tensor_alignment = 4096;

}  // namespace

Loader::Loader(Platform& platform, const Configuration& configuration)
    : platform_(platform), configuration_(configuration), top_(AQPIM_RAM_BASE + platform.ram.size()) {}

void Loader::load_firmware(const ElfImage& image, const std::string& file) {
    const std::uint64_t ram_end = AQPIM_RAM_BASE + platform_.ram.size();
    for (const ElfImage::Segment& segment : image.segments) {
        if (segment.address < AQPIM_RAM_BASE || segment.address >= ram_end ||
            segment.memory_bytes > ram_end - segment.address) {
            throw InputError(
                fmt::format("{}: a segment of {} bytes at {:#x} found; RAM from {:#x} to {:#x} (ram.size) is allowed",
                            file, segment.memory_bytes, segment.address, AQPIM_RAM_BASE, ram_end - 1));
        }
        write_ram(segment.address, segment.bytes.data(), segment.bytes.size());
        firmware_end_ = std::max(firmware_end_, segment.address + segment.memory_bytes);
    }
    entry_ = image.entry;
}

std::uint64_t Loader::take_from_top(std::uint64_t bytes) {
    const std::uint64_t room = top_ - std::max<std::uint64_t>(firmware_end_, AQPIM_RAM_BASE);
    if (bytes + page > room) {
        throw InputError(
            fmt::format("ram.size: {} bytes are left above the firmware; {} more are needed for the device "
                        "tree and the job",
                        room, bytes + page));
    }
    top_ = (top_ - bytes) / page * page;
    return top_;
}

void Loader::write_ram(std::uint64_t address, const void* data, std::uint64_t bytes) {
    if (bytes != 0 &&
        !debug_access(platform_.hart.socket, tlm::TLM_WRITE_COMMAND, address, const_cast<void*>(data), bytes)) {
        throw std::logic_error("the loader wrote outside RAM");
    }
}

void Loader::read_ram(std::uint64_t address, void* data, std::uint64_t bytes) const {
    if (bytes != 0 && !debug_access(platform_.hart.socket, tlm::TLM_READ_COMMAND, address, data, bytes)) {
        throw std::logic_error("the loader read outside RAM");
    }
}

std::uint64_t Loader::put_tensor(const Tensor& tensor) {
    std::vector<Half> halves(tensor.data.size());
    std::transform(tensor.data.begin(), tensor.data.end(), halves.begin(), to_half);
    const std::uint64_t address = gpu_end_;
    const std::uint64_t bytes = halves.size() * sizeof(Half);
    if (bytes > platform_.gpu_memory.size() - gpu_end_) {
        throw InputError(fmt::format("gpu.memory: {} bytes found; the tensors need {} more",
                                     platform_.gpu_memory.size(), bytes - (platform_.gpu_memory.size() - gpu_end_)));
    }
    if (bytes != 0) {
        debug_access(platform_.gpu.memory, tlm::TLM_WRITE_COMMAND, address, halves.data(), bytes);
    }
    const std::uint64_t end = (address + bytes + tensor_alignment - 1) / tensor_alignment * tensor_alignment;
    gpu_end_ = std::min(end, platform_.gpu_memory.size());
    return address;
}

void Loader::load_job(const Inputs& inputs) {
    const Shape& shape = inputs.shape;
    const QuantizationParameters& pq = configuration_.pq;
    aqpim_job job{};
    job.magic = AQPIM_JOB_MAGIC;
    job.version = AQPIM_JOB_VERSION;
    job.layers = shape.layers;
    job.heads = shape.heads;
    job.kv_heads = shape.kv_heads;
    job.head_dim = shape.head_dim;
    job.hidden = shape.hidden;
    job.ffn = shape.ffn;
    job.vocab = shape.vocab;
    job.prompt = shape.prompt;
    job.steps = shape.steps;
    job.prefill_query_rows = shape.prefill_query_rows;
    job.subvectors = pq.subvectors;
    job.centroids = pq.centroids;
    job.iterations = pq.iterations;
    job.sinks = pq.sinks;
    job.recent = pq.recent;
    job.value_path = pq.value_path == "loop" ? AQPIM_VALUE_LOOP : AQPIM_VALUE_HISTOGRAM;
    job.seed = configuration_.sim.seed;

    job.gpu_keys = put_tensor(inputs.keys);
    job.gpu_values = put_tensor(inputs.values);
    job.gpu_queries = put_tensor(inputs.queries);
    job.gpu_prefill_queries = put_tensor(inputs.prefill_queries);
    Tensor output{inputs.queries.shape, std::vector<float>(inputs.queries.data.size())};
    job.gpu_output = put_tensor(output);
    job.gpu_scratch = gpu_end_;

    // One for each layer, K and V, and set of heads: there are no more sets than KV heads.
    job.object_entries = object_entries_ = std::uint64_t{shape.layers} * 2 * shape.kv_heads;
    job.objects = object_table_ = take_from_top(object_entries_ * sizeof(aqpim_job_object));
    job_address_ = take_from_top(sizeof job);
    write_ram(job_address_, &job, sizeof job);
}

void Loader::start() {
    DeviceTreeFacts facts{1, configuration_.hart.isa, platform_.ram.size(), job_address_,
                          job_address_ == 0 ? 0 : sizeof(aqpim_job)};
    const std::vector<std::uint8_t> tree = make_device_tree(facts);
    const std::uint64_t address = take_from_top(tree.size());
    write_ram(address, tree.data(), tree.size());
    platform_.hart.start(entry_, 0, address);
}

aqpim_job Loader::job() const {
    aqpim_job job{};
    read_ram(job_address_, &job, sizeof job);
    return job;
}

std::vector<aqpim_job_object> Loader::objects() const {
    std::vector<aqpim_job_object> objects(object_entries_);
    read_ram(object_table_, objects.data(), object_entries_ * sizeof(aqpim_job_object));
    return objects;
}

std::vector<float> Loader::gpu_halves(std::uint64_t address, std::size_t count) const {
    std::vector<Half> halves(count);
    debug_access(platform_.gpu.memory, tlm::TLM_READ_COMMAND, address, halves.data(), count * sizeof(Half));
    std::vector<float> values(count);
    std::transform(halves.begin(), halves.end(), values.begin(), to_float);
    return values;
}

}  // namespace aqpim
