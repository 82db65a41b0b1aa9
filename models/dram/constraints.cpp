#include "models/dram/constraints.h"

#include <algorithm>
#include <iterator>

namespace aqpim::dram {

namespace {

using enum Command;
using enum Level;

Ticks write_to_precharge(const TimingParameters& t) {
    return t.ticks(t.nCWL + t.nBL + t.nWR);
}

/// Commands to one bank; each pseudo-channel counts its own.
ConstraintTable bank_rows(const TimingParameters& t) {
    return {
        {bank, {ACT}, {RD, RDA}, t.ticks(t.nRCDRD)},
        {bank, {ACT}, {WR, WRA}, t.ticks(t.nRCDWR)},
        {bank, {ACT}, {PRE}, t.ticks(t.nRAS)},
        {bank, {ACT}, {ACT, REFpb}, t.ticks(t.nRC)},
        {bank, {ACT}, {ACT, REFpb}, t.ticks(t.nRAS + t.nRP)},  // an auto-precharge waits for tRAS, too
        {bank, {PRE}, {ACT, REFpb}, t.ticks(t.nRP)},
        {bank, {RD}, {PRE}, t.ticks(t.nRTP)},
        {bank, {WR}, {PRE}, write_to_precharge(t)},
        {bank, {RDA}, {ACT, REFpb}, t.ticks(t.nRTP + t.nRP)},
        // Of a WR, too: an automatic precharge by a later RDA waits for its recovery.
        {bank, {WR, WRA}, {ACT, REFpb}, write_to_precharge(t) + t.ticks(t.nRP)},
        {bank, {REFpb}, {ACT, REFpb}, t.ticks(t.nRFCpb)},
    };
}

/// Commands to different banks of a bank group (_L) and of a rank (_S).
ConstraintTable bank_to_bank_rows(const TimingParameters& t) {
    return {
        {bank_group, {RD, RDA}, {RD, RDA}, t.ticks(t.nCCDL)},
        {bank_group, {WR, WRA}, {WR, WRA}, t.ticks(t.nCCDL_WR == 0 ? t.nCCDL : t.nCCDL_WR)},
        {bank_group, {WR, WRA}, {RD, RDA}, t.ticks(t.nCWL + t.nBL + t.nWTRL)},
        {bank_group, {ACT}, {ACT, REFpb}, t.ticks(t.nRRDL)},

        {rank, {RD, RDA}, {RD, RDA}, t.ticks(t.nCCDS)},
        {rank, {WR, WRA}, {WR, WRA}, t.ticks(t.nCCDS)},
        {rank, {WR, WRA}, {RD, RDA}, t.ticks(t.nCWL + t.nBL + t.nWTRS)},
        {rank, {ACT}, {ACT, REFpb}, t.ticks(t.nRRDS)},
        {rank, {ACT}, {ACT}, t.ticks(t.nFAW), 4},
        {rank, {PRE, PREA}, {PRE, PREA}, t.ticks(t.nPPD)},
        {rank, {REFpb}, {ACT, REFpb}, t.ticks(t.nRREFD)},
    };
}

/// Commands to every bank of a rank.
ConstraintTable all_bank_rows(const TimingParameters& t) {
    return {
        {rank, {ACT}, {PREA}, t.ticks(t.nRAS)},
        {rank, {RD}, {PREA}, t.ticks(t.nRTP)},
        {rank, {WR}, {PREA}, write_to_precharge(t)},
        {rank, {PREA}, {ACT, REFab, REFpb}, t.ticks(t.nRP)},

        {rank, {ACT}, {REFab}, t.ticks(t.nRC)},
        {rank, {ACT}, {REFab}, t.ticks(t.nRAS + t.nRP)},
        {rank, {PRE}, {REFab}, t.ticks(t.nRP)},
        {rank, {RDA}, {REFab}, t.ticks(t.nRTP + t.nRP)},
        {rank, {WR, WRA}, {REFab}, write_to_precharge(t) + t.ticks(t.nRP)},
        {rank, {REFpb}, {REFab}, t.ticks(t.nRFCpb)},
        {rank, {REFab}, {ACT, PREA, REFab, REFpb}, t.ticks(t.nRFC)},
    };
}

/// What the ranks of a pseudo-channel share: its data bus. A change of the rank that drives it takes what tCCD_R has
/// beyond a burst.
ConstraintTable data_bus_rows(const TimingParameters& t) {
    const std::uint32_t rank_change = t.nCCDR > t.nBL ? t.nCCDR - t.nBL : 0;
    const std::uint32_t write_data_end = t.nCWL + t.nBL + rank_change;
    const std::uint32_t write_to_read = write_data_end > t.nCL ? write_data_end - t.nCL : 0;
    return {
        {pseudo_channel, {RD, RDA}, {RD, RDA}, t.ticks(t.nBL)},
        {pseudo_channel, {WR, WRA}, {WR, WRA}, t.ticks(t.nBL)},
        {pseudo_channel, {RD, RDA}, {WR, WRA}, t.ticks(t.nRTW)},

        {rank, {RD, RDA}, {RD, RDA}, t.ticks(t.nCCDR), 1, true},
        {rank, {WR, WRA}, {WR, WRA}, t.ticks(t.nCCDR), 1, true},
        {rank, {WR, WRA}, {RD, RDA}, t.ticks(std::max(t.nCCDR, write_to_read)), 1, true},
    };
}

bool is_activate(Command command) {
    return command == ACT || command == PIM_ACT_AB;
}

std::vector<Command> those(const std::vector<Command>& among, bool activates) {
    std::vector<Command> some;
    std::copy_if(among.begin(), among.end(), std::back_inserter(some),
                 [=](Command command) { return is_activate(command) == activates; });
    return some;
}

}  // namespace

void append(ConstraintTable& table, const ConstraintTable& rows) {
    table.insert(table.end(), rows.begin(), rows.end());
}

ConstraintTable jedec_rows(const TimingParameters& timing) {
    ConstraintTable table = bank_rows(timing);
    append(table, bank_to_bank_rows(timing));
    append(table, all_bank_rows(timing));
    append(table, data_bus_rows(timing));
    return table;
}

ConstraintTable from_first_tick(const ConstraintTable& table, std::uint32_t activate_ticks) {
    const Ticks later = activate_ticks - 1;
    ConstraintTable from_first;
    for (const Constraint& row : table) {
        for (const bool after_activate : {false, true}) {
            for (const bool before_activate : {false, true}) {
                Constraint part = row;
                part.preceding = those(row.preceding, after_activate);
                part.following = those(row.following, before_activate);
                if (part.preceding.empty() || part.following.empty()) {
                    continue;
                }
                const Ticks latency = row.latency + (after_activate ? later : 0);
                const Ticks earlier = before_activate ? later : 0;
                part.latency = latency > earlier ? latency - earlier : std::min<Ticks>(latency, 1);
                from_first.push_back(std::move(part));
            }
        }
    }
    return from_first;
}

}  // namespace aqpim::dram
