#pragma once

#include <memory>
#include <vector>

#include "tests/pim/pq_memory.h"

namespace aqpim {

/// The commands of its firmware.
struct PqScene : PqMemory {
    using PqMemory::PqMemory;

    aqpim_pim_cluster cluster_of(Tensor tensor, std::uint32_t window = 0) const {
        aqpim_pim_cluster cluster{};
        cluster.header.opcode = AQPIM_PIM_CLUSTER;
        cluster.header.flags = work.flags;
        cluster.shape = work.shape;
        cluster.sequences = static_cast<std::uint16_t>(work.sequences.size());
        cluster.initial = window == 0 ? work.initial : static_cast<std::uint16_t>(AQPIM_INITIAL_CODEBOOK);
        cluster.first = window * work.window;
        cluster.elements =
            window + 1 == windows() ? std::max(longest(), cluster.first + 1) - cluster.first : work.window;
        cluster.iterations = work.iterations;
        cluster.column_image = objects[tensor].image;
        cluster.column_codebook = objects[tensor].codebook + window * codebook_columns();
        cluster.column_initial = cluster.column_codebook - (window == 0 ? 0 : codebook_columns());
        cluster.column_scratch = scratch;
        cluster.table = table;
        cluster.codes = objects[tensor].codes;
        cluster.weights = weights_at;
        cluster.weights_stride = weights_stride();
        cluster.seed = 7;
        return cluster;
    }
    aqpim_pim_attend attend_of(aqpim_value_path path) const {
        aqpim_pim_attend attend{};
        attend.header.opcode = AQPIM_PIM_ATTEND;
        attend.shape = work.shape;
        attend.queries_per_head = work.queries_per_head;
        attend.value_path = static_cast<std::uint16_t>(path);
        attend.sequences = static_cast<std::uint32_t>(work.sequences.size());
        attend.window = work.window;
        attend.column_key_codebook = objects[keys].codebook;
        attend.column_key_uncoded = objects[keys].uncoded;
        attend.column_value_codebook = objects[values].codebook;
        attend.column_value_uncoded = objects[values].uncoded;
        attend.column_scratch = scratch;
        attend.table = table;
        attend.key_codes = objects[keys].codes;
        attend.value_codes = objects[values].codes;
        attend.query = queries_at;
        attend.output = outputs_at;
        return attend;
    }
    /// Encodes and stores by the table's `slot` and `element`; new vectors come from where queries lie.
    aqpim_pim_append append_of(Tensor tensor) const {
        aqpim_pim_append append{};
        append.header.opcode = AQPIM_PIM_APPEND;
        append.header.flags = work.flags;
        append.shape = work.shape;
        append.sequences = static_cast<std::uint32_t>(work.sequences.size());
        append.table = table;
        append.source = queries_at;
        append.column_uncoded = objects[tensor].uncoded;
        append.column_codebook = objects[tensor].codebook;
        append.column_scratch = scratch;
        append.window = work.window;
        append.codes = objects[tensor].codes;
        return append;
    }

    /// Clusters every window of keys and values.
    void quantize() {
        for (const Tensor tensor : tensors) {
            for (std::uint32_t window = 0; window < windows(); ++window) {
                CHECK(command(cluster_of(tensor, window)).status == AQPIM_DONE);
            }
        }
    }
    /// Of all units: [queries_per_head][head_dim] each.
    Words outputs() {
        Words outputs(std::size_t{units()} * work.queries_per_head * work.shape.head_dim);
        memory.store().read(outputs_at, reinterpret_cast<std::uint8_t*>(outputs.data()), outputs.size() * 2);
        return outputs;
    }
    Words attend(aqpim_value_path path) {
        CHECK(command(attend_of(path)).status == AQPIM_DONE);
        return outputs();
    }
    /// Every codebook and code of a unit.
    Words quantized(std::uint32_t unit) {
        Words all;
        for (const Tensor tensor : tensors) {
            for (std::uint32_t i = 0; i < work.shape.subvectors; ++i) {
                for (std::uint32_t window = 0; window < windows(); ++window) {
                    const Words centroids = encode(codebook(tensor, unit, window, i));
                    all.insert(all.end(), centroids.begin(), centroids.end());
                }
                const Words coded = codes(tensor, unit, i);
                all.insert(all.end(), coded.begin(), coded.end());
            }
        }
        return all;
    }
    /// Quantizes and attends on both paths: all that is in the memory then, and all outputs.
    Words run_whole() {
        quantize();
        Words all = attend(AQPIM_VALUE_LOOP);
        const Words histogram = attend(AQPIM_VALUE_HISTOGRAM);
        all.insert(all.end(), histogram.begin(), histogram.end());
        for (std::uint32_t unit = 0; unit < units(); ++unit) {
            const Words quantized_unit = quantized(unit);
            all.insert(all.end(), quantized_unit.begin(), quantized_unit.end());
        }
        return all;
    }
};

/// Cases side by side in one simulation: what `firmware` returned for each.
template <class Firmware>
auto in_scenes(const std::vector<PqCase>& cases, Firmware firmware) {
    using Result = decltype(firmware(std::declval<PqScene&>()));
    std::vector<std::unique_ptr<PqScene>> scenes;
    std::vector<Result> results(cases.size());
    for (std::size_t index = 0; index < cases.size(); ++index) {
        PqScene& scene =
            *scenes.emplace_back(std::make_unique<PqScene>(sc_core::sc_gen_unique_name("scene"), cases[index]));
        scene.firmware = [&results, &scene, &firmware, index] { results[index] = firmware(scene); };
    }
    sc_core::sc_start();
    return results;
}

}  // namespace aqpim
