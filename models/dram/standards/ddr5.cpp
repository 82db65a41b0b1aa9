#include "models/dram/standards/standard_files.h"

namespace aqpim::dram {

namespace {

constexpr Picoseconds ns = 1000;

/// JESD79-5: activates and column commands take two cycles of the command bus.
TimingParameters with_two_cycle_commands(TimingParameters t) {
    t.activate_ticks = 2;
    t.column_ticks = 2;
    return t;
}

/// 34-34-34. In ns: tRAS 32, tCCD_L 5, tCCD_L_WR 20, tRRD_L 5, tWTR 2.5 and 10, tWR 30, tRTP 7.5, tREFI 3.9 us; tFAW
/// 32 cycles (1 KiB page), tRRD_S 8 cycles.
TimingParameters speed_4800() {
    TimingParameters t;
    t.tCK = {1250, 3};
    t.nBL = 8;
    t.nCL = 34;
    t.nCWL = 32;
    t.nRCDRD = 34;
    t.nRCDWR = 34;
    t.nRP = 34;
    t.nRAS = 77;
    t.nRC = 111;
    t.nCCDS = 8;
    t.nCCDL = 12;
    t.nCCDL_WR = 48;
    t.nCCDR = 10;  // BL + 2 cycles to change the rank
    t.nRRDS = 8;
    t.nRRDL = 12;
    t.nFAW = 32;
    t.nWTRS = 6;
    t.nWTRL = 24;
    t.nRTW = 14;  // CL + BL + 2 - CWL, and 2 for the longer preamble, as Ramulator2 has it
    t.nWR = 72;
    t.nRTP = 18;
    t.nPPD = 2;
    t.nREFI = 9360;
    return with_two_cycle_commands(t);
}

/// 24-24-24; at least 8 cycles of tCCD_L and tRRD_L, 4 of tWTR_S.
TimingParameters speed_3200() {
    TimingParameters t;
    t.tCK = {625, 1};
    t.nBL = 8;
    t.nCL = 24;
    t.nCWL = 22;
    t.nRCDRD = 24;
    t.nRCDWR = 24;
    t.nRP = 24;
    t.nRAS = 52;
    t.nRC = 76;
    t.nCCDS = 8;
    t.nCCDL = 8;
    t.nCCDL_WR = 32;
    t.nCCDR = 10;
    t.nRRDS = 8;
    t.nRRDL = 8;
    t.nFAW = 32;
    t.nWTRS = 4;
    t.nWTRL = 16;
    t.nRTW = 14;
    t.nWR = 48;
    t.nRTP = 12;
    t.nPPD = 2;
    t.nREFI = 6240;
    return with_two_cycle_commands(t);
}

/// 40-40-40.
TimingParameters speed_5600() {
    TimingParameters t;
    t.tCK = {2500, 7};
    t.nBL = 8;
    t.nCL = 40;
    t.nCWL = 38;
    t.nRCDRD = 40;
    t.nRCDWR = 40;
    t.nRP = 40;
    t.nRAS = 90;
    t.nRC = 130;
    t.nCCDS = 8;
    t.nCCDL = 14;
    t.nCCDL_WR = 56;
    t.nCCDR = 10;
    t.nRRDS = 8;
    t.nRRDL = 14;
    t.nFAW = 32;
    t.nWTRS = 7;
    t.nWTRL = 28;
    t.nRTW = 14;
    t.nWR = 84;
    t.nRTP = 21;
    t.nPPD = 2;
    t.nREFI = 10920;
    return with_two_cycle_commands(t);
}

/// 46-46-46.
TimingParameters speed_6400() {
    TimingParameters t;
    t.tCK = {625, 2};
    t.nBL = 8;
    t.nCL = 46;
    t.nCWL = 44;
    t.nRCDRD = 46;
    t.nRCDWR = 46;
    t.nRP = 46;
    t.nRAS = 103;
    t.nRC = 149;
    t.nCCDS = 8;
    t.nCCDL = 16;
    t.nCCDL_WR = 64;
    t.nCCDR = 10;
    t.nRRDS = 8;
    t.nRRDL = 16;
    t.nFAW = 32;
    t.nWTRS = 8;
    t.nWTRL = 32;
    t.nRTW = 14;
    t.nWR = 96;
    t.nRTP = 24;
    t.nPPD = 2;
    t.nREFI = 12480;
    return with_two_cycle_commands(t);
}

}  // namespace

Standard ddr5() {
    return {
        "DDR5",
        false,
        {
            {"4800", speed_4800(), "JESD79-5, x8 devices; CL and CWL as Ramulator2 has them"},
            {"3200", speed_3200(), "JESD79-5, x8 devices; CL and CWL as Ramulator2 has them"},
            {"5600", speed_5600(), "JESD79-5, x8 devices; CL and CWL as Ramulator2 has them"},
            {"6400", speed_6400(), "JESD79-5, x8 devices; CL and CWL as Ramulator2 has them"},
        },
        {
            {"16Gb",
             {1, 1, 1, 8, 4, 65536, 64, 64},
             295 * ns,
             0,
             "x8 devices on a 32-bit subchannel, 4 KiB rows; JESD79-5"},
            {"8Gb",
             {1, 1, 1, 8, 2, 65536, 64, 64},
             195 * ns,
             0,
             "x8 devices on a 32-bit subchannel, 4 KiB rows; JESD79-5"},
            {"32Gb",
             {1, 1, 1, 8, 4, 131072, 64, 64},
             410 * ns,
             0,
             "x8 devices on a 32-bit subchannel, 4 KiB rows; JESD79-5"},
        },
        jedec_rows,
    };
}

}  // namespace aqpim::dram
