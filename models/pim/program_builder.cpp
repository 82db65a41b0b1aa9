#include "models/pim/program_builder.h"

#include <algorithm>

namespace aqpim {

using dram::Command;

void ProgramBuilder::stage(std::string_view name, PimUnit unit) {
    stage_on(name, unit, 0, group_channels_);
}

void ProgramBuilder::stage_on(std::string_view name, PimUnit unit, std::uint32_t first_channel,
                              std::uint32_t channels) {
    if (!program_.empty() && program_.back().commands.empty()) {
        program_.pop_back();
    }
    program_.push_back({name, unit, first_channel, channels, {}, 0});
    // Host accesses may come between stages, so each opens its rows itself.
    open_row_.reset();
}

void ProgramBuilder::push(Command command, std::uint64_t count, std::uint32_t column) {
    if (count == 0) {
        return;
    }
    dram::PimCommand pim;
    pim.command = command;
    pim.count = static_cast<std::uint32_t>(count);
    pim.row = open_row_.value_or(0);
    pim.column = column;
    program_.back().commands.push_back(pim);
}

void ProgramBuilder::open(std::uint32_t row) {
    if (open_row_ == row) {
        return;
    }
    open_row_ = row;
    push(Command::PIM_ACT_AB, 1, 0);
}

void ProgramBuilder::add(Command command, std::uint64_t count) {
    push(command, count, 0);
}

void ProgramBuilder::wait_cycles(Command command, std::uint64_t cycles) {
    push(command, 1, 0);
    program_.back().commands.back().duration = cycles;
}

void ProgramBuilder::sweep(Command command, std::uint32_t first, std::uint32_t columns, std::uint64_t times) {
    while (columns != 0) {
        const std::uint32_t in_row = first % columns_per_row_;
        const std::uint32_t run = std::min(columns, columns_per_row_ - in_row);
        open(first / columns_per_row_);
        push(command, run * times, in_row);
        first += run;
        columns -= run;
    }
}

void ProgramBuilder::in_row(Command command, std::uint32_t column, std::uint64_t count) {
    open(column / columns_per_row_);
    push(command, count, column % columns_per_row_);
}

}  // namespace aqpim
