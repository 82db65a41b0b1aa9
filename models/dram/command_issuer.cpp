#include "models/dram/command_issuer.h"

#include <algorithm>

namespace aqpim::dram {

CommandIssuer::CommandIssuer(const DramParameters& parameters, std::uint32_t channel, CommandSink* trace)
    : organization_(parameters.organization()),
      state_(hbm3_pim_constraints(parameters.timing, parameters.mac_spacing, parameters.moves_share_bus),
             organization_),
      moves_share_bus_(parameters.moves_share_bus) {
    if (trace != nullptr) {
        trace_.emplace(*trace, parameters.timing.tCK, channel);
    }
}

SlotCalendar* CommandIssuer::bus_of(Command command) {
    if (is_register_move(command) && !moves_share_bus_) {
        return nullptr;
    }
    switch (info(command).bus) {
        case CommandBus::row:
            return &row_bus_;
        case CommandBus::column:
            return &column_bus_;
        case CommandBus::none:
            break;
    }
    return nullptr;
}

Ticks CommandIssuer::earliest(Command command, const Location& location, Ticks not_before) const {
    return std::max({state_.earliest(command, state_.path_to(location)), not_before, settled_});
}

Ticks CommandIssuer::issue(Command command, const Location& location, Ticks not_before) {
    return issue_run(command, location, 1, 0, not_before);
}

Ticks CommandIssuer::issue_run(Command command, const Location& location, std::uint32_t count, Ticks spacing,
                               Ticks not_before) {
    const NodePath path = state_.path_to(location);
    SlotCalendar* const bus = bus_of(command);
    Ticks first = std::max({state_.earliest(command, path), not_before, settled_});
    if (bus != nullptr) {
        first = bus->reserve(first);
    }
    const Ticks last = first + (count - 1) * spacing;
    if (bus != nullptr && count > 1) {
        bus->take_until(last + 1);  // whatever else needs the channel's columns waits for the run anyway
    }
    state_.issue(command, path, last);
    last_tick_ = std::max(last_tick_, last);
    if (trace_) {
        Location traced = location;
        for (std::uint32_t i = 0; i < count; ++i) {
            traced.column = (location.column + i) % organization_.columns;
            trace_->add(command, traced, first + i * spacing);
        }
    }
    return last;
}

void CommandIssuer::settle(Ticks now) {
    settled_ = std::max(settled_, now);
    if (trace_) {
        trace_->release(settled_);
    }
}

void CommandIssuer::finish_trace() {
    if (trace_) {
        trace_->release_all();
    }
}

}  // namespace aqpim::dram
