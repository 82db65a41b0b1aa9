#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "models/dram/timing_state.h"
#include "scene.h"

namespace aqpim::dram {

inline Location at(std::uint32_t pseudo_channel, std::uint32_t rank, std::uint32_t bank_group, std::uint32_t bank) {
    Location location;
    location.pseudo_channel = pseudo_channel;
    location.rank = rank;
    location.bank_group = bank_group;
    location.bank = bank;
    return location;
}

/// Where a second command goes, seen from a first one in same_bank.
inline const Location same_bank = at(0, 0, 0, 0);
inline const Location same_group = at(0, 0, 0, 1);
inline const Location other_group = at(0, 0, 1, 0);
inline const Location other_rank = at(0, 1, 0, 0);
inline const Location other_pseudo_channel = at(1, 0, 0, 0);

/// The timing rules of a DRAM at work on one of its channels.
struct Rules {
    explicit Rules(std::initializer_list<std::pair<std::string, std::string>> changes = {}) : scene(changes) {}

    /// Ticks from `first` in same_bank to the first at which `second` may go to `location`; 0 where no rule links them.
    Ticks gap(Command first, Command second, const Location& location) const {
        constexpr Ticks start = 100'000;
        TimingState state(table, scene.parameters.organization());
        state.issue(first, state.path_to(same_bank), start);
        const Ticks earliest = state.earliest(second, state.path_to(location));
        return earliest <= start ? 0 : earliest - start;
    }

    Scene scene;
    ConstraintTable table = scene.parameters.constraints();
};

}  // namespace aqpim::dram
