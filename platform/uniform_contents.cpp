#include <limits>

#include "aqpim/pim.h"
#include "models/pim/arithmetic.h"
#include "models/pim/unit_vectors.h"
#include "platform/job_image.h"
#include "platform/kv_bytes.h"
#include "platform/pq_contents.h"
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
          stored_(stored_arithmetic(job_)) {}

    PqContents read() {
        contents_.tokens = std::size_t{job_.prompt} + job_.steps;
        contents_.vectors.assign(
            std::size_t{job_.batch} * job_.layers * job_.kv_heads * contents_.tokens * job_.head_dim,
            std::numeric_limits<float>::quiet_NaN());
        for (std::uint32_t sequence = 0; sequence < job_.batch; ++sequence) {
            for (std::uint32_t layer = 0; layer < kept_layers(job_); ++layer) {
                for (std::uint32_t head = 0; head < job_.kv_heads; ++head) {
                    if (!read_unit(sequence, layer, head)) {
                        return {};
                    }
                }
            }
        }
        return std::move(contents_);
    }

 private:
    bool read_unit(std::uint32_t sequence, std::uint32_t layer, std::uint32_t head) {
        const std::uint32_t coded = remains_.sequences[sequence].coded;
        const std::uint64_t entry = placement_.object(sequence, layer, is_value_, head);
        if (entry >= remains_.objects.size() || std::uint64_t{job_.sinks} + coded > remains_.tokens(sequence)) {
            return coded == 0;
        }
        const aqpim_job_object& object = remains_.objects[entry];
        const aqpim_layout& layout = placement_.layout(sequence);
        if (object.column_codes + std::uint64_t{aqpim_uniform_columns(&layout, coded, job_.centroids)} > columns_ ||
            object.column_codebook + std::uint64_t{aqpim_uniform_parameter_columns(&layout, coded, is_value_)} >
                columns_) {
            return false;
        }
        const std::size_t unit = (std::size_t{sequence} * job_.layers + layer) * job_.kv_heads + head;
        float* const vectors =
            contents_.vectors.data() + (unit * contents_.tokens + job_.sinks) * std::size_t{job_.head_dim};
        read_vectors(object, sequence, head, vectors);
        return true;
    }

    void read_vectors(const aqpim_job_object& object, std::uint32_t sequence, std::uint32_t head,
                      float* vectors) const {
        const aqpim_layout& layout = placement_.layout(sequence);
        const aqpim_pim_shape shape{1, static_cast<std::uint16_t>(job_.head_dim),
                                    static_cast<std::uint16_t>(job_.subvectors),
                                    static_cast<std::uint16_t>(job_.centroids), layout.banks};
        const UnitVectors unit(remains_.store, layout, shape, placement_.group(sequence, head), stored_);
        const std::uint32_t coded = remains_.sequences[sequence].coded;
        const std::vector<std::uint8_t> codes = unit.read_codes(object.column_codes, coded);
        const std::vector<UniformParameters> parameters =
            is_value_ ? unit.read_token_parameters(object.column_codebook, coded)
                      : unit.read_channel_parameters(object.column_codebook);
        for (std::size_t n = 0; n < codes.size(); ++n) {
            const UniformParameters& own = parameters[is_value_ ? n / job_.head_dim : n % job_.head_dim];
            vectors[n] = own.zero + static_cast<float>(codes[n]) * own.scale;
        }
    }

    const JobRemains& remains_;
    const aqpim_job& job_;
    bool is_value_;
    UnitPlacement placement_;
    std::uint64_t columns_;
    Arithmetic stored_;
    PqContents contents_;
};

}  // namespace

PqContents read_uniform_contents(const JobRemains& remains, bool is_value) {
    return Reader(remains, is_value).read();
}

}  // namespace aqpim
