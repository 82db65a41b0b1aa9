#include "jedec_channel.h"

#include <fmt/format.h>

namespace aqpim::dram {

using enum Command;

JedecChannel::JedecChannel(const JedecRules& rules, const JedecTiming& timing, std::vector<Violation>& violations)
    : rules_(rules), t_(timing), violations_(violations) {
    const Organization& o = rules.organization;
    banks_.resize(o.banks_per_channel());
    Rank rank;
    rank.activated.assign(o.bank_groups, long_ago);
    rank.last_activates.fill(long_ago);
    ranks_.assign(std::size_t{o.pseudo_channels} * o.ranks, rank);
    PseudoChannel pseudo_channel;
    pseudo_channel.read.assign(std::size_t{o.ranks} * o.bank_groups, long_ago);
    pseudo_channel.written = pseudo_channel.read;
    pseudo_channel.bursts.fill({long_ago, long_ago});
    pseudo_channels_.assign(o.pseudo_channels, pseudo_channel);
}

void JedecChannel::check(const TracedCommand& command, std::size_t index) {
    command_ = command;
    index_ = index;
    const Time at = static_cast<Time>(command.time_ps);
    if (at < issued_) {
        fail("time", fmt::format("comes {} ps before the command before it", issued_ - at));
    }
    issued_ = at;
    now_ = at;
    if (addressed_well()) {
        occupy_command_bus();
        pace_mode();
        dispatch();
    }
}

void JedecChannel::finish() {
    if (rules_.refreshed) {
        for (const Bank& bank : banks_) {
            require_refreshes(bank);
        }
    }
}

void JedecChannel::dispatch() {
    switch (command_.command) {
        case ACT:
            now_ += t_.tCMD_ACT - t_.tTICK;
            pace_activate();
            activate(bank(), now_);
            break;
        case PRE:
        case PREA:
        case PIM_PREA:
            pace_precharge();
            for_banks([this](Bank& each) { precharge(each); });
            break;
        case RD:
        case RDA:
        case WR:
        case WRA:
            column(command_.command == WR || command_.command == WRA,
                   command_.command == RDA || command_.command == WRA);
            break;
        case REFab:
            refresh_all();
            break;
        case REFpb:
            refresh_one();
            break;
        case PIM_ACT_AB:
            now_ += t_.tCMD_ACT - t_.tTICK;
            for_banks([this](Bank& each) { activate(each, now_ + static_cast<Time>(rules_.activate_all_ps)); });
            break;
        case PIM_MAC_AB:
        case PIM_RET:
        case PIM_LDC:
            sweep();
            break;
        case PIM_MV_BA_ROW:
        case PIM_MV_BF_ROW:
            row_move(command_.command == PIM_MV_BF_ROW);
            break;
        case PIM_WR:
        case PIM_RD:
            move_through_interface(command_.command == PIM_WR);
            break;
        case PIM_MV_BA:
        case PIM_MV_BF:
            register_move();
            break;
        case PIM_SET_CONFIG:
        case PIM_SFM:
            break;
    }
}

void JedecChannel::pace_mode() {
    const auto mode_change = static_cast<Time>(rules_.mode_change_ps);
    switch (command_.command) {
        case ACT:
        case RD:
        case RDA:
        case WR:
        case WRA:
            apart(all_banks_used_, mode_change, "mode change");
            accessed_ = now_;
            break;
        case PIM_ACT_AB:
        case PIM_MAC_AB:
        case PIM_RET:
        case PIM_LDC:
        case PIM_MV_BA_ROW:
        case PIM_MV_BF_ROW:
            apart(accessed_, mode_change, "mode change");
            all_banks_used_ = now_;
            break;
        default:
            break;
    }
}

void JedecChannel::fail(const char* rule, const std::string& what) {
    // One command that meets the same rule in many banks is one violation.
    if (!violations_.empty() && violations_.back().command == index_ && violations_.back().rule == rule) {
        return;
    }
    violations_.push_back({index_, rule,
                           fmt::format("command {} ({} ps, channel {}, {}): {}: {}", index_, command_.time_ps,
                                       command_.channel, info(command_.command).name, rule, what)});
}

void JedecChannel::apart(Time then, Time needed, const char* rule) {
    const Time gap = now_ - then;
    if (gap < needed - 1) {  // times are rounded to a picosecond
        fail(rule, fmt::format("{} ps after {} ps, {} needed", gap, then, needed));
    }
}

bool JedecChannel::addressed_well() {
    const TracedCommand& c = command_;
    const Organization& o = rules_.organization;
    const Level scope = info(c.command).scope;
    const auto within = [](std::int32_t value, std::uint32_t count, bool needed) {
        return value == -1 ? !needed : value >= 0 && value < static_cast<std::int32_t>(count);
    };
    const bool column = c.command == RD || c.command == RDA || c.command == WR || c.command == WRA;
    const bool row = column || c.command == ACT || c.command == PIM_ACT_AB;
    const bool good = within(c.pseudo_channel, o.pseudo_channels, scope >= Level::pseudo_channel) &&
                      within(c.rank, o.ranks, scope >= Level::rank) &&
                      within(c.bank_group, o.bank_groups, scope >= Level::bank_group) &&
                      within(c.bank, o.banks, scope >= Level::bank) && within(c.row, o.rows, row) &&
                      within(c.column, o.columns, column);
    if (!good) {
        fail("address",
             fmt::format(
                 "pseudo-channel {}, rank {}, bank group {}, bank {}, row {}, column {}: missing or out of range",
                 c.pseudo_channel, c.rank, c.bank_group, c.bank, c.row, c.column));
    }
    return good;
}

std::size_t JedecChannel::rank_index() const {
    return static_cast<std::size_t>(command_.pseudo_channel) * rules_.organization.ranks +
           static_cast<std::size_t>(command_.rank);
}

JedecChannel::Bank& JedecChannel::bank() {
    const Organization& o = rules_.organization;
    return banks_[(rank_index() * o.bank_groups + static_cast<std::size_t>(command_.bank_group)) * o.banks +
                  static_cast<std::size_t>(command_.bank)];
}

void JedecChannel::occupy_command_bus() {
    const Command command = command_.command;
    const bool register_move = command == PIM_WR || command == PIM_RD || command == PIM_MV_BA || command == PIM_MV_BF;
    if (command == PIM_SFM || (register_move && !rules_.moves_share_bus)) {
        return;
    }
    const bool activates = command == ACT || command == PIM_ACT_AB;
    const bool row =
        activates || command == PRE || command == PREA || command == PIM_PREA || command == REFab || command == REFpb;
    Bus& bus = buses_[row && rules_.split_command_bus ? 1 : 0];
    apart(bus.begin, bus.taken, "command bus");
    bus = {issued_, activates ? t_.tCMD_ACT : row ? t_.tCMD_ROW : t_.tCMD_COL};
}

void JedecChannel::occupy_data_bus(PseudoChannel& pseudo_channel, bool write) {
    const Time begin = now_ + (write ? t_.tCWL : t_.tCL);
    const Time end = begin + t_.tBL;
    for (const Burst& burst : pseudo_channel.bursts) {
        if (begin < burst.end - 1 && burst.begin < end - 1) {
            fail("data bus", fmt::format("{} to {} ps, taken from {} to {} ps", begin, end, burst.begin, burst.end));
        }
    }
    pseudo_channel.bursts[pseudo_channel.oldest_burst] = {begin, end};
    pseudo_channel.oldest_burst = (pseudo_channel.oldest_burst + 1) % pseudo_channel.bursts.size();
}

}  // namespace aqpim::dram
