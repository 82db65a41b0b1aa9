#include <catch2/catch.hpp>

#include "fake_devices.h"

void FakeDevices::attend(const aqpim_pim_attend& attend) {
    const aqpim_layout l = layout(attend.shape);
    const unsigned centroids = attend.shape.centroids;
    const std::uint64_t bytes = attend.shape.heads * attend.queries_per_head * vector_bytes(&run_);
    const std::pair<std::uint32_t, std::uint32_t> tensors[] = {
        {attend.column_key_codes, attend.column_key_uncoded}, {attend.column_value_codes, attend.column_value_uncoded}};
    touch(pim_memory, attend.query, bytes, false);
    touch(pim_memory, attend.output, bytes, true);
    touch_columns(attend.column_scratch, aqpim_attend_scratch_columns(&l, attend.coded, centroids), true);
    CHECK(attend.column_scratch % run_.memory.row_columns == 0);

    const std::uint64_t offset = pim_queries_.at(attend.query);
    const std::uint64_t index = offset / vector_bytes(&run_);
    const auto step = static_cast<unsigned>(index / run_.job->heads / run_.job->layers);
    const auto layer = static_cast<unsigned>(index / run_.job->heads % run_.job->layers);
    const auto first_head = static_cast<unsigned>(index % run_.job->heads) / attend.queries_per_head;
    for (const auto& [codes, uncoded] : tensors) {
        touch_columns(codes, aqpim_code_columns(&l, attend.coded, centroids), false);
        touch_columns(uncoded, aqpim_vector_columns(&l, attend.uncoded), false);
        for (unsigned head = 0; head < attend.shape.heads; ++head) {
            auto& list = seen[{step, layer, first_head + head}];
            for (unsigned e = 0; e < attend.coded; ++e) {
                list.push_back(pim_images_.at(column_bytes(&run_, codes)).at({head, e}));
            }
            for (unsigned slot = 0; slot < attend.uncoded; ++slot) {
                list.push_back(pim_images_.at(column_bytes(&run_, uncoded)).at({head, slot}));
            }
        }
    }
    pim_outputs_[attend.output] = offset;
}

void FakeDevices::attend_fp16(const aqpim_pim_attend_fp16& attend) {
    const std::uint64_t bytes = attend.kv_heads * attend.queries_per_head * vector_bytes(&run_);
    touch(pim_memory, attend.query, bytes, false);
    touch(pim_memory, attend.output, bytes, true);
    const tensor_parts values = parts_of(&run_, VALUE);
    const aqpim_layout keys = layout(attend.shape);
    for (unsigned set = 0; set * attend.shape.heads < attend.kv_heads; ++set) {
        const std::uint32_t key = attend.column_key + set * attend.set_stride;
        touch_columns(key, aqpim_vector_columns(&keys, attend.tokens), false);
        see(attend.query, attend, set, key);
        for (unsigned part = 0; part < values.count; ++part) {
            const std::uint32_t value =
                attend.column_value + set * attend.set_stride + part * attend.value_block_stride;
            touch_columns(value, part_columns(&values, attend.tokens), false);
            see(attend.query, attend, set, value);
        }
    }
    // What was copied as queries, set by set, comes back in the same pieces.
    for (const auto& [query, offset] : pim_queries_) {
        if (query >= attend.query && query < attend.query + bytes) {
            pim_outputs_[attend.output + (query - attend.query)] = offset;
        }
    }
}

void FakeDevices::see(std::uint64_t query, const aqpim_pim_attend_fp16& attend, unsigned set, std::uint32_t column) {
    const std::uint64_t index = pim_queries_.at(query) / vector_bytes(&run_);
    const auto step = static_cast<unsigned>(index / run_.job->heads / run_.job->layers);
    const auto layer = static_cast<unsigned>(index / run_.job->heads % run_.job->layers);
    const Image& image = pim_images_.at(column_bytes(&run_, column));
    for (unsigned h = 0; h < attend.shape.heads; ++h) {
        const unsigned head = set * attend.shape.heads + h;
        for (unsigned slot = 0; head < attend.kv_heads && slot < attend.tokens; ++slot) {
            seen[{step, layer, head}].push_back(image.at({h, slot}));
        }
    }
}
