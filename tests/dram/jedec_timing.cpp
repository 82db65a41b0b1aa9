#include "jedec_timing.h"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>

namespace aqpim::dram {

JedecTiming::JedecTiming(const std::map<std::string, Picoseconds>& ps) {
    const auto given = [&ps](const char* name) -> std::optional<Time> {
        const auto found = ps.find(name);
        return found == ps.end() ? std::nullopt : std::optional(static_cast<Time>(found->second));
    };
    const auto required = [&given](const char* name) {
        const std::optional<Time> time = given(name);
        if (!time) {
            throw std::invalid_argument(fmt::format("timing parameter {} is missing", name));
        }
        return *time;
    };
    tCK = required("tCK");
    tBL = required("tBL");
    tCL = required("tCL");
    tCWL = required("tCWL");
    tRCDRD = required("tRCDRD");
    tRCDWR = required("tRCDWR");
    tRP = required("tRP");
    tRAS = required("tRAS");
    tRC = required("tRC");
    tCCD_S = required("tCCD_S");
    tCCD_L = required("tCCD_L");
    tRRD_S = required("tRRD_S");
    tRRD_L = required("tRRD_L");
    tFAW = required("tFAW");
    tWTR_S = required("tWTR_S");
    tWTR_L = required("tWTR_L");
    tRTW = required("tRTW");
    tWR = required("tWR");
    tRTP = required("tRTP");
    tRFCab = required("tRFCab");
    tRPab = given("tRPab").value_or(tRP);
    tCCD_R = given("tCCD_R").value_or(tCCD_S);
    tCCD_L_WR = given("tCCD_L_WR").value_or(tCCD_L);
    tPPD = given("tPPD").value_or(0);
    tRFCpb = given("tRFCpb").value_or(tRFCab);
    tRREFD = given("tRREFD").value_or(0);
    tREFI = given("tREFI").value_or(0);
    tCCD_AB = given("tCCD_AB").value_or(tCCD_L);
    tRTP_AB = given("tRTP_AB").value_or(tRTP);
    tTICK = given("tTICK").value_or(tCK);
    tCMD_ACT = given("tCMD_ACT").value_or(tCK);
    tCMD_COL = given("tCMD_COL").value_or(tCK);
    tCMD_ROW = given("tCMD_ROW").value_or(tTICK);
}

}  // namespace aqpim::dram
