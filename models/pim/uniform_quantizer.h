#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "models/pim/arithmetic.h"

namespace aqpim {

/// Values that were quantized together: x is about zero + code * scale. Both as 16-bit words keep them.
struct UniformParameters {
    float scale = 0;
    float zero = 0;
    bool operator==(const UniformParameters&) const = default;
};

/// Least and greatest of the values that are to be quantized together: a channel's over all tokens, or a token's over
/// all channels. NaN counts for neither.
class UniformRange {
 public:
    void add(float value) {
        least_ = value < least_ ? value : least_;
        greatest_ = value > greatest_ ? value : greatest_;
    }

    /// zero = least, scale = (greatest - least) / (levels - 1) in fp32, then rounded to memory's format. Infinities
    /// count as the largest finite value of that format. Equal values, or none: scale 0.
    UniformParameters parameters(std::uint32_t levels, Arithmetic arithmetic) const;

 private:
    float least_ = std::numeric_limits<float>::infinity();
    float greatest_ = -std::numeric_limits<float>::infinity();
};

/// round((value - zero) / scale) in fp32, ties to even, within 0 to levels - 1. NaN, and anything where scale is 0,
/// gives 0.
std::uint8_t uniform_code(float value, const UniformParameters& parameters, std::uint32_t levels);

struct UniformCodes {
    std::vector<UniformParameters> parameters;  ///< of each channel, or of each token
    std::vector<std::uint8_t> codes;            ///< [tokens][dims]
};

/// Each channel of `vectors`, [tokens][dims], over all tokens: keys. Without tokens all scales and zeros are 0.
UniformCodes quantize_channels(const std::vector<float>& vectors, std::size_t dims, std::uint32_t levels,
                               Arithmetic arithmetic);
/// Each token over all its channels: values.
UniformCodes quantize_tokens(const std::vector<float>& vectors, std::size_t dims, std::uint32_t levels,
                             Arithmetic arithmetic);

/// One KV head's keys or values: codes of the coded tokens, vectors of the uncompressed ones.
struct UniformVectors {
    std::vector<std::uint8_t> codes;            ///< [coded][head_dim]
    std::vector<UniformParameters> parameters;  ///< keys: [head_dim], of each channel; values: [coded], of each token
    std::vector<float> uncoded;                 ///< [uncoded][head_dim]
};

/// Attention of one query ([head_dim]) on uniformly quantized keys, per channel, and values, per token, as KIVI does it
/// (arXiv 2402.02750), with one softmax over coded and uncompressed tokens. The banks work on the codes themselves:
///
/// - The query moves to them times each channel's scale, for the uncompressed tokens as it is. Products of channel j
/// are
///   added in lane j mod 16, which come together as in `sum_lanes`; what the zeros add, query · zero, likewise.
/// - Attention weights move times each token's scale. Each dimension, and weight · zero, is a sum by `sum_lanes` over
///   coded tokens, then uncompressed ones (whose token number continues the coded ones').
///
/// Returns [head_dim], not yet rounded to 16 bits; zeros if there is no token.
std::vector<float> attend_uniform(const UniformVectors& keys, const UniformVectors& values,
                                  const std::vector<float>& query, Arithmetic arithmetic);

}  // namespace aqpim
