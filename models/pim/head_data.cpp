#include "models/pim/head_data.h"

#include <algorithm>
#include <cstring>

#include "models/common/fp16.h"

namespace aqpim {

namespace {

std::vector<float> to_floats(const std::uint8_t* bytes, std::size_t count) {
    std::vector<float> values(count);
    for (std::size_t j = 0; j < count; ++j) {
        Half half = 0;
        std::memcpy(&half, bytes + j * sizeof half, sizeof half);
        values[j] = to_float(half);
    }
    return values;
}

void to_halves(const float* values, std::size_t count, std::uint8_t* bytes) {
    for (std::size_t j = 0; j < count; ++j) {
        const Half half = to_half(values[j]);
        std::memcpy(bytes + j * sizeof half, &half, sizeof half);
    }
}

/// Bits [bit, bit + width) of a burst, least significant first.
std::uint16_t get_bits(const std::uint8_t* burst, std::uint32_t bit, std::uint32_t width) {
    std::uint32_t window = 0;
    for (std::uint32_t byte = bit / 8, end = (bit + width - 1) / 8, shift = 0; byte <= end; ++byte, shift += 8) {
        window |= std::uint32_t{burst[byte]} << shift;
    }
    return static_cast<std::uint16_t>(window >> bit % 8 & ((1U << width) - 1));
}

void set_bits(std::uint8_t* burst, std::uint32_t bit, std::uint32_t width, std::uint16_t value) {
    for (std::uint32_t k = 0; k < width; ++k) {
        const std::uint32_t at = bit + k;
        const auto mask = static_cast<std::uint8_t>(1U << at % 8);
        burst[at / 8] = static_cast<std::uint8_t>((value >> k & 1) != 0 ? burst[at / 8] | mask : burst[at / 8] & ~mask);
    }
}

}  // namespace

HeadData::HeadData(SparseMemory& store, const aqpim_layout& layout, std::uint32_t subvectors, std::uint32_t head)
    : store_(store), layout_(layout), subvectors_(subvectors), head_(head) {}

std::uint64_t HeadData::address(std::uint32_t column, std::uint32_t i, std::uint32_t split, std::uint64_t byte) const {
    const std::uint32_t bank = aqpim_element_bank(&layout_, subvectors_, i, split);
    const std::uint64_t at = column + aqpim_slot_column(&layout_, i, byte / AQPIM_BURST_BYTES);
    return aqpim_bank_address(&layout_, head_, bank, at, byte % AQPIM_BURST_BYTES);
}

std::vector<std::uint8_t> HeadData::read_share(std::uint32_t column, std::uint32_t i, std::uint32_t split,
                                               std::uint32_t bytes) const {
    std::vector<std::uint8_t> share(aqpim_columns_for(bytes) * AQPIM_BURST_BYTES);
    for (std::uint32_t byte = 0; byte < share.size(); byte += AQPIM_BURST_BYTES) {
        store_.read(address(column, i, split, byte), &share[byte], AQPIM_BURST_BYTES);
    }
    return share;
}

void HeadData::write_share(std::uint32_t column, std::uint32_t i, std::uint32_t split, std::uint64_t first_byte,
                           const std::uint8_t* data, std::uint32_t bytes) {
    while (bytes != 0) {
        const auto in_burst = static_cast<std::uint32_t>(first_byte % AQPIM_BURST_BYTES);
        const std::uint32_t run = std::min(bytes, AQPIM_BURST_BYTES - in_burst);
        store_.write(address(column, i, split, first_byte), data, run);
        first_byte += run;
        data += run;
        bytes -= run;
    }
}

std::vector<float> HeadData::read_vectors(std::uint32_t column, std::uint32_t i, std::uint32_t elements) const {
    std::vector<float> values(std::size_t{elements} * dims());
    const std::uint32_t local = aqpim_ceil_div(elements, layout_.splits);
    for (std::uint32_t split = 0; split < layout_.splits; ++split) {
        const auto share = read_share(column, i, split, local * layout_.subvector_bytes);
        for (std::uint32_t e = split; e < elements; e += layout_.splits) {
            const std::vector<float> vector = to_floats(&share[e / layout_.splits * layout_.subvector_bytes], dims());
            std::copy(vector.begin(), vector.end(), &values[std::size_t{e} * dims()]);
        }
    }
    return values;
}

void HeadData::write_vectors(std::uint32_t column, std::uint32_t i, const std::vector<float>& values) {
    const auto elements = static_cast<std::uint32_t>(values.size() / dims());
    for (std::uint32_t split = 0; split < std::min(layout_.splits, elements); ++split) {
        std::vector<std::uint8_t> share;
        for (std::uint32_t e = split; e < elements; e += layout_.splits) {
            share.resize(share.size() + layout_.subvector_bytes);
            to_halves(&values[std::size_t{e} * dims()], dims(), &share[share.size() - layout_.subvector_bytes]);
        }
        write_share(column, i, split, 0, share.data(), static_cast<std::uint32_t>(share.size()));
    }
}

std::vector<float> HeadData::read_vector(std::uint32_t column, std::uint32_t i, std::uint32_t element) const {
    const std::uint32_t local = element / layout_.splits;
    const auto share = read_share(column, i, element % layout_.splits, (local + 1) * layout_.subvector_bytes);
    return to_floats(&share[std::size_t{local} * layout_.subvector_bytes], dims());
}

void HeadData::write_vector(std::uint32_t column, std::uint32_t i, std::uint32_t element,
                            const std::vector<float>& values) {
    std::vector<std::uint8_t> bytes(layout_.subvector_bytes);
    to_halves(values.data(), dims(), bytes.data());
    write_share(column, i, element % layout_.splits, std::uint64_t{element / layout_.splits} * layout_.subvector_bytes,
                bytes.data(), layout_.subvector_bytes);
}

std::vector<std::uint16_t> HeadData::read_codes(std::uint32_t column, std::uint32_t i, std::uint32_t elements,
                                                std::uint32_t centroids) const {
    std::vector<std::uint16_t> codes(elements);
    const std::uint32_t width = aqpim_code_bits(centroids);
    const std::uint32_t per_burst = aqpim_codes_per_column(centroids);
    const std::uint32_t bursts = aqpim_ceil_div(aqpim_ceil_div(elements, layout_.splits), per_burst);
    for (std::uint32_t split = 0; split < std::min(layout_.splits, elements); ++split) {
        const auto share = read_share(column, i, split, bursts * AQPIM_BURST_BYTES);
        for (std::uint32_t e = split, u = 0; e < elements; e += layout_.splits, ++u) {
            codes[e] = get_bits(&share[u / per_burst * AQPIM_BURST_BYTES], u % per_burst * width, width);
        }
    }
    return codes;
}

void HeadData::write_codes(std::uint32_t column, std::uint32_t i, const std::vector<std::uint16_t>& codes,
                           std::uint32_t centroids) {
    for (std::uint32_t e = 0; e < codes.size(); ++e) {
        write_code(column, i, e, codes[e], centroids);
    }
}

void HeadData::write_code(std::uint32_t column, std::uint32_t i, std::uint32_t element, std::uint16_t code,
                          std::uint32_t centroids) {
    const std::uint32_t width = aqpim_code_bits(centroids);
    const std::uint32_t per_burst = aqpim_codes_per_column(centroids);
    const std::uint32_t local = element / layout_.splits;
    const std::uint64_t byte = std::uint64_t{local / per_burst} * AQPIM_BURST_BYTES;
    const std::uint64_t burst_address = address(column, i, element % layout_.splits, byte);
    std::uint8_t burst[AQPIM_BURST_BYTES];
    store_.read(burst_address, burst, sizeof burst);
    set_bits(burst, local % per_burst * width, width, code);
    store_.write(burst_address, burst, sizeof burst);
}

}  // namespace aqpim
