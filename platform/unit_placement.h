#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/job.h"
#include "aqpim/pim_layout.h"
#include "models/dram/organization.h"

namespace aqpim {

/// Where the units of a job (one KV head of one sequence each) come to lie in the PIM memory, by the rules of
/// aqpim/pim_layout.h: as many sequences as there are groups of banks make a wave. Each wave divides the memory for
/// itself; the groups that this gives each of its sequences are its KV heads', a set of them at a time.
class UnitPlacement {
 public:
    UnitPlacement(const dram::Organization& organization, const aqpim_job& job);

    std::uint32_t waves() const { return static_cast<std::uint32_t>(waves_.size()); }
    std::uint32_t wave(std::uint32_t sequence) const { return sequence / waves_.front().sequences; }
    /// Of the wave that has most.
    std::uint32_t head_sets() const;

    const aqpim_layout& layout(std::uint32_t sequence) const { return waves_[wave(sequence)].layout; }
    std::uint32_t group(std::uint32_t sequence, std::uint32_t kv_head) const;
    /// Index in the job's table of objects.
    std::uint64_t object(std::uint32_t sequence, std::uint32_t layer, bool is_value, std::uint32_t kv_head) const;

    /// Of the memory's banks, the share that holds a part of some unit of the first wave's first set.
    double bank_utilisation() const;

 private:
    struct Wave {
        std::uint32_t sequences;
        aqpim_layout layout;
        std::uint32_t heads_per_set;
    };

    std::uint32_t layers_;
    std::uint32_t kv_heads_;
    std::uint32_t subvectors_;
    std::vector<Wave> waves_;
};

}  // namespace aqpim
