#include "models/dram/standards/standard_files.h"

namespace aqpim::dram {

namespace {

constexpr Picoseconds ns = 1000;

/// 6.4 Gb/s, system.md §3; tRPab and tPPD as Ramulator2 has them. In cycles of CK, a quarter of WCK.
TimingParameters speed_6400() {
    TimingParameters t;
    t.tCK = {1250, 1};
    t.nBL = 2;  // BL16 at eight bits a cycle
    t.nCL = 17;
    t.nCWL = 9;
    t.nRCDRD = 15;
    t.nRCDWR = 15;
    t.nRP = 15;
    t.nRPab = 17;
    t.nRAS = 34;
    t.nRC = 49;
    t.nCCDS = 2;
    t.nCCDL = 4;
    t.nCCDR = 4;  // BL + 2 cycles to change the rank
    t.nRRDS = 4;
    t.nRRDL = 4;
    t.nFAW = 16;
    t.nWTRS = 5;
    t.nWTRL = 10;
    t.nRTW = 12;  // CL + BL + 2 - CWL
    t.nWR = 28;
    t.nRTP = 8;
    t.nPPD = 2;
    t.nREFI = 3125;        // 3906.25 ns: 32 ms over 8192
    t.nREFIpb = 195;       // tREFI over 16 banks
    t.nRREFD = 6;          // tpbR2act: 7.5 ns
    t.activate_ticks = 2;  // ACT-1 and ACT-2
    return t;
}

/// 8.533 Gb/s (LPDDR5X); what is given in ns as for 6400: tRRD 5 ns, tFAW 20 ns.
TimingParameters speed_8533() {
    TimingParameters t;
    t.tCK = {1875, 2};
    t.nBL = 2;
    t.nCL = 23;
    t.nCWL = 12;
    t.nRCDRD = 20;
    t.nRCDWR = 20;
    t.nRP = 20;
    t.nRPab = 23;
    t.nRAS = 46;
    t.nRC = 66;
    t.nCCDS = 2;
    t.nCCDL = 6;
    t.nCCDR = 4;
    t.nRRDS = 6;
    t.nRRDL = 6;
    t.nFAW = 22;
    t.nWTRS = 7;
    t.nWTRL = 14;
    t.nRTW = 15;
    t.nWR = 38;
    t.nRTP = 11;
    t.nPPD = 2;
    t.nREFI = 4166;
    t.nREFIpb = 260;
    t.nRREFD = 8;
    t.activate_ticks = 2;
    return t;
}

constexpr Picoseconds tpbR2pbR_ps = 90 * ns;  // JESD209-5B

ConstraintTable lpddr5_rows(const TimingParameters& t) {
    const std::uint32_t nRPab = t.nRPab == 0 ? t.nRP : t.nRPab;
    ConstraintTable table = jedec_rows(t);
    append(table, {
                      {Level::rank, {Command::PREA}, {Command::ACT, Command::REFab, Command::REFpb}, t.ticks(nRPab)},
                      {Level::rank, {Command::REFpb}, {Command::REFpb}, t.tick_clock().first_tick_at(tpbR2pbR_ps)},
                  });
    return table;
}

}  // namespace

Standard lpddr5() {
    return {
        "LPDDR5",
        false,
        {
            {"6400", speed_6400(), "system.md §3; Ramulator2"},
            {"8533", speed_8533(), "Ramulator2"},
        },
        {
            {"8Gb",
             {1, 1, 1, 4, 4, 32768, 64, 32},
             210 * ns,
             120 * ns,
             "x16 in bank-group mode, 2 KiB rows; system.md §3 (JESD209-5B)"},
            {"16Gb",
             {1, 1, 1, 4, 4, 65536, 64, 32},
             280 * ns,
             160 * ns,
             "x16 in bank-group mode, 2 KiB rows; JESD209-5B as Ramulator2 has it"},
        },
        lpddr5_rows,
    };
}

}  // namespace aqpim::dram
