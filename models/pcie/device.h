#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "models/common/recorder.h"
#include "models/common/sockets.h"
#include "models/pcie/endpoint_config.h"
#include "models/pcie/flight_log.h"
#include "models/pcie/flight_window.h"
#include "models/pcie/link.h"
#include "models/pcie/msix.h"
#include "models/pcie/served_payload.h"
#include "models/pcie/tlp_initiator.h"

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
/// The functions share the tags. Of nb_transport, fast fidelity returns TLM_COMPLETED with the time annotated; detailed
/// ends the request at once and begins the response when it is there.
///
/// A function-level reset, and a link that goes down, reset functions as PCIe Base Specification 6.6 says; `on_reset`
/// tells the core of it.
///
/// Records `pcie.<name>`, requests of the device and those that reach it in flight, and `pcie.<name>.package`.
class PcieDevice : public sc_core::sc_module, private pcie::EndPortOwner {
 public:
    TargetSocket<PcieDevice> link_target;
    InitiatorSocket<PcieDevice> link_initiator;
    /// Called when function `function` has been reset; may be empty.
    std::function<void(unsigned function)> on_reset;

    /// One to eight functions; function 0 first. Throws InputError if BARs or vectors do not fit.
    PcieDevice(sc_core::sc_module_name name, const PcieParameters& parameters,
               const std::vector<FunctionDescription>& functions, TlpScheduler& scheduler, Recorder& recorder);
    ~PcieDevice() override;

    /// What a link is attached to (models/pcie/connect.h).
    PcieLink::End end();

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
    /// The functions' own requests that ended in an error.
    std::uint64_t failed_requests() const { return failed_requests_; }
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
        TlpFormat format;  // with the sizes that software has set
        std::optional<Msix> msix;
        std::map<unsigned, std::unique_ptr<InitiatorSocket<PcieDevice>>> bars;
        TaggedTargetSocket<PcieDevice> dma;
    };
    struct Target {
        unsigned function;
        EndpointConfig::BarHit hit;
    };

    void add_function(const FunctionDescription& description, bool multi_function, const PcieParameters& parameters);

    // What comes from the link (device_target.cpp).
    void from_link(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void configure(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void access_memory(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned debug_from_link(tlm::tlm_generic_payload& payload);
    Served serve(const pcie::Tlp& request, std::uint8_t* data, Picoseconds at) override;
    Served serve_configuration_tlp(const pcie::Tlp& request, std::uint8_t* data, Picoseconds at);
    Served serve_memory_tlp(const pcie::Tlp& request, std::uint8_t* data, Picoseconds at);
    RoutingId completer_id(const pcie::Tlp& request) const override;
    bool reflects(const pcie::Tlp&) const override { return false; }

    std::optional<unsigned> addressed_function(bool type_0, RoutingId target) const;
    std::optional<Target> find_target(std::uint64_t address, std::uint64_t bytes) const;
    void deliver(const Target& target, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void deliver_transfer(const Target& target, tlm::tlm_generic_payload& payload, TlpExtension& tlp,
                          sc_core::sc_time& delay);
    unsigned debug_deliver(const Target& target, tlm::tlm_generic_payload& payload);
    void configured(unsigned function, RoutingId target, const sc_core::sc_time& delay);
    void reset_function(unsigned function, ResetKind kind);

    // What the functions ask for (device.cpp).
    void from_core(int function, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    tlm::tlm_sync_enum from_core_nonblocking(int function, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay);
    void respond(unsigned function, tlm::tlm_generic_payload& payload, Picoseconds at);
    bool is_allowed(unsigned function, tlm::tlm_generic_payload& payload) const;
    TlpExtension extension_of(unsigned function, const sc_core::sc_time& delay) const;
    void through_link(unsigned function, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void through_package(const Target& target, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    Picoseconds cross_package(const tlm::tlm_generic_payload& payload, Picoseconds at);
    Picoseconds wait_for_tags(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp, Picoseconds first,
                              Picoseconds last);
    unsigned debug_from_core(int function, tlm::tlm_generic_payload& payload);
    void send_interrupt(unsigned function, std::uint64_t address, std::uint32_t data, sc_core::sc_time& delay);

    // Errors (device_target.cpp).
    void note_failure(unsigned function, tlm::tlm_response_status status);
    void report(unsigned function, UncorrectableError error, const HeaderLog& header, Advisory advisory,
                const sc_core::sc_time& delay);
    void send_error_message(unsigned function, ErrorMessage message, sc_core::sc_time delay);
    void timed_out(const pcie::Transaction& transaction) override;
    void link_error(CorrectableError error) override;
    void unexpected_completion(const pcie::Tlp& completion) override;
    void poisoned_completion(const pcie::Tlp& completion) override;
    void link_changed(bool up);

    PcieParameters parameters_;
    sc_core::sc_time latency_;
    Clock byte_time_;  // of the link
    TlpScheduler& scheduler_;
    Recorder& recorder_;
    TrackId package_track_;
    FlightLog flights_;
    pcie::EndPort port_;
    TlpInitiator tlps_;
    ServedPayload served_;
    FlightWindow tags_;
    DrainWindow posted_room_;
    Picoseconds round_trip_ps_ = ~Picoseconds{0};  // the shortest that a read has had
    std::vector<std::unique_ptr<Function>> functions_;
    unsigned bus_ = 0;
    Picoseconds package_free_at_ = 0;
    std::uint64_t package_bytes_ = 0;
    std::uint64_t unsupported_requests_ = 0;
    std::uint64_t failed_requests_ = 0;
};

}  // namespace aqpim
