#include "platform/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "aqpim/memory_map.h"
#include "models/common/error.h"
#include "models/cpu/isa.h"
#include "platform/device_tree.h"

namespace aqpim {

namespace {

constexpr std::uint64_t page = 4096;
/// OpenSBI enlarges the device tree where it lies.
constexpr std::uint64_t device_tree_slack = 16 * 1024;
/// Room for the device tree and what is placed with it, after the job.
constexpr std::uint64_t start_data_slack = 64 * 1024;

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
      ram_(platform.ram.size()),
      top_(ram_.low_end()) {
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
        const bool in_ram = address >= AQPIM_RAM_BASE && address < ram_.low_end();
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

void Loader::load_job(JobImage image) {
    for (JobImage::Buffer& buffer : image.buffers) {
        debug_access(platform_.job_gpu().gpu.memory, tlm::TLM_WRITE_COMMAND, buffer.address, buffer.words.data(),
                     buffer.words.size() * sizeof buffer.words.front());
    }
    job_ = image.job;
    sequences_ = std::move(image.sequences);
    job_.sequences = take_from_top(sequences_.size() * sizeof(aqpim_job_sequence));
    // One for each layer, K and V, and set of heads, of each wave: there are no more sets than KV heads, and no more
    // waves than sequences.
    job_.object_entries = std::uint64_t{job_.batch} * job_.layers * 2 * job_.kv_heads;
    job_.objects = take_from_top(job_.object_entries * sizeof(aqpim_job_object));
    job_address_ = take_from_top(sizeof job_);
    place_host_kv();
}

/// In the upper part of RAM: all that lies above the PCIe window, or what is needed at the end below it. What may
/// overflow gets the larger of both where it does not fit.
void Loader::place_host_kv() {
    std::uint64_t needed = (job_.host_kv_bytes + page - 1) / page * page;
    if (needed == 0) {
        return;
    }
    const std::uint64_t room = top_ - images_end_;
    if ((job_.flags & AQPIM_JOB_OVERFLOW) != 0) {
        const std::uint64_t low = room > start_data_slack + page ? (room - start_data_slack - page) / page * page : 0;
        needed = std::min(needed, std::max(low, ram_.high_bytes));
    }
    if (ram_.high_bytes >= needed) {
        job_.host_kv = AQPIM_RAM_HIGH_BASE;
        job_.host_kv_bytes = ram_.high_bytes;
        return;
    }
    if (needed + start_data_slack > room) {
        const std::uint64_t at_least = platform_.ram.size() - ram_.high_bytes - room + needed + start_data_slack;
        throw InputError(fmt::format("ram.size: {} bytes found; at least {} are needed for the KV cache",
                                     platform_.ram.size(),
                                     at_least <= AQPIM_RAM_LOW_MOST ? at_least : AQPIM_RAM_LOW_MOST + needed));
    }
    job_.host_kv = take_from_top(needed);
    job_.host_kv_bytes = needed;
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
        write_ram(job_.sequences, sequences_.data(), sequences_.size() * sizeof(aqpim_job_sequence));
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

std::vector<aqpim_job_sequence> Loader::sequences() const {
    std::vector<aqpim_job_sequence> sequences(sequences_.size());
    read_ram(job_.sequences, sequences.data(), sequences.size() * sizeof(aqpim_job_sequence));
    for (std::size_t b = 0; b < sequences.size(); ++b) {
        sequences[b].prompt = sequences_[b].prompt;
    }
    return sequences;
}

std::vector<std::uint16_t> Loader::gpu_words(std::uint64_t address, std::size_t count) const {
    std::vector<std::uint16_t> words(count);
    debug_access(platform_.job_gpu().gpu.memory, tlm::TLM_READ_COMMAND, address, words.data(),
                 count * sizeof words.front());
    return words;
}

}  // namespace aqpim
