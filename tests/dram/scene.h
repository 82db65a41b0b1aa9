#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "models/dram/command_trace.h"
#include "models/dram/dram_parameters.h"

namespace aqpim::dram {

/// The default parameters, some of them changed: {{"dram.refresh", "off"}}; presets fill in the rest.
struct Scene {
    explicit Scene(std::initializer_list<std::pair<std::string, std::string>> changes = {}) {
        parameters.declare_memory(table.section("memory"));
        parameters.declare_dram(table.section("dram"));
        parameters.declare_pim(table.section("pim"));
        for (const auto& [key, value] : changes) {
            table.set(key, value, "test");
        }
        parameters.apply_presets(table);
    }

    ParameterTable table;
    DramParameters parameters;
};

/// Keeps the trace in memory.
class CommandLog : public CommandSink {
 public:
    void command(const TracedCommand& command) override { commands.push_back(command); }

    /// The ticks at which `command` was issued.
    std::vector<Ticks> ticks_of(Command command, const Clock& clock) const {
        std::vector<Ticks> ticks;
        for (const TracedCommand& traced : commands) {
            if (traced.command == command) {
                ticks.push_back(clock.first_tick_at(traced.time_ps));
            }
        }
        return ticks;
    }

    std::vector<TracedCommand> commands;
};

}  // namespace aqpim::dram
