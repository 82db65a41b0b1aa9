#include "platform/pq_contents.h"

#include <algorithm>

#include "aqpim/pim.h"
#include "models/common/npy.h"
#include "models/pim/arithmetic.h"
#include "models/pim/code_columns.h"
#include "models/pim/code_windows.h"
#include "models/pim/head_data.h"
#include "platform/job_image.h"
#include "platform/kv_bytes.h"
#include "platform/unit_placement.h"

namespace aqpim {

namespace {

class Reader {
 public:
    Reader(const JobRemains& remains, bool is_value)
        : remains_(remains),
          job_(remains.job),
          is_value_(is_value),
          placement_(remains.organization, job_),
          columns_(std::uint64_t{remains.organization.rows} * remains.organization.columns),
          dims_(job_.head_dim / job_.subvectors) {
        contents_.windows = 1;
        for (const aqpim_job_sequence& sequence : remains_.sequences) {
            contents_.tokens = std::max<std::size_t>(contents_.tokens, sequence.prompt + job_.steps);
            contents_.windows = std::max<std::size_t>(contents_.windows, job_.centroids == 0 ? 0 : sequence.windows);
        }
    }

    PqContents read() {
        if (!are_sequences_sound()) {
            return {};
        }
        const std::size_t heads = std::size_t{job_.batch} * job_.layers * job_.kv_heads;
        contents_.codebook.resize(heads * contents_.windows * job_.centroids * job_.head_dim);
        contents_.codes.assign(heads * contents_.tokens * job_.subvectors, uncoded);
        contents_.window.resize(std::size_t{job_.batch} * contents_.tokens);
        for (std::uint32_t sequence = 0; sequence < job_.batch; ++sequence) {
            for (std::uint32_t token = job_.sinks; token < remains_.tokens(sequence); ++token) {
                contents_.window[sequence * contents_.tokens + token] = static_cast<std::uint16_t>(
                    window_of(token - job_.sinks, job_.window, remains_.sequences[sequence].windows));
            }
            for (std::uint32_t layer = 0; layer < kept_layers(job_); ++layer) {
                for (std::uint32_t head = 0; head < job_.kv_heads; ++head) {
                    if (job_.centroids != 0 && !read_unit(sequence, layer, head)) {
                        return {};
                    }
                }
            }
        }
        return std::move(contents_);
    }

 private:
    /// Firmware has written them; nothing else is taken for granted.
    bool are_sequences_sound() const {
        if (job_.centroids == 0) {
            return true;
        }
        for (std::uint32_t b = 0; b < job_.batch; ++b) {
            const aqpim_job_sequence& sequence = remains_.sequences[b];
            const std::uint64_t end = std::uint64_t{job_.sinks} + sequence.coded;
            const bool has_coded = sequence.coded != 0;
            if (sequence.wave != placement_.wave(b) ||
                (has_coded && (end > remains_.tokens(b) || sequence.windows == 0)) ||
                sequence.windows > std::max(1u, remains_.tokens(b))) {
                return false;
            }
        }
        return true;
    }

    bool read_unit(std::uint32_t sequence, std::uint32_t layer, std::uint32_t head) {
        const std::uint64_t entry = placement_.object(sequence, layer, is_value_, head);
        if (entry >= remains_.objects.size()) {
            return false;
        }
        const aqpim_job_object& object = remains_.objects[entry];
        const aqpim_layout& layout = placement_.layout(sequence);
        const std::uint32_t coded = remains_.sequences[sequence].coded;
        const std::uint64_t codebook_columns =
            std::uint64_t{aqpim_codebook_columns(&layout, job_.centroids)} * remains_.sequences[sequence].windows;
        const CodeColumns pages(remains_.store, {object.codes, object.extents, 0}, columns_);
        if (object.column_codebook + codebook_columns > columns_ ||
            pages.size() < aqpim_code_columns(&layout, coded, job_.centroids)) {
            return false;
        }
        const HeadData data(remains_.store, layout, job_.subvectors, placement_.group(sequence, head));
        const std::size_t unit = (std::size_t{sequence} * job_.layers + layer) * job_.kv_heads + head;
        read_codebooks(data, layout, object.column_codebook, sequence, unit);
        return read_codes(data, pages, coded, unit);
    }

    void read_codebooks(const HeadData& data, const aqpim_layout& layout, std::uint32_t column, std::uint32_t sequence,
                        std::size_t unit) {
        const Arithmetic stored = stored_arithmetic(job_);
        const std::size_t words = job_.centroids * dims_;
        for (std::uint32_t window = 0; window < remains_.sequences[sequence].windows; ++window) {
            const std::uint32_t at = column + window * aqpim_codebook_columns(&layout, job_.centroids);
            for (std::uint32_t i = 0; i < job_.subvectors; ++i) {
                const std::vector<std::uint16_t> codebook = data.read_codebook(at, i, job_.centroids);
                const std::size_t to = ((unit * contents_.windows + window) * job_.subvectors + i) * words;
                std::transform(codebook.begin(), codebook.end(),
                               contents_.codebook.begin() + static_cast<std::ptrdiff_t>(to),
                               [&](std::uint16_t word) { return load_word(word, stored); });
            }
        }
    }

    bool read_codes(const HeadData& data, const CodeColumns& pages, std::uint32_t coded, std::size_t unit) {
        for (std::uint32_t i = 0; i < job_.subvectors; ++i) {
            const std::vector<std::uint16_t> codes = data.read_codes(pages, i, 0, coded, job_.centroids);
            for (std::size_t e = 0; e < codes.size(); ++e) {
                if (codes[e] >= job_.centroids) {
                    return false;
                }
                contents_.codes[(unit * contents_.tokens + job_.sinks + e) * job_.subvectors + i] = codes[e];
            }
        }
        return true;
    }

    const JobRemains& remains_;
    const aqpim_job& job_;
    bool is_value_;
    UnitPlacement placement_;
    std::uint64_t columns_;
    std::size_t dims_;
    PqContents contents_;
};

/// A leading dimension for the batch where there is one.
std::vector<std::size_t> batched(const aqpim_job& job, std::vector<std::size_t> shape) {
    if (job.batch != 1) {
        shape.insert(shape.begin(), job.batch);
    }
    return shape;
}

}  // namespace

PqContents read_pq_contents(const JobRemains& remains, bool is_value) {
    return Reader(remains, is_value).read();
}

void write_pq_dump(const PqContents& contents, const aqpim_job& job, const std::optional<ChannelOrder>& order,
                   const std::string& side, const std::function<std::string(const std::string&)>& path) {
    const std::size_t dims = job.head_dim / job.subvectors;
    write_npy(path("codebook_" + side + ".npy"),
              Tensor{batched(job, {job.layers, job.kv_heads, contents.windows, job.subvectors, job.centroids, dims}),
                     contents.codebook});
    write_npy(path("codes_" + side + ".npy"), batched(job, {job.layers, job.kv_heads, contents.tokens, job.subvectors}),
              contents.codes);
    write_npy(path("window_" + side + ".npy"), batched(job, {contents.tokens}), contents.window);
    write_channel_order(path("channel_order_" + side + ".npy"),
                        order.value_or(identity_order(job.layers, job.kv_heads, job.head_dim)));
}

}  // namespace aqpim
