#include <algorithm>

#include "models/pim/program_writer.h"
#include "models/pim/programs.h"

namespace aqpim {

using dram::Command;

namespace {

class ClusterWriter : public ProgramWriter {
 public:
    ClusterWriter(const ProgramContext& context, const aqpim_pim_cluster& cluster, const CodeColumns& codes,
                  std::uint32_t elements)
        : ProgramWriter(context, cluster.shape),
          cluster_(cluster),
          codes_(codes),
          elements_(elements),
          local_(local(elements)),
          codebook_columns_(columns(std::uint64_t{shape_.centroids} * layout_.subvector_bytes)),
          argmin_in_bank_(context.pim.argmin == "bank") {}

    LaneProgram write() {
        last_ = move("start", Command::PIM_MV_BF, 0);
        if (elements_ != 0) {
            cluster();
        } else if (is_given()) {
            initialise();
        } else {
            return std::move(program_);
        }
        store("store codebook", cluster_.column_codebook, aqpim_codebook_columns(&layout_, shape_.centroids),
              counts_.banks);
        return std::move(program_);
    }

 private:
    bool is_given() const {
        return cluster_.initial == AQPIM_INITIAL_CODEBOOK || cluster_.initial == AQPIM_INITIAL_VECTORS;
    }

    void cluster() {
        if ((cluster_.header.flags & AQPIM_PIM_FLAG_WEIGHTED) != 0) {
            load_weights();
        }
        initialise();
        for (std::uint32_t iteration = 0; iteration < cluster_.iterations; ++iteration) {
            broadcast_codebook();
            assign();
            update();
        }
        broadcast_codebook();
        assign();
        store_codes();
    }

    /// `per_column` bursts into each of `columns` columns of the banks.
    void store(std::string_view name, std::uint32_t first, std::uint32_t columns, std::uint64_t per_column) {
        std::vector<dram::PimCommand> stores;
        sweep(stores, Command::PIM_MV_BF_ROW, first, columns, per_column);
        last_ = add(name, PimUnit::bank_engines, std::move(stores), {last_});
    }
    std::uint32_t image_column(std::uint32_t local_element) const {
        const std::uint64_t bytes = std::uint64_t{local_element} * layout_.subvector_bytes;
        return cluster_.column_image + static_cast<std::uint32_t>(bytes / AQPIM_BURST_BYTES) * counts_.slots;
    }
    std::uint32_t first_local() const { return cluster_.first / layout_.splits; }
    std::uint32_t image_columns() const {
        return counts_.slots * columns(std::uint64_t{local_} * layout_.subvector_bytes);
    }

    /// The buffer engine reads the weights and sends each split's to all its banks.
    void load_weights() {
        const std::uint64_t rows = counts_.groups;
        last_ = move("weights", Command::PIM_RD,
                     ceil_div(rows * columns(std::uint64_t{elements_} * half_bytes), aqpim_channels_of_group(&layout_)),
                     {last_});
        const std::uint32_t column = cluster_.column_scratch + counts_.slots * codebook_columns_;
        store("weights", column, columns(std::uint64_t{local_} * half_bytes), counts_.splits);
    }

    void initialise() {
        switch (cluster_.initial) {
            case AQPIM_INITIAL_KMEANS_PP:
                for (std::uint32_t pick = 0; pick < shape_.centroids; ++pick) {
                    pick_next();
                }
                break;
            case AQPIM_INITIAL_CODEBOOK:
                read("initial centroids", cluster_.column_initial, aqpim_codebook_columns(&layout_, shape_.centroids));
                break;
            case AQPIM_INITIAL_VECTORS:
                read("initial centroids", cluster_.column_initial, aqpim_vector_columns(&layout_, shape_.centroids));
                break;
            default:  // vectors of the image
                read("initial centroids", image_column(first_local()),
                     std::min(image_columns(), aqpim_vector_columns(&layout_, shape_.centroids)));
                break;
        }
    }

    void read(std::string_view name, std::uint32_t first, std::uint32_t columns) {
        std::vector<dram::PimCommand> reads;
        sweep(reads, Command::PIM_MV_BA_ROW, first, columns, counts_.banks);
        last_ = add(name, PimUnit::bank_engines, std::move(reads), {last_});
    }

    /// k-means++: the newest centroid goes to the banks, which return every vector's distance to it; where banks find
    /// the least themselves, they keep it and return their sums of mass.
    void pick_next() {
        const Step sent = join(move("pick", Command::PIM_MV_BF,
                                    std::uint64_t{counts_.subvectors} * columns(layout_.subvector_bytes), {last_}));
        const Step macs = sweep_image("k-means++", Command::PIM_MAC_AB, 1, {sent});
        const std::uint64_t banks = std::uint64_t{counts_.banks} * counts_.slots;
        last_ = move_to_buffer("masses", argmin_in_bank_ ? banks * float_bytes / half_bytes : banks * local_, {macs});
    }

    /// Over all vectors, in steps between which a host access may come.
    Step sweep_image(std::string_view name, Command command, std::uint64_t times, After after) {
        constexpr std::uint32_t rows_in_step = 8;
        Step step = 0;
        const std::uint32_t first = image_column(first_local());
        const std::uint32_t most = rows_in_step * columns_per_row_;
        for (std::uint32_t done = 0; done < image_columns(); done += most) {
            step = sweep(name, command, first + done, std::min(most, image_columns() - done), std::move(after), times);
            after.clear();
        }
        return step;
    }

    void broadcast_codebook() {
        store("codebook", cluster_.column_scratch, counts_.slots * codebook_columns_,
              ceil_div(counts_.subvectors, counts_.slots));
        join(last_);
    }

    /// Batch by batch: vectors into the registers, distances to every centroid; these move to the buffer engine, and
    /// codes back, while the banks work on the next batch.
    void assign() {
        const std::uint32_t columns_per_vector = std::max(1U, columns(layout_.subvector_bytes));
        const std::uint32_t vectors_per_column = std::max(1U, AQPIM_BURST_BYTES / layout_.subvector_bytes);
        const std::uint32_t most = std::max(1U, pim_.code_registers / columns_per_vector * vectors_per_column);
        Step moved = last_;
        Step moved_before = last_;
        for (std::uint32_t done = 0; done < local_; done += most) {
            const std::uint32_t vectors = std::min(most, local_ - done);
            const Step macs = compare(first_local() + done, vectors, moved_before);
            moved_before = moved;
            moved = argmin_in_bank_ ? macs : move_distances(vectors, macs);
        }
        last_ = moved;
    }

    Step compare(std::uint32_t first, std::uint32_t vectors, Step after) {
        Step step = after;
        for (std::uint32_t slot = 0; slot < counts_.slots; ++slot) {
            sweep("vectors", Command::PIM_LDC, image_column(first) + slot,
                  columns(std::uint64_t{vectors} * layout_.subvector_bytes), {after});
            const std::uint32_t codebook = cluster_.column_scratch + slot * codebook_columns_;
            for (std::uint32_t done = 0; done < codebook_columns_; done += columns_per_row_) {
                step = sweep("assign", Command::PIM_MAC_AB, codebook + done,
                             std::min(columns_per_row_, codebook_columns_ - done), {}, vectors);
            }
        }
        return step;
    }

    Step move_distances(std::uint32_t vectors, Step macs) {
        const std::uint64_t pairs = std::uint64_t{vectors} * counts_.banks * counts_.slots;
        const Step distances = move_to_buffer("distances", pairs * shape_.centroids, {macs});
        return move("codes", Command::PIM_MV_BF, ceil_div(pairs * half_bytes, AQPIM_BURST_BYTES), {distances});
    }

    /// Sums of w and w·x for each centroid in the banks, one vector at a time, for as many centroids as there are
    /// accumulators; the buffer engine adds and divides.
    void update() {
        const std::uint32_t sums = shape_.centroids * (counts_.dims + 1);
        Step summed = last_;
        for (std::uint32_t pass = 0; pass < ceil_div(sums, pim_.accumulators); ++pass) {
            sweep_image("update vectors", Command::PIM_LDC, 1, {summed});
            const std::uint32_t column = image_column(first_local());
            summed = add(
                "update", PimUnit::bank_engines,
                {{Command::PIM_MAC_AB, local_ * counts_.slots, column / columns_per_row_, column % columns_per_row_}});
        }
        last_ = join(move("partial sums", Command::PIM_MV_BA,
                          std::uint64_t{columns(std::uint64_t{sums} * float_bytes)} * counts_.banks * counts_.slots,
                          {summed}));
    }

    void store_codes() {
        const std::uint32_t per_column = aqpim_codes_per_column(shape_.centroids);
        std::vector<dram::PimCommand> stores;
        const std::uint32_t first = first_local() / per_column;
        const std::uint32_t last = (first_local() + local_ - 1) / per_column;
        for (std::uint32_t u = first * counts_.slots; u < (last + 1) * counts_.slots; ++u) {
            sweep(stores, Command::PIM_MV_BF_ROW, codes_.at(u), 1, ceil_div(counts_.banks, counts_.slots));
        }
        last_ = add("store codes", PimUnit::bank_engines, std::move(stores), {last_});
    }

    const aqpim_pim_cluster& cluster_;
    const CodeColumns& codes_;
    std::uint32_t elements_;
    std::uint32_t local_;
    std::uint32_t codebook_columns_;  ///< of a whole codebook, vector by vector, in one bank and slot
    bool argmin_in_bank_;
    Step last_ = 0;
};

}  // namespace

LaneProgram cluster_program(const ProgramContext& context, const aqpim_pim_cluster& cluster, const CodeColumns& codes,
                            std::uint32_t elements) {
    return ClusterWriter(context, cluster, codes, elements).write();
}

}  // namespace aqpim
