#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/common/clock.h"

namespace aqpim::dram {

/// JEDEC's parameters in picoseconds.
struct JedecTiming {
    using Time = std::int64_t;

    /// Throws std::invalid_argument, naming it, if one is missing that has no default.
    explicit JedecTiming(const std::map<std::string, Picoseconds>& ps);

    Time tCK, tBL, tCL, tCWL, tRCDRD, tRCDWR, tRP, tRAS, tRC;
    Time tCCD_S, tCCD_L, tRRD_S, tRRD_L, tFAW, tWTR_S, tWTR_L, tRTW, tWR, tRTP, tRFCab;
    Time tRPab;      ///< precharge of all banks; default tRP
    Time tCCD_R;     ///< another rank; default tCCD_S
    Time tCCD_L_WR;  ///< writes in one bank group; default tCCD_L
    Time tPPD;       ///< precharges of a rank; default 0
    Time tRFCpb;     ///< default tRFCab
    Time tRREFD;     ///< after REFpb, another bank of its rank; default 0
    Time tREFI;      ///< 0: no limit
    Time tCCD_AB;    ///< all-bank MACs; default tCCD_L
    Time tRTP_AB;    ///< all-bank MAC to precharge; default tRTP
    Time tTICK;      ///< the command bus's grid; default tCK
    Time tCMD_ACT;   ///< how long an activate takes its bus; default tCK
    Time tCMD_COL;   ///< a column command; default tCK
    Time tCMD_ROW;   ///< any other row command; default tTICK
};

}  // namespace aqpim::dram
