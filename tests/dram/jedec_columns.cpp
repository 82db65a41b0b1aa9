// Column commands: those of one bank, all-bank ones and moves.
#include <fmt/format.h>

#include <algorithm>

#include "jedec_channel.h"

namespace aqpim::dram {

using enum Command;

void JedecChannel::column(bool write, bool auto_precharge) {
    Bank& addressed = bank();
    PseudoChannel& pseudo_channel = pseudo_channels_[static_cast<std::size_t>(command_.pseudo_channel)];
    if (addressed.row != command_.row) {
        fail("row", fmt::format("row {} is not open, but {}", command_.row, addressed.row));
    }
    apart(addressed.activated, write ? t_.tRCDWR : t_.tRCDRD, write ? "tRCDWR" : "tRCDRD");
    pace_column(pseudo_channel, write);
    pace_against_pim(write);
    occupy_data_bus(pseudo_channel, write);
    if (write) {
        addressed.write_data_end = now_ + t_.tCWL + t_.tBL;
    } else {
        apart(addressed.write_data_end, t_.tWTR_L, "tWTR_L");
        addressed.read = now_;
    }
    (write ? host_written_ : host_read_) = now_;
    if (auto_precharge) {
        close_automatically(addressed);
    }
}

void JedecChannel::pace_column(PseudoChannel& pseudo_channel, bool write) {
    const Time write_to_read = t_.tCWL + t_.tBL;  // and tWTR
    const std::size_t groups = rules_.organization.bank_groups;
    for (std::size_t i = 0; i < pseudo_channel.read.size(); ++i) {
        const bool same_rank = i / groups == static_cast<std::size_t>(command_.rank);
        const bool same_group = same_rank && i % groups == static_cast<std::size_t>(command_.bank_group);
        const Time alike = (write ? pseudo_channel.written : pseudo_channel.read)[i];
        if (same_group && write) {
            apart(alike, t_.tCCD_L_WR, "tCCD_L_WR");
        } else if (same_group) {
            apart(alike, t_.tCCD_L, "tCCD_L");
        } else {
            apart(alike, same_rank ? t_.tCCD_S : t_.tCCD_R, same_rank ? "tCCD_S" : "tCCD_R");
        }
        if (write) {
            apart(pseudo_channel.read[i], t_.tRTW, "tRTW");
        } else if (same_rank) {
            apart(pseudo_channel.written[i], write_to_read + (same_group ? t_.tWTR_L : t_.tWTR_S),
                  same_group ? "tWTR_L" : "tWTR_S");
        }
    }
    const std::size_t here =
        static_cast<std::size_t>(command_.rank) * groups + static_cast<std::size_t>(command_.bank_group);
    (write ? pseudo_channel.written : pseudo_channel.read)[here] = now_;
}

/// An all-bank column command is one in the same bank group; a move has been in some bank group.
void JedecChannel::pace_against_pim(bool write) {
    apart(swept_, t_.tCCD_L, "tCCD_L");
    apart(moved_, t_.tCCD_S, "tCCD_S");
    if (write) {
        apart(pim_read_, t_.tRTW, "tRTW");
    } else {
        apart(pim_written_, t_.tCWL + t_.tBL + t_.tWTR_S, "tWTR_S");
    }
}

/// It begins as soon as a precharge may go.
void JedecChannel::close_automatically(Bank& bank) {
    bank.closing = std::max(
        {now_, bank.activated + t_.tRAS, bank.read + t_.tRTP, bank.swept + t_.tRTP_AB, bank.write_data_end + t_.tWR});
    bank.closed_with_all = false;
    bank.row = -1;
}

void JedecChannel::sweep() {
    require_row_everywhere("tRCDRD", t_.tRCDRD);
    for_banks([this](Bank& each) {
        apart(each.write_data_end, t_.tWTR_L, "tWTR_L");
        each.swept = now_;
    });
    const bool computes = command_.command == PIM_MAC_AB;
    apart(swept_, computes ? t_.tCCD_AB : t_.tCCD_L, computes ? "tCCD_AB" : "tCCD_L");
    apart(std::max(host_read_, row_read_), t_.tCCD_L, "tCCD_L");
    if (rules_.moves_share_bus) {
        apart(register_moved_, t_.tCCD_S, "tCCD_S");
    }
    swept_ = now_;
}

/// Which banks a move touches the trace does not say: it has to be right for each.
void JedecChannel::require_row_everywhere(const char* rule, Time since_activate) {
    for_banks([this, rule, since_activate](Bank& each) {
        if (each.row < 0 || (command_.row >= 0 && each.row != command_.row)) {
            fail("row", fmt::format("row {} is not open in every bank, but {}", command_.row, each.row));
        }
        apart(each.activated, since_activate, rule);
    });
}

void JedecChannel::row_move(bool write) {
    require_row_everywhere(write ? "tRCDWR" : "tRCDRD", write ? t_.tRCDWR : t_.tRCDRD);
    for_banks([this, write](Bank& each) {
        if (write) {
            each.write_data_end = now_ + t_.tCWL + t_.tBL;
        } else {
            apart(each.write_data_end, t_.tWTR_L, "tWTR_L");
            each.read = now_;
        }
    });
    apart(swept_, t_.tCCD_L, "tCCD_L");
    pace_move();
    row_read_ = write ? row_read_ : now_;
}

void JedecChannel::register_move() {
    if (rules_.moves_share_bus) {
        apart(swept_, t_.tCCD_S, "tCCD_S");
    }
    pace_move();
    register_moved_ = now_;
}

void JedecChannel::pace_move() {
    apart(std::max({moved_, host_read_, host_written_}), t_.tCCD_S, "tCCD_S");
    moved_ = now_;
}

/// PIM_WR is a write and PIM_RD a read in every pseudo-channel.
void JedecChannel::move_through_interface(bool write) {
    if (write) {
        apart(std::max(host_read_, pim_read_), t_.tRTW, "tRTW");
    } else {
        apart(std::max(host_written_, pim_written_), t_.tCWL + t_.tBL + t_.tWTR_S, "tWTR_S");
    }
    register_move();
    for (PseudoChannel& pseudo_channel : pseudo_channels_) {
        occupy_data_bus(pseudo_channel, write);
    }
    (write ? pim_written_ : pim_read_) = now_;
}

}  // namespace aqpim::dram
