#include <algorithm>

#include "models/pim/program_writer.h"
#include "models/pim/programs.h"

namespace aqpim {

using dram::Command;

namespace {

class AppendWriter : public ProgramWriter {
 public:
    AppendWriter(const ProgramContext& context, const aqpim_pim_append& append)
        : ProgramWriter(context, append.shape), append_(append) {}

    PimProgram write() {
        builder_.stage("configure", PimUnit::bank_engines);
        builder_.add(Command::PIM_SET_CONFIG, 1);
        builder_.stage_on("fetch", PimUnit::moves, 0, 1);
        builder_.add(Command::PIM_RD, columns(std::uint64_t{shape_.head_dim} * half_bytes));
        if (append_.element != AQPIM_PIM_NONE) {
            encode();
        }
        if (append_.slot != AQPIM_PIM_NONE) {
            own_stage("store", append_.slot);
            builder_.in_row(Command::PIM_MV_BF_ROW,
                            append_.column_uncoded + local(append_.slot) * layout_.subvector_bytes / AQPIM_BURST_BYTES,
                            owner_moves());
        }
        return builder_.take();
    }

 private:
    /// A stage on the channels that hold element `element`'s subvectors.
    void own_stage(std::string_view name, std::uint32_t element) {
        const std::uint32_t first_bank = element % layout_.splits * shape_.subvectors;
        const std::uint32_t first = layout_.slots == 1 ? first_bank / layout_.banks_per_channel : 0;
        const std::uint32_t last = layout_.slots == 1 ? (first_bank + shape_.subvectors - 1) / layout_.banks_per_channel
                                                      : layout_.group_channels - 1;
        builder_.stage_on(name, PimUnit::moves, first, last - first + 1);
    }
    std::uint64_t owner_moves() const { return std::uint64_t{counts_.subvectors} * columns(layout_.subvector_bytes); }

    void encode() {
        if (append_.slot != AQPIM_PIM_NONE) {
            own_stage("leaving", append_.slot);
            builder_.in_row(Command::PIM_MV_BA_ROW, append_.column_uncoded, owner_moves());
        }
        move_to_banks("vector", owner_moves());
        builder_.stage("assign", PimUnit::bank_engines);
        builder_.sweep(Command::PIM_MAC_AB, append_.column_codebook,
                       aqpim_codebook_columns(&layout_, shape_.centroids));
        const std::uint64_t distances = std::uint64_t{local(shape_.centroids)} * counts_.banks * counts_.slots;
        move_to_buffer("distances", outputs(distances));
        own_stage("code", append_.element);
        builder_.in_row(Command::PIM_MV_BF_ROW, append_.column_codes, counts_.subvectors);
    }

    const aqpim_pim_append& append_;
};

}  // namespace

PimProgram append_program(const ProgramContext& context, const aqpim_pim_append& append) {
    return AppendWriter(context, append).write();
}

}  // namespace aqpim
