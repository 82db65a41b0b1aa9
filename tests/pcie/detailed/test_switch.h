#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/pcie/detailed/forwarder.h"

namespace aqpim::pcie::test {

/// A switch with its routing: memory by address windows, completions and configuration requests by bus numbers,
/// messages to the root. One function of its own, which is its upstream port, with 256 B of configuration registers.
class TestSwitch final : public Router {
 public:
    /// What lies below a downstream port.
    struct Below {
        std::uint64_t base = 0;
        std::uint64_t limit = 0;  ///< behind the window's last byte
        unsigned first_bus = 0;
        unsigned last_bus = 0;
    };
    TestSwitch(EventQueue& events, const PcieParameters& parameters, unsigned ports, RoutingId id, Recorder& recorder);

    Forwarder& forwarder() { return forwarder_; }
    RoutingId id() const { return id_; }
    void set_below(unsigned port, const Below& below) { below_[port] = below; }
    unsigned refusals() const { return refusals_; }
    unsigned bad_tlps() const { return bad_tlps_; }

    TlpRoute route(unsigned in_port, Tlp& tlp) override;
    CompletionStatus serve(const Tlp& request, std::uint8_t* data) override;
    RoutingId port_id(unsigned) const override { return id_; }
    void refused(unsigned, const Tlp&) override { ++refusals_; }
    void link_error(unsigned, CorrectableError) override { ++bad_tlps_; }

 private:
    unsigned port_for(const Tlp& tlp) const;

    RoutingId id_;
    bool redirects_;  // what peers send each other goes up to the root, completions too
    std::vector<Below> below_;
    std::vector<std::uint8_t> registers_;
    unsigned refusals_ = 0;
    unsigned bad_tlps_ = 0;
    Forwarder forwarder_;
};

}  // namespace aqpim::pcie::test
