#include "models/gpu/formats.h"

#include <algorithm>
#include <bit>

#include "models/common/bf16.h"
#include "models/common/fp16.h"

namespace aqpim {

namespace {

float widen_half(std::uint16_t word) {
    constexpr std::uint32_t infinity = 0x7c00U << 13;  // binary16's, at binary32's place of the fraction
    const std::uint32_t magnitude = (word & 0x7fffU) << 13;
    // The exponents' biases differ by 112; so scaled, subnormals become what they are, too.
    const auto finite = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112F);
    const std::uint32_t all_ones_if_not_finite = 0U - static_cast<std::uint32_t>(magnitude >= infinity);
    return std::bit_cast<float>(finite | (all_ones_if_not_finite & 0x7f800000U) | (word & 0x8000U) << 16);
}

}  // namespace

void widen(const std::uint16_t* words, std::size_t count, aqpim_gpu_format format, float* values) {
    if (format == AQPIM_GPU_BF16) {
        std::transform(words, words + count, values,
                       [](std::uint16_t word) { return std::bit_cast<float>(std::uint32_t{word} << 16); });
    } else {
        std::transform(words, words + count, values, [](std::uint16_t word) { return widen_half(word); });
    }
}

std::vector<float> widen(const std::vector<std::uint16_t>& words, aqpim_gpu_format format) {
    std::vector<float> values(words.size());
    widen(words.data(), words.size(), format, values.data());
    return values;
}

std::vector<std::uint16_t> narrow(const std::vector<float>& values, aqpim_gpu_format format) {
    std::vector<std::uint16_t> words(values.size());
    std::transform(values.begin(), values.end(), words.begin(), format == AQPIM_GPU_BF16 ? to_bfloat : to_half);
    return words;
}

}  // namespace aqpim
