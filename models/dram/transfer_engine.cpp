#include "models/dram/transfer_engine.h"

#include <algorithm>

namespace aqpim::dram {

TransferEngine::TransferEngine(const DramParameters& parameters, const AddressMap& address_map,
                               std::deque<Channel>& channels, TransferSink& sink)
    : parameters_(parameters),
      address_map_(address_map),
      organization_(parameters.organization()),
      channels_(channels),
      sink_(sink),
      is_detailed_(parameters.controller.fidelity_kind() == Fidelity::detailed),
      lanes_(is_detailed_ ? channels.size() : 0),
      least_latency_(
          parameters.timing.ticks(std::min(parameters.timing.nCL, parameters.timing.nCWL) + parameters.timing.nBL)),
      open_{{}} {
    CompletionSink& completions = *this;
    for (std::size_t channel = 0; channel < lanes_.size(); ++channel) {
        lanes_[channel].controller.emplace(channels_[channel], parameters_, completions);
    }
}

Controller& TransferEngine::controller_of(std::uint32_t channel) {
    Lane& lane = lanes_[channel];
    if (lane.bypassed) {
        lane.controller->channel_was_used();
        lane.bypassed = false;
    }
    return *lane.controller;
}

Ticks TransferEngine::run(const Transfer& transfer, Ticks arrival) {
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
    return channels_[channel].access(request.location, request.bursts, request.write, arrival);
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
