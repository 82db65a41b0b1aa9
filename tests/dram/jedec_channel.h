#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "jedec_rules.h"
#include "jedec_timing.h"

namespace aqpim::dram {

/// What the rules have to remember of one channel. Times in picoseconds.
class JedecChannel {
 public:
    using Time = JedecTiming::Time;

    /// All outlive the channel.
    JedecChannel(const JedecRules& rules, const JedecTiming& timing, std::vector<Violation>& violations);

    /// `index`: the command's place in the trace.
    void check(const TracedCommand& command, std::size_t index);
    void finish();

 private:
    static constexpr Time long_ago = std::numeric_limits<Time>::min() / 4;

    struct Bank {
        std::int32_t row = -1;  ///< that is open; -1: none
        Time activated = long_ago;
        Time read = long_ago;
        Time swept = long_ago;  ///< read by an all-bank command
        Time write_data_end = long_ago;
        Time closing = long_ago;       ///< its precharge begins
        bool closed_with_all = false;  ///< by a precharge of all banks
        Time refresh_end = long_ago;
        bool refreshed_alone = false;  ///< by REFpb
        Time refreshed = 0;
        Time refreshes = 0;
    };
    struct Rank {
        std::vector<Time> activated;  ///< the last of each bank group
        std::array<Time, 4> last_activates;
        std::size_t oldest_activate = 0;
        Time precharged = long_ago;
        Time bank_refreshed = long_ago;  ///< by REFpb
        std::uint64_t round = 0;         ///< a bit for each bank that REFpb has refreshed in this round
    };
    struct Burst {
        Time begin;
        Time end;
    };
    struct PseudoChannel {
        std::vector<Time> read;  ///< the last of each bank group of each rank
        std::vector<Time> written;
        std::array<Burst, 4> bursts;  ///< the latest on the data bus
        std::size_t oldest_burst = 0;
    };
    struct Bus {
        Time begin = long_ago;
        Time taken = 0;  ///< for how long
    };

    void fail(const char* rule, const std::string& what);
    void apart(Time then, Time needed, const char* rule);
    bool addressed_well();
    void dispatch();
    void pace_mode();

    /// For each rank, and each bank, that the command addresses: -1 stands for all.
    template <class Visit>
    void for_ranks(Visit visit);
    template <class Visit>
    void for_banks(Visit visit);
    Bank& bank();
    std::size_t rank_index() const;

    void occupy_command_bus();
    void occupy_data_bus(PseudoChannel& pseudo_channel, bool write);

    /// `opened`: when its row is.
    void activate(Bank& bank, Time opened);
    void pace_activate();
    void pace_against_activates(const Rank& rank);
    void precharge(Bank& bank);
    void require_closed(const Bank& bank);
    void pace_precharge();

    void refresh_all();
    void refresh_one();
    void refresh(Bank& bank, Time duration, bool alone);
    void require_refreshes(const Bank& bank);

    void column(bool write, bool auto_precharge);
    void pace_column(PseudoChannel& pseudo_channel, bool write);
    void pace_against_pim(bool write);
    void close_automatically(Bank& bank);

    void sweep();
    void require_row_everywhere(const char* rule, Time since_activate);
    void row_move(bool write);
    void register_move();
    void pace_move();
    void move_through_interface(bool write);

    const JedecRules& rules_;
    const JedecTiming& t_;
    std::vector<Violation>& violations_;

    TracedCommand command_{};
    std::size_t index_ = 0;
    Time issued_ = 0;  ///< when the command has begun
    Time now_ = 0;     ///< from when it counts: an activate, from its last tick
    std::vector<Bank> banks_;
    std::vector<Rank> ranks_;
    std::vector<PseudoChannel> pseudo_channels_;
    std::array<Bus, 2> buses_;
    Time host_read_ = long_ago;  ///< over all pseudo-channels
    Time host_written_ = long_ago;
    Time swept_ = long_ago;
    Time row_read_ = long_ago;  ///< by a row move
    Time moved_ = long_ago;
    Time register_moved_ = long_ago;
    Time pim_read_ = long_ago;
    Time pim_written_ = long_ago;
    Time accessed_ = long_ago;  ///< activate or column command of one bank
    Time all_banks_used_ = long_ago;
};

template <class Visit>
void JedecChannel::for_ranks(Visit visit) {
    const TracedCommand& c = command_;
    const std::size_t per_pseudo_channel = rules_.organization.ranks;
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
        if ((c.pseudo_channel < 0 || rank / per_pseudo_channel == static_cast<std::size_t>(c.pseudo_channel)) &&
            (c.rank < 0 || rank % per_pseudo_channel == static_cast<std::size_t>(c.rank))) {
            visit(ranks_[rank], rank);
        }
    }
}

template <class Visit>
void JedecChannel::for_banks(Visit visit) {
    const Organization& o = rules_.organization;
    const std::size_t per_rank = std::size_t{o.bank_groups} * o.banks;
    for_ranks([&](Rank&, std::size_t rank) {
        if (command_.bank >= 0 && command_.bank_group >= 0) {
            visit(banks_[rank * per_rank + static_cast<std::size_t>(command_.bank_group) * o.banks +
                         static_cast<std::size_t>(command_.bank)]);
            return;
        }
        for (std::size_t bank = 0; bank < per_rank; ++bank) {
            if (command_.bank < 0 || bank % o.banks == static_cast<std::size_t>(command_.bank)) {
                visit(banks_[rank * per_rank + bank]);
            }
        }
    });
}

}  // namespace aqpim::dram
