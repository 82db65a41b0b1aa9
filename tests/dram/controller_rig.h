#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/dram/channel.h"
#include "models/dram/controller.h"
#include "scene.h"

namespace aqpim::dram {

inline Location place(std::uint32_t row, std::uint32_t column, std::uint32_t bank_group = 0, std::uint32_t bank = 0) {
    Location location;
    location.bank_group = bank_group;
    location.bank = bank;
    location.row = row;
    location.column = column;
    return location;
}

using List = std::vector<Ticks>;

/// A controller without refresh, unless the settings say otherwise.
class ControllerRig : CompletionSink {
 public:
    explicit ControllerRig(std::initializer_list<std::pair<std::string, std::string>> settings = {})
        : scene_({{"dram.refresh", "off"}}),
          channel_(prepare(settings), 0, &log_),
          controller(channel_, scene_.parameters, *this) {}

    /// Enters at the present, or when there is room; returns its id.
    std::uint64_t read(const Location& location, std::uint32_t bursts = 1) { return enter(location, bursts, false); }
    std::uint64_t write(const Location& location, std::uint32_t bursts = 1) { return enter(location, bursts, true); }

    void finish() {
        while (controller.step()) {
        }
    }
    List ticks_of(Command command) {
        channel_.finish_trace();
        return log_.ticks_of(command, scene_.parameters.timing.tick_clock());
    }
    std::vector<TracedCommand> commands_of(Command command) {
        channel_.finish_trace();
        std::vector<TracedCommand> some;
        std::copy_if(log_.commands.begin(), log_.commands.end(), std::back_inserter(some),
                     [command](const TracedCommand& traced) { return traced.command == command; });
        return some;
    }
    Ticks completed(std::uint64_t id) const { return completions_.at(id); }

 private:
    const DramParameters& prepare(std::initializer_list<std::pair<std::string, std::string>> settings) {
        for (const auto& [key, value] : settings) {
            scene_.table.set(key, value, "test");
        }
        scene_.parameters.apply_presets(scene_.table);
        return scene_.parameters;
    }
    std::uint64_t enter(const Location& location, std::uint32_t bursts, bool write) {
        controller.wait_for_room(write);
        controller.enqueue({++last_id_, location, bursts, write});
        return last_id_;
    }
    void completed(const Request& request, Ticks at) override { completions_[request.id] = at; }

    Scene scene_;
    CommandLog log_;
    Channel channel_;
    std::map<std::uint64_t, Ticks> completions_;
    std::uint64_t last_id_ = 0;

 public:
    Controller controller;
};

}  // namespace aqpim::dram
