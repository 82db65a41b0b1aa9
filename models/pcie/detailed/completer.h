#pragma once

#include <cstdint>

#include "models/pcie/detailed/event_queue.h"
#include "models/pcie/detailed/slab.h"
#include "models/pcie/detailed/transmitter.h"

namespace aqpim::pcie {

/// What requests are for: the functions of a device, or a host.
class CompleterTarget {
 public:
    struct Served {
        CompletionStatus status;
        Picoseconds ready;  ///< data is there, or has been taken
        bool poisoned = false;
    };
    /// Carries a request out on `data` (null: it does not matter) at time `at`, which may be in the kernel's future.
    virtual Served serve(const Tlp& request, std::uint8_t* data, Picoseconds at) = 0;
    virtual RoutingId completer_id(const Tlp& request) const = 0;
    /// True for what a root complex sends down again: it is for another device. Asked of what the root sends itself
    /// too: false for its own requester id.
    virtual bool reflects(const Tlp& tlp) const = 0;

 protected:
    ~CompleterTarget() = default;
};

/// Answers requests: their data, when it is there, in completions cut at the read completion boundary.
class Completer final : public EventHandler {
 public:
    Completer(EventQueue& events, const PcieParameters& parameters, Picoseconds latency, Transmitter& transmitter,
              CompleterTarget& target);

    /// Returns when the request's data has been taken, or is there.
    Picoseconds request(TlpPtr request, Picoseconds now);
    void set_max_payload(std::uint32_t max_payload) { max_payload_ = max_payload; }
    /// Forgets what has not been answered.
    void clear();

    void handle(std::uint64_t argument, Picoseconds now) override;

 private:
    struct Answer {
        TlpPtr request;
        CompletionStatus status = CompletionStatus::success;
        bool poisoned = false;
    };
    void send(const Answer& answer, Picoseconds now);
    void send_data(const Answer& answer, Picoseconds now);
    TlpPtr make_completion(const Answer& answer) const;

    EventQueue& events_;
    Picoseconds latency_;
    Transmitter& transmitter_;
    CompleterTarget& target_;
    std::uint32_t max_payload_;
    std::uint32_t boundary_;
    Slab<Answer> answers_;
};

}  // namespace aqpim::pcie
