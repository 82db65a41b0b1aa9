#include <algorithm>

#include "models/pim/program_writer.h"
#include "models/pim/programs.h"

namespace aqpim {

using dram::Command;

namespace {

class AttendWriter : public ProgramWriter {
 public:
    AttendWriter(const ProgramContext& context, const aqpim_pim_attend& attend)
        : ProgramWriter(context, attend.shape),
          attend_(attend),
          local_(local(attend.coded)),
          table_columns_(aqpim_table_columns(&layout_, shape_.centroids)),
          table_bursts_(columns(std::uint64_t{shape_.centroids} * half_bytes)) {}

    PimProgram write() {
        if (attend_.coded != 0 && attend_.value_path == AQPIM_VALUE_LOOP) {
            spread_value_codebook();
        }
        for (std::uint32_t query = 0; query < attend_.queries_per_head; ++query) {
            load_query();
            if (attend_.coded != 0) {
                make_tables();
                look_up_scores();
            }
            score_uncoded();
            softmax();
            if (attend_.coded != 0 && attend_.value_path == AQPIM_VALUE_LOOP) {
                sum_values_by_loop();
            } else if (attend_.coded != 0) {
                sum_values_by_histogram();
            }
            sum_uncoded_values();
            return_output();
        }
        return builder_.take();
    }

 private:
    void load_query() {
        builder_.stage("query", PimUnit::moves);
        builder_.add(Command::PIM_SET_CONFIG, 1);
        builder_.add(Command::PIM_WR, columns(std::uint64_t{shape_.head_dim} * half_bytes));
    }

    /// Each bank multiplies its share of the centroids; the shares come together on the buffer die, and each
    /// subvector's table goes into a row of all its banks.
    void make_tables() {
        builder_.stage("inner products", PimUnit::bank_engines);
        builder_.sweep(Command::PIM_MAC_AB, attend_.column_key_codebook,
                       aqpim_codebook_columns(&layout_, shape_.centroids));
        const std::uint64_t products = std::uint64_t{local(shape_.centroids)} * counts_.banks * counts_.slots;
        move_to_buffer("products", outputs(products));
        store("tables", attend_.column_scratch, std::uint64_t{counts_.subvectors} * table_bursts_);
    }

    /// Codes into the registers, as many as they hold; then lookups in the table's row, `lookups_per_slot` a slot.
    /// `passes`: tables that each batch of codes is looked up in.
    void look_up(std::string_view name, std::uint32_t codes_column, std::uint32_t first_table, std::uint32_t passes) {
        const std::uint32_t per_column = aqpim_codes_per_column(shape_.centroids);
        const std::uint32_t most = pim_.code_registers * per_column;
        builder_.stage(name, PimUnit::bank_engines);
        for (std::uint32_t slot = 0; slot < counts_.slots; ++slot) {
            for (std::uint32_t pass = 0; pass < passes; ++pass) {
                for (std::uint32_t done = 0; done < local_; done += most) {
                    const std::uint32_t codes = std::min(most, local_ - done);
                    builder_.sweep(Command::PIM_LDC, codes_column + (done / per_column) * counts_.slots + slot,
                                   aqpim_ceil_div(codes, per_column));
                    builder_.in_row(Command::PIM_RET,
                                    first_table + (pass * counts_.slots + slot) * (table_columns_ / counts_.slots),
                                    aqpim_ceil_div(codes, pim_.lookups_per_slot));
                    builder_.count_lookups(codes);
                }
            }
        }
    }

    void look_up_scores() {
        look_up("lookup", attend_.column_key_codes, attend_.column_scratch, 1);
        // The channel's adders sum a token's table values over its banks; what moves is one value for each token.
        move_to_buffer("scores", outputs(std::uint64_t{local_} * counts_.splits));
    }

    void score_uncoded() {
        if (attend_.uncoded == 0) {
            return;
        }
        builder_.stage("uncoded scores", PimUnit::bank_engines);
        builder_.sweep(Command::PIM_MAC_AB, attend_.column_key_uncoded,
                       aqpim_vector_columns(&layout_, attend_.uncoded));
        move_to_buffer("uncoded scores", outputs(std::uint64_t{local(attend_.uncoded)} * counts_.splits));
    }

    void softmax() {
        builder_.stage("softmax", PimUnit::buffer_engine);
        const std::uint64_t tokens = std::uint64_t{local_ + local(attend_.uncoded)} * counts_.splits;
        builder_.wait_cycles(Command::PIM_SFM, ceil_div(tokens, pim_.softmax_lanes) + pim_.softmax_latency_cycles);
    }

    std::uint32_t weights_column() const { return attend_.column_scratch + table_columns_ * (1 + counts_.dims); }

    /// Attention weights of each split's tokens to all its banks.
    void send_weights() {
        store("attention weights", weights_column(),
              std::uint64_t{counts_.splits} * columns(std::uint64_t{local_} * half_bytes));
    }

    void spread_value_codebook() {
        const std::uint64_t shares = columns(std::uint64_t{local(shape_.centroids)} * layout_.subvector_bytes);
        builder_.stage("value codebook", PimUnit::moves);
        builder_.in_row(Command::PIM_MV_BA_ROW, attend_.column_value_codebook, shares * counts_.banks * counts_.slots);
        store("value tables", attend_.column_scratch + table_columns_,
              std::uint64_t{counts_.subvectors} * table_bursts_ * counts_.dims);
    }

    void sum_values_by_loop() {
        send_weights();
        builder_.stage("weights", PimUnit::bank_engines);
        builder_.sweep(Command::PIM_LDC, weights_column(), columns(std::uint64_t{local_} * half_bytes));
        look_up("values", attend_.column_value_codes, attend_.column_scratch + table_columns_, counts_.dims);
    }

    void sum_values_by_histogram() {
        send_weights();
        builder_.stage("weights", PimUnit::bank_engines);
        builder_.sweep(Command::PIM_LDC, weights_column(), columns(std::uint64_t{local_} * half_bytes));
        look_up("histogram", attend_.column_value_codes, attend_.column_scratch, 1);
        if (layout_.splits > 1) {
            move_to_buffer("histograms", std::uint64_t{counts_.banks} * counts_.slots * table_bursts_);
            store("histogram shares", attend_.column_scratch,
                  std::uint64_t{counts_.banks} * counts_.slots *
                      columns(std::uint64_t{local(shape_.centroids)} * half_bytes));
        }
        builder_.stage("values", PimUnit::bank_engines);
        builder_.sweep(Command::PIM_MAC_AB, attend_.column_value_codebook,
                       aqpim_codebook_columns(&layout_, shape_.centroids));
    }

    void sum_uncoded_values() {
        if (attend_.uncoded == 0) {
            return;
        }
        move_to_banks("uncoded weights",
                      std::uint64_t{counts_.splits} * columns(std::uint64_t{local(attend_.uncoded)} * half_bytes));
        builder_.stage("uncoded values", PimUnit::bank_engines);
        builder_.sweep(Command::PIM_MAC_AB, attend_.column_value_uncoded,
                       aqpim_vector_columns(&layout_, attend_.uncoded));
    }

    void return_output() {
        move_to_buffer("partial outputs", outputs(std::uint64_t{counts_.banks} * counts_.slots * counts_.dims));
        builder_.stage_on("output", PimUnit::moves, 0, 1);
        builder_.add(Command::PIM_RD, columns(std::uint64_t{shape_.head_dim} * half_bytes));
    }

    const aqpim_pim_attend& attend_;
    std::uint32_t local_;
    std::uint32_t table_columns_;  ///< of one table in every slot
    std::uint32_t table_bursts_;   ///< of one table
};

}  // namespace

PimProgram attend_program(const ProgramContext& context, const aqpim_pim_attend& attend) {
    return AttendWriter(context, attend).write();
}

}  // namespace aqpim
