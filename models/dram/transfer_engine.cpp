#include "models/dram/transfer_engine.h"

#include <algorithm>

namespace aqpim::dram {

namespace {

bool interleaves_channels(const AddressMap& address_map, const Organization& organization) {
    Location last;
    last.channel = organization.channels - 1;
    return !address_map.is_hashed() &&
           address_map.encode(last) == std::uint64_t{last.channel} * organization.burst_bytes;
}

}  // namespace

TransferEngine::TransferEngine(const DramParameters& parameters, const AddressMap& address_map,
                               LockstepChannels& channels, TransferSink& sink)
    : parameters_(parameters),
      address_map_(address_map),
      organization_(parameters.organization()),
      channels_(channels),
      sink_(sink),
      is_detailed_(parameters.controller.fidelity_kind() == Fidelity::detailed),
      lanes_(is_detailed_ ? channels.size() : 0),
      has_stripes_(channels.size() > 1 && interleaves_channels(address_map, organization_)),
      least_latency_(
          parameters.timing.ticks(std::min(parameters.timing.nCL, parameters.timing.nCWL) + parameters.timing.nBL)),
      open_{{}} {
    CompletionSink& completions = *this;
    for (std::uint32_t channel = 0; channel < lanes_.size(); ++channel) {
        lanes_[channel].controller.emplace(channels_.place(channel), parameters_, completions);
    }
}

Controller& TransferEngine::controller_of(std::uint32_t channel) {
    Lane& lane = lanes_[channel];
    if (lane.controller->waiting() == 0) {
        channels_.alone(channel);
    }
    if (lane.bypassed) {
        lane.controller->channel_was_used();
        lane.bypassed = false;
    }
    return *lane.controller;
}

bool TransferEngine::is_idle() const {
    return std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.controller->waiting() == 0; });
}

/// What begins and ends with a stripe, one burst of each channel, goes to all channels alike.
Ticks TransferEngine::run(const Transfer& transfer, Ticks arrival) {
    const std::uint64_t stripe = std::uint64_t{organization_.burst_bytes} * organization_.channels;
    const bool is_long = transfer.width >= transfer.length && transfer.length >= 2 * stripe;
    if (!is_long || !has_stripes_ || !is_idle()) {
        return run_walk(transfer, arrival);
    }
    const std::uint64_t end = transfer.address + transfer.length;
    const std::uint64_t first = (transfer.address + stripe - 1) / stripe * stripe;
    const std::uint64_t last = end / stripe * stripe;
    Ticks done = 0;
    if (transfer.address < first) {
        done =
            run_walk({transfer.address, first - transfer.address, first - transfer.address, transfer.write}, arrival);
    }
    for (Lane& lane : lanes_) {
        lane.bypassed = true;
    }
    for (std::uint64_t address = first; address < last; address += stripe) {
        done = std::max(done, channels_.access_all(address_map_.decode(address), 1, transfer.write, arrival));
    }
    if (last < end) {
        done = std::max(done, run_walk({last, end - last, end - last, transfer.write}, arrival));
    }
    return done;
}

Ticks TransferEngine::run_walk(const Transfer& transfer, Ticks arrival) {
    RequestWalk walk(transfer, address_map_, organization_);
    Request request;
    request.id = blocking;
    open_[blocking] = {};
    Ticks done = 0;
    while (walk.next(request)) {
        if (is_idle(request.location.channel)) {
            done = std::max(done, access(request, arrival));
        } else {
            ++lanes_[request.location.channel].blocking_requests;
            enter(request, arrival);
        }
    }
    serve_blocking();
    return std::max(done, open_[blocking].done);
}

void TransferEngine::serve_blocking() {
    for (Lane& lane : lanes_) {
        while (lane.blocking_requests != 0) {
            lane.controller->step();
        }
    }
}

Ticks TransferEngine::start(const Transfer& transfer, std::uint64_t id, Ticks arrival) {
    RequestWalk walk(transfer, address_map_, organization_);
    Request request;
    const std::uint32_t index = open(id);
    request.id = index;
    open_[index].requests = 1;  // keeps it open until all of it has entered
    Ticks entered = arrival;
    Ticks done = 0;
    while (walk.next(request)) {
        if (is_detailed_) {
            entered = std::max(entered, enter(request, arrival));
        } else {
            done = std::max(done, access(request, arrival));
        }
    }
    end_request(index, done);
    return entered;
}

Ticks TransferEngine::access(const Request& request, Ticks arrival) {
    const std::uint32_t channel = request.location.channel;
    if (is_detailed_) {
        lanes_[channel].bypassed = true;
    }
    return channels_.access(channel, request.location, request.bursts, request.write, arrival);
}

Ticks TransferEngine::enter(const Request& request, Ticks arrival) {
    Controller& controller = controller_of(request.location.channel);
    controller.advance(arrival);
    controller.wait_for_room(request.write);
    const Ticks entered = controller.now();
    ++open_[request.id].requests;
    controller.enqueue(request);
    return entered;
}

void TransferEngine::completed(const Request& request, Ticks at) {
    const auto index = static_cast<std::uint32_t>(request.id);
    lanes_[request.location.channel].blocking_requests -= index == blocking ? 1 : 0;
    end_request(index, at);
}

void TransferEngine::end_request(std::uint32_t index, Ticks at) {
    Open& open = open_[index];
    open.done = std::max(open.done, at);
    if (--open.requests == 0 && index != blocking) {
        free_.push_back(index);
        sink_.transfer_done(open.id, open.done);
    }
}

std::uint32_t TransferEngine::open(std::uint64_t id) {
    if (free_.empty()) {
        open_.push_back({});
        free_.push_back(static_cast<std::uint32_t>(open_.size() - 1));
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    open_[index] = {id, 0, 0};
    return index;
}

Ticks TransferEngine::next_end() {
    Ticks next = never;
    for (Lane& lane : lanes_) {
        if (lane.controller->waiting() != 0) {
            next = std::min(next, lane.controller->next_command());
        }
    }
    return next == never ? never : next + least_latency_;
}

void TransferEngine::advance(Ticks end) {
    for (Lane& lane : lanes_) {
        if (lane.controller->waiting() != 0) {
            lane.controller->advance(end);
        }
    }
}

void TransferEngine::finish(std::uint32_t channel) {
    if (!is_detailed_) {
        return;
    }
    while (lanes_[channel].controller->step()) {
    }
    lanes_[channel].bypassed = true;
}

}  // namespace aqpim::dram
