#pragma once

#include <systemc>
#include <tlm>

#include <cstdint>
#include <functional>

#include "models/pcie/detailed/end_port.h"
#include "models/pcie/tlp_extension.h"
#include "models/pcie/tlp_scheduler.h"

namespace aqpim {

/// TLM response status of how a transaction ended.
tlm::tlm_response_status response_of(pcie::TransactionStatus status);

/// Carries payloads through an end port as TLPs: what a model's sockets do in detailed fidelity.
class TlpInitiator final : private pcie::TransactionOwner {
 public:
    /// Called when a payload is done, its response set, at `at`.
    using Done = std::function<void(tlm::tlm_generic_payload& payload, Picoseconds at)>;

    explicit TlpInitiator(pcie::EndPort& port) : port_(port) {}

    /// Waits until `payload` is done. From a thread only; leaves no delay.
    void transport(tlm::tlm_generic_payload& payload, const TlpExtension& tlp, sc_core::sc_time& delay);
    /// Returns at once. The payload and its data have to last until `done`.
    void start(tlm::tlm_generic_payload& payload, const TlpExtension& tlp, const sc_core::sc_time& delay, Done done);
    /// A posted write that nobody waits for. Its response is success.
    void post(tlm::tlm_generic_payload& payload, const TlpExtension& tlp, const sc_core::sc_time& delay);
    /// Error messages (PCIe Base Specification 2.2.8.3).
    void send_message(RoutingId requester, std::uint8_t code, const sc_core::sc_time& delay);

    /// Posted writes that have not left.
    unsigned posting() const { return posting_; }
    /// Notified when one of them has left.
    const sc_core::sc_event& posted() const { return posted_; }

 private:
    void done(pcie::Transaction& transaction, Picoseconds at) override;
    void start(const pcie::TransactionPtr& transaction, const sc_core::sc_time& delay);

    pcie::EndPort& port_;
    unsigned posting_ = 0;
    sc_core::sc_event posted_;
};

}  // namespace aqpim
