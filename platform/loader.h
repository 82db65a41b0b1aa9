#pragma once

#include <cstdint>

#include "aqpim/job.h"
#include "models/cpu/elf_file.h"
#include "platform/inputs.h"
#include "platform/platform.h"

namespace aqpim {

/// What is in memory when the hart comes out of reset: firmware, device tree and job block in RAM, tensors in the GPU's
/// memory.
class Loader {
 public:
    Loader(Platform& platform, const Configuration& configuration);

    /// Throws InputError when the image does not fit into RAM.
    void load_firmware(const ElfImage& image, const std::string& file);
    /// Puts tensors into the GPU's memory, and the job block into RAM. Throws InputError when they do not fit.
    void load_job(const Inputs& inputs);
    /// Writes the device tree and starts the hart. Last.
    void start();

    /// The job block as firmware left it, and its table of objects.
    aqpim_job job() const;
    std::vector<aqpim_job_object> objects() const;
    /// fp16 values of the GPU's memory.
    std::vector<float> gpu_halves(std::uint64_t address, std::size_t count) const;

 private:
    std::uint64_t take_from_top(std::uint64_t bytes);
    void write_ram(std::uint64_t address, const void* data, std::uint64_t bytes);
    void read_ram(std::uint64_t address, void* data, std::uint64_t bytes) const;
    std::uint64_t put_tensor(const Tensor& tensor);

    Platform& platform_;
    const Configuration& configuration_;
    std::uint64_t entry_ = 0;
    std::uint64_t firmware_end_ = 0;
    std::uint64_t top_;  ///< of the RAM that is left
    std::uint64_t gpu_end_ = 0;
    std::uint64_t job_address_ = 0;
    std::uint64_t object_table_ = 0;
    std::uint64_t object_entries_ = 0;
};

}  // namespace aqpim
