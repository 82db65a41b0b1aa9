#include "platform/pq_contents.h"

#include <algorithm>
#include <numeric>

#include "aqpim/pim_layout.h"
#include "models/common/npy.h"
#include "models/pim/head_data.h"

namespace aqpim {

namespace {

constexpr std::size_t windows = 1;

/// Where the heads of a job lie.
struct HeadSets {
    aqpim_layout layout;
    std::uint32_t sets;

    HeadSets(const dram::Organization& organization, const aqpim_job& job)
        : layout(aqpim_make_layout(organization.channels, organization.banks_per_channel(),
                                   aqpim_group_channels(organization.channels, job.kv_heads), job.subvectors,
                                   job.head_dim)),
          sets(aqpim_ceil_div(job.kv_heads, layout.groups)) {}
};

bool is_within(const aqpim_job_object& object, const aqpim_job& job, const aqpim_layout& layout,
               const dram::Organization& organization) {
    const std::uint64_t columns = std::uint64_t{organization.rows} * organization.columns;
    return object.coded <= job.prompt + job.steps &&
           std::uint64_t{object.column_codebook} + aqpim_codebook_columns(&layout, job.centroids) <= columns &&
           std::uint64_t{object.column_codes} + aqpim_code_columns(&layout, object.coded, job.centroids) <= columns;
}

}  // namespace

PqContents read_pq_contents(SparseMemory& store, const dram::Organization& organization, const aqpim_job& job,
                            const std::vector<aqpim_job_object>& objects, bool values) {
    const HeadSets heads(organization, job);
    const std::size_t tokens = job.prompt + job.steps;
    PqContents contents;
    contents.codes.assign(std::size_t{job.layers} * job.kv_heads * tokens * job.subvectors, uncoded);
    for (std::uint32_t layer = 0; layer < job.layers; ++layer) {
        for (std::uint32_t head = 0; head < job.kv_heads; ++head) {
            const std::size_t entry =
                (std::size_t{layer} * 2 + (values ? 1 : 0)) * heads.sets + head / heads.layout.groups;
            if (entry >= objects.size() || !is_within(objects[entry], job, heads.layout, organization)) {
                return {};
            }
            const aqpim_job_object& object = objects[entry];
            const HeadData data(store, heads.layout, job.subvectors, head % heads.layout.groups);
            for (std::uint32_t i = 0; i < job.subvectors; ++i) {
                const auto codebook = data.read_vectors(object.column_codebook, i, job.centroids);
                contents.codebook.insert(contents.codebook.end(), codebook.begin(), codebook.end());
                const auto codes = data.read_codes(object.column_codes, i, object.coded, job.centroids);
                const std::size_t first = (std::size_t{layer} * job.kv_heads + head) * tokens;
                for (std::size_t e = 0; e < codes.size() && job.sinks + e < tokens; ++e) {
                    contents.codes[(first + job.sinks + e) * job.subvectors + i] = codes[e];
                }
            }
        }
    }
    return contents;
}

void write_pq_dump(const PqContents& contents, const aqpim_job& job, const std::string& side,
                   const std::function<std::string(const std::string&)>& path) {
    const std::size_t tokens = job.prompt + job.steps;
    const std::size_t dims = job.head_dim / job.subvectors;
    write_npy(path("codebook_" + side + ".npy"),
              Tensor{{job.layers, job.kv_heads, windows, job.subvectors, job.centroids, dims}, contents.codebook});
    write_npy(path("codes_" + side + ".npy"), {job.layers, job.kv_heads, tokens, job.subvectors}, contents.codes);
    write_npy(path("window_" + side + ".npy"), {tokens}, std::vector<std::uint16_t>(tokens, 0));
    std::vector<std::uint16_t> order(std::size_t{job.layers} * job.kv_heads * job.head_dim);
    for (std::size_t at = 0; at < order.size(); at += job.head_dim) {
        std::iota(order.begin() + static_cast<std::ptrdiff_t>(at),
                  order.begin() + static_cast<std::ptrdiff_t>(at + job.head_dim), std::uint16_t{0});
    }
    write_npy(path("channel_order_" + side + ".npy"), {job.layers, job.kv_heads, job.head_dim}, order);
}

}  // namespace aqpim
