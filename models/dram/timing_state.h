#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/command.h"
#include "models/dram/constraints.h"
#include "models/dram/organization.h"

namespace aqpim::dram {

/// The nodes of one channel's hierarchy that hold a bank, one for each level.
using NodePath = std::array<std::uint32_t, level_count>;

/// A constraint table at work on one channel: each node keeps, for each command, the tick before which the commands so
/// far forbid it. Nothing ticks: the question is "when at the earliest?".
class TimingState {
 public:
    /// Throws std::logic_error if a row stands at a level below what one of its commands addresses.
    TimingState(const ConstraintTable& table, const Organization& organization);

    NodePath path_to(const Location& location) const;

    /// The first tick at which the table allows `command` at `path` (only its levels down to the command's scope
    /// count).
    Ticks earliest(Command command, const NodePath& path) const;
    void issue(Command command, const NodePath& path, Ticks at);
    /// How far apart the table holds two of the same channel-wide command.
    Ticks spacing(Command command) const;

 private:
    struct Effect {
        Level level;
        Command following;
        Ticks latency;
        bool sibling;
    };
    /// A row with a window: each node of its level keeps the ticks of its last `window` commands in a ring.
    struct Window {
        Level level;
        std::vector<Command> following;
        Ticks latency;
        std::uint32_t size;
        std::vector<Ticks> rings;
        std::vector<std::uint32_t> issued;
    };

    void add(const Constraint& row);
    void forbid(std::uint32_t node, Command command, Ticks until);
    void forbid_siblings(const NodePath& path, const Effect& effect, Ticks until);
    void slide(Window& window, std::uint32_t node, Ticks at);

    std::array<std::uint32_t, level_count> fan_out_;     ///< nodes of a level in one node of the level above
    std::array<std::uint32_t, level_count> first_node_;  ///< of each level
    std::array<std::vector<Effect>, command_count> effects_;
    std::array<std::vector<std::size_t>, command_count> windows_of_;
    std::vector<Window> windows_;
    std::vector<Ticks> allowed_;  ///< [node][command]
};

}  // namespace aqpim::dram
