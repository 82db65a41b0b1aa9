#include <algorithm>

#include "models/pim/program_writer.h"
#include "models/pim/programs.h"

namespace aqpim {

using dram::Command;

namespace {

class ClusterWriter : public ProgramWriter {
 public:
    ClusterWriter(const ProgramContext& context, const aqpim_pim_cluster& cluster)
        : ProgramWriter(context, cluster.shape),
          cluster_(cluster),
          local_(local(cluster.elements)),
          codebook_columns_(columns(std::uint64_t{shape_.centroids} * layout_.subvector_bytes)) {}

    PimProgram write() {
        builder_.stage("configure", PimUnit::bank_engines);
        builder_.add(Command::PIM_SET_CONFIG, 1);
        if ((cluster_.header.flags & AQPIM_PIM_FLAG_WEIGHTED) != 0) {
            load_weights();
        }
        choose_initial_centroids();
        for (std::uint32_t iteration = 0; iteration < cluster_.iterations; ++iteration) {
            broadcast_codebook();
            assign();
            update();
        }
        broadcast_codebook();
        assign();
        store("store codes", cluster_.column_codes,
              std::uint64_t{counts_.banks} * aqpim_code_columns(&layout_, cluster_.elements, shape_.centroids));
        store("store codebook", cluster_.column_codebook,
              std::uint64_t{counts_.banks} * aqpim_codebook_columns(&layout_, shape_.centroids));
        return builder_.take();
    }

 private:
    /// The buffer engine reads the weights and sends each split's to all its banks.
    void load_weights() {
        builder_.stage("weights", PimUnit::moves);
        builder_.add(Command::PIM_RD,
                     ceil_div(columns(std::uint64_t{cluster_.elements} * half_bytes), layout_.group_channels));
        const std::uint32_t weights_column = cluster_.column_scratch + counts_.slots * codebook_columns_;
        builder_.in_row(Command::PIM_MV_BF_ROW, weights_column,
                        std::uint64_t{counts_.splits} * columns(local_ * half_bytes));
    }

    /// k-means++: each new centroid goes to the banks, which return every vector's distance to it.
    void choose_initial_centroids() {
        constexpr std::uint32_t picks_per_stage = 16;
        const std::uint64_t distances = std::uint64_t{local_} * counts_.banks * counts_.slots;
        for (std::uint32_t pick = 0; pick < shape_.centroids; ++pick) {
            if (pick % picks_per_stage == 0) {
                builder_.stage("k-means++", PimUnit::bank_engines);
            }
            builder_.add(Command::PIM_MV_BF, std::uint64_t{counts_.subvectors} * columns(layout_.subvector_bytes));
            builder_.sweep(Command::PIM_MAC_AB, cluster_.column_image,
                           aqpim_vector_columns(&layout_, cluster_.elements));
            builder_.add(Command::PIM_MV_BA, outputs(distances));
        }
    }

    void broadcast_codebook() {
        store("codebook", cluster_.column_scratch, std::uint64_t{counts_.subvectors} * codebook_columns_);
    }

    /// Batch by batch: vectors into the registers, distances to every centroid, moved to the buffer engine for argmin.
    void assign() {
        const std::uint32_t columns_per_vector = std::max(1U, columns(layout_.subvector_bytes));
        const std::uint32_t vectors_per_column = std::max(1U, AQPIM_BURST_BYTES / layout_.subvector_bytes);
        const std::uint32_t most = std::max(1U, pim_.code_registers / columns_per_vector * vectors_per_column);
        for (std::uint32_t done = 0; done < local_; done += most) {
            const std::uint32_t vectors = std::min(most, local_ - done);
            builder_.stage("assign", PimUnit::bank_engines);
            const std::uint32_t first =
                cluster_.column_image + columns(std::uint64_t{done} * layout_.subvector_bytes) * counts_.slots;
            for (std::uint32_t slot = 0; slot < counts_.slots; ++slot) {
                builder_.sweep(Command::PIM_LDC, first + slot,
                               columns(std::uint64_t{vectors} * layout_.subvector_bytes));
                builder_.sweep(Command::PIM_MAC_AB, cluster_.column_scratch + slot * codebook_columns_,
                               codebook_columns_, vectors);
            }
            const std::uint64_t pairs = std::uint64_t{vectors} * counts_.banks * counts_.slots;
            move_to_buffer("distances", outputs(pairs * shape_.centroids));
            move_to_banks("codes", ceil_div(pairs * half_bytes, AQPIM_BURST_BYTES));
        }
    }

    /// Sums of w and w·x for each centroid in the banks, one vector at a time; the buffer engine adds and divides.
    void update() {
        builder_.stage("update", PimUnit::bank_engines);
        builder_.sweep(Command::PIM_LDC, cluster_.column_image, aqpim_vector_columns(&layout_, cluster_.elements));
        builder_.add(Command::PIM_MAC_AB, std::uint64_t{local_} * counts_.slots);
        const std::uint64_t sums = columns(std::uint64_t{shape_.centroids} * (counts_.dims + 1) * float_bytes);
        move_to_buffer("partial sums", sums * counts_.banks * counts_.slots);
    }

    const aqpim_pim_cluster& cluster_;
    std::uint32_t local_;
    std::uint32_t codebook_columns_;
};

}  // namespace

PimProgram cluster_program(const ProgramContext& context, const aqpim_pim_cluster& cluster) {
    return ClusterWriter(context, cluster).write();
}

}  // namespace aqpim
