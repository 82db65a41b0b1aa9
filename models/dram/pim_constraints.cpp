#include "models/dram/constraints.h"

namespace aqpim::dram {

namespace {

using enum Command;
using enum Level;

const std::vector<Command> sweeps = {PIM_MAC_AB, PIM_RET, PIM_LDC};
const std::vector<Command> register_moves = {PIM_WR, PIM_RD, PIM_MV_BA, PIM_MV_BF};
const std::vector<Command> moves = {PIM_WR, PIM_RD, PIM_MV_BA, PIM_MV_BF, PIM_MV_BA_ROW, PIM_MV_BF_ROW};

Ticks write_to_precharge(const TimingParameters& t) {
    return t.ticks(t.nCWL) + t.ticks(t.nBL) + t.ticks(t.nWR);
}

/// LPDDR5 takes longer to precharge all banks than one.
Ticks all_bank_precharge(const TimingParameters& t) {
    return t.ticks(t.nRPab == 0 ? t.nRP : t.nRPab);
}

/// An all-bank activate and a precharge of the channel are what ACT and PRE are, in every bank at once.
ConstraintTable all_bank_rows(const TimingParameters& t) {
    const Ticks row_cycle = t.ticks(t.nRAS) + t.ticks(t.nRP);
    return {
        {channel, {ACT}, {PIM_PREA}, t.ticks(t.nRAS)},
        {channel, {RD, RDA}, {PIM_PREA}, t.ticks(t.nRTP)},
        {channel, {WR, WRA}, {PIM_PREA}, write_to_precharge(t)},
        {channel, {REFab}, {PIM_PREA}, t.ticks(t.nRFC)},
        {channel, {PRE, PREA}, {PIM_PREA}, t.ticks(t.nPPD)},
        {channel, {PIM_PREA}, {PRE, PREA, PIM_PREA}, t.ticks(t.nPPD)},
        {channel, {PIM_PREA}, {ACT, PIM_ACT_AB, REFab, REFpb}, all_bank_precharge(t)},

        {channel, {ACT}, {PIM_ACT_AB}, t.ticks(t.nRC)},
        {channel, {ACT}, {PIM_ACT_AB}, row_cycle},
        {channel, {PRE}, {PIM_ACT_AB}, t.ticks(t.nRP)},
        {channel, {PREA}, {PIM_ACT_AB}, all_bank_precharge(t)},
        {channel, {RDA}, {PIM_ACT_AB}, t.ticks(t.nRTP) + t.ticks(t.nRP)},
        {channel, {WR, WRA}, {PIM_ACT_AB}, write_to_precharge(t) + t.ticks(t.nRP)},
        {channel, {REFab}, {PIM_ACT_AB}, t.ticks(t.nRFC)},
        {channel, {REFpb}, {PIM_ACT_AB}, t.ticks(t.nRFCpb)},
    };
}

/// What an all-bank activate holds back: all of it counts from the bank that is opened last.
ConstraintTable after_activate_rows(const TimingParameters& t, std::uint32_t spread) {
    const Ticks last = t.ticks(spread);
    const Ticks row_cycle = t.ticks(t.nRAS) + t.ticks(t.nRP);
    return {
        {channel, {PIM_ACT_AB}, {PRE, PREA, PIM_PREA}, last + t.ticks(t.nRAS)},
        {channel, {PIM_ACT_AB}, {ACT, PIM_ACT_AB, REFab, REFpb}, last + t.ticks(t.nRC)},
        {channel, {PIM_ACT_AB}, {ACT, PIM_ACT_AB, REFab, REFpb}, last + row_cycle},
        {channel, {PIM_ACT_AB}, {RD, RDA, PIM_MV_BA_ROW}, last + t.ticks(t.nRCDRD)},
        {channel, {PIM_ACT_AB}, {WR, WRA, PIM_MV_BF_ROW}, last + t.ticks(t.nRCDWR)},
        {channel, {PIM_ACT_AB}, sweeps, last + t.ticks(t.nRCDRD)},
    };
}

/// Sweeps are reads in every bank at once (AttAcc); RET and LDC take a read's slot, a MAC the power-limited one.
ConstraintTable sweep_rows(const TimingParameters& t, std::uint32_t nCCDAB) {
    return {
        {channel, {ACT}, sweeps, t.ticks(t.nRCDRD)},
        {channel, sweeps, {PRE, PREA, PIM_PREA}, t.ticks(t.nRTP)},

        {channel, sweeps, {PIM_MAC_AB}, t.ticks(nCCDAB)},
        {channel, sweeps, {PIM_RET, PIM_LDC}, t.ticks(t.nCCDL)},

        {channel, sweeps, {RD, RDA, WR, WRA}, t.ticks(t.nCCDL)},
        {channel, {RD, RDA}, sweeps, t.ticks(t.nCCDL)},
        {channel, {WR, WRA}, sweeps, t.ticks(t.nCWL) + t.ticks(t.nBL) + t.ticks(t.nWTRL)},
    };
}

/// Moves take slots of tCCD_S; consecutive ones go to different bank groups, but for vector writes, which fill the
/// buffers of one bank group after the other (AttAcc). PIM_WR and PIM_RD cross the interface, so
/// its turn-arounds hold for them as for a write and a read; the others stay inside the stack.
ConstraintTable move_rows(const TimingParameters& t) {
    const Ticks write_to_read = t.ticks(t.nCWL) + t.ticks(t.nBL) + t.ticks(t.nWTRS);
    return {
        {channel, moves, moves, t.ticks(t.nCCDS)},
        {channel, {PIM_WR}, {PIM_WR}, t.ticks(t.nCCDL)},
        {channel, moves, {RD, RDA, WR, WRA}, t.ticks(t.nCCDS)},
        {channel, {RD, RDA, WR, WRA}, moves, t.ticks(t.nCCDS)},

        {channel, {RD, RDA, PIM_RD}, {PIM_WR}, t.ticks(t.nRTW)},
        {channel, {PIM_RD}, {WR, WRA}, t.ticks(t.nRTW)},
        {channel, {WR, WRA, PIM_WR}, {PIM_RD}, write_to_read},
        {channel, {PIM_WR}, {RD, RDA}, write_to_read},
    };
}

/// Moves to and from the open row: column commands of their banks.
ConstraintTable row_move_rows(const TimingParameters& t) {
    const Ticks write_to_read = t.ticks(t.nCWL) + t.ticks(t.nBL) + t.ticks(t.nWTRL);
    return {
        {channel, {ACT}, {PIM_MV_BA_ROW}, t.ticks(t.nRCDRD)},
        {channel, {ACT}, {PIM_MV_BF_ROW}, t.ticks(t.nRCDWR)},
        {channel, {PIM_MV_BA_ROW}, {PRE, PREA, PIM_PREA}, t.ticks(t.nRTP)},
        {channel, {PIM_MV_BF_ROW}, {PRE, PREA, PIM_PREA}, write_to_precharge(t)},
        {channel, {PIM_MV_BA_ROW}, sweeps, t.ticks(t.nCCDL)},
        {channel, sweeps, {PIM_MV_BA_ROW, PIM_MV_BF_ROW}, t.ticks(t.nCCDL)},
        {channel, {PIM_MV_BF_ROW}, sweeps, write_to_read},
        {channel, {PIM_MV_BF_ROW}, {RD, RDA, PIM_MV_BA_ROW}, write_to_read},
        {channel, {WR, WRA}, {PIM_MV_BA_ROW}, write_to_read},
    };
}

/// Register moves take the same column slots as sweeps; without these rows they hide under them.
ConstraintTable shared_bus_rows(const TimingParameters& t) {
    return {
        {channel, register_moves, sweeps, t.ticks(t.nCCDS)},
        {channel, sweeps, register_moves, t.ticks(t.nCCDS)},
    };
}

}  // namespace

ConstraintTable pim_rows(const TimingParameters& timing, const PimTiming& pim) {
    ConstraintTable table = all_bank_rows(timing);
    append(table, after_activate_rows(timing, pim.activate_spread));
    append(table, sweep_rows(timing, pim.mac_spacing));
    append(table, move_rows(timing));
    append(table, row_move_rows(timing));
    if (pim.moves_share_bus) {
        append(table, shared_bus_rows(timing));
    }
    return table;
}

}  // namespace aqpim::dram
