#include "jedec_rules.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <tuple>

namespace aqpim::dram {

namespace {

using Time = std::int64_t;
constexpr Time long_ago = -1'000'000'000'000;

struct Bank {
    bool open = false;
    std::int32_t row = -1;
    Time activated = long_ago;
    Time read = long_ago;  // a read, or an all-bank column command
    Time write_data_end = long_ago;
    Time closing = long_ago;    // when its precharge began
    Time refreshed = long_ago;  // when its refresh ends
};

struct Burst {
    Time at;
    std::int32_t rank;
    std::int32_t group;
    bool write;
};

class Replay {
 public:
    Replay(const std::map<std::string, Picoseconds>& timing, const Organization& organization)
        : timing_(timing), organization_(organization) {}

    void step(const TracedCommand& c) {
        command_ = &c;
        now_ = static_cast<Time>(c.time_ps);
        if (now_ < last_[c.channel]) {
            fail("time runs backwards");
        }
        last_[c.channel] = now_;
        occupy_bus();
        switch (c.command) {
            case Command::ACT:
                activate(bank_at(c));
                pace_activates();
                break;
            case Command::PIM_ACT_AB:
                for_all([this](Bank& bank) { activate(bank); });
                break;
            case Command::PRE:
                precharge(bank_at(c));
                break;
            case Command::PREA:
                for_all([this](Bank& bank) { precharge(bank); });
                break;
            case Command::RD:
            case Command::WR:
                column(bank_at(c), c.command == Command::WR);
                break;
            case Command::REFab:
                for_all([this](Bank& bank) { refresh(bank); });
                pace_refreshes();
                break;
            case Command::PIM_MAC_AB:
            case Command::PIM_LDC:
            case Command::PIM_RET:
                all_bank_column();
                break;
            case Command::PIM_MV_BA_ROW:
            case Command::PIM_MV_BF_ROW:
                row_move(c.command == Command::PIM_MV_BF_ROW);
                break;
            default:
                break;
        }
    }

    std::vector<std::string> violations;

 private:
    Time t(const char* name) const { return static_cast<Time>(timing_.at(name)); }

    void fail(const std::string& what) {
        violations.push_back(
            fmt::format("{} ps, channel {}, {}: {}", now_, command_->channel, info(command_->command).name, what));
    }
    void apart(Time then, Time needed, const char* rule) {
        if (now_ - then < needed - 1) {  // times are rounded to a picosecond
            fail(fmt::format("{}: {} of {} ps", rule, now_ - then, needed));
        }
    }

    Bank& bank_at(const TracedCommand& c) {
        return banks_[{c.channel, c.pseudo_channel, c.rank, c.bank_group, c.bank}];
    }
    /// Every bank that the command addresses: -1 stands for all.
    template <class Visit>
    void for_all(Visit visit) {
        TracedCommand c = *command_;
        const auto range = [](std::int32_t given, std::uint32_t count) {
            return std::pair{given < 0 ? 0 : given, given < 0 ? static_cast<std::int32_t>(count) : given + 1};
        };
        const auto [first_pc, end_pc] = range(command_->pseudo_channel, organization_.pseudo_channels);
        const auto [first_rank, end_rank] = range(command_->rank, organization_.ranks);
        for (c.pseudo_channel = first_pc; c.pseudo_channel < end_pc; ++c.pseudo_channel) {
            for (c.rank = first_rank; c.rank < end_rank; ++c.rank) {
                for (c.bank_group = 0; c.bank_group < static_cast<std::int32_t>(organization_.bank_groups);
                     ++c.bank_group) {
                    for (c.bank = 0; c.bank < static_cast<std::int32_t>(organization_.banks); ++c.bank) {
                        visit(bank_at(c));
                    }
                }
            }
        }
    }

    void occupy_bus() {
        const std::string_view name = info(command_->command).name;
        if (name == "PIM_SFM") {
            return;
        }
        const bool row =
            name == "ACT" || name == "PIM_ACT_AB" || name.substr(0, 3) == "PRE" || name.substr(0, 3) == "REF";
        const auto [before, first] = buses_.try_emplace({command_->channel, row}, now_);
        if (!first) {
            apart(before->second, t("tCK"), "command bus");
            before->second = now_;
        }
    }

    void activate(Bank& bank) {
        if (bank.open) {
            fail("the bank is open");
        }
        apart(bank.activated, t("tRC"), "tRC");
        apart(bank.closing, t("tRP"), "tRP");
        apart(bank.refreshed, 0, "tRFC");
        bank.open = true;
        bank.row = command_->row;
        bank.activated = now_;
    }

    void pace_activates() {
        auto& history = activates_[{command_->channel, command_->pseudo_channel, command_->rank}];
        for (const auto& [at, group] : history) {
            apart(at, t(group == command_->bank_group ? "tRRD_L" : "tRRD_S"), "tRRD");
        }
        history.emplace_back(now_, command_->bank_group);
        if (history.size() > 4) {
            apart(history.front().first, t("tFAW"), "tFAW");
            history.erase(history.begin());
        }
    }

    void precharge(Bank& bank) {
        if (!bank.open) {
            return;
        }
        apart(bank.activated, t("tRAS"), "tRAS");
        apart(bank.read, t("tRTP"), "tRTP");
        apart(bank.write_data_end, t("tWR"), "tWR");
        bank.open = false;
        bank.closing = now_;
    }

    void column(Bank& bank, bool write) {
        if (!bank.open || bank.row != command_->row) {
            fail("its row is not open");
        }
        apart(bank.activated, t(write ? "tRCDWR" : "tRCDRD"), "tRCD");
        auto& bursts = bursts_[{command_->channel, command_->pseudo_channel}];
        for (const Burst& before : bursts) {
            pace_bursts(before, write);
        }
        if (bursts.size() == 64) {
            bursts.erase(bursts.begin());
        }
        bursts.push_back({now_, command_->rank, command_->bank_group, write});
        const Time all_bank = all_bank_column_.try_emplace(command_->channel, long_ago).first->second;
        apart(all_bank, t("tCCD_L"), "tCCD_L after an all-bank column command");
        if (write) {
            bank.write_data_end = now_ + t("tCWL") + t("tBL");
        } else {
            bank.read = now_;
        }
    }

    void pace_bursts(const Burst& before, bool write) {
        const bool same_rank = before.rank == command_->rank;
        const bool same_group = same_rank && before.group == command_->bank_group;
        if (before.write == write) {
            apart(before.at, t(!same_rank ? "tCCD_R" : same_group ? "tCCD_L" : "tCCD_S"), "tCCD");
        } else if (write) {
            apart(before.at, t("tRTW"), "tRTW");
        } else if (same_rank) {
            apart(before.at + t("tCWL") + t("tBL"), t(same_group ? "tWTR_L" : "tWTR_S"), "tWTR");
        }
        const Time start = now_ + t(write ? "tCWL" : "tCL");
        const Time data = before.at + t(before.write ? "tCWL" : "tCL");
        if (std::abs(start - data) < t("tBL") - 1) {
            fail("two bursts on the data bus");
        }
    }

    void refresh(Bank& bank) {
        if (bank.open) {
            fail("a row is open");
        }
        apart(bank.closing, t("tRP"), "tRP");
        apart(bank.refreshed, 0, "tRFC");
        bank.refreshed = now_ + t("tRFCab");
    }

    void pace_refreshes() {
        Time& before = refreshes_[{command_->channel, command_->pseudo_channel, command_->rank}];
        if (now_ - before > 9 * t("tREFI")) {
            fail("more than nine tREFI without refresh");
        }
        before = now_;
    }

    /// Which banks it touches the trace does not say: it has to be right for each.
    void row_move(bool write) {
        for_all([this, write](Bank& bank) {
            if (!bank.open || bank.row != command_->row) {
                fail("its row is not open in every bank");
            }
            apart(bank.activated, t(write ? "tRCDWR" : "tRCDRD"), "tRCD");
            if (write) {
                bank.write_data_end = now_ + t("tCWL") + t("tBL");
            } else {
                apart(bank.write_data_end, t("tWTR_L"), "tWTR");
                bank.read = now_;
            }
        });
    }

    void all_bank_column() {
        for_all([this](Bank& bank) {
            if (!bank.open || bank.row != command_->row) {
                fail("its row is not open in every bank");
            }
            apart(bank.activated, t("tRCDRD"), "tRCD");
            apart(bank.write_data_end, t("tWTR_L"), "tWTR");
            bank.read = now_;
        });
        Time& before = all_bank_column_.try_emplace(command_->channel, long_ago).first->second;
        apart(before, t(command_->command == Command::PIM_RET ? "tCCD_L" : "tCCD_AB"), "tCCD_AB");
        before = now_;
    }

    const std::map<std::string, Picoseconds>& timing_;
    const Organization& organization_;
    const TracedCommand* command_ = nullptr;
    Time now_ = 0;
    std::map<std::int32_t, Time> last_;
    std::map<std::array<std::int32_t, 5>, Bank> banks_;
    std::map<std::pair<std::int32_t, bool>, Time> buses_;
    std::map<std::array<std::int32_t, 3>, std::vector<std::pair<Time, std::int32_t>>> activates_;
    std::map<std::pair<std::int32_t, std::int32_t>, std::vector<Burst>> bursts_;
    std::map<std::array<std::int32_t, 3>, Time> refreshes_;
    std::map<std::int32_t, Time> all_bank_column_;
};

}  // namespace

std::vector<std::string> jedec_violations(const std::vector<TracedCommand>& trace,
                                          const std::map<std::string, Picoseconds>& timing,
                                          const Organization& organization) {
    Replay replay(timing, organization);
    for (const TracedCommand& command : trace) {
        replay.step(command);
    }
    return replay.violations;
}

}  // namespace aqpim::dram
