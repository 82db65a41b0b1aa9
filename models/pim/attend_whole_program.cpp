#include <algorithm>
#include <numeric>
#include <optional>

#include "models/pim/program_writer.h"
#include "models/pim/programs.h"

namespace aqpim {

using dram::Command;

namespace {

/// AttAcc's mapping (scale-snu/attacc_simulator, gen_trace_attacc_bank.py): the banks that hold a vector's subvectors
/// are a row unit, tokens are spread over these; a channel takes its query heads in pairs, so that the moves of one
/// hide under the MACs of the other. Uniformly quantized tokens take the same way, in fewer columns: a MAC takes a
/// whole one.
class AttendWholeWriter : public ProgramWriter {
 public:
    AttendWholeWriter(const ProgramContext& context, const aqpim_pim_attend_whole& attend)
        : ProgramWriter(context, attend.shape), attend_(attend) {
        const std::uint32_t per_column = AQPIM_BURST_BYTES / pim_.data_bytes;
        shares_ = layout_.banks_per_channel / shape_.subvectors;
        token_columns_ = aqpim_ceil_div(shape_.head_dim, shape_.subvectors * per_column);
        weights_per_column_ = per_column;
        if (attend.header.opcode == AQPIM_PIM_ATTEND_UNIFORM) {
            code_bytes_ = aqpim_uniform_layout(&layout_, shape_.centroids).subvector_bytes;
            code_bits_ = aqpim_code_bits(shape_.centroids);
        }
        output_bursts_ = shape_.subvectors * aqpim_ceil_div(shares_, context.bank_groups);
        result_bursts_ =
            aqpim_ceil_div(shape_.head_dim * pim_.data_bytes, AQPIM_BURST_BYTES * aqpim_channels_of_group(&layout_));
        repeats_ = pim_.gqa_reuse ? attend.queries_per_head : 1;
    }

    LaneProgram write(const std::vector<UnitLength>& units) {
        std::vector<Head> heads;
        for (std::uint32_t set = 0; set < units.size(); ++set) {
            const Head head{set, code_bytes_ == 0 ? 0 : local(units[set].coded), local(units[set].uncoded)};
            if (head.coded + head.uncoded != 0) {
                heads.insert(heads.end(), attend_.queries_per_head / repeats_, head);
            }
        }
        for (std::size_t first = 0; first < heads.size(); first += 2) {
            write_pair(heads[first], first + 1 < heads.size() ? &heads[first + 1] : nullptr);
        }
        return_results();
        return std::move(program_);
    }

 private:
    /// Query heads that are attended one behind the other; with reuse one stands for all of its KV head.
    struct Head {
        std::uint32_t set;
        std::uint32_t coded;    ///< tokens of the busiest share
        std::uint32_t uncoded;  ///< likewise
        Step key_parameters = 0;
        Step query = 0;
        Step scaled_query = 0;
        Step weights = 0;
    };

    void write_pair(Head& head, Head* next) {
        read_key_parameters(head);
        if (next != nullptr) {
            read_key_parameters(*next);
        }
        write_query(head);
        score(head, next);
        softmax(head);
        if (next != nullptr) {
            score(*next, nullptr);
            softmax(*next);
        }
        sum_values(head);
        if (next != nullptr) {
            sum_values(*next);
        }
    }

    std::uint32_t column(std::uint32_t of_first_set, const Head& head) const {
        return of_first_set + head.set * attend_.set_stride;
    }
    Step move_repeated(std::string_view name, Command command, std::uint64_t count, After after = {}) {
        return move(name, command, count * repeats_, std::move(after));
    }

    /// Opens the row ahead of what the sweep's first MAC waits for.
    void open(std::uint32_t column) {
        const std::uint32_t row = column / columns_per_row_;
        if (last_row_ != row) {
            last_row_ = row;
            add("open", PimUnit::bank_engines, {{Command::PIM_ACT_AB, 1, row}});
        }
    }
    /// MACs on whole columns of values of `bits`, for all query heads that share them.
    Step multiply(std::string_view name, std::uint32_t first, std::uint32_t count, std::uint32_t bits, After after) {
        const std::uint64_t slots = slots_for(repeats_);
        const Step step = sweep_banks(name, Command::PIM_MAC_AB, first, count, slots, std::move(after));
        program_[step].products = static_cast<std::uint32_t>(ceil_div(half_bits * repeats_, bits * slots));
        return step;
    }
    Step sweep_banks(std::string_view name, Command command, std::uint32_t first, std::uint32_t count,
                     std::uint64_t times, After after) {
        last_row_ = (first + count - 1) / columns_per_row_;
        return sweep(name, command, first, count, std::move(after), times);
    }

    /// Scales and zeros of the keys' channels: the buffer engine keeps those of a pair's sets.
    void read_key_parameters(Head& head) {
        if (head.coded != 0 && key_parameters_of_ != head.set) {
            key_parameters_of_ = head.set;
            const std::uint64_t vectors_in_column = layout_.splits > 1 ? 2 : 1;
            key_parameters_ =
                sweep_banks("key scales", Command::PIM_MV_BA_ROW, column(attend_.column_key_parameters, head),
                            aqpim_vector_columns(&layout_, 2), vectors_in_column * shape_.subvectors, {});
        }
        head.key_parameters = key_parameters_;
    }

    /// One for each column of each bank in a share, to all of these.
    std::uint64_t query_bursts() const { return std::uint64_t{shape_.subvectors} * token_columns_; }

    /// As it comes, for uncompressed tokens, and from the buffer engine times each channel's scale, for coded ones.
    void write_query(Head& head) {
        head.query = move_repeated("query", Command::PIM_WR, query_bursts());
        if (head.coded != 0) {
            head.scaled_query =
                move_repeated("scaled query", Command::PIM_MV_BF, query_bursts(), {head.query, head.key_parameters});
        }
    }

    struct TokenForm {
        std::uint32_t bytes;  ///< of a bank's part of one vector
        std::uint32_t bits;   ///< of a value
    };
    std::uint32_t value_bits() const { return 8 * pim_.data_bytes; }

    void score(Head& head, Head* next) {
        if (head.coded != 0) {
            next = score_tokens("coded scores", column(attend_.column_key_codes, head), head.coded,
                                {code_bytes_, code_bits_}, head.scaled_query, next);
        }
        if (head.uncoded != 0) {
            score_tokens("scores", column(attend_.column_key, head), head.uncoded,
                         {token_columns_ * AQPIM_BURST_BYTES, value_bits()}, head.query, next);
        }
    }

    /// Token by token of each share. Whenever a share has a move's worth of scores, they go to the buffer engine under
    /// the MACs that follow; `next` gets its vector meanwhile. Returns who is still without.
    Head* score_tokens(std::string_view name, std::uint32_t first, std::uint32_t tokens, const TokenForm& form,
                       Step query, Head* next) {
        const auto [token_bytes, bits] = form;
        const std::uint32_t in_whole_columns = AQPIM_BURST_BYTES / std::gcd(AQPIM_BURST_BYTES, token_bytes);
        const std::uint32_t most = aqpim_ceil_div(pim_.outputs_per_move, in_whole_columns) * in_whole_columns;
        open(first);
        After after = {query};
        for (std::uint32_t token = 0; token < tokens; token += most) {
            const std::uint32_t count = std::min(most, tokens - token);
            const Step macs = multiply(name, first + columns(std::uint64_t{token} * token_bytes),
                                       columns(std::uint64_t{count} * token_bytes), bits, std::move(after));
            after.clear();
            if (next != nullptr) {
                write_query(*next);
                next = nullptr;
            }
            return_results();
            last_move_in_ =
                move_repeated(name, Command::PIM_MV_BA,
                              std::uint64_t{shares_} * aqpim_ceil_div(count, pim_.outputs_per_move), {macs});
        }
        return next;
    }

    /// One over coded and uncompressed tokens. Weights of coded tokens go to the banks times each token's scale, which
    /// is read, with the zero, while the buffer engine is at work.
    void softmax(Head& head) {
        dram::PimCommand command{Command::PIM_SFM};
        command.duration = pim_.softmax_latency_cycles;
        After after = {join(add("softmax", PimUnit::buffer_engine, {command}, {last_move_in_}))};
        std::uint64_t weight_columns = aqpim_ceil_div(head.uncoded, weights_per_column_);
        if (head.coded != 0) {
            const std::uint32_t parameter_columns = columns(std::uint64_t{head.coded} * half_bytes);
            after.push_back(sweep_banks("value scales", Command::PIM_MV_BA_ROW,
                                        column(attend_.column_value_parameters, head), parameter_columns,
                                        std::uint64_t{2} * shares_, {}));
            weight_columns += parameter_columns;
        }
        head.weights =
            move_repeated("attention weights", Command::PIM_MV_BF, shares_ * weight_columns, std::move(after));
    }

    /// Coded tokens first, into an accumulator for each dimension; then block by block of the dimensions. Each bank
    /// adds up its tokens, a rank's bank groups add up theirs on the way to the buffer engine.
    void sum_values(const Head& head) {
        After after = {head.weights};
        Step macs = head.weights;
        if (head.coded != 0) {
            const std::uint32_t first = column(attend_.column_value_codes, head);
            open(first);
            macs = multiply("coded values", first, columns(std::uint64_t{head.coded} * code_bytes_), code_bits_,
                            std::move(after));
            after.clear();
        }
        const std::uint32_t first = column(attend_.column_value, head);
        if (head.uncoded != 0) {
            open(first);
        }
        for (std::uint32_t block = 0; block < token_columns_; ++block) {
            if (head.uncoded != 0) {
                macs = multiply("values", first + block * attend_.value_block_stride, head.uncoded, value_bits(),
                                std::move(after));
                after.clear();
            }
            return_results();
            last_move_in_ = move_repeated("partial outputs", Command::PIM_MV_BA, output_bursts_, {macs});
        }
        results_wait_ = true;
    }

    /// What the head before has computed: put off until there are MACs to hide under.
    void return_results() {
        if (results_wait_) {
            move_repeated("output", Command::PIM_RD, result_bursts_, {last_move_in_});
            results_wait_ = false;
        }
    }

    const aqpim_pim_attend_whole& attend_;
    std::uint32_t shares_;          ///< of the tokens, in a channel
    std::uint32_t token_columns_;   ///< of a bank's part of one uncompressed vector
    std::uint32_t code_bytes_ = 0;  ///< of a bank's part of one coded vector; 0: there are none
    std::uint32_t code_bits_ = 0;
    std::uint32_t weights_per_column_;  ///< of uncompressed tokens
    std::uint32_t output_bursts_;       ///< of a block of the output
    std::uint32_t result_bursts_;       ///< that each channel of the group returns
    std::uint32_t repeats_;             ///< query heads for which a column is used while its row is open
    std::optional<std::uint32_t> last_row_;
    std::optional<std::uint32_t> key_parameters_of_;  ///< set
    Step key_parameters_ = 0;
    Step last_move_in_ = 0;
    bool results_wait_ = false;
};

}  // namespace

LaneProgram attend_whole_program(const ProgramContext& context, const aqpim_pim_attend_whole& attend,
                                 const std::vector<UnitLength>& units) {
    return AttendWholeWriter(context, attend).write(units);
}

}  // namespace aqpim
