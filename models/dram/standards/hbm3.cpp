#include "models/dram/standards/standard_files.h"

namespace aqpim::dram {

namespace {

constexpr Picoseconds ns = 1000;

/// 5.2 Gb/s, system.md §3. Every command takes one cycle, as in AttAcc's simulator.
TimingParameters attacc_5200() {
    TimingParameters t;
    t.tCK = {769, 1};
    t.nBL = 2;
    t.nCL = 19;
    t.nCWL = 6;
    t.nRCDRD = 19;
    t.nRCDWR = 19;
    t.nRP = 19;
    t.nRAS = 45;
    t.nRC = 63;
    t.nCCDS = 2;
    t.nCCDL = 4;
    t.nCCDR = 3;  // JESD238: one cycle more than tCCD_S to change the stack id
    t.nRRDS = 2;
    t.nRRDL = 4;
    t.nFAW = 39;
    t.nWTRS = 8;
    t.nWTRL = 11;
    t.nRTW = 17;  // CL + BL + 2 - CWL: two cycles to turn the bus round, as Ramulator2 has it
    t.nWR = 21;
    t.nRTP = 8;  // tRTP_L; tRTP_S is 6
    t.nREFI = 5070;
    t.nREFIpb = 316;  // tREFI over 16 banks
    t.nRREFD = 8;     // Ramulator2
    return t;
}

/// JESD238's command buses: row commands start on either clock edge, an activate takes three of them; a column command
/// takes a cycle.
TimingParameters with_half_cycle_slots(TimingParameters t) {
    t.ticks_per_cycle = 2;
    t.activate_ticks = 3;
    t.column_ticks = 2;
    t.row_ticks = 1;
    return t;
}

/// 6.4 Gb/s, system.md §3; tCCD_R, tRTW, tPPD and tRREFD as Ramulator2 has them.
TimingParameters speed_6400() {
    TimingParameters t;
    t.tCK = {625, 1};
    t.nBL = 2;
    t.nCL = 20;
    t.nCWL = 10;
    t.nRCDRD = 31;
    t.nRCDWR = 15;
    t.nRP = 26;
    t.nRAS = 45;
    t.nRC = 72;
    t.nCCDS = 2;
    t.nCCDL = 4;
    t.nCCDR = 3;
    t.nRRDS = 4;
    t.nRRDL = 5;
    t.nFAW = 24;
    t.nWTRS = 7;
    t.nWTRL = 10;
    t.nRTW = 20;
    t.nWR = 33;
    t.nRTP = 9;
    t.nPPD = 2;
    t.nREFI = 6240;
    t.nREFIpb = 390;  // tREFI over 16 banks
    t.nRREFD = 8;
    return with_half_cycle_slots(t);
}

/// 5.6 Gb/s: tRRD 5 ns, tFAW 15 ns, tRREFD 8 ns, tREFI 3.9 us; tRTW = CL + BL + 2 - CWL.
TimingParameters speed_5600() {
    TimingParameters t;
    t.tCK = {5000, 7};
    t.nBL = 2;
    t.nCL = 22;
    t.nCWL = 8;
    t.nRCDRD = 22;
    t.nRCDWR = 12;
    t.nRP = 22;
    t.nRAS = 42;
    t.nRC = 64;
    t.nCCDS = 2;
    t.nCCDL = 4;
    t.nCCDR = 3;
    t.nRRDS = 7;
    t.nRRDL = 7;
    t.nFAW = 21;
    t.nWTRS = 8;
    t.nWTRL = 10;
    t.nRTW = 18;
    t.nWR = 20;
    t.nRTP = 5;
    t.nPPD = 2;
    t.nREFI = 5460;
    t.nREFIpb = 341;
    t.nRREFD = 12;
    return with_half_cycle_slots(t);
}

/// 4.8 Gb/s: tRRD 5 ns, tFAW 15 ns, tRREFD 8 ns, tREFI 3.9 us; tRTW = CL + BL + 2 - CWL.
TimingParameters speed_4800() {
    TimingParameters t;
    t.tCK = {2500, 3};
    t.nBL = 2;
    t.nCL = 18;
    t.nCWL = 6;
    t.nRCDRD = 18;
    t.nRCDWR = 10;
    t.nRP = 18;
    t.nRAS = 36;
    t.nRC = 54;
    t.nCCDS = 2;
    t.nCCDL = 4;
    t.nCCDR = 3;
    t.nRRDS = 6;
    t.nRRDL = 6;
    t.nFAW = 18;
    t.nWTRS = 6;
    t.nWTRL = 8;
    t.nRTW = 16;
    t.nWR = 16;
    t.nRTP = 4;
    t.nPPD = 2;
    t.nREFI = 4680;
    t.nREFIpb = 292;
    t.nRREFD = 10;
    return with_half_cycle_slots(t);
}

/// tRFCpb: 260 cycles of AttAcc's 0.769 ns, which is 200 ns at every other speed.
constexpr Picoseconds tRFCpb_ps = 199'940;

}  // namespace

Standard hbm3() {
    return {
        "HBM3",
        true,
        {
            {"5200-attacc", attacc_5200(), "AttAcc's HBM3 at 5.2 Gb/s, system.md §3"},
            {"6400", speed_6400(), "system.md §3; Ramulator2 2.1"},
            {"5600", speed_5600(), "Ramulator2 2.0"},
            {"4800", speed_4800(), "Ramulator2 2.0"},
        },
        {
            {"8Gb",
             {1, 2, 2, 4, 4, 16384, 32, 32},
             350 * ns,
             tRFCpb_ps,
             "channel of 8 Gb: 16 GiB in 16 channels, system.md §3; tRFCab: JESD238"},
            {"4Gb",
             {1, 2, 2, 4, 4, 8192, 32, 32},
             260 * ns,
             tRFCpb_ps,
             "channel of 4 Gb; JESD238 as Ramulator2 has it"},
            {"16Gb",
             {1, 2, 2, 4, 4, 32768, 32, 32},
             450 * ns,
             tRFCpb_ps,
             "channel of 16 Gb; JESD238 as Ramulator2 has it"},
        },
        jedec_rows,
    };
}

}  // namespace aqpim::dram
