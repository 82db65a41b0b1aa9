#pragma once

#include <cstdint>
#include <optional>

#include "models/common/clock.h"
#include "models/dram/command.h"
#include "models/dram/command_trace.h"
#include "models/dram/dram_parameters.h"
#include "models/dram/slot_calendar.h"
#include "models/dram/timing_state.h"

namespace aqpim::dram {

/// Puts a channel's commands on its two command buses at the ticks that the timing table allows, and tells the trace.
/// Knows nothing of open rows: which command is needed next is the Channel's business.
class CommandIssuer {
 public:
    /// `trace` may be null.
    CommandIssuer(const DramParameters& parameters, std::uint32_t channel, CommandSink* trace);

    /// The first tick at or after `not_before` that the table allows. A busy command bus may add to it.
    Ticks earliest(Command command, const Location& location, Ticks not_before) const;
    /// Issues at the first tick that table and bus allow, and returns it.
    Ticks issue(Command command, const Location& location, Ticks not_before);
    /// Issues `count` channel-wide commands `spacing` ticks apart, columns counting up from location's and wrapping at
    /// the row's end; returns the last one's tick.
    Ticks issue_run(Command command, const Location& location, std::uint32_t count, Ticks spacing, Ticks not_before);
    /// How far apart the table holds two of the same channel-wide command.
    Ticks spacing(Command command) const { return state_.spacing(command); }

    /// Of the latest command so far.
    Ticks last_tick() const { return last_tick_; }

    /// Promises that no later command has an earlier `not_before`: the trace gets what was issued before.
    void settle(Ticks now);
    void finish_trace();
    bool traced() const { return trace_.has_value(); }

 private:
    SlotCalendar* bus_of(Command command);

    Organization organization_;
    TimingState state_;
    bool moves_share_bus_;
    SlotCalendar row_bus_;
    SlotCalendar column_bus_;
    Ticks last_tick_ = 0;
    Ticks settled_ = 0;
    std::optional<TraceOrder> trace_;
};

}  // namespace aqpim::dram
