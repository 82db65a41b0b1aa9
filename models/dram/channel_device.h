#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/bank_set.h"
#include "models/dram/command.h"
#include "models/dram/command_trace.h"
#include "models/dram/counters.h"
#include "models/dram/dram_parameters.h"
#include "models/dram/slot_calendar.h"
#include "models/dram/timing_state.h"

namespace aqpim::dram {

/// The device's side of a channel, which every path that issues commands shares: open rows, timing table, command
/// buses, counters, command trace. It decides nothing: which command is needed next is its users' business.
///
/// Ticks are those of TimingParameters, counted from the start of simulation.
class ChannelDevice {
 public:
    static constexpr std::int64_t closed = -1;

    /// `trace` may be null.
    ChannelDevice(const DramParameters& parameters, std::uint32_t channel, CommandSink* trace);

    const Organization& organization() const { return organization_; }
    std::uint32_t banks() const { return static_cast<std::uint32_t>(open_rows_.size()); }
    /// Ranks over all pseudo-channels: what one REFab refreshes.
    std::uint32_t ranks() const { return static_cast<std::uint32_t>(open_in_rank_.size()); }
    std::uint32_t banks_per_rank() const { return banks_per_rank_; }
    std::uint32_t bank_of(const Location& location) const { return state_.bank_of(location); }

    /// The row that is open in a bank, or `closed`.
    std::int64_t open_row(std::uint32_t bank) const {
        return all_bank_row_ != closed ? all_bank_row_ : open_rows_[bank];
    }
    /// The banks with a row open, and those without; not to be asked while all_bank_row() is open.
    const BankSet& open_set() const { return open_set_; }
    const BankSet& closed_set() const { return closed_set_; }
    bool has_open_bank(std::uint32_t rank) const { return all_bank_row_ != closed || open_in_rank_[rank] != 0; }
    bool has_open_bank() const { return all_bank_row_ != closed || open_banks_ != 0; }
    /// The row that PIM_ACT_AB has opened and nothing has closed since, in no bank; or `closed`.
    std::int64_t all_bank_row() const { return all_bank_row_; }

    /// The first tick at which the timing table alone allows `command` to the place that `bank` lies in.
    Ticks table_earliest(Command command, std::uint32_t bank) const {
        return state_.earliest(command, state_.path_to_bank(bank));
    }
    /// The first tick at or after `not_before` at which table and command bus allow it.
    Ticks earliest(Command command, std::uint32_t bank, Ticks not_before) const {
        return bus_free(command, std::max({table_earliest(command, bank), not_before, settled_}));
    }
    /// earliest() in parts, but for the bus, for scans over the banks of a rank.
    Ticks earliest_in_rank(Command command, std::uint32_t bank, Ticks not_before) const {
        return std::max({state_.earliest_in_rank(command, state_.path_to_bank(bank)), not_before, settled_});
    }
    TimingState::InBank earliest_in_bank(Command command) const { return state_.earliest_in_bank(command); }
    /// earliest() of a command to one bank.
    Ticks earliest_in_bank(Command command, std::uint32_t bank, Ticks not_before) const {
        return bus_free(command,
                        std::max(earliest_in_rank(command, bank, not_before), state_.earliest_in_bank(command)[bank]));
    }
    /// The first tick at or after `not_before` at which the command's bus is free for it.
    Ticks bus_free(Command command, Ticks not_before) const {
        const Wire& wire = wires_[index_of(command)];
        return wire.bus == no_bus ? not_before : buses_[wire.bus].first_free(not_before, wire.ticks, wire.grid);
    }

    /// A command starts at a multiple of this many ticks, a power of two.
    Ticks grid(Command command) const { return wires_[index_of(command)].grid; }

    /// How many commands of `run`, from `at` on, find their bus free.
    struct Run {
        std::uint32_t count;
        Ticks spacing;
    };
    std::uint32_t free_run(Command command, Ticks at, Run run) const;

    /// Issues `command` at `at`, which earliest() has allowed. `row` and `column` where the command names them.
    void issue(Command command, std::uint32_t bank, std::uint32_t row, std::uint32_t column, Ticks at) {
        issue_run(command, bank, row, column, {1, 0}, at);
    }
    /// `count` times the same command, `spacing` ticks apart, columns counting up and wrapping at the row's end. If it
    /// is one to the whole channel, no other command of its bus goes in between. Returns the last one's tick.
    Ticks issue_run(Command command, std::uint32_t bank, std::uint32_t row, std::uint32_t column, Run run, Ticks at);
    /// How far apart the table holds two of the same command to the same place, and its bus.
    Ticks spacing(Command command) const;

    Counters& counters() { return counters_; }
    const Counters& counters() const { return counters_; }

    /// Promises that no later command goes before `now`: the trace gets what was issued before.
    void settle(Ticks now);
    /// Gives the trace the rest, and counts the time for which rows have been open up to `end`.
    void finish(Ticks end);
    /// Time up to `now` for which ranks have had a bank open that is still open, so that no counter has it yet.
    Ticks open_ticks(Ticks now) const;
    bool traced() const { return trace_.has_value(); }

    /// Takes over the state of a channel of the same parameters, counters included; neither is traced.
    void copy_state(const ChannelDevice& other);
    /// Whether every command from `now` on does the same to both, which have no row open.
    bool behaves_as(const ChannelDevice& other, Ticks now) const;

 private:
    enum Bus : std::uint8_t { row_bus, column_bus, no_bus };
    /// How a command takes its bus.
    struct Wire {
        Bus bus = no_bus;
        Ticks ticks = 1;
        Ticks grid = 1;  ///< it starts at a multiple of this
    };

    Wire wire_of(Command command, const DramParameters& parameters) const;
    void take_bus(Command command, Run run, Ticks at);
    void change_state(Command command, std::uint32_t bank, std::uint32_t row, Ticks at);
    void open(std::uint32_t bank, std::int64_t row, Ticks at);
    void close(std::uint32_t bank, Ticks at);
    void close_banks(std::uint32_t first, std::uint32_t count, Ticks at);
    void open_all(std::int64_t row, Ticks at);
    void close_all(Ticks at);
    void spell_out_all_banks();
    void trace(Command command, std::uint32_t bank, std::uint32_t row, std::uint32_t column, Run run, Ticks at);
    Location location_of(std::uint32_t bank) const;

    Organization organization_;
    TimingParameters timing_;
    TimingState state_;
    std::array<Wire, command_count> wires_;
    std::array<SlotCalendar, 2> buses_;
    std::uint32_t banks_per_rank_;
    std::int64_t all_bank_row_ = closed;  ///< while it is not, `open_rows_` and what is counted of it are stale
    Ticks all_open_since_ = 0;
    std::vector<std::int64_t> open_rows_;  ///< by bank
    BankSet open_set_;
    BankSet closed_set_;
    std::vector<std::uint32_t> open_in_rank_;  ///< open banks
    std::vector<Ticks> active_since_;          ///< by rank, while one of its banks is open
    std::uint32_t open_banks_ = 0;
    Ticks settled_ = 0;
    Counters counters_;
    std::optional<TraceOrder> trace_;
};

}  // namespace aqpim::dram
