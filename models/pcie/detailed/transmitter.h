#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "models/common/recorder.h"
#include "models/pcie/aer.h"
#include "models/pcie/detailed/event_queue.h"
#include "models/pcie/detailed/flow_control.h"
#include "models/pcie/detailed/ordered_queue.h"
#include "models/pcie/detailed/port_arbiter.h"
#include "models/pcie/detailed/replay.h"
#include "models/pcie/detailed/wire.h"

namespace aqpim::pcie {

/// Of a transmitter that nobody shares.
inline constexpr unsigned only_source = 0;

class Transmitter;

/// Faults that wait for the TLP they befall.
struct PendingFaults {
    bool poison = false;  ///< the next TLP with data
    bool drop = false;    ///< the next completion
};

/// The other end of a link, as its transmitter sees it.
class TlpReceiver {
 public:
    /// Takes a TLP for whose class there were credits. Called when it is sent: `arrival` is in the future.
    virtual void receive(unsigned port, TlpPtr tlp, const Arrival& arrival) = 0;
    /// A TLP has arrived damaged, and a NAK goes back.
    virtual void link_error(unsigned port, CorrectableError error) = 0;
    virtual ReceiveBuffers receive_buffers() const = 0;
    /// Whose credits what arrives at `port` takes.
    virtual void attach(unsigned port, Transmitter& sender) = 0;

 protected:
    ~TlpReceiver() = default;
};

/// Whose TLPs a transmitter sends.
class TransmitterOwner {
 public:
    /// A TLP of queue `source` has left; its last byte at `departed`.
    virtual void left(unsigned port, unsigned source, const Tlp& tlp, Picoseconds departed) = 0;
    virtual void link_error(unsigned port, CorrectableError error) = 0;

 protected:
    ~TransmitterOwner() = default;
};

/// The sending half of a port: TLPs of one queue for each way by which they come (the ports of a switch; one at an
/// endpoint), sent one after the other as the ordering rules, the receiver's credits, the room for replay and the
/// arbitration between the queues allow.
class Transmitter final : public EventHandler {
 public:
    struct Setup {
        unsigned port;
        std::vector<std::uint32_t> weights;  ///< of each queue in its turn
        std::string track;                   ///< may be empty: record_on() will be called
        std::uint64_t seed;
    };
    Transmitter(EventQueue& events, const PcieParameters& parameters, TransmitterOwner& owner, Setup setup,
                Recorder& recorder);

    void connect(TlpReceiver& receiver, unsigned receiver_port);
    void record_on(TrackId track) { wire_.record_on(track); }
    void push(unsigned source, TlpPtr tlp, Picoseconds now);
    /// The receiver has taken `tlp` out of its buffer at `at`.
    void return_credits(FlowClass flow, std::uint64_t payload_bytes, Picoseconds at);

    /// A link that is down sends nothing, and loses what is on its way.
    void set_up(bool up, Picoseconds now);
    bool is_up() const { return up_; }
    /// False for a TLP that was on its way when the link went down.
    bool is_current(const Tlp& tlp) const { return tlp.link_epoch == epoch_; }

    /// Marks the next TLP with data as poisoned, or loses the next completion.
    void poison_next() { faults_->poison = true; }
    void drop_next_completion() { faults_->drop = true; }
    /// Of a link, on which a fault befalls a TLP of either direction.
    void share_faults(PendingFaults& faults) { faults_ = &faults; }

    std::size_t waiting(unsigned source) const { return queues_[source].size(); }
    std::size_t waiting(unsigned source, FlowClass flow) const { return queues_[source].size(flow); }
    /// All credits are back and everything has been acknowledged: as it must be when nothing is on its way.
    bool is_idle(Picoseconds now);
    LinkCounters counters() const;
    std::uint64_t replays() const { return replay_.replays(); }
    /// Time in which TLPs waited and the wire was free, for want of credits.
    Picoseconds starved_ps() const { return starved_ps_; }
    void finish() { wire_.flush(); }

    void handle(std::uint64_t argument, Picoseconds now) override;

 private:
    struct Return {
        Picoseconds at;
        FlowClass flow;
        std::uint32_t data;
    };
    void send_if_possible(Picoseconds now);
    void absorb_returns(Picoseconds now);
    const Tlp* candidate(unsigned source, Picoseconds now);
    void send(unsigned source, FlowClass flow, Picoseconds now);
    void inject_faults(Tlp& tlp, bool& lost);
    void wake_at(Picoseconds time);

    EventQueue& events_;
    TransmitterOwner& owner_;
    unsigned port_;
    unsigned overhead_;
    Picoseconds credit_latency_;
    std::vector<OrderedQueue> queues_;
    PortArbiter arbiter_;
    Wire wire_;
    ReplayBuffer replay_;
    CreditCounter credits_;
    std::deque<Return> returns_;  // in the order of time
    TlpReceiver* receiver_ = nullptr;
    unsigned receiver_port_ = 0;
    bool up_ = true;
    std::uint32_t epoch_ = 0;
    PendingFaults own_faults_;
    PendingFaults* faults_ = &own_faults_;
    Picoseconds wake_at_ = 0;  // 0: no event is due
    Picoseconds starved_since_ = 0;
    Picoseconds starved_ps_ = 0;
    std::size_t waiting_ = 0;
};

}  // namespace aqpim::pcie
