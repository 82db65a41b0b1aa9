#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/job.h"
#include "platform/images.h"
#include "platform/job_image.h"
#include "platform/platform.h"
#include "platform/ram_map.h"

namespace aqpim {

/// What is in memory when the harts come out of reset: in RAM below the PCIe window the images, and above them, at the
/// top, the job block, the device tree and what OpenSBI's fw_dynamic has to know; tensors in the first GPU's memory.
/// Every hart starts at the firmware's entry with its id in a0, the device tree's address in a1, and the address of a
/// fw_dynamic_info in a2.
class Loader {
 public:
    /// `images`: the firmware first. Adds HTIF if it has a symbol `tohost`.
    Loader(Platform& platform, const Configuration& configuration, std::vector<Image> images);

    /// Puts tensors into the GPU's memory, and a job block into RAM, where it finds a place for the KV cache too if the
    /// job keeps it there (`host_kv_bytes`: what is needed). Throws InputError when they do not fit.
    void load_job(JobImage image);
    /// Fills RAM and starts the harts. Throws InputError when RAM is too small.
    void start();
    /// Fills RAM again, and resets the harts.
    void restart();

    /// The job block as firmware left it; all zero without a job, or when firmware has used its place for itself.
    aqpim_job job() const;
    std::vector<aqpim_job_object> objects() const;
    /// Prompts as given, and what firmware has made of the rest.
    std::vector<aqpim_job_sequence> sequences() const;
    /// 16-bit words of the GPU's memory.
    std::vector<std::uint16_t> gpu_words(std::uint64_t address, std::size_t count) const;

 private:
    void add_htif();
    std::uint64_t take_from_top(std::uint64_t bytes);
    void place_host_kv();
    void place_start_data();
    void fill_ram();
    void write_zeros(std::uint64_t address, std::uint64_t bytes);
    void write_ram(std::uint64_t address, const void* data, std::uint64_t bytes);
    void read_ram(std::uint64_t address, void* data, std::uint64_t bytes) const;

    Platform& platform_;
    const Configuration& configuration_;
    const std::vector<Image> images_;
    std::uint64_t images_end_ = 0;
    const RamMap ram_;
    std::uint64_t top_;  ///< of the low RAM that is left
    aqpim_job job_{};    ///< as handed over
    std::vector<aqpim_job_sequence> sequences_;
    std::uint64_t job_address_ = 0;  ///< 0: no job
    std::vector<std::uint8_t> device_tree_;
    std::uint64_t device_tree_address_ = 0;
    std::uint64_t dynamic_info_address_ = 0;
};

}  // namespace aqpim
