#include "platform/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "models/common/error.h"
#include "models/dram/address_map.h"
#include "models/dram/channel.h"
#include "models/dram/command_trace.h"
#include "models/dram/controller.h"
#include "models/dram/energy.h"
#include "models/dram/request_trace.h"
#include "platform/configuration.h"
#include "platform/results/atomic_file.h"
#include "platform/results/config_file.h"
#include "platform/results/output_directory.h"

namespace aqpim {

namespace {

using Requests = std::vector<dram::TracedRequest>;

/// What a channel has completed. A request's `id` is the tick of its arrival.
class Completions : public dram::CompletionSink {
 public:
    void completed(const dram::Request& request, Ticks at) override {
        last = std::max(last, at);
        if (request.write) {
            ++writes;
        } else {
            ++reads;
            read_latency_ticks += at - request.id;
        }
    }

    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    Ticks read_latency_ticks = 0;
    Ticks last = 0;
};

/// A channel behind its controller.
class DetailedChannel {
 public:
    DetailedChannel(const dram::DramParameters& parameters, std::uint32_t index, dram::CommandSink* trace)
        : channel_(parameters, index, trace), controller_(channel_, parameters, completions_) {}

    /// Takes the request as soon as there is room for it, from `offered` on; returns when that is.
    Ticks take(const dram::Location& location, bool write, Ticks offered) {
        controller_.advance(offered);
        controller_.wait_for_room(write);
        const Ticks arrival = controller_.now();
        controller_.enqueue({arrival, location, 1, write});
        return arrival;
    }
    void drain() {
        while (controller_.step()) {
        }
    }
    /// Does what is due before `end`.
    void advance(Ticks end) { controller_.advance(end); }

    dram::Channel& channel() { return channel_; }
    const Completions& completions() const { return completions_; }
    std::uint64_t forwarded_reads() const { return controller_.forwarded(); }
    std::uint64_t merged_writes() const { return controller_.merged(); }

 private:
    dram::Channel channel_;
    Completions completions_;
    dram::Controller controller_;
};

/// When the places of a queue get free, if each is taken until its request's column command.
class QueuePlaces {
 public:
    explicit QueuePlaces(std::size_t places) : free_from_(places) {}

    Ticks free_from() const { return free_from_[next_]; }
    void take_until(Ticks tick) {
        free_from_[next_] = tick;
        next_ = next_ + 1 == free_from_.size() ? 0 : next_ + 1;
    }

 private:
    std::vector<Ticks> free_from_;
    std::size_t next_ = 0;
};

/// A channel in closed form.
class FastChannel {
 public:
    FastChannel(const dram::DramParameters& parameters, std::uint32_t index, dram::CommandSink* trace)
        : channel_(parameters, index, trace),
          is_traced_(trace != nullptr),
          data_ticks_{parameters.timing.ticks(parameters.timing.nCL + parameters.timing.nBL),
                      parameters.timing.ticks(parameters.timing.nCWL + parameters.timing.nBL)},
          places_{QueuePlaces(parameters.controller.read_queue), QueuePlaces(parameters.controller.write_queue)} {}

    Ticks take(const dram::Location& location, bool write, Ticks offered) {
        QueuePlaces& places = places_[write ? 1 : 0];
        const Ticks arrival = std::max(offered, places.free_from());
        if (is_traced_) {
            channel_.settle(arrival);
        }
        const Ticks end = channel_.access(location, write, arrival);
        places.take_until(end - data_ticks_[write ? 1 : 0] + 1);
        completions_.completed({arrival, location, 1, write}, end);
        return arrival;
    }
    void drain() {}
    void advance(Ticks end) { channel_.settle(end); }

    dram::Channel& channel() { return channel_; }
    const Completions& completions() const { return completions_; }
    std::uint64_t forwarded_reads() const { return 0; }
    std::uint64_t merged_writes() const { return 0; }

 private:
    dram::Channel channel_;
    bool is_traced_;
    Completions completions_;
    std::array<Ticks, 2> data_ticks_;  ///< reads, writes: from the column command to the end of the data
    std::array<QueuePlaces, 2> places_;
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

template <class AnyChannel>
void offer(const Requests& requests, const dram::DramParameters& parameters, std::deque<AnyChannel>& channels,
           const std::function<bool()>& is_interrupted) {
    constexpr std::size_t requests_between_questions = 1 << 16;
    const dram::AddressMap map(parameters.address_map, parameters.address_hash, parameters.organization());
    const Ticks ticks_per_cycle = parameters.timing.ticks_per_cycle;
    Ticks offered = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (i % requests_between_questions == 0 && is_interrupted()) {
            throw SimulationError(fmt::format("interrupted after {} of {} requests", i, requests.size()));
        }
        const dram::Location location = map.decode(requests[i].address);
        offered = std::max(offered, requests[i].arrival_cycle * ticks_per_cycle);
        offered = channels[location.channel].take(location, requests[i].write != 0, offered);
    }
}

/// Completes what is under way, and the refreshes meanwhile; returns the tick at which the last request is complete.
template <class AnyChannel>
Ticks finish(std::deque<AnyChannel>& channels) {
    Ticks last = 0;
    for (AnyChannel& each : channels) {
        each.drain();
        last = std::max(last, each.completions().last);
    }
    for (AnyChannel& each : channels) {
        each.advance(last);
        each.channel().finish_trace();
    }
    return last;
}

template <class AnyChannel>
ReplayFigures figures_of(AnyChannel& channel, const dram::EnergyModel& energy, Picoseconds elapsed_ps) {
    const dram::Counters& counters = channel.channel().counters();
    const auto charges = energy.charges(counters, elapsed_ps);
    ReplayFigures figures;
    figures.reads = channel.completions().reads;
    figures.writes = channel.completions().writes;
    figures.forwarded_reads = channel.forwarded_reads();
    figures.merged_writes = channel.merged_writes();
    figures.row_hits = counters.row_hits;
    figures.row_misses = counters.row_misses;
    figures.row_conflicts = counters.row_conflicts;
    figures.activates = counters.activates;
    figures.refreshes = counters.refreshes;
    figures.read_latency_ticks = channel.completions().read_latency_ticks;
    figures.component_pj = dram::energy_by_component(charges);
    figures.command_pj = dram::energy_by_command(charges);
    return figures;
}

template <class AnyChannel>
void simulate(ReplayResult& result, const Requests& requests, const Configuration& configuration,
              dram::CommandTraceFile* trace, const std::function<bool()>& is_interrupted) {
    const dram::DramParameters& parameters = configuration.dram;
    std::deque<AnyChannel> channels;
    for (std::uint32_t index = 0; index < parameters.organization().channels; ++index) {
        channels.emplace_back(parameters, index, trace);
    }
    const auto begin = std::chrono::steady_clock::now();
    try {
        offer(requests, parameters, channels, is_interrupted);
    } catch (const SimulationError&) {
        finish(channels);
        throw;
    }
    const Ticks last = finish(channels);
    result.wall_s = seconds_since(begin);

    result.ticks = last - requests.front().arrival_cycle * result.ticks_per_cycle;
    const dram::EnergyModel energy(configuration.dram_energy, parameters.organization(), parameters.timing);
    for (AnyChannel& channel : channels) {
        result.channels.push_back(figures_of(channel, energy, result.tick_clock().at(last)));
    }
}

void check(const Configuration& configuration) {
    const dram::DramParameters& dram = configuration.dram;
    dram.check();
    dram.controller.check();
    configuration.dram_energy.check(dram.timing);
    const dram::AddressMap map(dram.address_map, dram.address_hash, dram.organization());
}

}  // namespace

ReplayResult replay(const Configuration& configuration, const ReplayOptions& options) {
    const dram::DramParameters& dram = configuration.dram;
    check(configuration);
    ReplayResult result;
    result.configuration_digest = configuration_digest(configuration.table);
    result.fidelity = dram.controller.fidelity;
    result.cycle = dram.timing.tCK;
    result.ticks_per_cycle = dram.timing.ticks_per_cycle;
    result.burst_bytes = dram.burst_bytes;

    OutputDirectory directory(options.out_dir);
    const auto begin = std::chrono::steady_clock::now();
    const Requests requests = dram::read_request_trace(options.requests, dram.organization().capacity_bytes());
    result.read_s = seconds_since(begin);

    std::unique_ptr<dram::CommandTraceFile> trace;
    if (options.dram_trace) {
        trace = std::make_unique<dram::CommandTraceFile>(*options.dram_trace);
    }
    const auto run =
        dram.controller.fidelity_kind() == dram::Fidelity::fast ? simulate<FastChannel> : simulate<DetailedChannel>;
    try {
        run(result, requests, configuration, trace.get(), options.is_interrupted);
    } catch (const SimulationError&) {
        if (trace) {
            trace->close();
        }
        throw;
    }
    if (trace) {
        trace->close();
    }
    write_config_file(configuration.table, directory.path("config.cfg"));
    write_file_atomically(directory.path("stats.json"), to_json(result).dump(2) + "\n");
    directory.publish();
    return result;
}

}  // namespace aqpim
