#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>

#include "fake_devices.h"

namespace {

bool is_uniform_append(const aqpim_pim_append& append) {
    return (append.header.flags & AQPIM_PIM_FLAG_UNIFORM) != 0;
}

}  // namespace

aqpim_layout FakeDevices::layout(const aqpim_pim_shape& shape, unsigned sequences) const {
    const aqpim_layout l = aqpim_make_layout(run_.memory.channels, run_.memory.banks_per_channel, shape.group_banks,
                                             shape.subvectors, shape.head_dim);
    REQUIRE(shape.heads * sequences <= l.groups);
    return l;
}

FakeDevices::Table FakeDevices::read_table(std::uint64_t address, unsigned sequences) {
    touch(pim_memory, address, sequences * sizeof(aqpim_pim_sequence), false);
    CHECK(address % AQPIM_BURST_BYTES == 0);
    Table table;
    for (unsigned s = 0; s < sequences; ++s, address += sizeof(aqpim_pim_sequence)) {
        struct {
            std::uint64_t words[4];
        } entry{{pim_words_.at(address), pim_words_.at(address + 8), pim_words_.at(address + 16),
                 pim_words_.at(address + 24)}};
        table.push_back(std::bit_cast<aqpim_pim_sequence>(entry));
    }
    return table;
}

std::vector<std::uint32_t> FakeDevices::read_extents(const aqpim_pim_pages& pages) {
    std::vector<std::uint32_t> columns;
    if (pages.count == 0) {
        return columns;
    }
    touch(pim_memory, pages.extents, pages.count * sizeof(aqpim_pim_extent), false);
    CHECK(pages.extents % AQPIM_BURST_BYTES == 0);
    for (std::uint32_t i = 0; i < pages.count; ++i) {
        const auto extent = std::bit_cast<aqpim_pim_extent>(pim_words_.at(pages.extents + i * 8));
        for (std::uint32_t column = 0; column < extent.columns; ++column) {
            columns.push_back(extent.column + column);
        }
    }
    return columns;
}

std::uint32_t FakeDevices::code_column(const std::vector<std::uint32_t>& columns, const aqpim_layout& l,
                                       unsigned element, unsigned centroids) const {
    return columns.at(element / l.splits / aqpim_codes_per_column(centroids) * l.slots);
}

bool FakeDevices::has_codebook(std::uint32_t column, const aqpim_layout& l, unsigned centroids, unsigned group,
                               unsigned window) const {
    return codebooks_.count({column + window * aqpim_codebook_columns(&l, centroids), group}) != 0;
}

void FakeDevices::check_initial(const aqpim_pim_cluster& cluster, const aqpim_layout& l) const {
    const unsigned groups = cluster.shape.heads * cluster.sequences;
    for (unsigned group = 0; group < groups; ++group) {
        if (cluster.initial == AQPIM_INITIAL_CODEBOOK) {
            CHECK(codebooks_.count({cluster.column_initial, group}) == 1);
        } else if (cluster.initial == AQPIM_INITIAL_VECTORS) {
            const Image& given = pim_images_.at(column_bytes(&run_, cluster.column_initial));
            for (unsigned c = 0; c < cluster.shape.centroids; ++c) {
                const Vector& centroid = given.at({group, c});
                CHECK(centroid.sequence == Vector::given);
                CHECK(centroid.token == c);
                CHECK(centroid.head % cluster.shape.heads == group / cluster.sequences);
            }
        }
    }
    const std::uint32_t align =
        std::min(run_.memory.row_columns, aqpim_codebook_alignment(&l, cluster.shape.centroids));
    CHECK(cluster.column_codebook % align == 0);
}

void FakeDevices::check_weights(const aqpim_pim_cluster& cluster, const Table& table) {
    const Image& image = pim_images_.at(column_bytes(&run_, cluster.column_image));
    for (unsigned group = 0; group < cluster.shape.heads * cluster.sequences; ++group) {
        const unsigned coded = table[group % cluster.sequences].coded;
        if (coded > 0) {
            const std::uint64_t row = cluster.weights + group * cluster.weights_stride;
            touch(pim_memory, row, coded * 2, false);
            Vector first = image.at({group, 0});
            first.tensor = KEY;
            CHECK(pim_weights_.at(row) == first);
        }
    }
}

void FakeDevices::cluster(const aqpim_pim_cluster& cluster) {
    const aqpim_layout l = layout(cluster.shape, cluster.sequences);
    const unsigned centroids = cluster.shape.centroids;
    const Table table = read_table(cluster.table, cluster.sequences);
    const std::vector<std::uint32_t> columns = read_extents(cluster.codes);
    touch_columns(cluster.column_image, aqpim_vector_columns(&l, cluster.first + cluster.elements), false);
    touch_columns(cluster.column_codebook, aqpim_codebook_columns(&l, centroids), true);
    touch_columns(cluster.column_scratch, aqpim_cluster_scratch_columns(&l, cluster.elements, centroids), true);
    CHECK(cluster.column_scratch % run_.memory.row_columns == 0);
    check_initial(cluster, l);
    if ((cluster.header.flags & AQPIM_PIM_FLAG_WEIGHTED) != 0) {
        check_weights(cluster, table);
    }
    const Image& image = pim_images_.at(column_bytes(&run_, cluster.column_image));
    for (unsigned group = 0; group < cluster.shape.heads * cluster.sequences; ++group) {
        const unsigned end = std::min(table[group % cluster.sequences].coded, cluster.first + cluster.elements);
        for (unsigned e = cluster.first; e < end; ++e) {
            const std::uint32_t column = code_column(columns, l, e, centroids);
            touch_columns(column, l.slots, true);
            codes_[{column, group, e}] = image.at({group, e});
        }
        if (end > cluster.first || cluster.initial >= AQPIM_INITIAL_CODEBOOK) {
            codebooks_.insert({cluster.column_codebook, group});
        }
    }
    clusterings.push_back(cluster);
}

void FakeDevices::quantize(const aqpim_pim_quantize& quantize) {
    const aqpim_layout l = layout(quantize.shape, quantize.sequences);
    const bool per_token = (quantize.header.flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0;
    const Table table = read_table(quantize.table, quantize.sequences);
    const Image& image = pim_images_.at(column_bytes(&run_, quantize.column_image));
    for (unsigned group = 0; group < quantize.shape.heads * quantize.sequences; ++group) {
        const unsigned elements = table[group % quantize.sequences].coded;
        touch_columns(quantize.column_image, aqpim_vector_columns(&l, elements), false);
        touch_columns(quantize.column_codes, aqpim_uniform_columns(&l, elements, quantize.shape.centroids), true);
        touch_columns(quantize.column_parameters, aqpim_uniform_parameter_columns(&l, elements, per_token), true);
        for (unsigned e = 0; e < elements; ++e) {
            const Vector& vector = image.at({group, e});
            CHECK(per_token == (vector.tensor == VALUE));
            codes_[{quantize.column_codes, group, e}] = vector;
        }
    }
    quantizations.push_back(quantize);
}

void FakeDevices::touch_appended(const aqpim_pim_append& append, const aqpim_layout& l) {
    touch(pim_memory, append.source, append.shape.heads * append.sequences * append.shape.head_dim * 2, false);
    CHECK(append.source % AQPIM_BURST_BYTES == 0);
    if (!keeps_whole(&run_)) {
        touch_columns(append.column_codebook, aqpim_codebook_columns(&l, append.shape.centroids), false);
        touch_columns(append.column_scratch, aqpim_append_scratch_columns(&l, append.shape.centroids), true);
        CHECK(append.window == run_.job->window);
    }
}

void FakeDevices::append(const aqpim_pim_append& append) {
    const aqpim_layout l = layout(append.shape, append.sequences);
    const Table table = read_table(append.table, append.sequences);
    touch_appended(append, l);
    for (unsigned head = 0; head < append.shape.heads; ++head) {
        for (unsigned s = 0; s < append.sequences; ++s) {
            put_new(append, l, head, s, table[s]);
        }
    }
    appends.push_back(append);
}

void FakeDevices::put_new(const aqpim_pim_append& append, const aqpim_layout& l, unsigned head, unsigned index,
                          const aqpim_pim_sequence& entry) {
    const unsigned group = head * append.sequences + index;
    const unsigned centroids = append.shape.centroids;
    Vector leaving = pim_vectors_.at(append.source + group * append.shape.head_dim * 2);
    if (entry.slot != AQPIM_PIM_NONE) {
        touch_columns(append.column_uncoded, aqpim_vector_columns(&l, entry.slot + 1), true);
        leaving = put_into_slot(append, group, entry.slot, leaving);
    }
    if (entry.element == AQPIM_PIM_NONE) {
        return;
    }
    if (is_uniform_append(append)) {
        touch_columns(append.column_codes, aqpim_uniform_columns(&l, entry.element + 1, centroids), true);
        codes_[{append.column_codes, group, entry.element}] = leaving;
        return;
    }
    const std::vector<std::uint32_t> columns = read_extents(append.codes);
    const unsigned window = append.window == 0 ? 0 : std::min(entry.element / append.window, entry.windows - 1);
    CHECK(has_codebook(append.column_codebook, l, centroids, group, window));
    const std::uint32_t column = code_column(columns, l, entry.element, centroids);
    touch_columns(column, l.slots, true);
    codes_[{column, group, entry.element}] = leaving;
}

Vector FakeDevices::put_into_slot(const aqpim_pim_append& append, unsigned group, unsigned slot, const Vector& fresh) {
    const bool in_blocks = is_uniform_append(append) && (append.header.flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0;
    const unsigned blocks = in_blocks ? aqpim_fp16_value_blocks(append.shape.head_dim, append.shape.subvectors) : 1;
    Vector old{};
    for (unsigned block = 0; block < blocks; ++block) {
        const std::uint32_t column = append.column_uncoded + (in_blocks ? block * append.value_block_stride : 0);
        Image& slots = pim_images_[column_bytes(&run_, column)];
        Vector part = fresh;
        part.dim += block * append.shape.head_dim / blocks;
        if (block == 0 && slots.count({group, slot}) != 0) {
            old = slots.at({group, slot});
        }
        slots[{group, slot}] = part;
    }
    return old;
}
