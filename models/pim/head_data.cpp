#include "models/pim/head_data.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace aqpim {

namespace {

constexpr std::uint32_t word_bytes = 2;
using Burst = std::array<std::uint8_t, AQPIM_BURST_BYTES>;

/// Bits [bit, bit + width) of a burst, least significant first.
std::uint16_t get_bits(const Burst& burst, std::uint32_t bit, std::uint32_t width) {
    std::uint32_t window = 0;
    for (std::uint32_t byte = bit / 8, end = (bit + width - 1) / 8, shift = 0; byte <= end; ++byte, shift += 8) {
        window |= std::uint32_t{burst[byte]} << shift;
    }
    return static_cast<std::uint16_t>(window >> bit % 8 & ((1U << width) - 1));
}

void set_bits(Burst& burst, std::uint32_t bit, std::uint32_t width, std::uint16_t value) {
    for (std::uint32_t k = 0; k < width; ++k) {
        const std::uint32_t at = bit + k;
        const auto mask = static_cast<std::uint8_t>(1U << at % 8);
        burst[at / 8] = static_cast<std::uint8_t>((value >> k & 1) != 0 ? burst[at / 8] | mask : burst[at / 8] & ~mask);
    }
}

/// Local elements of split `split` among the elements first to first + count - 1.
struct LocalRange {
    std::uint32_t begin;
    std::uint32_t end;

    LocalRange(std::uint32_t split, std::uint32_t splits, std::uint32_t first, std::uint32_t count)
        : begin(before(split, splits, first)), end(before(split, splits, first + count)) {}

 private:
    static std::uint32_t before(std::uint32_t split, std::uint32_t splits, std::uint32_t element) {
        return (element + splits - 1 - split) / splits;
    }
};

}  // namespace

std::vector<std::uint16_t> read_words(const SparseMemory& store, std::uint64_t address, std::size_t count) {
    std::vector<std::uint16_t> words(count);
    store.read(address, reinterpret_cast<std::uint8_t*>(words.data()), count * word_bytes);
    return words;
}

HeadData::HeadData(SparseMemory& store, const aqpim_layout& layout, std::uint32_t subvectors, std::uint32_t group)
    : store_(store), layout_(layout), subvectors_(subvectors), group_(group) {}

std::uint64_t HeadData::address(std::uint64_t column, std::uint32_t i, std::uint32_t split, std::uint32_t byte) const {
    return aqpim_bank_address(&layout_, group_, aqpim_element_bank(&layout_, subvectors_, i, split), column, byte);
}

/// Walks over a bank's bytes [begin, end) of an object of which burst b lies `slots` columns apart, burst by burst.
template <class Visit>
static void for_each_run(const aqpim_layout& layout, std::uint32_t column, std::uint32_t i, std::uint64_t begin,
                         std::uint64_t end, Visit visit) {
    while (begin < end) {
        const auto in_burst = static_cast<std::uint32_t>(begin % AQPIM_BURST_BYTES);
        const auto run = static_cast<std::uint32_t>(std::min<std::uint64_t>(end - begin, AQPIM_BURST_BYTES - in_burst));
        visit(column + aqpim_slot_column(&layout, i, begin / AQPIM_BURST_BYTES), in_burst, run);
        begin += run;
    }
}

std::vector<std::uint16_t> HeadData::read_vectors(std::uint32_t column, std::uint32_t i, std::uint32_t first,
                                                  std::uint32_t elements) const {
    std::vector<std::uint16_t> values(std::size_t{elements} * dims());
    std::vector<std::uint8_t> share;
    const std::uint64_t bytes = layout_.subvector_bytes;
    for (std::uint32_t split = 0; split < layout_.splits; ++split) {
        const LocalRange local(split, layout_.splits, first, elements);
        share.resize((local.end - local.begin) * bytes);
        std::uint8_t* to = share.data();
        for_each_run(layout_, column, i, local.begin * bytes, local.end * bytes,
                     [&](std::uint64_t at, std::uint32_t in_burst, std::uint32_t run) {
                         store_.read(address(at, i, split, in_burst), to, run);
                         to += run;
                     });
        for (std::uint32_t u = local.begin; u < local.end; ++u) {
            const std::uint32_t element = u * layout_.splits + split;
            std::memcpy(&values[std::size_t{element - first} * dims()], &share[(u - local.begin) * bytes], bytes);
        }
    }
    return values;
}

void HeadData::write_vectors(std::uint32_t column, std::uint32_t i, std::uint32_t first,
                             const std::vector<std::uint16_t>& values) {
    const auto elements = static_cast<std::uint32_t>(values.size() / dims());
    const std::uint64_t bytes = layout_.subvector_bytes;
    for (std::uint32_t e = 0; e < elements; ++e) {
        const std::uint32_t split = (first + e) % layout_.splits;
        const std::uint64_t begin = (first + e) / layout_.splits * bytes;
        const auto* from = reinterpret_cast<const std::uint8_t*>(&values[std::size_t{e} * dims()]);
        for_each_run(layout_, column, i, begin, begin + bytes,
                     [&](std::uint64_t at, std::uint32_t in_burst, std::uint32_t run) {
                         store_.write(address(at, i, split, in_burst), from, run);
                         from += run;
                     });
    }
}

/// Calls `visit` with the address of each run of a table's share in split `split`, the centroids of which it is
/// split + u * splits, its first u, and how many they are.
template <class Visit>
void HeadData::for_each_table_run(std::uint32_t column, std::uint32_t i, std::uint32_t centroids, std::uint32_t dim,
                                  std::uint32_t split, Visit visit) const {
    const std::uint32_t first = aqpim_codebook_byte(&layout_, centroids, i / layout_.banks, dim);
    const std::uint32_t count = aqpim_ceil_div(centroids - split, layout_.splits);
    for (std::uint32_t u = 0; u < count;) {
        const std::uint32_t byte = first + u * word_bytes;
        const std::uint32_t run = std::min(count - u, (AQPIM_BURST_BYTES - byte % AQPIM_BURST_BYTES) / word_bytes);
        visit(address(column, i, split, byte), u, run);
        u += run;
    }
}

std::vector<std::uint16_t> HeadData::read_codebook(std::uint32_t column, std::uint32_t i,
                                                   std::uint32_t centroids) const {
    std::vector<std::uint16_t> values(std::size_t{centroids} * dims());
    std::array<std::uint16_t, AQPIM_BURST_BYTES / word_bytes> words;
    for (std::uint32_t split = 0; split < std::min(layout_.splits, centroids); ++split) {
        for (std::uint32_t j = 0; j < dims(); ++j) {
            for_each_table_run(column, i, centroids, j, split,
                               [&](std::uint64_t place, std::uint32_t u, std::uint32_t run) {
                                   store_.read(place, reinterpret_cast<std::uint8_t*>(words.data()), run * word_bytes);
                                   for (std::uint32_t k = 0; k < run; ++k) {
                                       const std::size_t c = (u + k) * layout_.splits + split;
                                       values[c * dims() + j] = words[k];
                                   }
                               });
        }
    }
    return values;
}

void HeadData::write_codebook(std::uint32_t column, std::uint32_t i, const std::vector<std::uint16_t>& centroids) {
    const auto count = static_cast<std::uint32_t>(centroids.size() / dims());
    std::array<std::uint16_t, AQPIM_BURST_BYTES / word_bytes> words;
    for (std::uint32_t split = 0; split < std::min(layout_.splits, count); ++split) {
        for (std::uint32_t j = 0; j < dims(); ++j) {
            for_each_table_run(
                column, i, count, j, split, [&](std::uint64_t place, std::uint32_t u, std::uint32_t run) {
                    for (std::uint32_t k = 0; k < run; ++k) {
                        words[k] = centroids[((u + k) * layout_.splits + split) * dims() + j];
                    }
                    store_.write(place, reinterpret_cast<const std::uint8_t*>(words.data()), run * word_bytes);
                });
        }
    }
}

std::vector<std::uint16_t> HeadData::read_codes(const CodeColumns& columns, std::uint32_t i, std::uint32_t first,
                                                std::uint32_t elements, std::uint32_t centroids) const {
    std::vector<std::uint16_t> codes(elements);
    const std::uint32_t width = aqpim_code_bits(centroids);
    const std::uint32_t per_burst = aqpim_codes_per_column(centroids);
    Burst burst;
    for (std::uint32_t split = 0; split < layout_.splits; ++split) {
        const LocalRange local(split, layout_.splits, first, elements);
        for (std::uint32_t u = local.begin; u < local.end; ++u) {
            if (u == local.begin || u % per_burst == 0) {
                const std::uint32_t at = columns.at(aqpim_slot_column(&layout_, i, u / per_burst));
                store_.read(address(at, i, split, 0), burst.data(), burst.size());
            }
            codes[u * layout_.splits + split - first] = get_bits(burst, u % per_burst * width, width);
        }
    }
    return codes;
}

void HeadData::write_codes(const CodeColumns& columns, std::uint32_t i, std::uint32_t first,
                           const std::vector<std::uint16_t>& codes, std::uint32_t centroids) {
    const std::uint32_t width = aqpim_code_bits(centroids);
    const std::uint32_t per_burst = aqpim_codes_per_column(centroids);
    Burst burst;
    for (std::uint32_t split = 0; split < layout_.splits; ++split) {
        const LocalRange local(split, layout_.splits, first, static_cast<std::uint32_t>(codes.size()));
        for (std::uint32_t u = local.begin; u < local.end;) {
            const std::uint32_t at = columns.at(aqpim_slot_column(&layout_, i, u / per_burst));
            const std::uint64_t place = address(at, i, split, 0);
            const std::uint32_t end = std::min(local.end, (u / per_burst + 1) * per_burst);
            store_.read(place, burst.data(), burst.size());
            for (; u < end; ++u) {
                set_bits(burst, u % per_burst * width, width, codes[u * layout_.splits + split - first]);
            }
            store_.write(place, burst.data(), burst.size());
        }
    }
}

}  // namespace aqpim
