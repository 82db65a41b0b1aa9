#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/channel_device.h"
#include "models/dram/command.h"
#include "models/dram/counters.h"
#include "models/dram/dram_parameters.h"
#include "models/dram/organization.h"
#include "models/dram/page_policy.h"
#include "models/dram/refresh_schedule.h"

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

/// One channel with its banks, its refresh and the closed-form path: accesses and PIM commands are served in the order
/// of the calls, each at the earliest tick that the timing table allows; rows stay open. Commands of different ranks,
/// and of the row and the column bus, overlap. Never ticks. What reorders requests is the Controller, over the same
/// device.
///
/// Ticks are those of TimingParameters, counted from the start of simulation. `not_before` may lie before what earlier
/// calls issued.
class Channel {
 public:
    /// `trace` may be null; it outlives the channel's use.
    Channel(const DramParameters& parameters, std::uint32_t index, CommandSink* trace);

    /// `bursts` consecutive columns of one row through the interface; `location.channel` is not looked at. Precharges
    /// and activates as needed; returns the tick at which the last burst on the data bus has ended.
    Ticks access(const Location& location, std::uint32_t bursts, bool write, Ticks not_before);
    Ticks access(const Location& location, bool write, Ticks not_before) {
        return access(location, 1, write, not_before);
    }

    /// `count` commands in closed form; returns the tick of completion:
    ///   PIM_ACT_AB                      column commands may follow (tRCDRD)
    ///   PIM_MAC_AB, PIM_LDC, PIM_RET    the last slot has ended (`pim.mac_spacing`; LDC, RET: tCCD_L)
    ///   PIM_WR, PIM_RD                  the last burst has crossed the interface (tCWL or tCL, and tBL)
    ///   PIM_MV_BA, PIM_MV_BF, .._ROW    the last slot has ended (tCCD_S)
    ///   PIM_SFM                         the buffer engine is free
    ///   PIM_SET_CONFIG                  the next command may follow
    ///   PIM_PREA                        every row is closed (tRP)
    ///   REFab                           a refresh of every rank ahead of time has ended, and tREFI counts from there;
    ///                                   nothing is done unless refreshes are all-bank ones
    /// PIM_RD and the moves between bank and buffer die take one slot for a burst in each pseudo-channel. Throws
    /// std::invalid_argument for any other command, and for a count of zero.
    Ticks issue(const PimCommand& command, Ticks not_before);
    Ticks precharge_all(Ticks not_before) { return issue({Command::PIM_PREA}, not_before); }

    /// What the engines did in the commands issued, for the energy.
    void add_engine_work(std::uint64_t macs, std::uint64_t lookups);

    /// Promises that no later call has an earlier `not_before`: refreshes that fell due meanwhile are made, and the
    /// trace gets what was issued before `now`.
    void settle(Ticks now);
    /// Gives the trace the rest, and completes the counters.
    void finish_trace() { device_.finish(ready_); }

    /// Takes over the state of a channel of the same parameters, counters included; neither is traced.
    void copy_state(const Channel& other);
    /// Whether both, settled up to `now`, do the same from then on, whatever they are asked for. True only where that
    /// is plain to see: with every row closed.
    bool behaves_as(const Channel& other, Ticks now) const;

    /// The tick at which everything issued so far is complete.
    Ticks ready() const { return ready_; }
    const Counters& counters() const { return device_.counters(); }
    /// The same with the time up to `now` of rows that are still open.
    Counters counters_until(Ticks now) const {
        Counters counters = device_.counters();
        counters.active_rank_ticks += device_.open_ticks(now);
        return counters;
    }

 private:
    friend class Controller;

    enum class Mode : std::uint8_t { access, all_bank };

    Ticks run_on_open_row(const PimCommand& command, Ticks not_before);
    Ticks run_register_moves(const PimCommand& command, Ticks not_before);
    Ticks refresh_ahead(Ticks not_before);
    Ticks run_softmax(const PimCommand& command, Ticks not_before);
    std::uint32_t slots_of(const PimCommand& command) const;
    void count(const PimCommand& command);
    void count_access(std::int64_t found, std::uint32_t row);
    void open_all_banks(std::uint32_t row, Ticks not_before);
    void close_all_banks(Ticks not_before);
    void open_row(std::uint32_t bank, std::uint32_t row, Ticks not_before);
    /// `not_before`, or when the page policy has closed the bank of its own accord.
    Ticks precharge_not_before(std::uint32_t bank, Ticks not_before) const {
        return std::min(not_before, page_policy_->closes_from(last_column_[bank]));
    }
    /// `not_before`, or when the channel has changed over to `mode`.
    Ticks change_mode(Mode mode, Ticks not_before);
    Ticks complete(Ticks tick);

    /// Makes the refreshes that an idle channel makes before `until`.
    void refresh_while_idle(Ticks until) {
        if (refreshes_.first_due() < until) {
            make_idle_refreshes(until);
        }
    }
    void make_idle_refreshes(Ticks until);
    /// Makes a refresh if it has to come before a command at `at`; `boundary`: one that opens or closes a row.
    bool refresh_before(Ticks at, bool boundary);
    /// The first tick at which no further command may go before the oldest refresh due.
    Ticks refresh_deadline(bool boundary) const {
        return boundary ? refreshes_.first_due() : refreshes_.first_deadline();
    }
    /// How many of `count` commands from `first` on go before the next refresh that cannot be postponed.
    std::uint32_t run_before_refresh(std::uint32_t count, Ticks spacing, Ticks first) const;
    /// Of every rank whose oldest refresh is due at first_due().
    void refresh(Ticks not_before);
    void refresh_rank(std::uint32_t rank, Ticks not_before);
    void skip_idle_refreshes(Ticks until);

    void issue_to_bank(Command command, std::uint32_t bank, Ticks not_before);
    void issue_at(Command command, std::uint32_t bank, std::uint32_t row, Ticks at);

    TimingParameters timing_;
    std::unique_ptr<PagePolicy> page_policy_;
    Ticks mode_change_;
    ChannelDevice device_;
    RefreshSchedule refreshes_;

    Mode mode_ = Mode::access;
    Ticks mode_since_ = 0;
    std::vector<Ticks> last_column_;  ///< tick of each bank's latest column command
    Ticks last_bank_tick_ = 0;        ///< of the latest command to a bank
    Ticks softmax_free_ = 0;
    Ticks ready_ = 0;
};

}  // namespace aqpim::dram
