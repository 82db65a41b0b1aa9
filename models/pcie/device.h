#pragma once

#include <map>
#include <memory>
#include <vector>

#include "models/common/recorder.h"
#include "models/common/sockets.h"
#include "models/pcie/endpoint_config.h"
#include "models/pcie/flight_log.h"
#include "models/pcie/msix.h"
#include "models/pcie/tlp_extension.h"

namespace aqpim {

/// The PCIe side of a device with one or more functions: configuration space, BARs, MSI-X, and the way out for the
/// functions' own requests. Device 0 on its link.
///
/// Memory requests from the link go, `endpoint_latency` after their arrival, to the enabled BAR that holds all of them;
/// a write reaches it when its last byte has arrived. The BAR's address is an offset there. All others are unsupported.
///
/// A function's requests leave through the link, except those for a BAR of this very device: they stay inside the
/// package (`package_latency`, `package_bandwidth`, one transfer at a time). Without bus master enable they are refused
/// with TLM_COMMAND_ERROR_RESPONSE. A read returns when its last byte is there; a write when its last byte has left.
///
/// Records `pcie.<name>`, requests of the device and those that reach it in flight, and `pcie.<name>.package`.
class PcieDevice : public sc_core::sc_module {
 public:
    TargetSocket<PcieDevice> link_target;
    InitiatorSocket<PcieDevice> link_initiator;

    /// One to eight functions; function 0 first. Throws InputError if BARs or vectors do not fit.
    PcieDevice(sc_core::sc_module_name name, const PcieParameters& parameters,
               const std::vector<FunctionDescription>& functions, Recorder& recorder);

    /// To the core: accesses of BAR `index`, by offset. Throws std::out_of_range if there is none.
    InitiatorSocket<PcieDevice>& bar(unsigned function, unsigned index);
    /// From the core: requests by bus address.
    TaggedTargetSocket<PcieDevice>& dma(unsigned function) { return functions_.at(function)->dma; }
    /// Throws std::bad_optional_access for a function without vectors.
    MsixIf& msix(unsigned function) { return functions_.at(function)->msix.value(); }

    /// As TLPs name it: the bus number is the one that configuration writes came with.
    RoutingId id(unsigned function) const { return static_cast<RoutingId>(bus_ << 8 | function); }
    /// Requests from the link that nothing here takes.
    std::uint64_t unsupported_requests() const { return unsupported_requests_; }
    /// Bytes that functions moved inside the package.
    std::uint64_t package_bytes() const { return package_bytes_; }

    /// Conventional reset (PCIe Base Specification 6.6.1) of every function's configuration and MSI-X. Requests that
    /// are on their way go on.
    void reset();

    /// Completes what is recorded, at the end of the simulation.
    void finish() { flights_.flush(); }

 private:
    struct Function {
        Function(const FunctionDescription& description, bool multi_function, const PcieParameters& parameters);

        EndpointConfig config;
        std::optional<Msix> msix;
        std::map<unsigned, std::unique_ptr<InitiatorSocket<PcieDevice>>> bars;
        TaggedTargetSocket<PcieDevice> dma;
    };
    struct Target {
        Function* function;
        EndpointConfig::BarHit hit;
    };

    void add_function(const FunctionDescription& description, bool multi_function, const PcieParameters& parameters);

    void from_link(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void configure(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void access_memory(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned debug_from_link(tlm::tlm_generic_payload& payload);

    Function* addressed_function(const TlpExtension& tlp);
    std::optional<Target> find_target(const tlm::tlm_generic_payload& payload);
    void deliver(const Target& target, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned debug_deliver(const Target& target, tlm::tlm_generic_payload& payload);

    void from_core(int function, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void through_link(int function, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void through_package(const Target& target, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    Picoseconds cross_package(const tlm::tlm_generic_payload& payload, Picoseconds at);
    unsigned debug_from_core(int function, tlm::tlm_generic_payload& payload);
    void send_message(int function, std::uint64_t address, std::uint32_t data, sc_core::sc_time& delay);

    PcieParameters parameters_;
    sc_core::sc_time latency_;
    Recorder& recorder_;
    TrackId package_track_;
    FlightLog flights_;
    std::vector<std::unique_ptr<Function>> functions_;
    unsigned bus_ = 0;
    Picoseconds package_free_at_ = 0;
    std::uint64_t package_bytes_ = 0;
    std::uint64_t unsupported_requests_ = 0;
};

}  // namespace aqpim
