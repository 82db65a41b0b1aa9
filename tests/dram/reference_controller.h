#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/dram/dram_parameters.h"
#include "models/dram/request.h"

namespace aqpim::dram {

/// A command and the tick of its first slot.
struct TimedCommand {
    Ticks at;
    Command command;
    Location location;  ///< down to the level that the command addresses; row and column where it names them

    bool operator==(const TimedCommand&) const = default;
};

/// What has gone out on one channel, asked every time anew: every row of the constraint table against every command of
/// the past that it names, and every command bus.
class ReferenceDevice {
 public:
    explicit ReferenceDevice(const DramParameters& parameters);

    bool ready(Command command, const Location& location, Ticks at) const;
    void issue(Command command, const Location& location, Ticks at);

    /// The row that is open in a bank, or -1.
    std::int64_t open_row(const Location& location) const { return open_rows_[node(Level::bank, location)]; }
    bool has_open_bank(std::uint32_t pseudo_channel, std::uint32_t rank) const;
    Ticks last_column(const Location& location) const { return last_columns_[node(Level::bank, location)]; }

    const std::vector<TimedCommand>& commands() const { return commands_; }

 private:
    struct Wire {
        int bus;  ///< -1: none
        Ticks ticks;
        Ticks grid;
    };

    std::size_t node(Level level, const Location& location) const;
    bool row_allows(const Constraint& row, const Location& location, Ticks at) const;
    bool node_allows(const Constraint& row, std::size_t node, Ticks at) const;
    Wire wire_of(Command command) const;
    void change_state(Command command, const Location& location, Ticks at);

    TimingParameters timing_;
    Organization organization_;
    bool split_bus_;
    std::array<ConstraintTable, command_count> rows_;  ///< by the command that they hold back
    /// By level, node of the level and command: the ticks at which it went, oldest first.
    std::array<std::vector<std::array<std::vector<Ticks>, command_count>>, level_count> past_;
    std::array<Ticks, 2> bus_taken_until_{};
    std::vector<std::int64_t> open_rows_;
    std::vector<Ticks> last_columns_;
    std::vector<TimedCommand> commands_;
};

/// The Controller's policy tick by tick: in each tick every request and every bank is looked at. Slow, and simple
/// enough to be held against the description in models/dram/controller.h.
class ReferenceController {
 public:
    struct Completion {
        std::uint64_t id;
        Ticks at;
        bool operator==(const Completion&) const = default;
    };

    explicit ReferenceController(const DramParameters& parameters);

    Ticks now() const { return now_; }
    bool has_room(bool write) const;
    void enqueue(const Request& request);
    std::size_t waiting() const { return entries_.size(); }
    /// What goes in the present tick; then the next one is the present.
    void tick();

    const std::vector<TimedCommand>& commands() const { return device_.commands(); }
    const std::vector<Completion>& completions() const { return completions_; }

 private:
    struct Entry {
        Request request;
        Ticks arrival;
        std::uint32_t issued = 0;
        bool promoted = false;
    };
    struct Rank {
        std::uint32_t pseudo_channel;
        std::uint32_t rank;
        Ticks due;
        std::uint32_t next_bank = 0;
    };
    enum class Slot : std::uint8_t { row, column, any };

    void fill(Slot slot);
    void update_drain();
    bool serve_promoted();
    bool refresh();
    bool serve_queue(Slot slot);
    bool serve(std::size_t entry, Slot slot);
    bool close_idle_bank();

    bool competes(const Entry& entry) const;
    bool past_deadline(const Location& location) const;
    Ticks deadline(const Rank& rank) const;
    Location refreshed(const Rank& rank) const;
    bool refresh_rank(Rank& rank);
    bool waits_for_rank(const Rank& rank) const;
    bool is_promoted(const Location& bank) const;
    bool row_is_wanted(const Location& bank, std::int64_t row, const Entry* but) const;
    bool is_covered(const Request& request) const;
    Command column_command(const Entry& entry) const;
    void issue_column(std::size_t entry, Command command);

    DramParameters parameters_;
    Organization organization_;
    ReferenceDevice device_;
    std::vector<Entry> entries_;  ///< by age
    std::vector<Rank> ranks_;
    std::vector<Completion> completions_;
    bool draining_ = false;
    Ticks now_ = 0;
    Ticks port_free_ = 0;  ///< takes one request in a cycle
};

}  // namespace aqpim::dram
