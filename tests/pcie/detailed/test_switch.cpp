#include "tests/pcie/detailed/test_switch.h"

#include <fmt/format.h>

#include <cstring>

namespace aqpim::pcie::test {

namespace {

constexpr unsigned upstream = 0;
constexpr std::size_t register_bytes = 256;

Forwarder::Setup setup_of(unsigned ports, RoutingId id, std::uint64_t seed) {
    std::vector<std::string> tracks;
    for (unsigned port = 0; port < ports; ++port) {
        tracks.push_back(fmt::format("switch{:04x}.port{}", id, port));
    }
    return {ports, std::move(tracks), seed + (std::uint64_t{id} << 32)};
}

bool is_configuration(const Tlp& tlp) {
    return tlp.type == TlpType::configuration_read || tlp.type == TlpType::configuration_write;
}

}  // namespace

TestSwitch::TestSwitch(EventQueue& events, const PcieParameters& parameters, unsigned ports, RoutingId id,
                       Recorder& recorder)
    : id_(id),
      redirects_(parameters.acs_redirect),
      below_(ports),
      registers_(register_bytes),
      forwarder_(events, parameters, *this, setup_of(ports, id, parameters.seed), recorder) {}

/// The downstream port behind which a TLP's destination lies, or upstream.
unsigned TestSwitch::port_for(const Tlp& tlp) const {
    const bool by_id = is_configuration(tlp) || tlp.flow() == FlowClass::completion;
    const unsigned bus = bus_of(is_configuration(tlp) ? tlp.target : tlp.requester);
    for (unsigned port = 1; port < below_.size(); ++port) {
        const Below& below = below_[port];
        const bool in_window = tlp.address >= below.base && tlp.address < below.limit;
        if (by_id ? bus >= below.first_bus && bus <= below.last_bus : in_window) {
            return port;
        }
    }
    return upstream;
}

TlpRoute TestSwitch::route(unsigned in_port, Tlp& tlp) {
    using Action = TlpRoute::Action;
    if (is_configuration(tlp) && tlp.target == id_) {
        return {Action::serve};
    }
    unsigned out_port = tlp.type == TlpType::message ? upstream : port_for(tlp);
    if (redirects_ && in_port != upstream) {
        out_port = upstream;
    }
    return out_port == in_port ? TlpRoute{Action::refuse} : TlpRoute{Action::forward, out_port};
}

CompletionStatus TestSwitch::serve(const Tlp& request, std::uint8_t* data) {
    if (request.address + request.bytes > registers_.size()) {
        return CompletionStatus::unsupported_request;
    }
    std::uint8_t* const place = registers_.data() + request.address;
    if (data != nullptr) {
        const bool is_write = request.type == TlpType::configuration_write;
        std::memcpy(is_write ? place : data, is_write ? data : place, request.bytes);
    }
    return CompletionStatus::success;
}

}  // namespace aqpim::pcie::test
