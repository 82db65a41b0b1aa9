#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "models/pcie/detailed/event_queue.h"
#include "models/pcie/detailed/transmitter.h"

namespace aqpim::pcie {

/// What a switch does with a TLP that came in.
struct TlpRoute {
    enum class Action : std::uint8_t {
        forward,  ///< by port `port`
        serve,    ///< from the registers of one of its own functions
        refuse,   ///< nobody takes it: an unsupported request
        discard   ///< it ends here
    };
    Action action;
    unsigned port = 0;
};

/// The functions of a switch: where TLPs go, and what its own registers answer.
class Router {
 public:
    /// May change how a configuration request goes on: as type 0 on the last link.
    virtual TlpRoute route(unsigned in_port, Tlp& tlp) = 0;
    virtual CompletionStatus serve(const Tlp& request, std::uint8_t* data) = 0;
    virtual RoutingId port_id(unsigned port) const = 0;
    /// A request that ended here.
    virtual void refused(unsigned in_port, const Tlp& tlp) = 0;
    virtual void link_error(unsigned port, CorrectableError error) = 0;

 protected:
    ~Router() = default;
};

/// What is inside a switch: port 0 upstream, the others downstream. What arrives at a port leaves by another one after
/// the switch's latency, counted from its header (cut-through) or its last byte (store and forward), and holds the
/// receive buffer until it has left.
class Forwarder final : public TlpReceiver, public TransmitterOwner, public EventHandler {
 public:
    struct Setup {
        unsigned ports;
        std::vector<std::string> tracks;  ///< of what each port sends
        std::uint64_t seed;
    };
    Forwarder(EventQueue& events, const PcieParameters& parameters, Router& router, const Setup& setup,
              Recorder& recorder);

    Transmitter& transmitter(unsigned port) { return *ports_[port].transmitter; }
    const Transmitter& transmitter(unsigned port) const { return *ports_[port].transmitter; }

    /// An error message of a port's own, upstream, at `at`.
    void send_message(unsigned port, std::uint8_t code, Picoseconds at);

    void receive(unsigned port, TlpPtr tlp, const Arrival& arrival) override;
    ReceiveBuffers receive_buffers() const override { return buffers_; }
    void attach(unsigned port, Transmitter& sender) override { ports_[port].sender = &sender; }
    void left(unsigned port, unsigned source, const Tlp& tlp, Picoseconds departed) override;
    void link_error(unsigned port, CorrectableError error) override { router_.link_error(port, error); }
    void handle(std::uint64_t argument, Picoseconds now) override;

 private:
    struct Port {
        std::unique_ptr<Transmitter> transmitter;
        Transmitter* sender = nullptr;
        std::deque<TlpPtr> arriving;
    };
    void dispatch(unsigned port, TlpPtr tlp, Picoseconds now);
    void push_message(unsigned port, std::uint8_t code, Picoseconds now);
    /// Ends a request here, with a completion unless it is posted.
    void answer(unsigned port, const Tlp& request, CompletionStatus status, Picoseconds now);
    void release(unsigned port, const Tlp& tlp, Picoseconds at);

    EventQueue& events_;
    Router& router_;
    Picoseconds latency_;
    bool cut_through_;
    ReceiveBuffers buffers_;
    std::vector<Port> ports_;
};

}  // namespace aqpim::pcie
