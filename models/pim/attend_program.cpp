#include <algorithm>
#include <optional>

#include "models/pim/code_windows.h"
#include "models/pim/program_writer.h"
#include "models/pim/programs.h"

namespace aqpim {

using dram::Command;

namespace {

/// Query heads go one behind the other: while the buffer engine works on the scores of one, the banks look up those of
/// the next. With `pim.gqa_reuse` several stand side by side, and a register file of codes serves all of them.
class AttendWriter : public ProgramWriter {
 public:
    AttendWriter(const ProgramContext& context, const aqpim_pim_attend& attend, const CodeColumns& key_codes,
                 const CodeColumns& value_codes, const UnitLength& longest)
        : ProgramWriter(context, attend.shape),
          attend_(attend),
          key_codes_(key_codes),
          value_codes_(value_codes),
          longest_(longest),
          table_columns_(aqpim_table_columns(shape_.centroids)),
          table_bursts_(columns(std::uint64_t{shape_.centroids} * half_bytes)),
          by_loop_(attend.value_path == AQPIM_VALUE_LOOP),
          windows_(code_windows(longest.coded, attend.window, longest.windows)) {}

    LaneProgram write() {
        if (windows_.size() == 1 && by_loop_ && layout_.splits > 1) {
            spread_value_codebook(windows_.front());
        }
        const std::uint32_t together = queries_together();
        std::optional<Queries> before;
        for (std::uint32_t first = 0; first < attend_.queries_per_head; first += together) {
            Queries now{std::min(together, attend_.queries_per_head - first), first, 0};
            score(now);
            softmax(now);
            if (before) {
                sum_values(*before);
            }
            before = now;
        }
        sum_values(*before);
        return std::move(program_);
    }

 private:
    /// Query heads that are worked on together.
    struct Queries {
        std::uint32_t count;
        std::uint32_t first;
        Step weighted;  ///< softmax
    };

    /// As many as tables in the scratch rows, and sums in the accumulators, have room for.
    std::uint32_t queries_together() const {
        const std::uint32_t sums = by_loop_ ? counts_.dims : shape_.centroids;
        const std::uint32_t most = std::min<std::uint32_t>(AQPIM_ATTEND_TABLES / 2, pim_.accumulators / sums);
        return pim_.gqa_reuse ? std::clamp<std::uint32_t>(most, 1, attend_.queries_per_head) : 1;
    }

    std::uint32_t table_column(std::uint32_t table, std::uint32_t slot) const {
        return attend_.column_scratch + (table % AQPIM_ATTEND_TABLES * counts_.slots + slot) * table_columns_;
    }

    void score(Queries& queries) {
        const std::uint64_t query = std::uint64_t{counts_.groups} * columns(shape_.head_dim * half_bytes);
        const Step loaded = move("query", Command::PIM_WR, query * queries.count);
        last_score_ = loaded;
        for (const CodeWindow& window : windows_) {
            for (std::uint32_t q = 0; q < queries.count; ++q) {
                make_table(queries.first + q, window, loaded);
            }
            look_up_scores(queries, window);
        }
        if (longest_.uncoded != 0) {
            const Step macs =
                sweep("uncoded scores", Command::PIM_MAC_AB, attend_.column_key_uncoded,
                      aqpim_vector_columns(&layout_, longest_.uncoded), {loaded}, slots_for(queries.count));
            last_score_ = move_to_buffer(
                "uncoded scores", std::uint64_t{local(longest_.uncoded)} * counts_.splits * queries.count, {macs});
        }
    }

    /// Each bank multiplies its share of the centroids; the shares come together on the buffer die, and each
    /// subvector's table goes into a row of all its banks.
    void make_table(std::uint32_t table, const CodeWindow& window, Step loaded) {
        const std::uint32_t codebook = aqpim_codebook_columns(&layout_, shape_.centroids);
        const Step macs = sweep("inner products", Command::PIM_MAC_AB,
                                attend_.column_key_codebook + window.index * codebook, codebook, {loaded});
        const Step products =
            move_to_buffer("products", std::uint64_t{local(shape_.centroids)} * counts_.banks * counts_.slots, {macs});
        std::vector<dram::PimCommand> stores;
        for (std::uint32_t slot = 0; slot < counts_.slots; ++slot) {
            sweep(stores, Command::PIM_MV_BF_ROW, table_column(table, slot), table_bursts_,
                  ceil_div(counts_.subvectors, counts_.slots));
        }
        join(add("tables", PimUnit::bank_engines, std::move(stores), {products}));
    }

    /// Local elements [first, first + count): their columns into the code registers. Returns the last of them.
    std::uint32_t load_codes(const CodeColumns& codes, std::uint32_t slot, std::uint32_t first, std::uint32_t count) {
        const std::uint32_t per_column = aqpim_codes_per_column(shape_.centroids);
        std::vector<dram::PimCommand> loads;
        std::uint32_t column = 0;
        for (std::uint32_t u = first / per_column; u <= (first + count - 1) / per_column; ++u) {
            column = codes.at(std::uint64_t{u} * counts_.slots + slot);
            const std::uint32_t row = column / columns_per_row_;
            if (!loads.empty() && loads.back().row == row) {
                ++loads.back().count;
            } else {
                loads.push_back({Command::PIM_LDC, 1, row, column % columns_per_row_});
            }
        }
        add("codes", PimUnit::bank_engines, std::move(loads));
        return column;
    }
    /// A chunk's lookups in the table at `column`; a histogram's bins are registers: no row is opened for them.
    void look_up(std::string_view name, std::uint32_t column, std::uint32_t codes, After after) {
        const auto slots = static_cast<std::uint32_t>(ceil_div(codes, pim_.lookups_per_slot));
        const Step step =
            add(name, PimUnit::bank_engines,
                {{Command::PIM_RET, slots, column / columns_per_row_, column % columns_per_row_}}, std::move(after));
        program_[step].lookups = codes;
    }

    void look_up_scores(const Queries& queries, const CodeWindow& window) {
        const std::uint32_t most = pim_.code_registers * aqpim_codes_per_column(shape_.centroids);
        const LocalRange range = local_range(window);
        for (std::uint32_t slot = 0; slot < counts_.slots; ++slot) {
            for (std::uint32_t done = range.begin; done < range.end; done += most) {
                const std::uint32_t codes = std::min(most, range.end - done);
                load_codes(key_codes_, slot, done, codes);
                for (std::uint32_t q = 0; q < queries.count; ++q) {
                    look_up("lookup", table_column(queries.first + q, slot), codes, {});
                    // The channel's adders sum a token's table values over its banks: one value for each token moves.
                    last_score_ =
                        move_to_buffer("scores", std::uint64_t{codes} * counts_.splits, {program_.size() - 1});
                }
            }
        }
    }

    /// MAX, EXP and SUM keep pace with the moves as far as the buffer engine's lanes allow.
    void softmax(Queries& queries) {
        const std::uint64_t tokens =
            std::uint64_t{local(longest_.coded) + local(longest_.uncoded)} * counts_.splits * queries.count;
        const std::uint64_t taken_in = ceil_div(tokens, pim_.softmax_lanes);
        const std::uint64_t moved_in = ceil_div(tokens, pim_.outputs_per_move);
        dram::PimCommand command{Command::PIM_SFM};
        command.duration = pim_.softmax_latency_cycles + (taken_in > moved_in ? taken_in - moved_in : 0);
        queries.weighted = join(add("softmax", PimUnit::buffer_engine, {command}, {last_score_}));
    }

    void sum_values(const Queries& queries) {
        for (const CodeWindow& window : windows_) {
            if (by_loop_) {
                sum_by_loop(queries, window);
            } else {
                sum_by_histogram(queries, window);
            }
        }
        if (longest_.uncoded != 0) {
            const std::uint64_t bursts =
                std::uint64_t{counts_.splits} * columns(std::uint64_t{local(longest_.uncoded)} * half_bytes);
            const Step weights =
                move("uncoded weights", Command::PIM_MV_BF, bursts * queries.count, {queries.weighted});
            sweep("uncoded values", Command::PIM_MAC_AB, attend_.column_value_uncoded,
                  aqpim_vector_columns(&layout_, longest_.uncoded), {weights}, slots_for(queries.count));
        }
        const Step summed = program_.size() - 1;
        const Step partial = move_to_buffer(
            "partial outputs", std::uint64_t{counts_.banks} * counts_.slots * counts_.dims * queries.count, {summed});
        const std::uint64_t outputs = std::uint64_t{counts_.groups} * columns(shape_.head_dim * half_bytes);
        join(move("output", Command::PIM_RD, ceil_div(outputs * queries.count, aqpim_channels_of_group(&layout_)),
                  {partial}));
    }

    struct Chunk {
        std::uint32_t codes;
        std::uint32_t column;  ///< of the codes loaded last
        Step weights;
    };

    /// The chunks in which codes and weights fit into their registers. Weights of one go to the banks while its codes
    /// are loaded; the chunk before has been looked up by then.
    template <class Visit>
    void for_each_chunk(const Queries& queries, const CodeWindow& window, std::uint32_t slot, Visit visit) {
        constexpr std::uint32_t weights_per_column = AQPIM_BURST_BYTES / half_bytes;
        const std::uint32_t most = std::min(pim_.code_registers * aqpim_codes_per_column(shape_.centroids),
                                            pim_.weight_registers * weights_per_column);
        const LocalRange range = local_range(window);
        Step free = queries.weighted;
        Chunk chunk{};
        for (std::uint32_t done = range.begin; done < range.end; done += most) {
            chunk.codes = std::min(most, range.end - done);
            const std::uint64_t bursts =
                std::uint64_t{counts_.splits} * columns(std::uint64_t{chunk.codes} * half_bytes);
            for (std::uint32_t q = 0; q < queries.count; ++q) {
                chunk.weights = move("weights", Command::PIM_MV_BF, bursts, {queries.weighted, free});
                if (q == 0) {
                    chunk.column = load_codes(value_codes_, slot, done, chunk.codes);
                }
                visit(chunk);
                free = program_.size() - 1;
            }
        }
    }

    void sum_by_loop(const Queries& queries, const CodeWindow& window) {
        const bool copied = layout_.splits > 1;
        if (copied && windows_.size() > 1) {
            spread_value_codebook(window);
        }
        const std::uint32_t base = copied ? copy_column() : value_codebook_column(window);
        for (std::uint32_t slot = 0; slot < counts_.slots; ++slot) {
            for_each_chunk(queries, window, slot, [&](const Chunk& chunk) {
                for (std::uint32_t j = 0; j < counts_.dims; ++j) {
                    look_up("values", base + (j * counts_.slots + slot) * table_columns_, chunk.codes, {chunk.weights});
                }
            });
        }
    }

    void sum_by_histogram(const Queries& queries, const CodeWindow& window) {
        for (std::uint32_t slot = 0; slot < counts_.slots; ++slot) {
            for_each_chunk(queries, window, slot, [&](const Chunk& chunk) {
                look_up("histogram", chunk.column, chunk.codes, {chunk.weights});
            });
            const Step summed = layout_.splits > 1 ? share_histograms(queries) : program_.size() - 1;
            // The shares of splits follow one another, and have one slot.
            const bool whole = layout_.splits > 1;
            const std::uint32_t columns = whole ? aqpim_codebook_columns(&layout_, shape_.centroids) : table_bursts_;
            std::vector<dram::PimCommand> macs;
            for (std::uint32_t j = 0; j < (whole ? 1 : counts_.dims); ++j) {
                sweep(macs, Command::PIM_MAC_AB,
                      value_codebook_column(window) + (j * counts_.slots + slot) * table_columns_, columns,
                      slots_for(queries.count));
            }
            add("values", PimUnit::bank_engines, std::move(macs), {summed});
        }
    }

    /// The splits' histograms come together, and each bank gets those of its share of the centroids.
    Step share_histograms(const Queries& queries) {
        const std::uint64_t all = std::uint64_t{counts_.banks} * table_bursts_;
        const std::uint64_t shares =
            std::uint64_t{counts_.banks} * columns(std::uint64_t{local(shape_.centroids)} * half_bytes);
        const Step histograms = move("histograms", Command::PIM_MV_BA, all * queries.count, {program_.size() - 1});
        return join(move("histogram shares", Command::PIM_MV_BF, shares * queries.count, {histograms}));
    }

    std::uint32_t value_codebook_column(const CodeWindow& window) const {
        return attend_.column_value_codebook + window.index * aqpim_codebook_columns(&layout_, shape_.centroids);
    }
    std::uint32_t copy_column() const {
        return attend_.column_scratch + AQPIM_ATTEND_TABLES * counts_.slots * table_columns_;
    }

    /// Where each bank keeps a share of the value codebook, lookups need a copy of all of it.
    void spread_value_codebook(const CodeWindow& window) {
        std::vector<dram::PimCommand> reads;
        sweep(reads, Command::PIM_MV_BA_ROW, value_codebook_column(window),
              aqpim_codebook_columns(&layout_, shape_.centroids), counts_.banks);
        const Step read = add("value codebook", PimUnit::bank_engines, std::move(reads));
        std::vector<dram::PimCommand> stores;
        sweep(stores, Command::PIM_MV_BF_ROW, copy_column(), counts_.dims * counts_.slots * table_bursts_,
              ceil_div(counts_.subvectors, counts_.slots));
        join(add("value tables", PimUnit::bank_engines, std::move(stores), {read}));
    }

    struct LocalRange {
        std::uint32_t begin;
        std::uint32_t end;
    };
    LocalRange local_range(const CodeWindow& window) const {
        return {window.begin / layout_.splits, local(window.end)};
    }

    const aqpim_pim_attend& attend_;
    const CodeColumns& key_codes_;
    const CodeColumns& value_codes_;
    UnitLength longest_;
    std::uint32_t table_columns_;
    std::uint32_t table_bursts_;
    bool by_loop_;
    std::vector<CodeWindow> windows_;
    Step last_score_ = 0;
};

}  // namespace

LaneProgram attend_program(const ProgramContext& context, const aqpim_pim_attend& attend, const CodeColumns& key_codes,
                           const CodeColumns& value_codes, const UnitLength& longest) {
    return AttendWriter(context, attend, key_codes, value_codes, longest).write();
}

}  // namespace aqpim
