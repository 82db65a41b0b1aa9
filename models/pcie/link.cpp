#include "models/pcie/link.h"

#include <algorithm>
#include <utility>

#include "models/pcie/tlp_scheduler.h"

namespace aqpim {

namespace {

std::string_view request_name(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
    switch (tlp.kind) {
        case TlpKind::memory:
            return payload.is_write() ? "MWr" : "MRd";
        case TlpKind::message:
            return "Msg";
        default:
            return payload.is_write() ? "CfgWr" : "CfgRd";
    }
}

TransferLabel request_label(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
    return {request_name(payload, tlp), payload.get_address(), payload.get_data_length()};
}

TlpTraffic request_traffic(const TlpFormat& format, const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
    if (tlp.kind == TlpKind::message) {
        return format.header();
    }
    if (tlp.kind != TlpKind::memory) {
        return payload.is_write() ? format.double_word() : format.header();
    }
    return payload.is_write() ? format.memory_write(payload.get_address(), payload.get_data_length())
                              : format.memory_read(payload.get_address(), payload.get_data_length());
}

TlpTraffic completion_traffic(const TlpFormat& format, const tlm::tlm_generic_payload& payload,
                              const TlpExtension& tlp) {
    if (payload.is_write() || !payload.is_response_ok()) {
        return format.header();
    }
    return tlp.kind == TlpKind::memory ? format.completions(payload.get_address(), payload.get_data_length())
                                       : format.double_word();
}

}  // namespace

PcieLink::PcieLink(sc_core::sc_module_name name, const PcieParameters& parameters, Recorder& recorder)
    : sc_module(name),
      upstream_target("upstream_target"),
      upstream_initiator("upstream_initiator"),
      downstream_initiator("downstream_initiator"),
      downstream_target("downstream_target"),
      parameters_(parameters),
      format_(parameters),
      down_(parameters, recorder, std::string("pcie.") + basename() + ".down"),
      up_direction_(parameters, recorder, std::string("pcie.") + basename() + ".up") {
    upstream_target.register_b_transport(this, &PcieLink::from_upstream);
    downstream_target.register_b_transport(this, &PcieLink::from_downstream);
    upstream_target.register_transport_dbg(this, &PcieLink::debug_from_upstream);
    downstream_target.register_transport_dbg(this, &PcieLink::debug_from_downstream);
    SC_HAS_PROCESS(PcieLink);
    SC_METHOD(trained);
    sensitive << trained_;
    dont_initialize();
}

PcieLink::~PcieLink() = default;

void PcieLink::attach_upper(End end) {
    upper_ = std::move(end);
    up_direction_.set_receiver(upper_.room);
    join_ends();
}

void PcieLink::attach_lower(End end) {
    lower_ = std::move(end);
    down_.set_receiver(lower_.room);
    join_ends();
}

void PcieLink::join_ends() {
    if (upper_.port.transmitter != nullptr && lower_.port.transmitter != nullptr) {
        pcie::connect(upper_.port, lower_.port);
        upper_.port.transmitter->share_faults(faults_);
        lower_.port.transmitter->share_faults(faults_);
        upper_.port.transmitter->record_on(down_.track());
        lower_.port.transmitter->record_on(up_direction_.track());
    }
}

void PcieLink::fail() {
    trained_.cancel();
    set_up(false, LinkChange::surprise);
}

void PcieLink::recover() {
    if (!held_) {
        set_up(true, LinkChange::surprise);
    }
}

void PcieLink::hold(bool down) {
    if (down == held_) {
        return;
    }
    held_ = down;
    if (down) {
        trained_.cancel();
        set_up(false, LinkChange::asked);
    } else {
        trained_.notify(from_ps(parameters_.training_time_ps));
    }
}

void PcieLink::trained() {
    set_up(true, LinkChange::asked);
}

void PcieLink::set_up(bool up, LinkChange why) {
    if (up == up_) {
        return;
    }
    up_ = up;
    const Picoseconds now = to_ps(sc_core::sc_time_stamp());
    for (const End* end : {&upper_, &lower_}) {
        if (end->port.transmitter != nullptr) {
            end->port.transmitter->set_up(up, now);
        }
    }
    for (const End* end : {&upper_, &lower_}) {
        if (end->changed) {
            end->changed(up, why);
        }
    }
}

LinkCounters PcieLink::down() const {
    return parameters_.is_detailed() && upper_.port.transmitter != nullptr ? upper_.port.transmitter->counters()
                                                                           : down_.counters();
}

LinkCounters PcieLink::up() const {
    return parameters_.is_detailed() && lower_.port.transmitter != nullptr ? lower_.port.transmitter->counters()
                                                                           : up_direction_.counters();
}

void PcieLink::finish() {
    for (const End* end : {&upper_, &lower_}) {
        if (end->port.transmitter != nullptr) {
            end->port.transmitter->finish();
        }
    }
}

void PcieLink::from_upstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    transport({down_, up_direction_, downstream_initiator, unsupported_request}, payload, delay);
}

void PcieLink::from_downstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    transport({up_direction_, down_, upstream_initiator, tlm::TLM_GENERIC_ERROR_RESPONSE}, payload, delay);
}

void PcieLink::transport(const Way& way, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (!is_plain_burst(payload)) {
        return;
    }
    if (!up_) {
        payload.set_response_status(way.when_down);
        return;
    }
    TlpExtension& tlp = tlp_of(payload);
    const TlpFormat& format = tlp.format != nullptr ? *tlp.format : format_;
    const Picoseconds head = local_time_ps(delay);
    const Picoseconds tail = head + tlp.tail_lag;
    const Passage request =
        way.requests.send(request_traffic(format, payload, tlp), head, tlp.tail_lag, request_label(payload, tlp));
    const bool posted = is_posted(payload, tlp);
    // A completer answers from the first request of a read on.
    tlp.tail_lag = payload.is_write() ? request.tail_lag : 0;
    sc_core::sc_time arrival = delay_until(request.head_arrival);
    way.exit->b_transport(payload, arrival);
    if (posted) {
        delay = delay_until(request.departed + tlp.stalled);
        tlp.stalled += std::max(request.waited, held_up(payload, tlp, {head, tail, request}));
    } else {
        complete(way.completions, payload, tlp, arrival);
        delay = arrival;
    }
}

/// How long the last byte of a posted write larger than the switch before this link waits for room there.
Picoseconds PcieLink::held_up(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp,
                              const Crossing& crossing) const {
    const std::uint64_t bytes = payload.get_data_length();
    const std::uint64_t room = posted_room(parameters_);
    if (tlp.room_on_the_way == 0 || bytes <= room) {
        return 0;
    }
    const Picoseconds start = crossing.head + crossing.passage.waited;
    const double share = static_cast<double>(room) / static_cast<double>(bytes);
    const auto drained = static_cast<Picoseconds>(share * static_cast<double>(crossing.passage.departed - start));
    // The sender learns of room by an UpdateFC, and what it sends then takes its way here.
    const Picoseconds round_trip =
        2 * parameters_.propagation_ps + parameters_.dllp_latency_ps + parameters_.switch_latency_ps;
    const Picoseconds room_at = crossing.passage.departed - drained + round_trip;
    return room_at > crossing.tail ? room_at - crossing.tail : 0;
}

void PcieLink::complete(LinkDirection& direction, tlm::tlm_generic_payload& payload, TlpExtension& tlp,
                        sc_core::sc_time& delay) {
    const TlpFormat& format = tlp.format != nullptr ? *tlp.format : format_;
    const TlpTraffic traffic = completion_traffic(format, payload, tlp);
    const TransferLabel label{traffic.payload_bytes > 0 ? "CplD" : "Cpl", payload.get_address(),
                              payload.get_data_length()};
    const Passage passage =
        direction.send(traffic, local_time_ps(delay), tlp.tail_lag, label, TransferKind::completion);
    tlp.tail_lag = passage.tail_lag;
    delay = delay_until(passage.head_arrival);
    spoil(payload, tlp, delay);
}

void PcieLink::spoil(tlm::tlm_generic_payload& payload, TlpExtension& tlp, sc_core::sc_time& delay) {
    if (std::exchange(faults_.drop, false)) {
        delay += from_ps(parameters_.completion_timeout_ps);
        tlp.spoilt = Spoilt::lost;
        payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    } else if (payload.is_read() && payload.is_response_ok() && std::exchange(faults_.poison, false)) {
        tlp.spoilt = Spoilt::poisoned;
        payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    }
}

unsigned PcieLink::debug_from_upstream(tlm::tlm_generic_payload& payload) {
    return up_ ? downstream_initiator->transport_dbg(payload) : 0;
}

unsigned PcieLink::debug_from_downstream(tlm::tlm_generic_payload& payload) {
    return up_ ? upstream_initiator->transport_dbg(payload) : 0;
}

}  // namespace aqpim
