#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>

#include "models/pim/arithmetic.h"
#include "platform/configuration.h"
#include "platform/job_image.h"

namespace aqpim {

inline constexpr std::uint64_t word_bytes = sizeof(std::uint16_t);

/// Lays buffers out one behind the other.
class BufferPlan {
 public:
    BufferPlan(JobImage& image, const Configuration& configuration)
        : image_(image),
          arithmetic_(configuration.arithmetic()),
          has_data_(!configuration.sim.is_timing()),
          alignment_(std::max(page_bytes, configuration.gpu.copy_burst_bytes)) {}

    /// Room for so many words, without contents.
    std::uint64_t room(std::uint64_t words) {
        const std::uint64_t address = (end_ + alignment_ - 1) / alignment_ * alignment_;
        end_ = address + words * word_bytes;
        return address;
    }
    /// `fill(put)` calls put with the first of so many values in memory, one row after the other.
    using Put = std::function<void(const float* values, std::size_t count)>;
    std::uint64_t buffer(std::uint64_t words, const std::function<void(const Put&)>& fill) {
        const std::uint64_t address = room(words);
        if (has_data_ && words != 0) {
            JobImage::Buffer& made = image_.buffers.emplace_back(JobImage::Buffer{address, {}});
            made.words.reserve(words);
            fill([&](const float* values, std::size_t count) {
                std::transform(values, values + count, std::back_inserter(made.words),
                               [this](float value) { return store_word(value, arithmetic_); });
            });
            made.words.resize(words);
        }
        return address;
    }
    std::uint64_t end() const { return end_; }

 private:
    JobImage& image_;
    Arithmetic arithmetic_;
    bool has_data_;
    static constexpr std::uint64_t page_bytes = 4096;
    std::uint64_t alignment_;
    std::uint64_t end_ = 0;
};

}  // namespace aqpim
