#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/command.h"
#include "models/dram/constraints.h"
#include "models/dram/organization.h"

namespace aqpim::dram {

/// The nodes of one channel's hierarchy that hold a bank, one for each level.
using NodePath = std::array<std::uint32_t, level_count>;

/// A constraint table at work on one channel: each node keeps, for each kind of command, the tick before which the
/// commands so far forbid it. Nothing ticks: the question is "when at the earliest?".
///
/// Commands that every row of the table treats alike as `following` (RD and RDA) are of one kind and share a tick.
class TimingState {
 public:
    /// Throws std::logic_error if a row stands at a level below what one of its commands addresses.
    TimingState(const ConstraintTable& table, const Organization& organization);

    NodePath path_to(const Location& location) const { return path_to_bank(bank_of(location)); }
    /// Banks are numbered over the channel, from the pseudo-channel down.
    std::uint32_t bank_of(const Location& location) const {
        return ((location.pseudo_channel * fan_out_[2] + location.rank) * fan_out_[3] + location.bank_group) *
                   fan_out_[4] +
               location.bank;
    }
    const NodePath& path_to_bank(std::uint32_t bank) const { return paths_[bank]; }

    /// The first tick at which the table allows `command` at `path` (only its levels down to the command's scope
    /// count).
    Ticks earliest(Command command, const NodePath& path) const {
        const Kind& kind = kinds_[index_of(command)];
        Ticks tick = 0;
        for (std::uint32_t i = 0; i < kind.levels; ++i) {
            const Ticks allowed = kind.allowed[path[kind.level[i]]];
            tick = allowed > tick ? allowed : tick;
        }
        for (const Cause& cause : causes_[index_of(command)]) {
            const Ticks allowed = cause.since[path[cause.level]] + cause.latency;
            tick = allowed > tick + long_ago ? allowed - long_ago : tick;
        }
        return tick;
    }
    /// The same in two parts, for a command to a bank: what its rank and the levels above allow, which many banks
    /// share, and what its bank group and itself do.
    Ticks earliest_in_rank(Command command, const NodePath& path) const {
        const Ticks* const allowed = kinds_[index_of(command)].allowed;
        return std::max({allowed[path[0]], allowed[path[1]], allowed[path[2]]});
    }
    class InBank {
     public:
        Ticks operator[](std::uint32_t bank) const { return std::max(banks_[bank], groups_[bank >> shift_]); }

     private:
        friend class TimingState;
        const Ticks* banks_;
        const Ticks* groups_;
        std::uint32_t shift_;
    };
    InBank earliest_in_bank(Command command) const {
        const Ticks* const allowed = kinds_[index_of(command)].allowed;
        InBank in_bank;
        in_bank.banks_ = allowed + first_node_[4];
        in_bank.groups_ = allowed + first_node_[3];
        in_bank.shift_ = static_cast<std::uint32_t>(std::countr_zero(fan_out_[4]));
        return in_bank;
    }
    void issue(Command command, const NodePath& path, Ticks at);
    /// How far apart the table holds two of the same command to the same place.
    Ticks spacing(Command command) const { return spacing_[index_of(command)]; }

    /// Takes over what the commands so far forbid, of the same table.
    void copy_ticks(const TimingState& other);
    /// Whether the same is allowed from `now` on, of the same table.
    bool allows_as(const TimingState& other, Ticks now) const;

    // Kinds and effects point into the ticks, which move along.
    TimingState(TimingState&&) = default;
    TimingState(const TimingState&) = delete;
    TimingState& operator=(const TimingState&) = delete;

 private:
    struct Kind {
        Ticks* allowed = nullptr;  ///< by node
        std::uint32_t levels = 0;  ///< that any row holds it back at
        std::array<std::uint8_t, level_count> level{};
    };
    struct Effect {
        Ticks* allowed;  ///< of the kind that it holds back, by node
        std::uint32_t level;
        Ticks latency;
    };
    /// A rule that is looked up when it is asked for, because the command that it holds back is rare: each node keeps
    /// when the preceding one was last issued, counted from `long_ago` before the start.
    static constexpr Ticks long_ago = Ticks{1} << 32;
    struct Cause {
        const Ticks* since;  ///< of the preceding command, by node
        std::uint32_t level;
        Ticks latency;
    };
    struct Mark {
        Ticks* since;
        std::uint32_t level;
    };
    /// A row with a window: each node of its level keeps the ticks of its last `size` commands in a ring.
    struct Window {
        std::uint32_t level;
        std::vector<Ticks*> following;
        Ticks latency;
        std::uint32_t size;
        std::vector<Ticks> rings;
        std::vector<std::uint32_t> next;  ///< where a node's oldest stands

        bool holds_back_as(const Window& other, std::uint32_t nodes, Ticks now) const;
    };

    void number_nodes(const Organization& organization);
    void find_kinds(const ConstraintTable& table);
    void add(const Constraint& row);
    void add_effect(Command preceding, Command following, const Constraint& row);
    void add_cause(Command preceding, Command following, const Constraint& row);
    void drop_weaker_effects();
    void find_levels(const ConstraintTable& table);
    void forbid_siblings(const NodePath& path, const Effect& effect, Ticks until);
    static void slide(Window& window, std::uint32_t node, Ticks at);

    std::array<std::uint32_t, level_count> fan_out_;     ///< nodes of a level in one node of the level above
    std::array<std::uint32_t, level_count> first_node_;  ///< of each level
    std::uint32_t nodes_ = 0;
    std::vector<NodePath> paths_;  ///< by bank
    std::array<std::uint32_t, command_count> kind_of_{};
    std::array<Kind, command_count> kinds_;
    std::array<std::vector<Effect>, command_count> effects_;
    std::array<std::vector<Effect>, command_count> sibling_effects_;
    std::array<std::vector<Cause>, command_count> causes_;  ///< by following command
    std::array<std::vector<Mark>, command_count> marks_;    ///< by preceding command
    std::array<std::vector<std::size_t>, command_count> windows_of_;
    std::array<Ticks, command_count> spacing_{};
    std::vector<Window> windows_;
    std::vector<Ticks> allowed_;  ///< [kind][node]
    std::vector<Ticks> since_;    ///< [preceding command][node]
};

}  // namespace aqpim::dram
