#pragma once

#include <cstdint>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/command.h"
#include "models/dram/command_issuer.h"
#include "models/dram/counters.h"
#include "models/dram/dram_parameters.h"
#include "models/dram/organization.h"

namespace aqpim::dram {

/// `count` back-to-back commands. Those that work on a row name it: when a refresh or a host access has closed it, they
/// open it again. `column` is the first one; it counts up and wraps at the row's end.
struct PimCommand {
    Command command;
    std::uint32_t count = 1;
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    Ticks duration = 0;  ///< of one PIM_SFM
};

/// One channel: its bank states, its refresh, its page policy. Never ticks: each command goes out at the earliest tick
/// that the timing table allows. Requests to the same rank are served in the order of the calls, rows stay open;
/// commands of different ranks, and of the row and the column bus, overlap.
///
/// Ticks are of `tCK`, counted from the start of simulation. `not_before` may lie before what earlier calls issued.
class Channel {
 public:
    /// `trace` may be null; it outlives the channel's use.
    Channel(const DramParameters& parameters, std::uint32_t index, CommandSink* trace);

    /// One burst through the interface; `location.channel` is not looked at. Precharges and activates as needed;
    /// returns the tick at which the burst on the data bus has ended.
    Ticks access(const Location& location, bool write, Ticks not_before);

    /// `count` commands in closed form; returns the tick of completion:
    ///   PIM_ACT_AB                      column commands may follow (tRCDRD)
    ///   PIM_MAC_AB, PIM_LDC, PIM_RET    the last slot has ended (`pim.mac_spacing`; RET: tCCD_L)
    ///   PIM_WR, PIM_RD                  the last burst has crossed the interface (tCWL or tCL, and tBL)
    ///   PIM_MV_BA, PIM_MV_BF, .._ROW    the last slot has ended (tCCD_S)
    ///   PIM_SFM                         the buffer engine is free
    ///   PIM_SET_CONFIG                  the next command may follow
    ///   PREA                            every row is closed (tRP)
    /// PIM_RD and the moves between bank and buffer die take one slot for a burst in each pseudo-channel. Throws
    /// std::invalid_argument for any other command, and for a count of zero.
    Ticks issue(const PimCommand& command, Ticks not_before);
    Ticks precharge_all(Ticks not_before) { return issue({Command::PREA}, not_before); }

    /// What the engines did in the commands issued, for the energy.
    void add_engine_work(std::uint64_t macs, std::uint64_t lookups);

    /// Promises that no later call has an earlier `not_before`: refreshes that fell due meanwhile are made, and the
    /// trace gets what was issued before `now`.
    void settle(Ticks now);
    /// Gives the trace the rest.
    void finish_trace() { issuer_.finish_trace(); }

    /// The tick at which everything issued so far is complete.
    Ticks ready() const { return ready_; }
    const Counters& counters() const { return counters_; }

 private:
    static constexpr std::int64_t closed = -1;

    Ticks run_on_open_row(const PimCommand& command, Ticks not_before);
    Ticks run_register_moves(const PimCommand& command, Ticks not_before);
    Ticks run_softmax(const PimCommand& command, Ticks not_before);
    std::uint32_t slots_of(const PimCommand& command) const;
    void count(const PimCommand& command);
    void open_all_banks(std::uint32_t row, Ticks not_before);
    void close_all_banks(Ticks not_before);
    void open_row(const Location& location, Ticks not_before);
    Ticks complete(Ticks tick);

    /// Makes the refreshes that an idle channel makes before `until`.
    void refresh_while_idle(Ticks until);
    /// Makes a refresh if it has to come before a command at `at`; `boundary`: one that opens or closes a row.
    bool refresh_before(Ticks at, bool boundary);
    /// The first tick at which no further command may go before the oldest refresh due.
    Ticks refresh_deadline(bool boundary) const;
    void refresh(Ticks not_before);
    void skip_idle_refreshes(Ticks until);
    std::uint32_t refresh_groups() const { return organization_.pseudo_channels * organization_.ranks; }

    Ticks issue_to_bank(Command command, const Location& location, Ticks not_before);
    static Location channel_wide(std::uint32_t row = 0, std::uint32_t column = 0);
    std::int64_t& open_row_of(const Location& location);

    Organization organization_;
    TimingParameters timing_;
    RefreshPolicy policy_;
    CommandIssuer issuer_;

    std::vector<std::int64_t> open_rows_;  ///< of each bank, or closed
    std::uint32_t open_banks_ = 0;
    std::int64_t all_bank_row_ = closed;  ///< the row that PIM_ACT_AB opened and nothing has closed since
    Ticks last_bank_tick_ = 0;            ///< of the latest command to a bank
    Ticks softmax_free_ = 0;
    Ticks refresh_due_;  ///< of the oldest refresh not made yet
    Ticks ready_ = 0;
    Counters counters_;
};

}  // namespace aqpim::dram
