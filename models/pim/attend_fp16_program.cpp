#include <algorithm>
#include <optional>

#include "models/pim/program_writer.h"
#include "models/pim/programs.h"

namespace aqpim {

using dram::Command;

namespace {

/// AttAcc's mapping (scale-snu/attacc_simulator, gen_trace_attacc_bank.py): the banks that hold a vector's subvectors
/// are a unit, tokens are spread over the units; a channel takes its heads in pairs, so that the moves of one hide
/// under the MACs of the other.
class AttendFp16Writer {
 public:
    AttendFp16Writer(const ProgramContext& context, const aqpim_pim_attend_fp16& attend)
        : pim_(context.pim), attend_(attend), columns_per_row_(context.columns_per_row) {
        const aqpim_pim_shape& shape = attend.shape;
        const std::uint32_t per_column = AQPIM_BURST_BYTES / pim_.data_bytes;
        units_ = context.layout.banks_per_channel / shape.subvectors;
        local_tokens_ = static_cast<std::uint32_t>(ceil_div(attend.tokens, context.layout.splits));
        token_columns_ = aqpim_ceil_div(shape.head_dim, shape.subvectors * per_column);
        weight_columns_ = aqpim_ceil_div(local_tokens_, per_column);
        output_bursts_ = shape.subvectors * aqpim_ceil_div(units_, context.bank_groups);
        result_bursts_ = aqpim_ceil_div(shape.head_dim * pim_.data_bytes, AQPIM_BURST_BYTES * shape.group_channels);
        repeats_ = pim_.gqa_reuse ? attend.queries_per_head : 1;
    }

    LaneProgram write() {
        const std::uint32_t sets = aqpim_ceil_div(attend_.kv_heads, attend_.shape.heads);
        const std::uint32_t heads = sets * attend_.queries_per_head / repeats_;
        for (std::uint32_t first = 0; first < heads; first += 2) {
            write_pair(first, std::min(heads - first, 2U));
        }
        return_results();
        return std::move(program_);
    }

 private:
    /// Query heads that are attended one behind the other, by their place in the channel; with reuse one stands for all
    /// of its KV head.
    struct Head {
        std::uint32_t set;
        std::size_t query = 0;    ///< step
        std::size_t weights = 0;  ///< step
    };

    void write_pair(std::uint32_t first, std::uint32_t count) {
        std::vector<Head> heads;
        for (std::uint32_t h = first; h < first + count; ++h) {
            heads.push_back({h * repeats_ / attend_.queries_per_head});
        }
        write_query(heads.front());
        for (std::size_t h = 0; h < count; ++h) {
            score(heads[h], h + 1 < count ? &heads[h + 1] : nullptr);
            softmax(heads[h]);
        }
        for (const Head& head : heads) {
            sum_values(head);
        }
    }

    std::size_t add(std::string_view name, PimUnit unit, const Head& head, std::vector<dram::PimCommand> commands,
                    std::vector<std::size_t> after = {}) {
        program_.push_back({name, unit, head.set, std::move(commands), std::move(after)});
        return program_.size() - 1;
    }
    std::size_t add_moves(std::string_view name, const Head& head, Command command, std::uint64_t count,
                          std::vector<std::size_t> after = {}) {
        return add(name, PimUnit::moves, head, {{command, static_cast<std::uint32_t>(count * repeats_)}},
                   std::move(after));
    }

    /// One broadcast for each column of each bank in a unit.
    void write_query(Head& head) {
        head.query =
            add_moves("query", head, Command::PIM_WR, std::uint64_t{attend_.shape.subvectors} * token_columns_);
    }

    /// Opens the row ahead of what the sweep's first MAC waits for.
    void open(std::uint32_t column, const Head& head) {
        const std::uint32_t row = column / columns_per_row_;
        if (last_row_ != row) {
            last_row_ = row;
            add("open", PimUnit::bank_engines, head, {{Command::PIM_ACT_AB, 1, row}});
        }
    }
    std::size_t sweep(std::string_view name, const Head& head, std::uint32_t first, std::uint32_t columns,
                      std::vector<std::size_t> after) {
        std::vector<dram::PimCommand> commands;
        for (std::uint32_t done = 0; done < columns;) {
            const std::uint32_t in_row = (first + done) % columns_per_row_;
            const std::uint32_t run = std::min(columns - done, columns_per_row_ - in_row);
            last_row_ = (first + done) / columns_per_row_;
            commands.push_back({Command::PIM_MAC_AB, run * repeats_, *last_row_, in_row});
            done += run;
        }
        return add(name, PimUnit::bank_engines, head, std::move(commands), std::move(after));
    }

    /// Token by token of each unit. Whenever a unit has a move's worth of scores, they go to the buffer engine under
    /// the MACs that follow; `next` gets its vector meanwhile.
    void score(Head& head, Head* next) {
        const std::uint32_t first = attend_.column_key + head.set * attend_.set_stride;
        open(first, head);
        std::vector<std::size_t> after = {head.query};
        for (std::uint32_t token = 0; token < local_tokens_; token += pim_.outputs_per_move) {
            const std::uint32_t tokens = std::min(pim_.outputs_per_move, local_tokens_ - token);
            const std::size_t macs =
                sweep("scores", head, first + token * token_columns_, tokens * token_columns_, std::move(after));
            after.clear();
            if (token == 0 && next != nullptr) {
                write_query(*next);
            }
            if (token == 0) {
                return_results();
            }
            last_move_in_ = add_moves("scores", head, Command::PIM_MV_BA, units_, {macs});
        }
    }

    void softmax(Head& head) {
        dram::PimCommand command{Command::PIM_SFM};
        command.duration = pim_.softmax_latency_cycles;
        const std::size_t done = add("softmax", PimUnit::buffer_engine, head, {command}, {last_move_in_});
        program_[done].joins_group = true;
        head.weights =
            add_moves("attention weights", head, Command::PIM_MV_BF, std::uint64_t{units_} * weight_columns_, {done});
    }

    /// Block by block of the dimensions; each bank adds up its tokens, a rank's bank groups add up theirs on the way
    /// to the buffer engine.
    void sum_values(const Head& head) {
        const std::uint32_t first = attend_.column_value + head.set * attend_.set_stride;
        open(first, head);
        std::vector<std::size_t> after = {head.weights};
        for (std::uint32_t block = 0; block < token_columns_; ++block) {
            const std::size_t macs =
                sweep("values", head, first + block * attend_.value_block_stride, local_tokens_, std::move(after));
            after.clear();
            return_results();
            last_move_in_ = add_moves("partial outputs", head, Command::PIM_MV_BA, output_bursts_, {macs});
        }
        results_of_ = head;
    }

    /// What the head before has computed: put off until there are MACs to hide under.
    void return_results() {
        if (results_of_) {
            add_moves("output", *results_of_, Command::PIM_RD, result_bursts_, {last_move_in_});
            results_of_.reset();
        }
    }

    const PimParameters& pim_;
    const aqpim_pim_attend_fp16& attend_;
    std::uint32_t columns_per_row_;
    std::uint32_t units_;           ///< of a channel
    std::uint32_t local_tokens_;    ///< of a unit
    std::uint32_t token_columns_;   ///< of a bank's share of one vector
    std::uint32_t weight_columns_;  ///< of a unit's attention weights
    std::uint32_t output_bursts_;   ///< of a block of the output
    std::uint32_t result_bursts_;   ///< that each channel of the group returns
    std::uint32_t repeats_;         ///< query heads for which a column is used while its row is open
    LaneProgram program_;
    std::optional<std::uint32_t> last_row_;
    std::size_t last_move_in_ = 0;  ///< step
    std::optional<Head> results_of_;
};

}  // namespace

LaneProgram attend_fp16_program(const ProgramContext& context, const aqpim_pim_attend_fp16& attend) {
    return AttendFp16Writer(context, attend).write();
}

}  // namespace aqpim
