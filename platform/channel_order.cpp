#include "platform/channel_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <regex>
#include <stdexcept>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"

namespace aqpim {

namespace {

/// The data of an `.npy` of uint16 that has `shape`. Throws InputError.
std::vector<std::uint16_t> read_uint16(const std::string& file, const std::vector<std::size_t>& shape) {
    const std::string bytes = read_text_file(file);
    constexpr std::string_view magic("\x93NUMPY\x01\x00", 8);
    constexpr std::size_t longest_header = 4096;
    constexpr std::size_t prefix = magic.size() + sizeof(std::uint16_t);
    if (bytes.size() < prefix || bytes.compare(0, magic.size(), magic) != 0) {
        throw InputError(fmt::format("{}: no .npy file of format 1.0 found, which alone is allowed", file));
    }
    const std::size_t begin =
        prefix + static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
    const std::string header = bytes.substr(prefix, std::min(begin, bytes.size()) - prefix);
    static const std::regex plain(R"(\{'descr': '([^']*)', 'fortran_order': (\w+), 'shape': \(([0-9, ]*)\), \} *\n)");
    std::smatch found;
    if (begin > bytes.size() || header.size() > longest_header || !std::regex_match(header, found, plain)) {
        throw InputError(fmt::format("{}: no header of a plain array found, which alone is allowed", file));
    }
    if (found[1] != "<u2" || found[2] != "False") {
        throw InputError(
            fmt::format("{}: type '{}' with fortran_order {} found; little-endian uint16 ('<u2') in C "
                        "order is allowed",
                        file, found[1].str(), found[2].str()));
    }
    if (found[3] != fmt::format("{}", fmt::join(shape, ", "))) {
        throw InputError(fmt::format("{}: shape [{}] found; [layers, kv_heads, head_dim] = {} is allowed", file,
                                     found[3].str(), shape_text(shape)));
    }
    std::vector<std::uint16_t> data(Tensor{shape, {}}.elements());
    if (bytes.size() - begin != data.size() * sizeof(std::uint16_t)) {
        throw InputError(fmt::format("{}: {} bytes of data found; {} are allowed", file, bytes.size() - begin,
                                     data.size() * sizeof(std::uint16_t)));
    }
    std::memcpy(data.data(), bytes.data() + begin, bytes.size() - begin);
    return data;
}

/// What is wrong with one head's order; empty if nothing is.
std::string fault_of(std::span<const std::uint16_t> order, RopePairs pairs) {
    std::vector<bool> seen(order.size());
    bool is_identity = true;
    for (std::size_t position = 0; position < order.size(); ++position) {
        const std::size_t channel = order[position];
        if (channel >= order.size() || seen[channel]) {
            return fmt::format("channel {} found{}; each of 0 to {} once is allowed", channel,
                               channel < order.size() ? " twice" : "", order.size() - 1);
        }
        seen[channel] = true;
        is_identity = is_identity && channel == position;
    }
    if (pairs == RopePairs::none || is_identity) {
        return {};
    }
    const std::size_t stride = pairs == RopePairs::half ? order.size() / 2 : 1;
    for (std::size_t position = 0; position + 1 < order.size(); position += 2) {
        const std::size_t first = order[position];
        const bool is_first = pairs == RopePairs::half ? first < stride : first % 2 == 0;
        if (!is_first || order[position + 1] != first + stride) {
            return fmt::format(
                "channels {} and {} found at positions {} and {}; allowed there: a pair of RoPE's, ({}), first before "
                "second",
                first, order[position + 1], position, position + 1,
                pairs == RopePairs::half ? "i, i + head_dim / 2" : "2i, 2i + 1");
        }
    }
    return {};
}

void sort_row(float* row, std::span<const std::uint16_t> order, std::vector<float>& scratch) {
    scratch.assign(row, row + order.size());
    for (std::size_t position = 0; position < order.size(); ++position) {
        row[position] = scratch[order[position]];
    }
}

void restore_row(float* row, std::span<const std::uint16_t> order, std::vector<float>& scratch) {
    scratch.assign(row, row + order.size());
    for (std::size_t position = 0; position < order.size(); ++position) {
        row[order[position]] = scratch[position];
    }
}

/// Calls `change` for each row of a tensor [..., layers, heads, head_dim].
void for_query_heads(Tensor& tensor, const ChannelOrder& order, decltype(sort_row)& change) {
    const auto& shape = tensor.shape;
    const std::size_t rank = shape.size();
    if (rank < 3 || shape[rank - 3] != order.layers || shape[rank - 1] != order.head_dim || order.kv_heads == 0 ||
        shape[rank - 2] % order.kv_heads != 0) {
        throw std::invalid_argument(
            fmt::format("channel order {} does not fit query heads {}", shape_text(order.shape()), shape_text(shape)));
    }
    const std::size_t heads = shape[rank - 2];
    std::vector<float> scratch;
    for (std::size_t row = 0; row * order.head_dim < tensor.data.size(); ++row) {
        const std::size_t layer = row / heads % order.layers;
        const std::size_t kv_head = row % heads / (heads / order.kv_heads);
        change(tensor.data.data() + row * order.head_dim, order.head(layer, kv_head), scratch);
    }
}

void check_vectors(const Tensor& tensor, const ChannelOrder& order) {
    const auto& shape = tensor.shape;
    if (shape.size() != 4 || shape[0] != order.layers || shape[1] != order.kv_heads || shape[3] != order.head_dim) {
        throw std::invalid_argument(
            fmt::format("channel order {} does not fit vectors {}", shape_text(order.shape()), shape_text(shape)));
    }
}

}  // namespace

RopePairs rope_pairs(const std::string& name) {
    if (name == "none") {
        return RopePairs::none;
    }
    if (name == "interleaved") {
        return RopePairs::interleaved;
    }
    if (name == "half") {
        return RopePairs::half;
    }
    throw InputError(fmt::format("workload.rope: '{}' found; allowed: none, interleaved, half", name));
}

ChannelOrder identity_order(std::size_t layers, std::size_t kv_heads, std::size_t head_dim) {
    ChannelOrder order{layers, kv_heads, head_dim, std::vector<std::uint16_t>(layers * kv_heads * head_dim)};
    for (std::size_t i = 0; i < order.channels.size(); ++i) {
        order.channels[i] = static_cast<std::uint16_t>(i % head_dim);
    }
    return order;
}

ChannelOrder read_channel_order(const std::string& file, std::size_t layers, std::size_t kv_heads, std::size_t head_dim,
                                RopePairs pairs) {
    ChannelOrder order{layers, kv_heads, head_dim, read_uint16(file, {layers, kv_heads, head_dim})};
    for (std::size_t layer = 0; layer < layers; ++layer) {
        for (std::size_t kv_head = 0; kv_head < kv_heads; ++kv_head) {
            const std::string fault = fault_of(order.head(layer, kv_head), pairs);
            if (!fault.empty()) {
                throw InputError(fmt::format("{}: layer {}, KV head {}: {}", file, layer, kv_head, fault));
            }
        }
    }
    return order;
}

void write_channel_order(const std::string& file, const ChannelOrder& order) {
    write_npy(file, order.shape(), order.channels);
}

void sort_vectors(Tensor& tensor, const ChannelOrder& order) {
    check_vectors(tensor, order);
    const std::size_t tokens = tensor.shape[2];
    std::vector<float> scratch;
    for (std::size_t row = 0; row * order.head_dim < tensor.data.size(); ++row) {
        const std::size_t head = row / tokens;
        sort_row(tensor.data.data() + row * order.head_dim, order.head(head / order.kv_heads, head % order.kv_heads),
                 scratch);
    }
}

void sort_queries(Tensor& tensor, const ChannelOrder& order) {
    for_query_heads(tensor, order, sort_row);
}

void restore_outputs(Tensor& tensor, const ChannelOrder& order) {
    for_query_heads(tensor, order, restore_row);
}

}  // namespace aqpim
