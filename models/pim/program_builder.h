#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "models/dram/channel.h"

namespace aqpim {

/// Which part of a channel a stage keeps busy.
enum class PimUnit : std::uint8_t { bank_engines, moves, buffer_engine };

/// Commands that follow one another on a channel; the next stage starts when every channel of the group has finished.
struct PimStage {
    std::string_view name;
    PimUnit unit;
    std::uint32_t first_channel;  ///< within the group
    std::uint32_t channels;
    std::vector<dram::PimCommand> commands;
    std::uint64_t lookups = 0;  ///< table values that each bank returns
};

using PimProgram = std::vector<PimStage>;

/// Writes a program command by command.
class ProgramBuilder {
 public:
    ProgramBuilder(std::uint32_t columns_per_row, std::uint32_t group_channels)
        : columns_per_row_(columns_per_row), group_channels_(group_channels) {}

    void stage(std::string_view name, PimUnit unit);
    /// As stage(), on some of the group's channels only.
    void stage_on(std::string_view name, PimUnit unit, std::uint32_t first_channel, std::uint32_t channels);

    /// `count` commands that open no row; nothing for 0.
    void add(dram::Command command, std::uint64_t count);
    void wait_cycles(dram::Command command, std::uint64_t cycles);
    /// `times` commands on each of `columns` columns of every bank from column index `first`, a row at a time.
    void sweep(dram::Command command, std::uint32_t first, std::uint32_t columns, std::uint64_t times = 1);
    /// `count` commands on one column's row.
    void in_row(dram::Command command, std::uint32_t column, std::uint64_t count);
    /// Counts table values that the stage's PIM_RET slots return in each bank.
    void count_lookups(std::uint64_t lookups) { program_.back().lookups += lookups; }

    PimProgram take() { return std::move(program_); }

 private:
    void open(std::uint32_t row);
    void push(dram::Command command, std::uint64_t count, std::uint32_t column);

    std::uint32_t columns_per_row_;
    std::uint32_t group_channels_;
    std::optional<std::uint32_t> open_row_;
    PimProgram program_;
};

}  // namespace aqpim
