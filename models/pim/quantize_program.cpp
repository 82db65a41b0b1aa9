#include <algorithm>

#include "models/pim/program_writer.h"
#include "models/pim/programs.h"

namespace aqpim {

using dram::Command;

namespace {

/// Uniform quantization needs MIN, MAX and DIV, which only the buffer engine has: vectors move to it, and codes back.
class UniformWriter : public ProgramWriter {
 public:
    UniformWriter(const ProgramContext& context, const aqpim_pim_shape& shape, std::uint16_t flags)
        : ProgramWriter(context, shape),
          per_token_((flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0),
          bits_(aqpim_code_bits(shape.centroids)) {}

 protected:
    /// The first step: vectors that come through the interface.
    void fetch(std::uint64_t vector_bursts) { last_ = join(move("fetch", Command::PIM_RD, vector_bursts)); }
    /// `per_column` bursts from or to each of `count` columns of the banks.
    void row_moves(std::string_view name, Command command, std::uint32_t first, std::uint32_t count,
                   std::uint64_t per_column) {
        last_ = sweep(name, command, first, count, {last_}, per_column);
    }

    bool per_token_;
    std::uint32_t bits_;
    Step last_ = 0;
};

class QuantizeWriter : public UniformWriter {
 public:
    QuantizeWriter(const ProgramContext& context, const aqpim_pim_quantize& quantize, std::uint32_t elements)
        : UniformWriter(context, quantize.shape, quantize.header.flags),
          quantize_(quantize),
          image_columns_(aqpim_vector_columns(&layout_, elements)) {}

    LaneProgram write() {
        fetch(0);
        if (!per_token_) {
            find_channel_parameters();
        }
        for (std::uint32_t done = 0; done < image_columns_; done += columns_per_row_) {
            encode(done, std::min(done + columns_per_row_, image_columns_));
        }
        return std::move(program_);
    }

 private:
    /// Least and greatest of each channel; scales and zeros go back into a row.
    void find_channel_parameters() {
        if (pim_.argmin == "bank") {
            const Step macs = sweep("extremes", Command::PIM_MAC_AB, quantize_.column_image, image_columns_, {last_});
            last_ = move_to_buffer("extremes", std::uint64_t{2} * counts_.dims * counts_.banks * counts_.slots, {macs});
        } else {
            row_moves("extremes", Command::PIM_MV_BA_ROW, quantize_.column_image, image_columns_, banks_in_column());
        }
        join(last_);
        const std::uint32_t in_bank = aqpim_vector_columns(&layout_, 2);
        const std::uint64_t bursts = std::uint64_t{2} * counts_.subvectors * columns(layout_.subvector_bytes);
        row_moves("channel scales", Command::PIM_MV_BF_ROW, quantize_.column_parameters, in_bank, bursts / in_bank);
    }

    /// Columns `begin` to `end` - 1 of the image, as many as a row has. Of a token the buffer engine finds least and
    /// greatest as it comes.
    void encode(std::uint32_t begin, std::uint32_t end) {
        row_moves("vectors", Command::PIM_MV_BA_ROW, quantize_.column_image + begin, end - begin, banks_in_column());
        std::vector<dram::PimCommand> stores;
        sweep(stores, Command::PIM_MV_BF_ROW, quantize_.column_codes + code_columns(begin),
              code_columns(end) - code_columns(begin), banks_in_column());
        if (per_token_) {
            const std::uint32_t first = parameter_columns(begin);
            sweep(stores, Command::PIM_MV_BF_ROW, quantize_.column_parameters + first, parameter_columns(end) - first,
                  std::uint64_t{2} * counts_.splits);
        }
        last_ = add("codes", PimUnit::bank_engines, std::move(stores), {last_});
    }

    std::uint32_t banks_in_column() const { return aqpim_ceil_div(counts_.banks, counts_.slots); }
    /// Columns of codes, or of parameters, that go with the image's first `image_columns`.
    std::uint32_t code_columns(std::uint32_t image_columns) const { return aqpim_ceil_div(image_columns * bits_, 16); }
    std::uint32_t parameter_columns(std::uint32_t image_columns) const {
        const std::uint64_t tokens = ceil_div(std::uint64_t{image_columns} * AQPIM_BURST_BYTES,
                                              std::uint64_t{layout_.subvector_bytes} * counts_.slots);
        return columns(tokens * half_bytes);
    }

    const aqpim_pim_quantize& quantize_;
    std::uint32_t image_columns_;
};

class AppendUniformWriter : public UniformWriter {
 public:
    AppendUniformWriter(const ProgramContext& context, const aqpim_pim_append& append, const AppendWork& work)
        : UniformWriter(context, append.shape, append.header.flags),
          append_(append),
          work_(work),
          blocks_(per_token_ ? aqpim_fp16_value_blocks(shape_.head_dim, shape_.subvectors) : 1) {}

    LaneProgram write() {
        const std::uint64_t arriving =
            std::uint64_t{counts_.groups} * columns(std::uint64_t{shape_.head_dim} * half_bytes);
        fetch(ceil_div(arriving, aqpim_channels_of_group(&layout_)));
        if (work_.encodes) {
            encode();
        }
        if (work_.stores) {
            move_vector("store", Command::PIM_MV_BF_ROW);
        }
        return std::move(program_);
    }

 private:
    /// The slot's vector, in each of its blocks.
    void move_vector(std::string_view name, Command command) {
        const std::uint32_t in_block = columns(layout_.subvector_bytes) / blocks_;
        std::vector<dram::PimCommand> moves;
        for (std::uint32_t block = 0; block < blocks_; ++block) {
            sweep(moves, command, work_.column_uncoded + block * append_.value_block_stride, in_block,
                  counts_.subvectors);
        }
        last_ = add(name, PimUnit::bank_engines, std::move(moves), {last_});
    }

    void encode() {
        if (work_.stores) {
            move_vector("leaving", Command::PIM_MV_BA_ROW);
        }
        if (per_token_) {
            row_moves("token scale", Command::PIM_MV_BF_ROW, append_.column_codebook, 1,
                      std::uint64_t{2} * counts_.groups);
        } else {
            const std::uint32_t in_bank = aqpim_vector_columns(&layout_, 2);
            const std::uint64_t bursts = std::uint64_t{2} * counts_.subvectors * columns(layout_.subvector_bytes);
            row_moves("channel scales", Command::PIM_MV_BA_ROW, append_.column_codebook, in_bank, bursts / in_bank);
        }
        const std::uint32_t code_columns = columns(std::uint64_t{counts_.dims} * bits_ / 8);
        row_moves("code", Command::PIM_MV_BF_ROW, work_.column_code, code_columns, counts_.subvectors);
    }

    const aqpim_pim_append& append_;
    const AppendWork& work_;
    std::uint32_t blocks_;
};

}  // namespace

LaneProgram quantize_program(const ProgramContext& context, const aqpim_pim_quantize& quantize,
                             std::uint32_t elements) {
    return QuantizeWriter(context, quantize, elements).write();
}

LaneProgram append_uniform_program(const ProgramContext& context, const aqpim_pim_append& append,
                                   const AppendWork& work) {
    return AppendUniformWriter(context, append, work).write();
}

}  // namespace aqpim
