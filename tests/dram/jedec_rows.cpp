// Row commands: activates, precharges, refreshes.
#include <fmt/format.h>

#include "jedec_channel.h"

namespace aqpim::dram {

namespace {

/// Eight postponed, and the one that is due.
constexpr JedecTiming::Time most_refreshes_owed = 9;

}  // namespace

void JedecChannel::activate(Bank& bank, Time opened) {
    require_closed(bank);
    bank.row = command_.row;
    bank.activated = opened;
}

/// And for long enough to be activated or refreshed.
void JedecChannel::require_closed(const Bank& bank) {
    if (bank.row >= 0) {
        fail("open", fmt::format("row {} is open", bank.row));
    }
    apart(bank.activated, t_.tRC, "tRC");
    apart(bank.closing, bank.closed_with_all ? t_.tRPab : t_.tRP, bank.closed_with_all ? "tRPab" : "tRP");
    apart(bank.refresh_end, 0, bank.refreshed_alone ? "tRFCpb" : "tRFCab");
}

void JedecChannel::pace_activate() {
    Rank& rank = ranks_[rank_index()];
    pace_against_activates(rank);
    apart(rank.last_activates[rank.oldest_activate], t_.tFAW, "tFAW");
    rank.activated[static_cast<std::size_t>(command_.bank_group)] = now_;
    rank.last_activates[rank.oldest_activate] = now_;
    rank.oldest_activate = (rank.oldest_activate + 1) % rank.last_activates.size();
}

void JedecChannel::pace_against_activates(const Rank& rank) {
    for (std::size_t group = 0; group < rank.activated.size(); ++group) {
        const bool same = static_cast<std::int32_t>(group) == command_.bank_group;
        apart(rank.activated[group], same ? t_.tRRD_L : t_.tRRD_S, same ? "tRRD_L" : "tRRD_S");
    }
    apart(rank.bank_refreshed, t_.tRREFD, "tRREFD");
}

void JedecChannel::precharge(Bank& bank) {
    if (bank.row < 0) {
        return;
    }
    apart(bank.activated, t_.tRAS, "tRAS");
    apart(bank.read, t_.tRTP, "tRTP");
    apart(bank.swept, t_.tRTP_AB, "tRTP_AB");
    apart(bank.write_data_end, t_.tWR, "tWR");
    bank.row = -1;
    bank.closing = now_;
    bank.closed_with_all = command_.command != Command::PRE;
}

void JedecChannel::pace_precharge() {
    for_ranks([this](Rank& rank, std::size_t) {
        apart(rank.precharged, t_.tPPD, "tPPD");
        rank.precharged = now_;
    });
}

void JedecChannel::refresh_all() {
    for_banks([this](Bank& each) { refresh(each, t_.tRFCab, false); });
    for_ranks([](Rank& rank, std::size_t) { rank.round = 0; });
}

void JedecChannel::refresh_one() {
    Rank& rank = ranks_[rank_index()];
    pace_against_activates(rank);
    rank.bank_refreshed = now_;
    const Organization& o = rules_.organization;
    const std::uint64_t bit = std::uint64_t{1} << (static_cast<std::uint32_t>(command_.bank_group) * o.banks +
                                                   static_cast<std::uint32_t>(command_.bank));
    if ((rank.round & bit) != 0) {
        fail("REFpb order", "the bank is refreshed again before every other one of its rank");
        rank.round = 0;
    }
    rank.round |= bit;
    const std::uint32_t banks = o.bank_groups * o.banks;
    if (rank.round == ~std::uint64_t{0} >> (64 - banks)) {
        rank.round = 0;
    }
    refresh(bank(), t_.tRFCpb, true);
}

void JedecChannel::refresh(Bank& bank, Time duration, bool alone) {
    require_closed(bank);
    require_refreshes(bank);
    bank.refresh_end = now_ + duration;
    bank.refreshed_alone = alone;
    bank.refreshed = now_;
    ++bank.refreshes;
}

void JedecChannel::require_refreshes(const Bank& bank) {
    if (t_.tREFI == 0) {
        return;
    }
    // tREFI is rounded down: a picosecond more each keeps a long trace from owing what it does not.
    const Time interval = t_.tREFI + 1;
    if (now_ - bank.refreshed > most_refreshes_owed * interval) {
        fail("tREFI", fmt::format("{} ps without refresh", now_ - bank.refreshed));
    }
    const Time owed = now_ / interval - bank.refreshes;
    if (owed > most_refreshes_owed) {
        fail("tREFI", fmt::format("{} refreshes owed", owed));
    }
}

}  // namespace aqpim::dram
