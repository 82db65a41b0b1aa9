#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "models/pim/head_data.h"
#include "tests/pim/device_scene.h"

namespace aqpim {

enum Tensor : std::uint32_t { keys, values };
inline constexpr Tensor tensors[] = {keys, values};
using Words = std::vector<std::uint16_t>;

/// What is quantized and attended in a scene.
struct PqCase {
    aqpim_pim_shape shape{2, 32, 8, 16, 64};
    std::vector<aqpim_pim_sequence> sequences{sequence_of(200, 8)};
    std::uint32_t window = 0;
    std::uint16_t queries_per_head = 1;
    std::uint16_t initial = AQPIM_INITIAL_FIRST;  ///< of the first window; others start from the codebook before
    std::uint16_t flags = 0;                      ///< of CLUSTER and APPEND
    std::uint32_t iterations = 4;
    std::uint32_t page_columns = 0;    ///< codes lie in scattered pages of so many columns; 0: in one piece
    std::uint32_t first_sequence = 0;  ///< data of a sequence depend on its number, which counts from here
    bool functional = true;
    Parameters::Settings settings;
};

/// A device whose memory has the keys, values and queries of some sequences, as firmware lays them out: random numbers,
/// the `coded` tokens of a sequence in the images, then its `uncoded` ones in the slots.
struct PqMemory : Scene {
    struct Object {
        std::uint32_t image;
        std::uint32_t codebook;
        std::uint32_t uncoded;
        aqpim_pim_pages codes;
    };
    PqCase work;
    aqpim_layout layout;
    Arithmetic arithmetic = Arithmetic::fp16_fp32;
    Object objects[2];
    std::vector<std::vector<float>> vectors[2];  ///< by unit: [coded + uncoded tokens][head_dim]
    std::vector<std::vector<float>> weights;     ///< by unit: [coded], of CLUSTER with AQPIM_PIM_FLAG_WEIGHTED
    std::vector<std::vector<float>> queries;     ///< by unit: [queries_per_head][head_dim]
    std::uint32_t scratch;
    std::uint64_t table;
    std::uint64_t weights_at;
    std::uint64_t queries_at;
    std::uint64_t outputs_at;

    PqMemory(sc_core::sc_module_name name, const PqCase& pq_case) : Scene(name, pq_case.settings), work(pq_case) {
        const dram::Organization& o = memory.organization();
        const aqpim_pim_shape& shape = work.shape;
        layout =
            aqpim_make_layout(o.channels, o.banks_per_channel(), shape.group_banks, shape.subvectors, shape.head_dim);
        arithmetic = parameters.pim.arithmetic == "bf16"   ? Arithmetic::bf16
                     : parameters.pim.arithmetic == "fp16" ? Arithmetic::fp16
                                                           : Arithmetic::fp16_fp32;
        parameters.pim.functional = work.functional;
        allocate();
        for (std::uint32_t unit = 0; unit < units(); ++unit) {
            make_data(unit);
        }
        put_table(table, work.sequences);
        put_linear(weights_at, weights, weights_stride(), Arithmetic::fp16_fp32);
        put_linear(queries_at, queries, vector_bytes() * work.queries_per_head, arithmetic);
    }

    std::uint32_t units() const { return static_cast<std::uint32_t>(work.shape.heads * work.sequences.size()); }
    const aqpim_pim_sequence& sequence(std::uint32_t unit) const {
        return work.sequences[unit % work.sequences.size()];
    }
    std::uint32_t dims() const { return work.shape.head_dim / work.shape.subvectors; }
    std::uint32_t vector_bytes() const { return work.shape.head_dim * 2U; }
    std::uint32_t codebook_columns() const { return aqpim_codebook_columns(&layout, work.shape.centroids); }
    HeadData head(std::uint32_t unit) { return {memory.store(), layout, work.shape.subvectors, unit}; }
    CodeColumns code_columns(Tensor tensor) {
        const dram::Organization& o = memory.organization();
        return {memory.store(), objects[tensor].codes, std::uint64_t{o.rows} * o.columns};
    }
    std::vector<float> decode(const Words& words) const {
        std::vector<float> numbers(words.size());
        std::transform(words.begin(), words.end(), numbers.begin(),
                       [&](std::uint16_t word) { return load_word(word, arithmetic); });
        return numbers;
    }
    Words encode(const std::vector<float>& numbers) const {
        Words words(numbers.size());
        std::transform(numbers.begin(), numbers.end(), words.begin(),
                       [&](float number) { return store_word(number, arithmetic); });
        return words;
    }
    /// Subvector `i` of tokens [first, first + count) of a unit.
    std::vector<float> part(Tensor tensor, std::uint32_t unit, std::uint32_t i, std::uint32_t first,
                            std::uint32_t count) const {
        std::vector<float> numbers;
        for (std::uint32_t token = first; token < first + count; ++token) {
            const auto from = vectors[tensor][unit].begin() + token * work.shape.head_dim + i * dims();
            numbers.insert(numbers.end(), from, from + dims());
        }
        return numbers;
    }
    std::vector<float> codebook(Tensor tensor, std::uint32_t unit, std::uint32_t window, std::uint32_t i) {
        const std::uint32_t column = objects[tensor].codebook + window * codebook_columns();
        return decode(head(unit).read_codebook(column, i, work.shape.centroids));
    }
    Words codes(Tensor tensor, std::uint32_t unit, std::uint32_t i) {
        return head(unit).read_codes(code_columns(tensor), i, 0, sequence(unit).coded, work.shape.centroids);
    }
    std::uint32_t longest() const {
        std::uint32_t most = 0;
        for (const aqpim_pim_sequence& sequence : work.sequences) {
            most = std::max(most, sequence.coded);
        }
        return most;
    }
    std::uint64_t weights_stride() const { return (std::max(longest(), windows() * work.window) + 1) * 2U; }
    std::uint32_t windows() const {
        std::uint32_t most = 1;
        for (const aqpim_pim_sequence& sequence : work.sequences) {
            most = std::max(most, sequence.windows);
        }
        return most;
    }
    /// Elements [first, second) of a window of one unit's codes.
    std::pair<std::uint32_t, std::uint32_t> window_of_unit(std::uint32_t unit, std::uint32_t window) const {
        const std::uint32_t coded = sequence(unit).coded;
        const bool is_last = window + 1 == windows();
        return {std::min(coded, window * work.window), is_last ? coded : std::min(coded, (window + 1) * work.window)};
    }

    /// Every byte of every object.
    std::vector<std::uint8_t> contents_of_all() {
        std::vector<std::uint8_t> bytes(address_of(next_column_));
        memory.store().read(0, bytes.data(), bytes.size());
        return bytes;
    }
    /// Free columns from a whole row on.
    std::uint32_t take(std::uint32_t columns) {
        const std::uint32_t first = next_column_;
        const std::uint32_t in_row = memory.organization().columns;
        next_column_ += aqpim_ceil_div(columns, in_row) * in_row;
        return first;
    }
    std::uint64_t take_bytes(std::uint64_t bytes) {
        return address_of(take(static_cast<std::uint32_t>(bytes / address_of(1) + 1)));
    }

 private:
    void allocate() {
        constexpr std::uint32_t spare = 64;  // for APPEND
        std::uint32_t uncoded = 1;
        for (const aqpim_pim_sequence& sequence : work.sequences) {
            uncoded = std::max(uncoded, sequence.uncoded);
        }
        for (Object& object : objects) {
            object.image = take(aqpim_vector_columns(&layout, longest() + 1));
            object.codebook = take(windows() * codebook_columns());
            object.uncoded = take(aqpim_vector_columns(&layout, uncoded));
            object.codes = take_pages(aqpim_code_columns(&layout, longest() + spare, work.shape.centroids));
        }
        scratch = take(std::max(aqpim_cluster_scratch_columns(&layout, longest(), work.shape.centroids),
                                aqpim_attend_scratch_columns(&layout, work.shape.centroids)));
        table = take_bytes(work.sequences.size() * sizeof(aqpim_pim_sequence));
        weights_at = take_bytes(units() * weights_stride());
        queries_at = take_bytes(std::uint64_t{units()} * work.queries_per_head * vector_bytes());
        outputs_at = take_bytes(std::uint64_t{units()} * work.queries_per_head * vector_bytes());
    }
    aqpim_pim_pages take_pages(std::uint32_t columns) {
        const std::uint32_t in_page = work.page_columns == 0 ? columns : work.page_columns;
        const std::uint32_t pages = aqpim_ceil_div(columns, in_page);
        const std::uint32_t region = take(2 * pages * in_page);
        std::vector<aqpim_pim_extent> extents;
        for (std::uint32_t page = pages; page-- != 0;) {
            extents.push_back({region + 2 * page * in_page, in_page});
        }
        const std::uint64_t address = take_bytes(extents.size() * sizeof(aqpim_pim_extent));
        put_table(address, extents);
        return {address, pages, 0};
    }

    /// Normal, around a mean of each channel's own: as real keys and values are.
    std::vector<float> random_numbers(std::size_t count, unsigned seed) const {
        std::mt19937 random(seed);
        std::normal_distribution<float> normal;
        std::vector<float> means(work.shape.head_dim);
        std::generate(means.begin(), means.end(), [&] { return normal(random); });
        std::vector<float> numbers(count);
        for (std::size_t k = 0; k < count; ++k) {
            numbers[k] = load_word(store_word(means[k % means.size()] + normal(random), arithmetic), arithmetic);
        }
        return numbers;
    }
    void make_data(std::uint32_t unit) {
        const auto sequences = static_cast<std::uint32_t>(work.sequences.size());
        const std::uint32_t number = (unit / sequences) * 1000 + (work.first_sequence + unit % sequences) * 10;
        const std::uint32_t coded = sequence(unit).coded;
        const std::uint32_t uncoded = sequence(unit).uncoded;
        for (const Tensor tensor : tensors) {
            vectors[tensor].push_back(random_numbers((coded + uncoded) * work.shape.head_dim, number + tensor));
            for (std::uint32_t i = 0; i < work.shape.subvectors; ++i) {
                head(unit).write_vectors(objects[tensor].image, i, 0, encode(part(tensor, unit, i, 0, coded)));
                head(unit).write_vectors(objects[tensor].uncoded, i, 0, encode(part(tensor, unit, i, coded, uncoded)));
            }
        }
        queries.push_back(random_numbers(std::size_t{work.queries_per_head} * work.shape.head_dim, number + 2));
        weights.push_back(random_numbers(coded, number + 3));
        for (float& weight : weights.back()) {
            weight = round_to_half(std::exp(weight));
        }
    }
    void put_linear(std::uint64_t address, const std::vector<std::vector<float>>& rows, std::uint64_t stride,
                    Arithmetic format) {
        for (std::size_t row = 0; row < rows.size(); ++row) {
            Words words(rows[row].size());
            std::transform(rows[row].begin(), rows[row].end(), words.begin(),
                           [&](float number) { return store_word(number, format); });
            memory.store().write(address + row * stride, reinterpret_cast<const std::uint8_t*>(words.data()),
                                 words.size() * 2);
        }
    }

    std::uint32_t next_column_ = 0;
};

}  // namespace aqpim
