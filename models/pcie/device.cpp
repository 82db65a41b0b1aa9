// A device's functions, and what they ask of others.
#include "models/pcie/device.h"

#include <fmt/format.h>

#include <algorithm>

#include "aqpim/pci_ids.h"
#include "models/pcie/port_seed.h"

namespace aqpim {

PcieDevice::Function::Function(const FunctionDescription& description, bool multi_function,
                               const PcieParameters& parameters)
    : config(description, multi_function, parameters), format(parameters), dma((description.name + "_dma").c_str()) {
    for (const BarDescription& bar : description.bars) {
        const std::string name = fmt::format("{}_bar{}", description.name, bar.index);
        bars[bar.index] = std::make_unique<InitiatorSocket<PcieDevice>>(name.c_str());
    }
}

PcieDevice::PcieDevice(sc_core::sc_module_name name, const PcieParameters& parameters,
                       const std::vector<FunctionDescription>& functions, TlpScheduler& scheduler, Recorder& recorder)
    : sc_module(name),
      link_target("link_target"),
      link_initiator("link_initiator"),
      parameters_(parameters),
      latency_(from_ps(parameters.endpoint_latency_ps)),
      byte_time_(link_byte_time(parameters)),
      scheduler_(scheduler),
      recorder_(recorder),
      package_track_(recorder.add_track(std::string("pcie.") + basename() + ".package")),
      flights_(recorder, std::string("pcie.") + basename()),
      port_(scheduler.events(), parameters, {0, parameters.endpoint_latency_ps, 0, 0}, *this, recorder, {},
            port_seed(parameters.seed, this->name())),
      tlps_(port_),
      tags_(parameters.tags),
      posted_room_(posted_room(parameters)) {
    link_target.register_b_transport(this, &PcieDevice::from_link);
    link_target.register_transport_dbg(this, &PcieDevice::debug_from_link);
    for (const FunctionDescription& description : functions) {
        add_function(description, functions.size() > 1, parameters);
    }
}

PcieDevice::~PcieDevice() = default;

void PcieDevice::add_function(const FunctionDescription& description, bool multi_function,
                              const PcieParameters& parameters) {
    const auto number = static_cast<unsigned>(functions_.size());
    functions_.push_back(std::make_unique<Function>(description, multi_function, parameters));
    Function& function = *functions_.back();
    function.dma.register_b_transport(this, &PcieDevice::from_core, static_cast<int>(number));
    function.dma.register_nb_transport_fw(this, &PcieDevice::from_core_nonblocking, static_cast<int>(number));
    function.dma.register_transport_dbg(this, &PcieDevice::debug_from_core, static_cast<int>(number));
    if (description.msix_vectors > 0) {
        function.msix.emplace(function.config, description.msix_vectors,
                              [this, number](std::uint64_t address, std::uint32_t data, sc_core::sc_time& delay) {
                                  send_interrupt(number, address, data, delay);
                              });
    }
}

PcieLink::End PcieDevice::end() {
    return {{&port_.transmitter(), &port_, 0},
            [this](bool up, LinkChange) { link_changed(up); },
            end_room(parameters_, parameters_.endpoint_latency_ps)};
}

InitiatorSocket<PcieDevice>& PcieDevice::bar(unsigned function, unsigned index) {
    return *functions_.at(function)->bars.at(index);
}

bool PcieDevice::is_allowed(unsigned function, tlm::tlm_generic_payload& payload) const {
    if (!is_plain_burst(payload)) {
        return false;
    }
    if (!functions_[function]->config.bus_master_enabled()) {
        payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return false;
    }
    return true;
}

TlpExtension PcieDevice::extension_of(unsigned function, const sc_core::sc_time& delay) const {
    const Function& of = *functions_[function];
    TlpExtension tlp;
    tlp.requester = id(function);
    tlp.format = &of.format;
    tlp.sent = local_time_ps(delay);
    return tlp;
}

void PcieDevice::from_core(int function, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const auto number = static_cast<unsigned>(function);
    if (!is_allowed(number, payload)) {
        return;
    }
    if (const std::optional<Target> target = find_target(payload.get_address(), payload.get_data_length())) {
        through_package(*target, payload, delay);
    } else {
        through_link(number, payload, delay);
    }
    note_failure(number, payload.get_response_status());
}

tlm::tlm_sync_enum PcieDevice::from_core_nonblocking(int function, tlm::tlm_generic_payload& payload,
                                                     tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    const auto number = static_cast<unsigned>(function);
    if (phase == tlm::END_RESP) {
        return tlm::TLM_COMPLETED;
    }
    const bool stays = find_target(payload.get_address(), payload.get_data_length()).has_value();
    if (!parameters_.is_detailed() || stays || !is_allowed(number, payload)) {
        from_core(function, payload, delay);
        return tlm::TLM_COMPLETED;
    }
    tlps_.start(payload, extension_of(number, delay), delay,
                [this, number](auto& done, Picoseconds at) { respond(number, done, at); });
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

void PcieDevice::respond(unsigned function, tlm::tlm_generic_payload& payload, Picoseconds at) {
    note_failure(function, payload.get_response_status());
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = delay_until(at);
    functions_[function]->dma->nb_transport_bw(payload, phase, delay);
}

void PcieDevice::through_link(unsigned function, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    TlpExtension tlp = extension_of(function, delay);
    if (parameters_.is_detailed()) {
        tlps_.transport(payload, tlp, delay);
        return;
    }
    const TlpLoan loan(payload, tlp);
    link_initiator->b_transport(payload, delay);
    if (payload.is_read()) {
        const Picoseconds first = local_time_ps(delay);
        delay = delay_until(wait_for_tags(payload, tlp, first, first + tlp.tail_lag));
        flights_.add(tlp.sent, local_time_ps(delay));
    }
    if (tlp.spoilt == Spoilt::lost) {
        report(function, UncorrectableError::completion_timeout, {}, Advisory::yes, delay);
    } else if (tlp.spoilt == Spoilt::poisoned) {
        report(function, UncorrectableError::poisoned_tlp, {}, Advisory::no, delay);
    }
}

/// Reads of a transfer whose data is there from `first` to `last`: later, if tags were short. A tag is in use until the
/// last completion of its request is there; the answers follow one another as fast as the link carries them.
Picoseconds PcieDevice::wait_for_tags(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp,
                                      Picoseconds first, Picoseconds last) {
    round_trip_ps_ = std::min(round_trip_ps_, first - tlp.sent);
    const std::uint64_t requests = tlp.format->memory_read(payload.get_address(), payload.get_data_length()).tlps;
    const TlpTraffic answers = tlp.format->completions(payload.get_address(), payload.get_data_length());
    const std::uint64_t answer_bytes = answers.wire_bytes / requests;
    const std::uint64_t come = parameters_.is_cut_through() ? tlp.format->overhead_bytes() : answers.first_wire_bytes;
    const Picoseconds in_use = round_trip_ps_ + byte_time_.at(answer_bytes - std::min(come, answer_bytes));
    const Picoseconds start = tags_.start(tlp.sent, requests, byte_time_.at(answer_bytes), in_use);
    return start > tlp.sent ? std::max(last, start + in_use) : last;
}

void PcieDevice::through_package(const Target& target, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const sc_core::sc_time latency = from_ps(parameters_.package_latency_ps);
    if (payload.is_write()) {
        delay = delay_until(cross_package(payload, local_time_ps(delay)));
        sc_core::sc_time arrival = delay + latency;
        deliver(target, payload, arrival);
        return;
    }
    delay += latency;
    deliver(target, payload, delay);
    delay = delay_until(cross_package(payload, local_time_ps(delay))) + latency;
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
    if (const auto target = find_target(payload.get_address(), payload.get_data_length())) {
        return debug_deliver(*target, payload);
    }
    TlpExtension tlp;
    const TlpLoan loan(payload, tlp);
    return link_initiator->transport_dbg(payload);
}

void PcieDevice::send_interrupt(unsigned function, std::uint64_t address, std::uint32_t data, sc_core::sc_time& delay) {
    tlm::tlm_generic_payload message;
    message.set_write();
    message.set_address(address);
    message.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    message.set_data_length(sizeof data);
    message.set_streaming_width(sizeof data);
    const bool leaves = !find_target(address, sizeof data).has_value();
    if (parameters_.is_detailed() && leaves && is_allowed(function, message)) {
        tlps_.post(message, extension_of(function, delay), delay);
    } else {
        from_core(static_cast<int>(function), message, delay);
    }
}

}  // namespace aqpim
