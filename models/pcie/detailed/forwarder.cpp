#include "models/pcie/detailed/forwarder.h"

#include <utility>

namespace aqpim::pcie {

namespace {

constexpr unsigned upstream_port = 0;
// An event's argument: a port where a TLP arrives; or, with this bit, a message's code and its port.
constexpr std::uint64_t is_message = std::uint64_t{1} << 63;
constexpr unsigned code_shift = 32;

}  // namespace

Forwarder::Forwarder(EventQueue& events, const PcieParameters& parameters, Router& router, const Setup& setup,
                     Recorder& recorder)
    : events_(events),
      router_(router),
      latency_(parameters.switch_latency_ps),
      cut_through_(parameters.is_cut_through()),
      buffers_(switch_buffers(parameters)),
      ports_(setup.ports) {
    std::vector<std::uint32_t> weights;
    for (unsigned port = 0; port < setup.ports; ++port) {
        weights.push_back(parameters.port_weight(port));
    }
    for (unsigned port = 0; port < setup.ports; ++port) {
        ports_[port].transmitter = std::make_unique<Transmitter>(
            events, parameters, *this, Transmitter::Setup{port, weights, setup.tracks[port], setup.seed + port},
            recorder);
    }
}

void Forwarder::receive(unsigned port, TlpPtr tlp, const Arrival& arrival) {
    tlp->holds_buffer = true;
    tlp->tail_ready = arrival.tail + latency_;
    ports_[port].arriving.push_back(std::move(tlp));
    events_.at((cut_through_ ? arrival.head : arrival.tail) + latency_, *this, port);
}

void Forwarder::send_message(unsigned port, std::uint8_t code, Picoseconds at) {
    events_.at(at, *this, is_message | std::uint64_t{code} << code_shift | port);
}

void Forwarder::push_message(unsigned port, std::uint8_t code, Picoseconds now) {
    auto message = std::make_unique<Tlp>();
    message->type = TlpType::message;
    message->requester = router_.port_id(port);
    message->message_code = code;
    transmitter(upstream_port).push(port, std::move(message), now);
}

void Forwarder::handle(std::uint64_t argument, Picoseconds now) {
    if ((argument & is_message) != 0) {
        push_message(static_cast<unsigned>(argument & 0xff), static_cast<std::uint8_t>(argument >> code_shift), now);
        return;
    }
    const auto port = static_cast<unsigned>(argument);
    TlpPtr tlp = std::move(ports_[port].arriving.front());
    ports_[port].arriving.pop_front();
    if (ports_[port].sender->is_current(*tlp)) {
        dispatch(port, std::move(tlp), now);
    }
}

void Forwarder::dispatch(unsigned port, TlpPtr tlp, Picoseconds now) {
    const TlpRoute route = router_.route(port, *tlp);
    if (route.action == TlpRoute::Action::forward && transmitter(route.port).is_up()) {
        transmitter(route.port).push(port, std::move(tlp), now);
        return;
    }
    if (route.action == TlpRoute::Action::discard) {
        release(port, *tlp, tlp->tail_ready);
        return;
    }
    CompletionStatus status = CompletionStatus::unsupported_request;
    if (route.action == TlpRoute::Action::serve) {
        status = router_.serve(*tlp, tlp->data());
    } else {
        router_.refused(port, *tlp);
    }
    release(port, *tlp, tlp->tail_ready);
    answer(port, *tlp, status, now);
}

void Forwarder::answer(unsigned port, const Tlp& request, CompletionStatus status, Picoseconds now) {
    if (request.flow() != FlowClass::non_posted) {
        return;
    }
    auto completion = std::make_unique<Tlp>();
    const bool has_data = request.type == TlpType::configuration_read && status == CompletionStatus::success;
    completion->type = has_data ? TlpType::completion_with_data : TlpType::completion;
    completion->status = status;
    completion->tag = request.tag;
    completion->requester = request.requester;
    completion->target = router_.port_id(port);
    completion->address = request.address;
    completion->bytes = completion->byte_count = has_data ? request.bytes : 0;
    completion->transaction = request.transaction;
    completion->offset = request.offset;
    transmitter(port).push(port, std::move(completion), now);
}

void Forwarder::left(unsigned, unsigned source, const Tlp& tlp, Picoseconds departed) {
    release(source, tlp, departed);
}

void Forwarder::release(unsigned port, const Tlp& tlp, Picoseconds at) {
    // The buffers of a link that has been down since are all free again.
    if (tlp.holds_buffer && ports_[port].sender->is_current(tlp)) {
        ports_[port].sender->return_credits(tlp.flow(), tlp.payload_bytes(), at);
    }
}

}  // namespace aqpim::pcie
