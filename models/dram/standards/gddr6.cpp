#include "models/dram/standards/standard_files.h"

namespace aqpim::dram {

namespace {

constexpr Picoseconds ns = 1000;

/// 14 Gb/s, system.md §3.
TimingParameters speed_14000() {
    TimingParameters t;
    t.tCK = {570, 1};
    t.nBL = 2;  // BL16 at eight bits a cycle
    t.nCL = 24;
    t.nCWL = 6;
    t.nRCDRD = 27;
    t.nRCDWR = 16;
    t.nRP = 27;
    t.nRAS = 53;
    t.nRC = 79;
    t.nCCDS = 2;
    t.nCCDL = 4;
    t.nCCDR = 4;  // one rank: not used
    t.nRRDS = 8;
    t.nRRDL = 8;
    t.nFAW = 29;
    t.nWTRS = 9;
    t.nWTRL = 11;
    t.nRTW = 25;  // CL + 1, as Ramulator2 has it
    t.nWR = 27;
    t.nRTP = 4;
    t.nREFI = 3333;   // 1.9 us
    t.nREFIpb = 208;  // tREFI over 16 banks
    t.nRREFD = 29;    // 16 ns, as Ramulator2 has it
    return t;
}

ConstraintTable gddr6_rows(const TimingParameters& t) {
    ConstraintTable table = jedec_rows(t);
    // A refresh of one bank keeps the long distance from activates of every bank group.
    append(table, {{Level::rank, {Command::ACT}, {Command::REFpb}, t.ticks(t.nRRDL)}});
    return table;
}

}  // namespace

Standard gddr6() {
    return {
        "GDDR6",
        false,
        {
            {"14000", speed_14000(), "system.md §3; Ramulator2"},
        },
        {
            {"8Gb",
             {1, 1, 1, 4, 4, 16384, 64, 32},
             120 * ns,
             60 * ns,
             "one of the device's two 16-bit channels, 2 KiB rows (JESD250); tRFC: 211 and 106 cycles of 0.57 ns, "
             "system.md §3"},
        },
        gddr6_rows,
    };
}

}  // namespace aqpim::dram
