#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/common/clock.h"
#include "models/common/parameter.h"

namespace aqpim::dram {

/// Timing parameters by their JEDEC names (JESD238), as Ramulator2 writes them: `nX` is tX in clock cycles. _S and _L:
/// different and same bank group; _R: different rank (HBM's stack id).
struct TimingParameters {
    Clock tCK;
    std::uint32_t nBL = 0;  ///< a burst on the data bus
    std::uint32_t nCL = 0;
    std::uint32_t nCWL = 0;
    std::uint32_t nRCDRD = 0;
    std::uint32_t nRCDWR = 0;
    std::uint32_t nRP = 0;
    std::uint32_t nRAS = 0;
    std::uint32_t nRC = 0;
    std::uint32_t nCCDS = 0;
    std::uint32_t nCCDL = 0;
    std::uint32_t nCCDR = 0;
    std::uint32_t nRRDS = 0;
    std::uint32_t nRRDL = 0;
    std::uint32_t nFAW = 0;
    std::uint32_t nWTRS = 0;
    std::uint32_t nWTRL = 0;
    std::uint32_t nRTW = 0;
    std::uint32_t nWR = 0;
    std::uint32_t nRTP = 0;
    std::uint32_t nREFI = 0;
    std::uint32_t nRFC = 0;
    std::uint32_t nRFCpb = 0;
    std::uint32_t nRREFD = 0;

    /// nCCDAB, the spacing of all-bank MACs, is not here: it is declared as `pim.mac_spacing`.
    void declare(ParameterSection dram);

    /// Each parameter in picoseconds by its JEDEC name ("tRCDRD"), rounded down so that sums of them never exceed what
    /// the clock gives. All-bank MACs add tCCD_AB (their spacing) and tRTP_AB (tRTP: a MAC is a read in every bank).
    std::map<std::string, Picoseconds> jedec_ps(std::uint32_t mac_spacing) const;
};

}  // namespace aqpim::dram
