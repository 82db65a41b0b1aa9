#include "models/gpu/compute_unit.h"

#include <algorithm>
#include <utility>

#include "models/gpu/kernels.h"
#include "models/gpu/roofline.h"

namespace aqpim {

namespace {

constexpr std::uint64_t half_bytes = sizeof(Half);
constexpr std::uint64_t most_elements = std::uint64_t{1} << 30;  // of one head's tensor
constexpr std::uint64_t largest_field = std::uint64_t{1} << 48;  // keeps address arithmetic from wrapping

bool in_range(std::initializer_list<std::uint64_t> addresses_and_strides) {
    return std::all_of(addresses_and_strides.begin(), addresses_and_strides.end(),
                       [](std::uint64_t value) { return value < largest_field; });
}

bool is_valid(const aqpim_gpu_pack& pack) {
    return pack.heads != 0 && pack.vectors != 0 && pack.subvectors != 0 && pack.head_dim % pack.subvectors == 0 &&
           pack.head_dim >= pack.subvectors && pack.banks_per_channel != 0 && pack.group_banks != 0 &&
           (pack.first_group + (pack.heads - 1ULL) * pack.group_stride + 1) * pack.group_banks <=
               std::uint64_t{pack.channels} * pack.banks_per_channel &&
           in_range({pack.source, pack.source_head_stride, pack.source_stride, pack.target});
}

bool is_valid(const aqpim_gpu_importance& importance) {
    return importance.kv_heads != 0 && importance.heads != 0 && importance.heads % importance.kv_heads == 0 &&
           importance.format <= AQPIM_GPU_BF16 && importance.head_dim != 0 && importance.query_rows != 0 &&
           importance.query_rows <= importance.tokens &&
           std::uint64_t{importance.tokens} * importance.head_dim < most_elements &&
           std::uint64_t{importance.query_rows} * importance.heads * importance.head_dim < most_elements &&
           in_range({importance.keys, importance.keys_head_stride, importance.queries, importance.queries_stride,
                     importance.target});
}

}  // namespace

ComputeUnit::ComputeUnit(const GpuParameters& parameters, Contents contents, Recorder& recorder)
    : parameters_(parameters),
      contents_(std::move(contents)),
      recorder_(recorder),
      track_(recorder.add_track("gpu.compute")) {}

void ComputeUnit::spend(std::string_view name, double flop, std::uint64_t bytes) {
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    const Picoseconds time_ps = roofline_ps(parameters_, flop, static_cast<double>(bytes));
    flop_ += flop;
    bytes_ += bytes;
    recorder_.slice(track_, name, start_ps, start_ps + time_ps, Activity::gpu,
                    {{"flop", static_cast<std::uint64_t>(flop)}, {"bytes", bytes}});
    sc_core::wait(from_ps(time_ps));
}

aqpim_completion_status ComputeUnit::kernel(const aqpim_gpu_kernel& descriptor) {
    constexpr std::uint64_t most = std::uint64_t{1} << 60;  // days of simulated time; beyond is a mistake
    if (descriptor.flop > most || descriptor.bytes > most) {
        return AQPIM_BAD_FIELD;
    }
    spend("KERNEL", static_cast<double>(descriptor.flop), descriptor.bytes);
    return AQPIM_DONE;
}

aqpim_completion_status ComputeUnit::pack(const aqpim_gpu_pack& descriptor) {
    if (!is_valid(descriptor)) {
        return AQPIM_BAD_FIELD;
    }
    const std::uint64_t bytes = std::uint64_t{descriptor.heads} * descriptor.vectors * descriptor.head_dim * half_bytes;
    spend("PACK", 0, 2 * bytes);
    for (std::uint32_t head = 0; parameters_.functional && head < descriptor.heads; ++head) {
        if (!pack_head(descriptor, head)) {
            return AQPIM_ADDRESS_ERROR;
        }
    }
    return AQPIM_DONE;
}

bool ComputeUnit::pack_head(const aqpim_gpu_pack& descriptor, std::uint32_t head) {
    std::vector<std::uint8_t> vector(descriptor.head_dim * half_bytes);
    for (std::uint32_t i = 0; i < descriptor.vectors; ++i) {
        const std::uint64_t source =
            descriptor.source + head * descriptor.source_head_stride + i * descriptor.source_stride;
        if (!contents_.read(source, vector.data(), vector.size())) {
            return false;
        }
        for (const PackPiece& piece : pack_pieces(descriptor, head, descriptor.target_first + i)) {
            if (!contents_.write(descriptor.target + piece.target, vector.data() + piece.source, piece.bytes)) {
                return false;
            }
        }
    }
    return true;
}

aqpim_completion_status ComputeUnit::importance(const aqpim_gpu_importance& descriptor) {
    if (!is_valid(descriptor)) {
        return AQPIM_BAD_FIELD;
    }
    const std::uint64_t keys = std::uint64_t{descriptor.kv_heads} * descriptor.tokens * descriptor.head_dim;
    const std::uint64_t scores = std::uint64_t{descriptor.heads} * descriptor.query_rows * descriptor.tokens;
    // A multiply and an add for each score's head_dim; the scores stay on chip.
    spend("IMPORTANCE", 2.0 * static_cast<double>(scores) * descriptor.head_dim, keys * half_bytes);
    for (std::uint32_t kv_head = 0; parameters_.functional && kv_head < descriptor.kv_heads; ++kv_head) {
        if (!importance_of_head(descriptor, kv_head)) {
            return AQPIM_ADDRESS_ERROR;
        }
    }
    return AQPIM_DONE;
}

bool ComputeUnit::importance_of_head(const aqpim_gpu_importance& descriptor, std::uint32_t kv_head) {
    const std::size_t group = descriptor.heads / descriptor.kv_heads;
    const std::size_t row_halves = group * descriptor.head_dim;
    std::vector<Half> keys(std::size_t{descriptor.tokens} * descriptor.head_dim);
    if (!contents_.read(descriptor.keys + kv_head * descriptor.keys_head_stride, keys.data(),
                        keys.size() * half_bytes)) {
        return false;
    }
    std::vector<Half> queries(descriptor.query_rows * row_halves);
    for (std::uint32_t row = 0; row < descriptor.query_rows; ++row) {
        const std::uint64_t source =
            descriptor.queries + row * descriptor.queries_stride + kv_head * row_halves * half_bytes;
        if (!contents_.read(source, &queries[row * row_halves], row_halves * half_bytes)) {
            return false;
        }
    }
    const auto format = static_cast<aqpim_gpu_format>(descriptor.format);
    const std::vector<Half> weights = aqpim::importance(widen(keys, format), widen(queries, format), descriptor.tokens,
                                                        descriptor.query_rows, group, descriptor.head_dim);
    const std::uint64_t target = descriptor.target + std::uint64_t{kv_head} * descriptor.tokens * half_bytes;
    return contents_.write(target, weights.data(), weights.size() * half_bytes);
}

}  // namespace aqpim
