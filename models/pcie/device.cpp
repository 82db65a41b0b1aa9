#include "models/pcie/device.h"

#include <fmt/format.h>

#include <algorithm>

#include "aqpim/pci_ids.h"

namespace aqpim {

PcieDevice::Function::Function(const FunctionDescription& description, bool multi_function,
                               const PcieParameters& parameters)
    : config(description, multi_function, parameters), dma((description.name + "_dma").c_str()) {
    for (const BarDescription& bar : description.bars) {
        const std::string name = fmt::format("{}_bar{}", description.name, bar.index);
        bars[bar.index] = std::make_unique<InitiatorSocket<PcieDevice>>(name.c_str());
    }
}

PcieDevice::PcieDevice(sc_core::sc_module_name name, const PcieParameters& parameters,
                       const std::vector<FunctionDescription>& functions, Recorder& recorder)
    : sc_module(name),
      link_target("link_target"),
      link_initiator("link_initiator"),
      parameters_(parameters),
      latency_(from_ps(parameters.endpoint_latency_ps)),
      recorder_(recorder),
      package_track_(recorder.add_track(std::string("pcie.") + basename() + ".package")),
      flights_(recorder, std::string("pcie.") + basename()) {
    link_target.register_b_transport(this, &PcieDevice::from_link);
    link_target.register_transport_dbg(this, &PcieDevice::debug_from_link);
    for (const FunctionDescription& description : functions) {
        add_function(description, functions.size() > 1, parameters);
    }
}

void PcieDevice::add_function(const FunctionDescription& description, bool multi_function,
                              const PcieParameters& parameters) {
    const auto number = static_cast<int>(functions_.size());
    functions_.push_back(std::make_unique<Function>(description, multi_function, parameters));
    Function& function = *functions_.back();
    function.dma.register_b_transport(this, &PcieDevice::from_core, number);
    function.dma.register_transport_dbg(this, &PcieDevice::debug_from_core, number);
    if (description.msix_vectors > 0) {
        function.msix.emplace(function.config, description.msix_vectors,
                              [this, number](std::uint64_t address, std::uint32_t data, sc_core::sc_time& delay) {
                                  send_message(number, address, data, delay);
                              });
    }
}

void PcieDevice::reset() {
    bus_ = 0;
    for (const auto& function : functions_) {
        function->config.reset();
        if (function->msix) {
            function->msix->reset();
        }
    }
}

InitiatorSocket<PcieDevice>& PcieDevice::bar(unsigned function, unsigned index) {
    return *functions_.at(function)->bars.at(index);
}

void PcieDevice::from_link(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    delay += latency_;
    tlp_of(payload).kind == TlpKind::memory ? access_memory(payload, delay) : configure(payload, delay);
}

void PcieDevice::configure(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const TlpExtension& tlp = tlp_of(payload);
    Function* const function = addressed_function(tlp);
    if (function == nullptr) {
        payload.set_response_status(unsupported_request);
        return;
    }
    serve_configuration(function->config, payload);
    if (payload.is_write()) {
        bus_ = bus_of(tlp.target);
        if (function->msix) {
            function->msix->send_pending(delay);
        }
    }
}

PcieDevice::Function* PcieDevice::addressed_function(const TlpExtension& tlp) {
    const bool here = tlp.kind == TlpKind::configuration_0 && device_of(tlp.target) == 0;
    return here && function_of(tlp.target) < functions_.size() ? functions_[function_of(tlp.target)].get() : nullptr;
}

void PcieDevice::access_memory(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension& tlp = tlp_of(payload);
    delay += from_ps(tlp.tail_lag);
    tlp.tail_lag = 0;
    if (payload.is_write()) {
        flights_.add(tlp.sent, local_time_ps(delay));
    }
    if (const std::optional<Target> target = find_target(payload)) {
        deliver(*target, payload, delay);
    } else {
        ++unsupported_requests_;
        payload.set_response_status(unsupported_request);
    }
}

std::optional<PcieDevice::Target> PcieDevice::find_target(const tlm::tlm_generic_payload& payload) {
    for (const auto& function : functions_) {
        if (const auto hit = function->config.find_bar(payload.get_address(), payload.get_data_length())) {
            return Target{function.get(), *hit};
        }
    }
    return std::nullopt;
}

void PcieDevice::deliver(const Target& target, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const std::uint64_t address = payload.get_address();
    payload.set_address(target.hit.offset);
    const auto core = target.function->bars.find(target.hit.index);
    if (core == target.function->bars.end()) {
        target.function->msix->transport(payload, delay);
    } else {
        (*core->second)->b_transport(payload, delay);
    }
    payload.set_address(address);
}

unsigned PcieDevice::debug_from_link(tlm::tlm_generic_payload& payload) {
    const TlpExtension& tlp = tlp_of(payload);
    if (tlp.kind != TlpKind::memory) {
        const Function* const function = addressed_function(tlp);
        return function == nullptr ? 0 : debug_configuration(function->config, payload);
    }
    const std::optional<Target> target = find_target(payload);
    return target ? debug_deliver(*target, payload) : 0;
}

unsigned PcieDevice::debug_deliver(const Target& target, tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    payload.set_address(target.hit.offset);
    const auto core = target.function->bars.find(target.hit.index);
    const unsigned bytes = core == target.function->bars.end() ? target.function->msix->debug_read(payload)
                                                               : (*core->second)->transport_dbg(payload);
    payload.set_address(address);
    return bytes;
}

void PcieDevice::from_core(int function, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (!is_plain_burst(payload)) {
        return;
    }
    if (!functions_[function]->config.bus_master_enabled()) {
        payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    } else if (const std::optional<Target> target = find_target(payload)) {
        through_package(*target, payload, delay);
    } else {
        through_link(function, payload, delay);
    }
}

void PcieDevice::through_link(int function, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension tlp;
    tlp.requester = id(static_cast<unsigned>(function));
    const TlpLoan loan(payload, tlp);
    tlp.sent = local_time_ps(delay);
    link_initiator->b_transport(payload, delay);
    if (payload.is_read()) {
        delay += from_ps(tlp.tail_lag);
        flights_.add(tlp.sent, local_time_ps(delay));
    }
}

void PcieDevice::through_package(const Target& target, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const sc_core::sc_time latency = from_ps(parameters_.package_latency_ps);
    if (payload.is_write()) {
        delay = from_ps(cross_package(payload, local_time_ps(delay))) - sc_core::sc_time_stamp();
        sc_core::sc_time arrival = delay + latency;
        deliver(target, payload, arrival);
        return;
    }
    delay += latency;
    deliver(target, payload, delay);
    delay = from_ps(cross_package(payload, local_time_ps(delay))) - sc_core::sc_time_stamp() + latency;
}

Picoseconds PcieDevice::cross_package(const tlm::tlm_generic_payload& payload, Picoseconds at) {
    const std::uint64_t bytes = payload.get_data_length();
    const Picoseconds start = std::max(at, package_free_at_);
    package_free_at_ = start + transfer_time_ps(bytes, parameters_.package_bandwidth);
    package_bytes_ += bytes;
    if (recorder_.enabled()) {
        const std::string name = fmt::format("{} {} B", payload.is_write() ? "write" : "read", bytes);
        recorder_.slice(package_track_, name, start, package_free_at_, Activity::none,
                        {{"address", payload.get_address()}, {"bytes", bytes}});
    }
    return package_free_at_;
}

unsigned PcieDevice::debug_from_core(int, tlm::tlm_generic_payload& payload) {
    if (const std::optional<Target> target = find_target(payload)) {
        return debug_deliver(*target, payload);
    }
    TlpExtension tlp;
    const TlpLoan loan(payload, tlp);
    return link_initiator->transport_dbg(payload);
}

void PcieDevice::send_message(int function, std::uint64_t address, std::uint32_t data, sc_core::sc_time& delay) {
    tlm::tlm_generic_payload message;
    message.set_write();
    message.set_address(address);
    message.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    message.set_data_length(sizeof data);
    message.set_streaming_width(sizeof data);
    from_core(function, message, delay);
}

}  // namespace aqpim
