#include "models/pcie/detailed/transmitter.h"

#include <algorithm>
#include <utility>

namespace aqpim::pcie {

namespace {

/// Recovery of a link whose replays failed: open; PCIe Base Specification 4.2.6.4 leaves it to both ends' phases.
constexpr Picoseconds retrain_ps = 1'000'000;

}  // namespace

Transmitter::Transmitter(EventQueue& events, const PcieParameters& parameters, TransmitterOwner& owner, Setup setup,
                         Recorder& recorder)
    : events_(events),
      owner_(owner),
      port_(setup.port),
      overhead_(tlp_overhead_bytes(parameters.generation)),
      credit_latency_(parameters.dllp_latency_ps + parameters.propagation_ps),
      queues_(setup.weights.size()),
      arbiter_(std::move(setup.weights)),
      wire_(parameters, recorder, setup.track),
      replay_(parameters, setup.seed) {}

void Transmitter::connect(TlpReceiver& receiver, unsigned receiver_port) {
    receiver_ = &receiver;
    receiver_port_ = receiver_port;
    credits_.advertise(receiver.receive_buffers());
    receiver.attach(receiver_port, *this);
}

void Transmitter::push(unsigned source, TlpPtr tlp, Picoseconds now) {
    if (!up_) {
        owner_.left(port_, source, *tlp, now);
        return;
    }
    queues_[source].push(std::move(tlp));
    ++waiting_;
    if (wake_at_ == 0 || wake_at_ > now) {
        send_if_possible(now);
    }
}

void Transmitter::return_credits(FlowClass flow, std::uint64_t payload_bytes, Picoseconds at) {
    const Return back{at + credit_latency_, flow, Credits::data_of(payload_bytes)};
    auto place = returns_.end();
    while (place != returns_.begin() && std::prev(place)->at > back.at) {
        --place;
    }
    returns_.insert(place, back);
    if (starved_since_ != 0) {
        wake_at(returns_.front().at);
    }
}

void Transmitter::set_up(bool up, Picoseconds now) {
    if (up == up_) {
        return;
    }
    up_ = up;
    if (up) {
        wire_.hold_until(now);
        return;
    }
    ++epoch_;
    for (unsigned source = 0; source < queues_.size(); ++source) {
        while (!queues_[source].empty()) {
            const Tlp* const head = queues_[source].candidate([](const Tlp&) { return true; });
            const TlpPtr lost = queues_[source].pop(head->flow());
            owner_.left(port_, source, *lost, now);
        }
    }
    waiting_ = 0;
    returns_.clear();
    replay_.clear();
    credits_.refill();
    starved_since_ = 0;
}

bool Transmitter::is_idle(Picoseconds now) {
    absorb_returns(now);
    return waiting_ == 0 && credits_.is_full() && replay_.is_empty(now);
}

LinkCounters Transmitter::counters() const {
    LinkCounters counters = wire_.counters();
    counters.replays = replay_.replays();
    counters.starved_ps = starved_ps_;
    return counters;
}

void Transmitter::handle(std::uint64_t, Picoseconds now) {
    if (now == wake_at_) {
        wake_at_ = 0;
        send_if_possible(now);
    }
}

void Transmitter::send_if_possible(Picoseconds now) {
    if (!up_ || waiting_ == 0) {
        return;
    }
    if (wire_.free_at() > now) {
        wake_at(wire_.free_at());
        return;
    }
    absorb_returns(now);
    const Tlp* tlp = nullptr;
    const unsigned source = arbiter_.choose([&](unsigned queue) {
        tlp = queues_[queue].empty() ? nullptr : candidate(queue, now);
        return tlp != nullptr;
    });
    if (tlp == nullptr) {
        starved_since_ = starved_since_ == 0 ? std::max<Picoseconds>(now, 1) : starved_since_;
        if (!returns_.empty()) {
            wake_at(returns_.front().at);
        }
        return;
    }
    starved_ps_ += starved_since_ == 0 ? 0 : now - std::min(now, starved_since_);
    starved_since_ = 0;
    send(source, tlp->flow(), now);
    if (waiting_ != 0) {
        wake_at(wire_.free_at());
    }
}

void Transmitter::absorb_returns(Picoseconds now) {
    while (!returns_.empty() && returns_.front().at <= now) {
        credits_.give_back(returns_.front().flow, returns_.front().data);
        returns_.pop_front();
    }
}

const Tlp* Transmitter::candidate(unsigned source, Picoseconds now) {
    return queues_[source].candidate([&](const Tlp& tlp) {
        const std::uint64_t payload = tlp.payload_bytes();
        if (!credits_.allows(tlp.flow(), Credits::data_of(payload))) {
            return false;
        }
        if (!replay_.has_room(payload + overhead_, now)) {
            wake_at(replay_.next_acknowledge());
            return false;
        }
        return true;
    });
}

void Transmitter::send(unsigned source, FlowClass flow, Picoseconds now) {
    TlpPtr tlp = queues_[source].pop(flow);
    --waiting_;
    arbiter_.sent(source);
    const std::uint64_t payload = tlp->payload_bytes();
    const std::uint64_t wire_bytes = payload + overhead_;
    credits_.consume(flow, Credits::data_of(payload));

    Arrival arrival = wire_.send(*tlp, wire_bytes, now);
    for (unsigned attempt = 1; replay_.is_damaged(wire_bytes); ++attempt) {
        replay_.count_replay();
        receiver_->link_error(receiver_port_, CorrectableError::bad_tlp);
        // The other end drops what follows until the NAK is back here.
        wire_.hold_until(arrival.tail + credit_latency_);
        if (attempt % ReplayBuffer::most_attempts == 0) {
            owner_.link_error(port_, CorrectableError::replay_num_rollover);
            wire_.hold_until(wire_.free_at() + retrain_ps);
        }
        arrival = wire_.send(*tlp, wire_bytes, wire_.free_at());
    }
    replay_.keep(wire_bytes, arrival.tail + credit_latency_);
    owner_.left(port_, source, *tlp, wire_.departed());

    bool lost = false;
    inject_faults(*tlp, lost);
    tlp->link_epoch = epoch_;
    if (lost) {
        return_credits(flow, payload, arrival.tail);
        return;
    }
    receiver_->receive(receiver_port_, std::move(tlp), arrival);
}

void Transmitter::inject_faults(Tlp& tlp, bool& lost) {
    if (faults_->poison && tlp.has_data()) {
        tlp.poisoned = true;
        faults_->poison = false;
    }
    if (faults_->drop && tlp.flow() == FlowClass::completion) {
        lost = true;
        faults_->drop = false;
    }
}

void Transmitter::wake_at(Picoseconds time) {
    if (wake_at_ == 0 || time < wake_at_) {
        wake_at_ = std::max<Picoseconds>(time, 1);
        events_.at(wake_at_, *this);
    }
}

}  // namespace aqpim::pcie
