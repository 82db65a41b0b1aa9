#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "models/common/clock.h"
#include "models/common/parameter.h"

namespace aqpim::dram {

/// Timing parameters by their JEDEC names, as Ramulator2 writes them: `nX` is tX in cycles of tCK. _S and _L: different
/// and same bank group; _R: another rank (HBM's stack id). Where a standard does not know a parameter, its table does
/// not use it.
struct TimingParameters {
    Clock tCK;
    std::uint32_t nBL = 0;  ///< a burst on the data bus
    std::uint32_t nCL = 0;
    std::uint32_t nCWL = 0;
    std::uint32_t nRCDRD = 0;
    std::uint32_t nRCDWR = 0;
    std::uint32_t nRP = 0;
    std::uint32_t nRPab = 0;  ///< of all banks; 0: nRP
    std::uint32_t nRAS = 0;
    std::uint32_t nRC = 0;
    std::uint32_t nCCDS = 0;
    std::uint32_t nCCDL = 0;
    std::uint32_t nCCDL_WR = 0;  ///< write to write; 0: nCCDL
    std::uint32_t nCCDR = 0;
    std::uint32_t nRRDS = 0;
    std::uint32_t nRRDL = 0;
    std::uint32_t nFAW = 0;
    std::uint32_t nWTRS = 0;
    std::uint32_t nWTRL = 0;
    std::uint32_t nRTW = 0;
    std::uint32_t nWR = 0;
    std::uint32_t nRTP = 0;
    std::uint32_t nPPD = 0;
    std::uint32_t nREFI = 0;
    std::uint32_t nRFC = 0;
    std::uint32_t nRFCpb = 0;
    std::uint32_t nREFIpb = 0;
    std::uint32_t nRREFD = 0;

    /// A tick is the command bus's grid: a cycle, or half a cycle where row commands may start on either clock edge.
    std::uint32_t ticks_per_cycle = 1;
    /// Ticks for which a command takes its bus: an activate, a column command, any other row command.
    std::uint32_t activate_ticks = 1;
    std::uint32_t column_ticks = 1;
    std::uint32_t row_ticks = 1;

    Ticks ticks(std::uint32_t cycles) const { return Ticks{cycles} * ticks_per_cycle; }
    /// The clock of ticks.
    Clock tick_clock() const { return {tCK.period_num(), tCK.period_den() * ticks_per_cycle}; }

    /// Declares each parameter with its present value as the default.
    void declare(ParameterSection dram);

    /// Each parameter in picoseconds by its JEDEC name ("tRCDRD"), rounded down so that sums of them never exceed what
    /// the clock gives. All-bank MACs add tCCD_AB (`mac_spacing` cycles) and tRTP_AB (tRTP: a MAC is a read in every
    /// bank); the command bus tCMD_ACT and tTICK.
    std::map<std::string, Picoseconds> jedec_ps(std::uint32_t mac_spacing) const;
};

/// The parameters that are counts, in the order in which they are declared: presets and `jedec_ps` go by this list.
struct TimingField {
    std::string_view name;        ///< "nCCDS"
    std::string_view jedec_name;  ///< "tCCD_S"; empty where it is no time
    std::uint32_t TimingParameters::*field;
    std::uint32_t min;  ///< smallest value allowed
    std::string_view help;
    std::uint32_t max = 1'000'000;  ///< largest value allowed
};
inline constexpr std::size_t timing_field_count = 31;
extern const std::array<TimingField, timing_field_count> timing_fields;

/// The exact text of a preset's clock, as a parameter takes it: "0.769ns", "1200MHz" where the period has no end.
std::string clock_text(const Clock& clock);

}  // namespace aqpim::dram
