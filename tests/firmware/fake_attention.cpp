#include <catch2/catch.hpp>

#include <algorithm>

#include "fake_devices.h"

std::vector<Vector>& FakeDevices::answer(std::uint64_t query, std::uint64_t output, unsigned queries) {
    const aqpim_job& job = *run_.job;
    const std::uint64_t bytes = queries * vector_bytes(&run_);
    touch(pim_memory, query, bytes, false);
    touch(pim_memory, output, bytes, true);
    const std::uint64_t offset = pim_queries_.at(query);
    for (std::uint64_t at = 0; at < bytes; at += vector_bytes(&run_)) {
        CHECK(pim_queries_.at(query + at) == offset + at);
        pim_outputs_[output + at] = offset + at;
    }
    const std::uint64_t unit = offset % job.query_layer_stride / bytes;
    return seen[{static_cast<unsigned>(offset / job.query_step_stride),
                 static_cast<unsigned>(offset % job.query_step_stride / job.query_layer_stride),
                 static_cast<unsigned>(unit % job.batch), static_cast<unsigned>(unit / job.batch)}];
}

void FakeDevices::attend(const aqpim_pim_attend& attend) {
    const aqpim_layout l = layout(attend.shape, attend.sequences);
    const Table table = read_table(attend.table, attend.sequences);
    touch_columns(attend.column_scratch, aqpim_attend_scratch_columns(&l, attend.shape.centroids), true);
    CHECK(attend.column_scratch % run_.memory.row_columns == 0);
    CHECK(attend.query % AQPIM_BURST_BYTES == 0);
    CHECK(attend.window == run_.job->window);
    see_codes(attend, l, KEY, table);
    see_codes(attend, l, VALUE, table);
    attentions.push_back(attend);
}

void FakeDevices::see_codes(const aqpim_pim_attend& attend, const aqpim_layout& l, int tensor, const Table& table) {
    const std::uint32_t codebook = tensor == KEY ? attend.column_key_codebook : attend.column_value_codebook;
    const std::uint32_t uncoded = tensor == KEY ? attend.column_key_uncoded : attend.column_value_uncoded;
    const std::vector<std::uint32_t> columns = read_extents(tensor == KEY ? attend.key_codes : attend.value_codes);
    const unsigned centroids = attend.shape.centroids;
    for (unsigned group = 0; group < attend.shape.heads * attend.sequences; ++group) {
        const aqpim_pim_sequence& entry = table[group % attend.sequences];
        const std::uint64_t first = std::uint64_t{group} * attend.queries_per_head * vector_bytes(&run_);
        std::vector<Vector>& list = answer(attend.query + first, attend.output + first, attend.queries_per_head);
        CHECK((entry.coded == 0 || entry.windows > 0));
        for (unsigned w = 0; entry.coded > 0 && w < entry.windows; ++w) {
            CHECK(has_codebook(codebook, l, centroids, group, w));
        }
        for (unsigned e = 0; e < entry.coded; ++e) {
            const std::uint32_t column = code_column(columns, l, e, centroids);
            touch_columns(column, l.slots, false);
            list.push_back(codes_.at({column, group, e}));
        }
        touch_columns(uncoded, aqpim_vector_columns(&l, entry.uncoded), false);
        for (unsigned slot = 0; slot < entry.uncoded; ++slot) {
            list.push_back(pim_images_.at(column_bytes(&run_, uncoded)).at({group, slot}));
        }
    }
}

void FakeDevices::attend_whole(const aqpim_pim_attend_whole& attend) {
    const unsigned queries = attend.queries_per_head;
    const Table table = read_table(attend.table, attend.sequences);
    const aqpim_layout l = layout(attend.shape, attend.sequences);
    const unsigned blocks = aqpim_fp16_value_blocks(attend.shape.head_dim, attend.shape.subvectors);
    for (unsigned head = 0; head < attend.kv_heads; ++head) {
        const unsigned set = head / attend.shape.heads;
        for (unsigned s = 0; s < attend.sequences; ++s) {
            const std::uint64_t unit = std::uint64_t{head} * attend.sequences + s;
            const std::uint64_t first = unit * queries * vector_bytes(&run_);
            const std::uint64_t columns = aqpim_vector_columns(&l, table[s].uncoded);
            touch_columns(attend.column_key + set * attend.set_stride, columns, false);
            touch_columns(attend.column_value + set * attend.set_stride,
                          (blocks - 1) * attend.value_block_stride + columns / blocks, false);
            std::vector<Vector>& list = answer(attend.query + first, attend.output + first, queries);
            see_whole(attend, set, head % attend.shape.heads * attend.sequences + s, table[s], list);
        }
    }
    whole_attentions.push_back(attend);
}

void FakeDevices::see_whole(const aqpim_pim_attend_whole& attend, unsigned set, unsigned group,
                            const aqpim_pim_sequence& entry, std::vector<Vector>& list) const {
    const std::uint32_t ahead = set * attend.set_stride;
    for (unsigned e = 0; e < entry.coded; ++e) {
        REQUIRE(attend.header.opcode == AQPIM_PIM_ATTEND_UNIFORM);
        list.push_back(codes_.at({attend.column_key_codes + ahead, group, e}));
        list.push_back(codes_.at({attend.column_value_codes + ahead, group, e}));
    }
    const unsigned blocks = aqpim_fp16_value_blocks(attend.shape.head_dim, attend.shape.subvectors);
    for (unsigned slot = 0; slot < entry.uncoded; ++slot) {
        list.push_back(pim_images_.at(column_bytes(&run_, attend.column_key + ahead)).at({group, slot}));
        const std::uint32_t values = attend.column_value + ahead;
        Vector value = pim_images_.at(column_bytes(&run_, values)).at({group, slot});
        list.push_back(value);
        for (unsigned block = 1; block < blocks; ++block) {
            value.dim += attend.shape.head_dim / blocks;
            const std::uint32_t column = values + block * attend.value_block_stride;
            CHECK(pim_images_.at(column_bytes(&run_, column)).at({group, slot}) == value);
        }
    }
}
