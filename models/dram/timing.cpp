#include "models/dram/timing.h"

#include <utility>
#include <vector>

namespace aqpim::dram {

namespace {

constexpr Range<std::uint32_t> cycles = {1, 1'000'000};
constexpr auto attacc = "AttAcc's HBM3 at 5.2 Gb/s, system.md §3";

}  // namespace

void TimingParameters::declare(ParameterSection dram) {
    dram.clock(tCK, "tCK", "0.769ns", {"clock of the command buses", attacc});
    dram.count(nBL, "nBL", 2, cycles, {"burst on the data bus", attacc});
    dram.count(nCL, "nCL", 19, cycles, {"read to its data", attacc});
    dram.count(nCWL, "nCWL", 6, cycles, {"write to its data", attacc});
    dram.count(nRCDRD, "nRCDRD", 19, cycles, {"activate to read", attacc});
    dram.count(nRCDWR, "nRCDWR", 19, cycles, {"activate to write", attacc});
    dram.count(nRP, "nRP", 19, cycles, {"precharge to activate", attacc});
    dram.count(nRAS, "nRAS", 45, cycles, {"activate to precharge", attacc});
    dram.count(nRC, "nRC", 63, cycles, {"activate to activate of a bank", attacc});
    dram.count(nCCDS, "nCCDS", 2, cycles, {"column commands, different bank groups", attacc});
    dram.count(nCCDL, "nCCDL", 4, cycles, {"column commands, same bank group; spacing of PIM_RET", attacc});
    dram.count(
        nCCDR, "nCCDR", 3, cycles,
        {"column commands, different ranks", "HBM3 (JESD238): one cycle more than tCCD_S to change the stack id"});
    dram.count(nRRDS, "nRRDS", 2, cycles, {"activates, different bank groups", attacc});
    dram.count(nRRDL, "nRRDL", 4, cycles, {"activates, same bank group", attacc});
    dram.count(nFAW, "nFAW", 39, cycles, {"window of four activates of a rank", attacc});
    dram.count(nWTRS, "nWTRS", 8, cycles, {"end of write data to read, different bank groups", attacc});
    dram.count(nWTRL, "nWTRL", 11, cycles, {"end of write data to read, same bank group", attacc});
    dram.count(nRTW, "nRTW", 17, cycles,
               {"read to write", "open: CL + BL + 2 - CWL, two cycles to turn the bus round as Ramulator2 has it"});
    dram.count(nWR, "nWR", 21, cycles, {"end of write data to precharge", attacc});
    dram.count(nRTP, "nRTP", 8, cycles,
               {"read (or all-bank MAC) to precharge", "tRTP_L of AttAcc's HBM3, system.md §3: the same bank group"});
    dram.count(nREFI, "nREFI", 5070, cycles, {"between all-bank refreshes", attacc});
    dram.count(nRFC, "nRFC", 456, cycles, {"an all-bank refresh", "350 ns, system.md §3"});
    dram.count(nRFCpb, "nRFCpb", 260, cycles, {"a per-bank refresh", attacc});
    dram.count(nRREFD, "nRREFD", 8, cycles,
               {"per-bank refresh to activate or refresh of another bank", "Ramulator2's HBM2 and HBM3"});
}

std::map<std::string, Picoseconds> TimingParameters::jedec_ps(std::uint32_t mac_spacing) const {
    const std::vector<std::pair<const char*, std::uint32_t>> in_cycles = {
        {"tCK", 1},         {"tBL", nBL},      {"tCL", nCL},       {"tCWL", nCWL},     {"tRCDRD", nRCDRD},
        {"tRCDWR", nRCDWR}, {"tRP", nRP},      {"tRAS", nRAS},     {"tRC", nRC},       {"tCCD_S", nCCDS},
        {"tCCD_L", nCCDL},  {"tCCD_R", nCCDR}, {"tRRD_S", nRRDS},  {"tRRD_L", nRRDL},  {"tFAW", nFAW},
        {"tWTR_S", nWTRS},  {"tWTR_L", nWTRL}, {"tRTW", nRTW},     {"tWR", nWR},       {"tRTP", nRTP},
        {"tREFI", nREFI},   {"tRFCab", nRFC},  {"tRFCpb", nRFCpb}, {"tRREFD", nRREFD}, {"tCCD_AB", mac_spacing},
        {"tRTP_AB", nRTP},
    };
    std::map<std::string, Picoseconds> ps;
    for (const auto& [name, count] : in_cycles) {
        ps[name] = count * tCK.period_num() / tCK.period_den();
    }
    return ps;
}

}  // namespace aqpim::dram
