#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/pim.h"
#include "models/pim/arithmetic.h"

namespace aqpim {

/// One KV head's keys or values: codes and codebooks of the coded tokens, vectors of the uncompressed ones. Without
/// coded tokens `codes`, `codebooks` and `window_end` may be empty. All are 16-bit values held in floats.
struct CodedVectors {
    std::vector<std::vector<float>> codebooks;      ///< [windows · subvectors] of [centroids][dims], window by window
    std::vector<std::vector<std::uint16_t>> codes;  ///< [subvectors] of [coded]; each names a centroid that exists
    std::vector<std::uint32_t> window_end;          ///< [windows]: coded tokens before its end; ascending, last: coded
    std::vector<float> uncoded;                     ///< [uncoded][head_dim]
};

/// Attention of one query ([head_dim]) on codes, as the engines compute it (system.md §2). Query heads of one KV head
/// each make such a call on the same codes. What is a lane, a move and a 16-bit value, `arithmetic` says.
///
/// - Score of a coded token: the inner products of the query's subvectors with the centroids of each window, over the
///   dimensions in order, move as tables; a token's table entries are added over the subvectors in order.
/// - Score of an uncompressed token: products of dimension j are added in lane j mod 16; the lanes come together as in
///   `sum_lanes`.
/// - One softmax over coded and uncompressed tokens together: `exponentials`.
/// - Values: each dimension is a sum by `sum_lanes` over coded tokens, then uncompressed ones (whose token number
///   continues the coded ones'), divided by the softmax's sum at the end. "loop" adds weight times centroid value token
///   by token; "histogram" adds the weights of each centroid of a window in the order of tokens, moves them, and adds
///   weight times value once per centroid c of each window, in lane c mod 16.
///
/// Returns [head_dim], not yet rounded to 16 bits; zeros where there is no token. Throws InputError where sizes do not
/// fit.
std::vector<float> attend(const CodedVectors& keys, const CodedVectors& values, const std::vector<float>& query,
                          aqpim_value_path path, Arithmetic arithmetic = Arithmetic::fp16_fp32);

}  // namespace aqpim
