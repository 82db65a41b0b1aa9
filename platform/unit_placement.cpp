#include "platform/unit_placement.h"

#include <algorithm>

#include "aqpim/pim.h"

namespace aqpim {

namespace {

/// With so many sequences side by side.
aqpim_layout layout_for(const dram::Organization& organization, const aqpim_job& job, std::uint32_t sequences) {
    const std::uint32_t banks = organization.banks_per_channel();
    const std::uint32_t units = job.kv_heads * sequences;
    const std::uint32_t group_banks =
        job.policy == AQPIM_POLICY_AQPIM
            ? aqpim_group_banks(organization.channels, banks, units, job.subvectors)
            : aqpim_fp16_group_channels(organization.channels, units, job.heads / job.kv_heads) * banks;
    return aqpim_make_layout(organization.channels, banks, group_banks, job.subvectors, job.head_dim);
}

}  // namespace

UnitPlacement::UnitPlacement(const dram::Organization& organization, const aqpim_job& job)
    : layers_(job.layers), kv_heads_(job.kv_heads), subvectors_(job.subvectors) {
    const std::uint32_t side_by_side = std::min(job.batch, layout_for(organization, job, job.batch).groups);
    for (std::uint32_t first = 0; first < job.batch; first += side_by_side) {
        const std::uint32_t sequences = std::min(side_by_side, job.batch - first);
        const aqpim_layout layout = layout_for(organization, job, sequences);
        waves_.push_back({sequences, layout, std::min(kv_heads_, std::max(1u, layout.groups / sequences))});
    }
}

std::uint32_t UnitPlacement::head_sets() const {
    std::uint32_t most = 0;
    for (const Wave& wave : waves_) {
        most = std::max(most, aqpim_ceil_div(kv_heads_, wave.heads_per_set));
    }
    return most;
}

std::uint32_t UnitPlacement::group(std::uint32_t sequence, std::uint32_t kv_head) const {
    const Wave& own = waves_[wave(sequence)];
    return kv_head % own.heads_per_set * own.sequences + sequence % waves_.front().sequences;
}

std::uint64_t UnitPlacement::object(std::uint32_t sequence, std::uint32_t layer, bool is_value,
                                    std::uint32_t kv_head) const {
    const std::uint64_t tensor = (std::uint64_t{wave(sequence)} * layers_ + layer) * 2 + (is_value ? 1 : 0);
    return tensor * head_sets() + kv_head / waves_[wave(sequence)].heads_per_set;
}

double UnitPlacement::bank_utilisation() const {
    const Wave& wave = waves_.front();
    const std::uint32_t of_unit = std::min(wave.layout.banks, wave.layout.splits * subvectors_);
    const std::uint64_t units = std::uint64_t{wave.sequences} * wave.heads_per_set;
    return static_cast<double>(units * of_unit) /
           static_cast<double>(std::uint64_t{wave.layout.channels} * wave.layout.banks_per_channel);
}

}  // namespace aqpim
