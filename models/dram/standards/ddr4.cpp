#include "models/dram/standards/standard_files.h"

namespace aqpim::dram {

namespace {

constexpr Picoseconds ns = 1000;

/// 17-17-17. In ns: tRAS 32, tRRD_S 3.3, tRRD_L 4.9, tFAW 21 (1 KiB page), tWTR 2.5 and 7.5, tWR 15, tRTP 7.5,
/// tREFI 7.8 us.
TimingParameters speed_2400() {
    TimingParameters t;
    t.tCK = {2500, 3};
    t.nBL = 4;
    t.nCL = 17;
    t.nCWL = 12;
    t.nRCDRD = 17;
    t.nRCDWR = 17;
    t.nRP = 17;
    t.nRAS = 39;
    t.nRC = 56;
    t.nCCDS = 4;
    t.nCCDL = 6;
    t.nCCDR = 6;  // BL + 2 cycles to change the rank
    t.nRRDS = 4;
    t.nRRDL = 6;
    t.nFAW = 26;
    t.nWTRS = 3;
    t.nWTRL = 9;
    t.nRTW = 11;  // CL + BL + 2 - CWL
    t.nWR = 18;
    t.nRTP = 9;
    t.nREFI = 9360;
    return t;
}

/// 19-19-19.
TimingParameters speed_2666() {
    TimingParameters t;
    t.tCK = {750, 1};
    t.nBL = 4;
    t.nCL = 19;
    t.nCWL = 14;
    t.nRCDRD = 19;
    t.nRCDWR = 19;
    t.nRP = 19;
    t.nRAS = 43;
    t.nRC = 62;
    t.nCCDS = 4;
    t.nCCDL = 7;
    t.nCCDR = 6;
    t.nRRDS = 4;
    t.nRRDL = 7;
    t.nFAW = 28;
    t.nWTRS = 4;
    t.nWTRL = 10;
    t.nRTW = 11;
    t.nWR = 20;
    t.nRTP = 10;
    t.nREFI = 10400;
    return t;
}

/// 22-22-22.
TimingParameters speed_3200() {
    TimingParameters t;
    t.tCK = {625, 1};
    t.nBL = 4;
    t.nCL = 22;
    t.nCWL = 16;
    t.nRCDRD = 22;
    t.nRCDWR = 22;
    t.nRP = 22;
    t.nRAS = 52;
    t.nRC = 74;
    t.nCCDS = 4;
    t.nCCDL = 8;
    t.nCCDR = 6;
    t.nRRDS = 4;
    t.nRRDL = 8;
    t.nFAW = 34;
    t.nWTRS = 4;
    t.nWTRL = 12;
    t.nRTW = 12;
    t.nWR = 24;
    t.nRTP = 12;
    t.nREFI = 12480;
    return t;
}

}  // namespace

Standard ddr4() {
    return {
        "DDR4",
        false,
        {
            {"2400", speed_2400(), "JESD79-4, x8 devices"},
            {"2666", speed_2666(), "JESD79-4, x8 devices"},
            {"3200", speed_3200(), "JESD79-4, x8 devices"},
        },
        {
            {"8Gb", {1, 1, 1, 4, 4, 65536, 128, 64}, 350 * ns, 0, "x8 devices on 64 bits, 8 KiB rows; JESD79-4"},
            {"4Gb", {1, 1, 1, 4, 4, 32768, 128, 64}, 260 * ns, 0, "x8 devices on 64 bits, 8 KiB rows; JESD79-4"},
            {"16Gb", {1, 1, 1, 4, 4, 131072, 128, 64}, 550 * ns, 0, "x8 devices on 64 bits, 8 KiB rows; JESD79-4"},
        },
        jedec_rows,
    };
}

}  // namespace aqpim::dram
