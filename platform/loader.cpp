#include "platform/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "aqpim/memory_map.h"
#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"
#include "models/common/error.h"
#include "models/common/fp16.h"
#include "models/cpu/isa.h"
#include "platform/device_tree.h"

namespace aqpim {

namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t tensor_alignment = 4096;
/// OpenSBI enlarges the device tree where it lies.
constexpr std::uint64_t device_tree_slack = 16 * 1024;

/// What OpenSBI's fw_dynamic takes from the loader before it (OpenSBI, docs/firmware/fw_dynamic.md).
struct DynamicInfo {
    std::uint64_t magic = 0x4942534f;  // "OSBI"
    std::uint64_t version = 2;
    std::uint64_t next_address = 0;
    std::uint64_t next_mode = 1;  // supervisor
    std::uint64_t options = 0;
    std::uint64_t boot_hart = 0;
};

}  // namespace

Loader::Loader(Platform& platform, const Configuration& configuration, std::vector<Image> images)
    : platform_(platform),
      configuration_(configuration),
      images_(std::move(images)),
      top_(AQPIM_RAM_BASE + platform.ram.size()) {
    for (const Image& image : images_) {
        const ElfImage::Segment& last = image.contents.segments.back();
        images_end_ = std::max(images_end_, last.address + last.memory_bytes);
    }
    add_htif();
}

void Loader::add_htif() {
    const Image& firmware = images_.front();
    const auto find = [&](const char* name) -> std::optional<std::uint64_t> {
        const auto symbol = firmware.contents.symbols.find(name);
        if (symbol == firmware.contents.symbols.end()) {
            return std::nullopt;
        }
        const std::uint64_t address = symbol->second;
        const bool in_ram = address >= AQPIM_RAM_BASE && address - AQPIM_RAM_BASE < platform_.ram.size();
        if (!in_ram || address % sizeof address != 0) {
            throw InputError(fmt::format("{}: symbol {} at {:#x} found; an aligned double word in RAM is allowed",
                                         firmware.file, name, address));
        }
        return address;
    };
    if (const auto tohost = find("tohost")) {
        platform_.add_htif(*tohost, find("fromhost"));
    }
}

std::uint64_t Loader::take_from_top(std::uint64_t bytes) {
    const std::uint64_t room = top_ - images_end_;
    if (bytes + page > room) {
        throw InputError(
            fmt::format("ram.size: {} bytes are left above the firmware and what is loaded with it; {} more are needed "
                        "for the device tree and the job",
                        room, bytes + page));
    }
    top_ = (top_ - bytes) / page * page;
    return top_;
}

void Loader::write_ram(std::uint64_t address, const void* data, std::uint64_t bytes) {
    if (bytes != 0 && !debug_access(platform_.harts.front()->socket, tlm::TLM_WRITE_COMMAND, address,
                                    const_cast<void*>(data), bytes)) {
        throw std::logic_error("the loader wrote outside RAM");
    }
}

void Loader::read_ram(std::uint64_t address, void* data, std::uint64_t bytes) const {
    if (bytes != 0 && !debug_access(platform_.harts.front()->socket, tlm::TLM_READ_COMMAND, address, data, bytes)) {
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

void Loader::quantize(aqpim_job& job) const {
    if (configuration_.pim.data_bytes != sizeof(Half)) {
        throw InputError(fmt::format("pim.data_bytes: {} found; workload.policy = aqpim allows {}, fp16",
                                     configuration_.pim.data_bytes, sizeof(Half)));
    }
    const QuantizationParameters& pq = configuration_.pq;
    job.policy = AQPIM_POLICY_AQPIM;
    job.subvectors = pq.subvectors;
    job.centroids = pq.centroids;
    job.iterations = pq.iterations;
    job.sinks = pq.sinks;
    job.recent = pq.recent;
    job.value_path = pq.value_path == "loop" ? AQPIM_VALUE_LOOP : AQPIM_VALUE_HISTOGRAM;
}

/// A vector is divided over the banks of a bank group (AttAcc), and every token is kept like a sink.
void Loader::keep_fp16(aqpim_job& job) const {
    const std::uint32_t banks = configuration_.dram.banks;
    const std::uint32_t least = banks * AQPIM_BURST_BYTES / sizeof(Half);
    if (job.head_dim % least != 0) {
        throw InputError(
            fmt::format("workload.head_dim: {} found; workload.policy = fp16 allows multiples of {}, whole columns of "
                        "the {} banks of a bank group",
                        job.head_dim, least, banks));
    }
    job.policy = AQPIM_POLICY_FP16;
    job.subvectors = banks;
    job.sinks = job.prompt + job.steps;
}

void Loader::load_job(const Inputs& inputs) {
    const Shape& shape = inputs.shape;
    aqpim_job& job = job_;
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
    if (configuration_.workload.is_fp16()) {
        keep_fp16(job);
    } else {
        quantize(job);
    }
    job.seed = configuration_.sim.seed;

    job.gpu_keys = put_tensor(inputs.keys);
    job.gpu_values = put_tensor(inputs.values);
    job.gpu_queries = put_tensor(inputs.queries);
    job.gpu_prefill_queries = put_tensor(inputs.prefill_queries);
    Tensor output{inputs.queries.shape, std::vector<float>(inputs.queries.data.size())};
    job.gpu_output = put_tensor(output);
    job.gpu_scratch = gpu_end_;

    // One for each layer, K and V, and set of heads: there are no more sets than KV heads.
    job.object_entries = std::uint64_t{shape.layers} * 2 * shape.kv_heads;
    job.objects = take_from_top(job.object_entries * sizeof(aqpim_job_object));
    job_address_ = take_from_top(sizeof job);
}

void Loader::place_start_data() {
    device_tree_ = make_device_tree({configuration_.hart.harts, Isa(configuration_.hart.isa).name(),
                                     platform_.ram.size(), job_address_, job_address_ == 0 ? 0 : sizeof job_});
    device_tree_address_ = take_from_top(device_tree_.size() + device_tree_slack);
    dynamic_info_address_ = take_from_top(sizeof(DynamicInfo));
}

void Loader::fill_ram() {
    for (const Image& image : images_) {
        for (const ElfImage::Segment& segment : image.contents.segments) {
            write_ram(segment.address, segment.bytes.data(), segment.bytes.size());
        }
    }
    if (job_address_ != 0) {
        write_ram(job_address_, &job_, sizeof job_);
    }
    write_ram(device_tree_address_, device_tree_.data(), device_tree_.size());
    DynamicInfo info;
    info.next_address = images_.size() > 1 ? images_[1].contents.entry : 0;
    write_ram(dynamic_info_address_, &info, sizeof info);
}

void Loader::start() {
    place_start_data();
    fill_ram();
    for (unsigned id = 0; id < platform_.harts.size(); ++id) {
        platform_.harts[id]->start(images_.front().contents.entry, id, device_tree_address_, dynamic_info_address_);
    }
}

void Loader::restart() {
    // At the start, RAM is all zero.
    for (const Image& image : images_) {
        for (const ElfImage::Segment& segment : image.contents.segments) {
            write_zeros(segment.address + segment.bytes.size(), segment.memory_bytes - segment.bytes.size());
        }
    }
    if (job_address_ != 0) {
        write_zeros(job_.objects, job_.object_entries * sizeof(aqpim_job_object));
    }
    fill_ram();
    for (unsigned id = 0; id < platform_.harts.size(); ++id) {
        platform_.harts[id]->reset(images_.front().contents.entry, id, device_tree_address_, dynamic_info_address_);
    }
}

void Loader::write_zeros(std::uint64_t address, std::uint64_t bytes) {
    const std::vector<std::uint8_t> zeros(std::min<std::uint64_t>(bytes, 1 << 20));
    for (std::uint64_t done = 0; done < bytes; done += zeros.size()) {
        write_ram(address + done, zeros.data(), std::min<std::uint64_t>(zeros.size(), bytes - done));
    }
}

aqpim_job Loader::job() const {
    if (job_address_ == 0) {
        return {};
    }
    aqpim_job job{};
    read_ram(job_address_, &job, sizeof job);
    aqpim_job expected = job_;
    expected.result = job.result;
    return std::memcmp(&job, &expected, sizeof job) == 0 ? job : aqpim_job{};
}

std::vector<aqpim_job_object> Loader::objects() const {
    std::vector<aqpim_job_object> objects(job_.object_entries);
    read_ram(job_.objects, objects.data(), objects.size() * sizeof(aqpim_job_object));
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
