#include "models/pim/program_writer.h"
#include "models/pim/programs.h"

namespace aqpim {

using dram::Command;

namespace {

class AppendWriter : public ProgramWriter {
 public:
    AppendWriter(const ProgramContext& context, const aqpim_pim_append& append, const AppendWork& work)
        : ProgramWriter(context, append.shape), append_(append), work_(work) {}

    LaneProgram write() {
        const std::uint64_t vectors = std::uint64_t{counts_.groups} * columns(shape_.head_dim * half_bytes);
        last_ = join(move("fetch", Command::PIM_RD, ceil_div(vectors, aqpim_channels_of_group(&layout_))));
        if (work_.encodes) {
            encode();
        }
        if (work_.stores) {
            row_move("store", Command::PIM_MV_BF_ROW, work_.column_uncoded);
        }
        return std::move(program_);
    }

 private:
    std::uint64_t vector_bursts() const { return std::uint64_t{counts_.subvectors} * columns(layout_.subvector_bytes); }
    void row_move(std::string_view name, Command command, std::uint32_t column) {
        last_ = add(name, PimUnit::bank_engines,
                    {{command, static_cast<std::uint32_t>(vector_bursts()), column / columns_per_row_,
                      column % columns_per_row_}},
                    {last_});
    }

    /// What leaves the window goes to the banks that share its codebook, which return the distances.
    void encode() {
        if (work_.stores) {
            row_move("leaving", Command::PIM_MV_BA_ROW, work_.column_uncoded);
        }
        const Step sent = join(move("vector", Command::PIM_MV_BF, vector_bursts(), {last_}));
        const Step macs = sweep("assign", Command::PIM_MAC_AB, append_.column_codebook,
                                aqpim_codebook_columns(&layout_, shape_.centroids), {sent});
        const std::uint64_t compared = pim_.argmin == "bank" ? 2 : local(shape_.centroids);
        last_ = join(move_to_buffer("distances", compared * counts_.banks * counts_.slots, {macs}));
        last_ = add("code", PimUnit::bank_engines,
                    {{Command::PIM_MV_BF_ROW, counts_.subvectors, work_.column_code / columns_per_row_,
                      work_.column_code % columns_per_row_}},
                    {last_});
    }

    const aqpim_pim_append& append_;
    const AppendWork& work_;
    Step last_ = 0;
};

}  // namespace

LaneProgram append_program(const ProgramContext& context, const aqpim_pim_append& append, const AppendWork& work) {
    return AppendWriter(context, append, work).write();
}

}  // namespace aqpim
