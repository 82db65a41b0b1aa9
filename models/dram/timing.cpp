#include "models/dram/timing.h"

#include <fmt/format.h>

#include <stdexcept>

namespace aqpim::dram {

namespace {

using T = TimingParameters;
constexpr std::uint32_t most_ticks = 16;

}  // namespace

const std::array<TimingField, timing_field_count> timing_fields = {{
    {"nBL", "tBL", &T::nBL, 1, "burst on the data bus"},
    {"nCL", "tCL", &T::nCL, 1, "read to its data"},
    {"nCWL", "tCWL", &T::nCWL, 1, "write to its data"},
    {"nRCDRD", "tRCDRD", &T::nRCDRD, 1, "activate to read"},
    {"nRCDWR", "tRCDWR", &T::nRCDWR, 1, "activate to write"},
    {"nRP", "tRP", &T::nRP, 1, "precharge to activate"},
    {"nRPab", "tRPab", &T::nRPab, 0, "precharge of all banks to activate; 0: nRP"},
    {"nRAS", "tRAS", &T::nRAS, 1, "activate to precharge"},
    {"nRC", "tRC", &T::nRC, 1, "activate to activate of a bank"},
    {"nCCDS", "tCCD_S", &T::nCCDS, 1, "column commands, different bank groups"},
    {"nCCDL", "tCCD_L", &T::nCCDL, 1, "column commands, same bank group; spacing of PIM_RET"},
    {"nCCDL_WR", "tCCD_L_WR", &T::nCCDL_WR, 0, "writes, same bank group; 0: nCCDL"},
    {"nCCDR", "tCCD_R", &T::nCCDR, 1, "column commands, different ranks"},
    {"nRRDS", "tRRD_S", &T::nRRDS, 1, "activates, different bank groups"},
    {"nRRDL", "tRRD_L", &T::nRRDL, 1, "activates, same bank group"},
    {"nFAW", "tFAW", &T::nFAW, 1, "window of four activates of a rank"},
    {"nWTRS", "tWTR_S", &T::nWTRS, 1, "end of write data to read, different bank groups"},
    {"nWTRL", "tWTR_L", &T::nWTRL, 1, "end of write data to read, same bank group"},
    {"nRTW", "tRTW", &T::nRTW, 1, "read to write"},
    {"nWR", "tWR", &T::nWR, 1, "end of write data to precharge"},
    {"nRTP", "tRTP", &T::nRTP, 1, "read (or all-bank MAC) to precharge"},
    {"nPPD", "tPPD", &T::nPPD, 0, "precharge to precharge of a rank"},
    {"nREFI", "tREFI", &T::nREFI, 1, "between all-bank refreshes"},
    {"nRFC", "tRFCab", &T::nRFC, 1, "an all-bank refresh"},
    {"nRFCpb", "tRFCpb", &T::nRFCpb, 0, "a per-bank refresh; 0: there is none"},
    {"nREFIpb", "tREFIpb", &T::nREFIpb, 0, "between per-bank refreshes of a rank; 0: there are none"},
    {"nRREFD", "tRREFD", &T::nRREFD, 0, "per-bank refresh to activate or refresh of another bank"},
    {"ticks_per_cycle", "", &T::ticks_per_cycle, 1, "slots in a cycle in which a row command may start", 2},
    {"activate_ticks", "", &T::activate_ticks, 1, "slots that an activate takes on its command bus", most_ticks},
    {"column_ticks", "", &T::column_ticks, 1, "slots that a column command takes on its command bus", most_ticks},
    {"row_ticks", "", &T::row_ticks, 1, "slots that any other row command takes on its command bus", most_ticks},
}};

void TimingParameters::declare(ParameterSection dram) {
    dram.clock(tCK, "tCK", clock_text(tCK), {"clock of the command buses", "preset of dram.speed"});
    for (const TimingField& field : timing_fields) {
        const bool of_density = field.field == &T::nRFC || field.field == &T::nRFCpb;
        dram.count(this->*field.field, field.name, this->*field.field, {field.min, field.max},
                   {std::string(field.help), of_density ? "preset of dram.density" : "preset of dram.speed"});
    }
}

std::map<std::string, Picoseconds> TimingParameters::jedec_ps(std::uint32_t mac_spacing) const {
    const auto in_ps = [this](std::uint64_t cycles) { return cycles * tCK.period_num() / tCK.period_den(); };
    const auto ticks_in_ps = [this](std::uint64_t ticks) {
        const Clock tick = tick_clock();
        return ticks * tick.period_num() / tick.period_den();
    };
    std::map<std::string, Picoseconds> ps;
    for (const TimingField& field : timing_fields) {
        if (!field.jedec_name.empty()) {
            ps[std::string(field.jedec_name)] = in_ps(this->*field.field);
        }
    }
    ps["tCK"] = in_ps(1);
    ps["tRPab"] = in_ps(nRPab == 0 ? nRP : nRPab);
    ps["tCCD_L_WR"] = in_ps(nCCDL_WR == 0 ? nCCDL : nCCDL_WR);
    ps["tCCD_AB"] = in_ps(mac_spacing);
    ps["tRTP_AB"] = in_ps(nRTP);
    ps["tCMD_ACT"] = ticks_in_ps(activate_ticks);
    ps["tTICK"] = ticks_in_ps(1);
    return ps;
}

std::string clock_text(const Clock& clock) {
    constexpr std::uint64_t fs_per_ps = 1000;
    constexpr std::uint64_t fs_per_ns = 1'000'000;
    constexpr std::uint64_t mega_ps = 1'000'000;  // 1 MHz has a period of 10^6 ps
    const std::uint64_t num = clock.period_num();
    const std::uint64_t den = clock.period_den();
    if (fs_per_ps % den == 0) {
        const std::uint64_t fs = num * (fs_per_ps / den);
        std::string text = fmt::format("{}.{:06}", fs / fs_per_ns, fs % fs_per_ns);
        text.erase(text.find_last_not_of('0') + 1);
        return (text.back() == '.' ? text.substr(0, text.size() - 1) : text) + "ns";
    }
    if (mega_ps * den % num != 0) {
        throw std::logic_error(fmt::format("{}/{} ps is neither whole femtoseconds nor whole megahertz", num, den));
    }
    return fmt::format("{}MHz", mega_ps * den / num);
}

}  // namespace aqpim::dram
