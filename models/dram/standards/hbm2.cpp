#include "models/dram/standards/standard_files.h"

namespace aqpim::dram {

namespace {

constexpr Picoseconds ns = 1000;

/// 2 Gb/s, system.md §3; tRRD 4 ns, tFAW 15 ns, tRREFD 8 ns, tREFI 3.9 us over 16 banks; tRTW = CL + BL + 2 - CWL.
/// tCCD_R: one cycle more than tCCD_S to change the stack id, of which the presets have one.
TimingParameters speed_2000() {
    TimingParameters t;
    t.tCK = {1000, 1};
    t.nBL = 2;
    t.nCL = 14;
    t.nCWL = 5;
    t.nRCDRD = 14;
    t.nRCDWR = 12;
    t.nRP = 14;
    t.nRAS = 34;
    t.nRC = 48;
    t.nCCDS = 2;
    t.nCCDL = 4;
    t.nCCDR = 3;
    t.nRRDS = 4;
    t.nRRDL = 4;
    t.nFAW = 15;
    t.nWTRS = 6;
    t.nWTRL = 8;
    t.nRTW = 13;
    t.nWR = 16;
    t.nRTP = 5;
    t.nREFI = 3900;
    t.nREFIpb = 243;
    t.nRREFD = 8;
    t.activate_ticks = 2;  // the row address takes two cycles
    return t;
}

/// 2.4 Gb/s; what is given in ns as for 2000.
TimingParameters speed_2400() {
    TimingParameters t;
    t.tCK = {2500, 3};
    t.nBL = 2;
    t.nCL = 17;
    t.nCWL = 6;
    t.nRCDRD = 17;
    t.nRCDWR = 14;
    t.nRP = 17;
    t.nRAS = 40;
    t.nRC = 57;
    t.nCCDS = 2;
    t.nCCDL = 4;
    t.nCCDR = 3;
    t.nRRDS = 5;
    t.nRRDL = 5;
    t.nFAW = 18;
    t.nWTRS = 8;
    t.nWTRL = 10;
    t.nRTW = 15;
    t.nWR = 19;
    t.nRTP = 6;
    t.nREFI = 4680;
    t.nREFIpb = 292;
    t.nRREFD = 10;
    t.activate_ticks = 2;  // the row address takes two cycles
    return t;
}

/// 1.6 Gb/s; what is given in ns as for 2000, tRRD at least four cycles.
TimingParameters speed_1600() {
    TimingParameters t;
    t.tCK = {1250, 1};
    t.nBL = 2;
    t.nCL = 10;
    t.nCWL = 4;
    t.nRCDRD = 10;
    t.nRCDWR = 8;
    t.nRP = 10;
    t.nRAS = 24;
    t.nRC = 34;
    t.nCCDS = 2;
    t.nCCDL = 4;
    t.nCCDR = 3;
    t.nRRDS = 4;
    t.nRRDL = 4;
    t.nFAW = 12;
    t.nWTRS = 5;
    t.nWTRL = 6;
    t.nRTW = 10;
    t.nWR = 12;
    t.nRTP = 4;
    t.nREFI = 3120;
    t.nREFIpb = 195;
    t.nRREFD = 7;
    t.activate_ticks = 2;  // the row address takes two cycles
    return t;
}

}  // namespace

Standard hbm2() {
    return {
        "HBM2",
        true,
        {
            {"2000", speed_2000(), "system.md §3; Ramulator2"},
            {"2400", speed_2400(), "Ramulator2"},
            {"1600", speed_1600(), "Ramulator2"},
        },
        {
            {"8Gb",
             {1, 2, 1, 4, 4, 32768, 32, 32},
             350 * ns,
             160 * ns,
             "channel of 8 Gb, 64 bit in a pseudo-channel; system.md §3"},
            {"4Gb",
             {1, 2, 1, 4, 4, 16384, 32, 32},
             260 * ns,
             160 * ns,
             "channel of 4 Gb; JESD235D as Ramulator2 has it"},
            {"2Gb",
             {1, 2, 1, 4, 4, 8192, 32, 32},
             160 * ns,
             160 * ns,
             "channel of 2 Gb; JESD235D as Ramulator2 has it"},
        },
        jedec_rows,
    };
}

}  // namespace aqpim::dram
