#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/channel.h"
#include "models/dram/page_policy.h"
#include "models/dram/request.h"
#include "models/dram/request_queue.h"
#include "models/dram/scheduler.h"
#include "models/dram/write_drain.h"

namespace aqpim::dram {

/// The full controller of one channel (`memory.fidelity = detailed`): queues, scheduler, page policy, write drain and
/// refresh, over the banks and the timing table of a Channel. Never ticks: it computes when the next command can go and
/// jumps there. Knows no simulation kernel.
///
/// Time only moves on, by advance() and step(); a request enters at the controller's present. In each tick with a free
/// command slot (HBM: one of column commands, then one of row commands; else one) goes, if ready:
///   1. the oldest column command of a request whose row has been activated for it. Such a request has left its queue,
///      and its bank is not precharged before it is served;
///   2. the refresh of a rank (with the precharge it needs) that is past its deadline, or that is due while nothing
///      waits for the rank. Past the deadline nothing but 1. goes to the rank (per-bank refresh: to the bank);
///   3. the next command of the oldest request of the reads, or of the writes while these are drained (WriteDrain);
///      the Scheduler says which of them compete;
///   4. the precharge of a bank whose open row nothing waits for and that the PagePolicy wants closed.
class Controller {
 public:
    static constexpr Ticks never = ~Ticks{0};

    /// `channel` and `completions` outlive the controller.
    Controller(Channel& channel, const DramParameters& parameters, CompletionSink& completions);

    /// The first tick for which nothing has been decided yet.
    Ticks now() const { return now_; }
    /// Whether a read, or a write, can enter now: its queue has a free place, and the port has not taken a request in
    /// this cycle.
    bool has_room(bool write) const { return now_ >= port_free_ && !is_full(write); }
    /// Issues commands until there is room.
    void wait_for_room(bool write);
    /// Somebody else has issued commands on the channel; to be called before the next request, and only while none
    /// waits.
    void channel_was_used() { forget_choices(); }
    /// Needs room. A read of what a waiting write brings is answered from it; a write to the same place as a waiting
    /// one is merged into it.
    void enqueue(const Request& request);
    /// Requests that have not had their last column command.
    std::uint32_t waiting() const { return waiting_; }
    /// Reads answered from waiting writes, and writes merged into waiting ones.
    std::uint64_t forwarded() const { return forwarded_; }
    std::uint64_t merged() const { return merged_; }

    /// The tick of the next command if nothing arrives before; `never` if there is none to come.
    Ticks next_command();
    /// Issues what goes before `end`, and makes `end` the present.
    void advance(Ticks end);
    /// Issues what goes in the next tick in which something can, and makes the tick after it the present. False, and no
    /// change, if nothing waits.
    bool step();

 private:
    enum Priority : std::uint8_t { promoted, refresh, queued, policy };
    /// The command that gets the next free slot.
    struct Choice {
        Ticks at = never;
        Priority priority = policy;
        std::uint64_t sequence = ~std::uint64_t{0};
        Command command = Command::ACT;
        std::uint32_t bank = 0;
        std::uint32_t entry = Entry::none;

        bool operator<(const Choice& other) const {
            return at != other.at               ? at < other.at
                   : priority != other.priority ? priority < other.priority
                                                : sequence < other.sequence;
        }
    };

    bool is_full(bool write) const { return queue(write).size() >= (write ? write_capacity_ : read_capacity_); }
    const RequestQueue& queue(bool write) const { return write ? writes_ : reads_; }
    RequestQueue& queue(bool write) { return write ? writes_ : reads_; }

    bool is_waiting_to_be_written(std::uint32_t bank, const Request& request) const;
    /// Fills the slots of the next tick before `end` in which there is something to issue.
    bool issue_next(Ticks end);
    /// Finds the commands that go next if nothing changes, column_ and row_, and returns the tick of the first; what
    /// does not go before `end` need not be exact. They are kept until something changes: a candidate's tick only moves
    /// on, so that the best one stays the best while its own tick stands and no new candidate comes.
    Ticks choose(Ticks end);
    /// Finds row_ again after a column command at `tick`.
    void choose_row(Ticks tick);
    bool stands(const Choice& choice) const;
    void forget_choices() { column_known_ = row_known_ = activate_known_ = precharge_known_ = false; }
    void forget_row();
    void update_drain();
    Choice best_column() const;
    Choice best_row();
    void consider(Choice& best, Priority priority, Command command, std::uint32_t bank, std::uint32_t entry) const;
    void consider_queue_columns(Choice& best) const;
    void consider_queue_rows(Choice& best) const;
    /// The best of a scan over many banks, by a BankScan; where later commands are on the bus already it is not exact.
    struct Leader {
        Ticks at = never;
        std::uint64_t sequence = ~std::uint64_t{0};
        std::uint32_t bank = 0;
        std::uint32_t entry = Entry::none;
    };
    void consider_leader(Leader& leader, Ticks at, std::uint32_t bank, std::uint32_t entry, Priority priority) const;
    void consider_hits(Choice& best, std::uint32_t bank) const;
    void consider_others(Choice& best, std::uint32_t bank) const;
    void consider_all_promoted(Choice& best) const;
    void consider_new_other(std::uint32_t bank);
    /// The best activate (precharge) that the queue asks for.
    void scan_others(Choice& best, Command command) const;
    Choice best_of_queue_rows();
    void consider_only(Choice& best, std::uint32_t entry, Ticks from, bool column) const;
    void consider_refreshes(Choice& best) const;
    void consider_policy(Choice& best) const;
    /// Whether a request waits whose row has been activated, in `bank` or (`any_bank`) anywhere in its rank.
    bool is_promoted(std::uint32_t rank, std::uint32_t bank, bool any_bank) const;
    /// From when on the bank waits for a refresh.
    Ticks deadline_of(std::uint32_t bank) const;
    std::uint32_t rank_of(std::uint32_t bank) const { return bank / banks_per_rank_; }

    void issue(Choice choice);
    void issue_column(const Choice& choice);
    void issue_row(const Choice& choice);
    void activate(const Choice& choice);
    void row_closed(std::uint32_t bank);
    void count(std::uint32_t entry, Command command);
    Command column_command(std::uint32_t entry) const;
    bool row_is_wanted(std::uint32_t bank, std::uint32_t but) const;
    void complete(std::uint32_t entry, Ticks column_at);
    std::uint32_t take_entry();

    Channel& channel_;
    ChannelDevice& device_;
    RefreshSchedule& refreshes_;
    CompletionSink& completions_;
    std::unique_ptr<Scheduler> scheduler_;
    std::unique_ptr<PagePolicy> page_policy_;
    WriteDrain drain_;
    std::uint32_t read_capacity_;
    std::uint32_t write_capacity_;
    std::uint32_t banks_per_rank_;
    bool split_bus_;
    bool precharges_automatically_;
    bool closes_idle_rows_;
    bool keeps_choices_;  ///< no policy that makes a choice depend on more than what is looked after
    Ticks read_latency_;
    Ticks write_latency_;

    std::vector<Entry> pool_;
    std::vector<std::uint32_t> free_;
    RequestQueue reads_;
    RequestQueue writes_;
    std::vector<std::uint32_t> promoted_;  ///< by bank: the request that its row has been activated for
    BankSet promoted_banks_;
    std::vector<std::uint32_t> waiting_for_rank_;
    std::uint32_t waiting_ = 0;
    std::uint64_t arrivals_ = 0;
    std::uint64_t forwarded_ = 0;
    std::uint64_t merged_ = 0;
    Ticks now_ = 0;
    Ticks port_free_ = 0;
    Ticks cycle_;
    Choice column_;
    Choice row_;
    Choice activate_;  ///< what row_ is chosen from, where choices are kept
    Choice precharge_;
    bool column_known_ = false;
    bool activate_known_ = false;
    bool precharge_known_ = false;
    bool row_known_ = false;
    Ticks floor_ = 0;  ///< nothing goes before the channel has changed over from PIM
};

}  // namespace aqpim::dram
