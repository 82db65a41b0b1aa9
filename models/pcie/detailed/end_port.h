#pragma once

#include <cstdint>
#include <string>

#include "models/pcie/detailed/completer.h"
#include "models/pcie/detailed/requester.h"

namespace aqpim::pcie {

/// How long what passes an end of the fabric takes inside of it.
struct EndLatencies {
    Picoseconds request_out = 0;
    Picoseconds request_in = 0;
    Picoseconds completion_out = 0;
    Picoseconds completion_in = 0;
};

/// What an end port tells its model.
class EndPortOwner : public CompleterTarget, public RequesterErrors {
 public:
    virtual void link_error(CorrectableError error) = 0;
    virtual void unexpected_completion(const Tlp& completion) = 0;
    virtual void poisoned_completion(const Tlp&) {}

 protected:
    ~EndPortOwner() = default;
};

/// The port of an endpoint or a root complex: requester and completer behind one link.
///
/// What arrives is carried out in the order of arrival as far as the ordering rules ask for it: a completion or a read
/// never before a posted write that came earlier. A receive buffer is free again once the data has been taken.
class EndPort final : public TlpReceiver, public TransmitterOwner, public EventHandler {
 public:
    EndPort(EventQueue& events, const PcieParameters& parameters, const EndLatencies& latencies, EndPortOwner& owner,
            Recorder& recorder, const std::string& track, std::uint64_t seed);

    /// From `now` on, which is not before the event queue's time.
    void start(TransactionPtr transaction, Picoseconds now);

    Transmitter& transmitter() { return transmitter_; }
    Requester& requester() { return requester_; }
    Completer& completer() { return completer_; }

    /// The link below or above has gone: nothing outstanding is answered any more.
    void link_down(Picoseconds now);

    void receive(unsigned port, TlpPtr tlp, const Arrival& arrival) override;
    ReceiveBuffers receive_buffers() const override { return buffers_; }
    void attach(unsigned, Transmitter& sender) override { sender_ = &sender; }
    void left(unsigned port, unsigned source, const Tlp& tlp, Picoseconds departed) override;
    void link_error(unsigned, CorrectableError error) override { owner_.link_error(error); }
    void handle(std::uint64_t argument, Picoseconds now) override;

 private:
    void deliver(TlpPtr tlp, Picoseconds now);
    void release(FlowClass flow, std::uint64_t payload_bytes, Picoseconds at);

    EventQueue& events_;
    EndLatencies latencies_;
    EndPortOwner& owner_;
    ReceiveBuffers buffers_;
    Transmitter transmitter_;
    Requester requester_;
    Completer completer_;
    Transmitter* sender_ = nullptr;
    Picoseconds posted_delivered_ = 0;  // when the latest posted request is carried out
    Slab<TransactionPtr> starting_;
    Slab<TlpPtr> arriving_;
};

}  // namespace aqpim::pcie
