#include "models/dram/constraints.h"

namespace aqpim::dram {

namespace {

using enum Command;
using enum Level;

const std::vector<Command> sweeps = {PIM_MAC_AB, PIM_RET, PIM_LDC};
const std::vector<Command> register_moves = {PIM_WR, PIM_RD, PIM_MV_BA, PIM_MV_BF};
const std::vector<Command> moves = {PIM_WR, PIM_RD, PIM_MV_BA, PIM_MV_BF, PIM_MV_BA_ROW, PIM_MV_BF_ROW};

void append(ConstraintTable& table, ConstraintTable rows) {
    table.insert(table.end(), rows.begin(), rows.end());
}

/// Commands to one bank, as JESD238 has them; each pseudo-channel counts its own.
ConstraintTable bank_rows(const TimingParameters& t) {
    const Ticks write_to_precharge = Ticks{t.nCWL} + t.nBL + t.nWR;
    const Ticks write_to_read = Ticks{t.nCWL} + t.nBL;  // and tWTR
    return {
        {bank, {ACT}, {RD, RDA}, t.nRCDRD},
        {bank, {ACT}, {WR, WRA}, t.nRCDWR},
        {bank, {ACT}, {PRE}, t.nRAS},
        {bank, {ACT}, {ACT, REFpb}, t.nRC},
        {bank, {ACT}, {ACT, REFpb}, Ticks{t.nRAS} + t.nRP},  // an auto-precharge waits for tRAS, too
        {bank, {PRE}, {ACT, REFpb}, t.nRP},
        {bank, {RD}, {PRE}, t.nRTP},
        {bank, {WR}, {PRE}, write_to_precharge},
        {bank, {RDA}, {ACT, REFpb}, Ticks{t.nRTP} + t.nRP},
        {bank, {WRA}, {ACT, REFpb}, write_to_precharge + t.nRP},
        {bank, {REFpb}, {ACT, REFpb}, t.nRFCpb},

        {bank_group, {RD, RDA}, {RD, RDA}, t.nCCDL},
        {bank_group, {WR, WRA}, {WR, WRA}, t.nCCDL},
        {bank_group, {WR, WRA}, {RD, RDA}, write_to_read + t.nWTRL},
        {bank_group, {ACT}, {ACT, REFpb}, t.nRRDL},

        {rank, {RD, RDA}, {RD, RDA}, t.nCCDS},
        {rank, {WR, WRA}, {WR, WRA}, t.nCCDS},
        {rank, {WR, WRA}, {RD, RDA}, write_to_read + t.nWTRS},
        {rank, {ACT}, {ACT, REFpb}, t.nRRDS},
        {rank, {ACT}, {ACT}, t.nFAW, 4},
        {rank, {REFpb}, {ACT, REFpb}, t.nRREFD},

        // Another rank. A read's data come so much later than a write's (CL > CWL) that only the slots must not meet.
        {rank, {RD, RDA}, {RD, RDA}, t.nCCDR, 1, true},
        {rank, {WR, WRA}, {WR, WRA, RD, RDA}, t.nCCDR, 1, true},

        {pseudo_channel, {RD, RDA}, {WR, WRA}, t.nRTW},
    };
}

/// Commands to every bank of a rank or of the channel.
ConstraintTable all_bank_rows(const TimingParameters& t) {
    const Ticks write_to_precharge = Ticks{t.nCWL} + t.nBL + t.nWR;
    const Ticks row_cycle = Ticks{t.nRAS} + t.nRP;
    return {
        {rank, {ACT}, {REFab}, t.nRC},
        {rank, {ACT}, {REFab}, row_cycle},
        {rank, {PRE}, {REFab}, t.nRP},
        {rank, {RDA}, {REFab}, Ticks{t.nRTP} + t.nRP},
        {rank, {WRA}, {REFab}, write_to_precharge + t.nRP},
        {rank, {REFpb}, {REFab}, t.nRFCpb},
        {rank, {REFab}, {ACT, REFab, REFpb}, t.nRFC},

        {channel, {ACT, PIM_ACT_AB}, {PREA}, t.nRAS},
        {channel, {RD, RDA}, {PREA}, t.nRTP},
        {channel, {WR, WRA}, {PREA}, write_to_precharge},
        {channel, {PREA}, {ACT, PIM_ACT_AB, REFab, REFpb}, t.nRP},

        {channel, {ACT, PIM_ACT_AB}, {PIM_ACT_AB}, t.nRC},
        {channel, {ACT, PIM_ACT_AB}, {PIM_ACT_AB}, row_cycle},
        {channel, {PRE}, {PIM_ACT_AB}, t.nRP},
        {channel, {RDA}, {PIM_ACT_AB}, Ticks{t.nRTP} + t.nRP},
        {channel, {WRA}, {PIM_ACT_AB}, write_to_precharge + t.nRP},
        {channel, {REFab}, {PIM_ACT_AB}, t.nRFC},
        {channel, {REFpb}, {PIM_ACT_AB}, t.nRFCpb},
        {channel, {PIM_ACT_AB}, {PRE}, t.nRAS},
        {channel, {PIM_ACT_AB}, {ACT, REFab, REFpb}, t.nRC},
        {channel, {PIM_ACT_AB}, {ACT, REFab, REFpb}, row_cycle},
        {channel, {PIM_ACT_AB}, {RD, RDA}, t.nRCDRD},
        {channel, {PIM_ACT_AB}, {WR, WRA}, t.nRCDWR},
    };
}

/// Sweeps are reads in every bank at once (AttAcc); a RET takes a read's slot, a MAC and an LDC the power-limited one.
ConstraintTable sweep_rows(const TimingParameters& t, Ticks nCCDAB) {
    return {
        {channel, {ACT, PIM_ACT_AB}, sweeps, t.nRCDRD},
        {channel, sweeps, {PRE, PREA}, t.nRTP},

        {channel, sweeps, {PIM_MAC_AB, PIM_LDC}, nCCDAB},
        {channel, sweeps, {PIM_RET}, t.nCCDL},

        {channel, sweeps, {RD, RDA, WR, WRA}, t.nCCDL},
        {channel, {RD, RDA}, sweeps, t.nCCDL},
        {channel, {WR, WRA}, sweeps, Ticks{t.nCWL} + t.nBL + t.nWTRL},
    };
}

/// Moves take slots of tCCD_S; consecutive ones go to different bank groups. PIM_WR and PIM_RD cross the interface, so
/// its turn-arounds hold for them as for a write and a read; the others stay inside the stack.
ConstraintTable move_rows(const TimingParameters& t) {
    const Ticks write_to_read = Ticks{t.nCWL} + t.nBL;  // and tWTR
    return {
        {channel, moves, moves, t.nCCDS},
        {channel, moves, {RD, RDA, WR, WRA}, t.nCCDS},
        {channel, {RD, RDA, WR, WRA}, moves, t.nCCDS},

        {channel, {RD, RDA, PIM_RD}, {PIM_WR}, t.nRTW},
        {channel, {PIM_RD}, {WR, WRA}, t.nRTW},
        {channel, {WR, WRA, PIM_WR}, {PIM_RD}, write_to_read + t.nWTRS},
        {channel, {PIM_WR}, {RD, RDA}, write_to_read + t.nWTRS},
    };
}

/// Moves to and from the open row: column commands of their banks.
ConstraintTable row_move_rows(const TimingParameters& t) {
    const Ticks write_to_read = Ticks{t.nCWL} + t.nBL + t.nWTRL;
    return {
        {channel, {ACT, PIM_ACT_AB}, {PIM_MV_BA_ROW}, t.nRCDRD},
        {channel, {ACT, PIM_ACT_AB}, {PIM_MV_BF_ROW}, t.nRCDWR},
        {channel, {PIM_MV_BA_ROW}, {PRE, PREA}, t.nRTP},
        {channel, {PIM_MV_BF_ROW}, {PRE, PREA}, Ticks{t.nCWL} + t.nBL + t.nWR},
        {channel, {PIM_MV_BA_ROW}, sweeps, t.nCCDL},
        {channel, sweeps, {PIM_MV_BA_ROW, PIM_MV_BF_ROW}, t.nCCDL},
        {channel, {PIM_MV_BF_ROW}, sweeps, write_to_read},
        {channel, {PIM_MV_BF_ROW}, {RD, RDA, PIM_MV_BA_ROW}, write_to_read},
        {channel, {WR, WRA}, {PIM_MV_BA_ROW}, write_to_read},
    };
}

/// Register moves take the same column slots as sweeps; without these rows they hide under them.
ConstraintTable shared_bus_rows(const TimingParameters& t) {
    return {
        {channel, register_moves, sweeps, t.nCCDS},
        {channel, sweeps, register_moves, t.nCCDS},
    };
}

}  // namespace

ConstraintTable hbm3_pim_constraints(const TimingParameters& timing, Ticks mac_spacing, bool moves_share_bus) {
    ConstraintTable table = bank_rows(timing);
    append(table, all_bank_rows(timing));
    append(table, sweep_rows(timing, mac_spacing));
    append(table, move_rows(timing));
    append(table, row_move_rows(timing));
    if (moves_share_bus) {
        append(table, shared_bus_rows(timing));
    }
    return table;
}

}  // namespace aqpim::dram
