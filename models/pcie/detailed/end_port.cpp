#include "models/pcie/detailed/end_port.h"

#include <algorithm>
#include <utility>

namespace aqpim::pcie {

namespace {

constexpr unsigned only_port = 0;
constexpr std::uint64_t is_start = std::uint64_t{1} << 63;  // of an event's argument; else a TLP arrives

}  // namespace

EndPort::EndPort(EventQueue& events, const PcieParameters& parameters, const EndLatencies& latencies,
                 EndPortOwner& owner, Recorder& recorder, const std::string& track, std::uint64_t seed)
    : events_(events),
      latencies_(latencies),
      owner_(owner),
      buffers_(end_buffers(parameters)),
      transmitter_(events, parameters, *this, {only_port, {1}, track, seed}, recorder),
      requester_(events, parameters, transmitter_, owner),
      completer_(events, parameters, latencies.completion_out, transmitter_, owner) {}

void EndPort::start(TransactionPtr transaction, Picoseconds now) {
    events_.at(now + latencies_.request_out, *this, is_start | starting_.keep(std::move(transaction)));
}

void EndPort::receive(unsigned, TlpPtr tlp, const Arrival& arrival) {
    const FlowClass flow = tlp->flow();
    const Picoseconds latency = flow == FlowClass::completion ? latencies_.completion_in : latencies_.request_in;
    const Picoseconds at = std::max(arrival.tail + latency, posted_delivered_);
    posted_delivered_ = flow == FlowClass::posted ? at : posted_delivered_;
    events_.at(at, *this, arriving_.keep(std::move(tlp)));
}

void EndPort::handle(std::uint64_t argument, Picoseconds now) {
    if ((argument & is_start) != 0) {
        requester_.start(starting_.take(argument & ~is_start), now);
        return;
    }
    TlpPtr tlp = arriving_.take(argument);
    if (sender_->is_current(*tlp)) {
        deliver(std::move(tlp), now);
    }
}

void EndPort::deliver(TlpPtr tlp, Picoseconds now) {
    const FlowClass flow = tlp->flow();
    const std::uint64_t payload = tlp->payload_bytes();
    if (owner_.reflects(*tlp)) {
        release(flow, payload, now);
        transmitter_.push(only_source, std::move(tlp), now);
    } else if (flow != FlowClass::completion) {
        const Picoseconds taken = completer_.request(std::move(tlp), now);
        release(flow, payload, flow == FlowClass::posted ? std::max(taken, now) : now);
    } else if (!requester_.complete(*tlp, now)) {
        owner_.unexpected_completion(*tlp);
    } else if (tlp->poisoned) {
        owner_.poisoned_completion(*tlp);
    }
}

void EndPort::release(FlowClass flow, std::uint64_t payload_bytes, Picoseconds at) {
    sender_->return_credits(flow, payload_bytes, at);
}

void EndPort::left(unsigned, unsigned, const Tlp& tlp, Picoseconds departed) {
    if (tlp.flow() != FlowClass::completion && !owner_.reflects(tlp)) {
        requester_.left(tlp, departed);
    }
}

void EndPort::link_down(Picoseconds now) {
    completer_.clear();
    requester_.fail_all(TransactionStatus::link_down, now);
}

}  // namespace aqpim::pcie
