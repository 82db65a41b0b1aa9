#include "models/pcie/link.h"

namespace aqpim {

namespace {

TransferLabel request_label(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
    const bool memory = tlp.kind == TlpKind::memory;
    const char* const type = payload.is_write() ? (memory ? "MWr" : "CfgWr") : (memory ? "MRd" : "CfgRd");
    return {type, payload.get_address(), payload.get_data_length()};
}

TlpTraffic request_traffic(const TlpFormat& format, const tlm::tlm_generic_payload& payload, const TlpExtension& tlp) {
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

sc_core::sc_time delay_until(Picoseconds time) {
    return from_ps(time) - sc_core::sc_time_stamp();
}

}  // namespace

PcieLink::PcieLink(sc_core::sc_module_name name, const PcieParameters& parameters, Recorder& recorder)
    : sc_module(name),
      upstream_target("upstream_target"),
      upstream_initiator("upstream_initiator"),
      downstream_initiator("downstream_initiator"),
      downstream_target("downstream_target"),
      format_(parameters),
      down_(parameters, recorder, std::string("pcie.") + basename() + ".down"),
      up_(parameters, recorder, std::string("pcie.") + basename() + ".up") {
    upstream_target.register_b_transport(this, &PcieLink::from_upstream);
    downstream_target.register_b_transport(this, &PcieLink::from_downstream);
    upstream_target.register_transport_dbg(this, &PcieLink::debug_from_upstream);
    downstream_target.register_transport_dbg(this, &PcieLink::debug_from_downstream);
}

void PcieLink::from_upstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    transport({down_, up_, downstream_initiator}, payload, delay);
}

void PcieLink::from_downstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    transport({up_, down_, upstream_initiator}, payload, delay);
}

void PcieLink::transport(const Way& way, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (!is_plain_burst(payload)) {
        return;
    }
    TlpExtension& tlp = tlp_of(payload);
    const Passage request = way.requests.send(request_traffic(format_, payload, tlp), local_time_ps(delay),
                                              tlp.tail_lag, request_label(payload, tlp));
    const bool posted = is_posted(payload, tlp);
    tlp.tail_lag = posted ? request.tail_lag : 0;  // a completer answers from the first request on
    sc_core::sc_time arrival = delay_until(request.head_arrival);
    way.exit->b_transport(payload, arrival);
    if (posted) {
        delay = delay_until(request.departed + tlp.stalled);
        tlp.stalled += request.waited;
    } else {
        complete(way.completions, payload, tlp, arrival);
        delay = arrival;
    }
}

void PcieLink::complete(LinkDirection& direction, const tlm::tlm_generic_payload& payload, TlpExtension& tlp,
                        sc_core::sc_time& delay) {
    const TlpTraffic traffic = completion_traffic(format_, payload, tlp);
    const TransferLabel label{traffic.payload_bytes > 0 ? "CplD" : "Cpl", payload.get_address(),
                              payload.get_data_length()};
    const Passage passage = direction.send(traffic, local_time_ps(delay), tlp.tail_lag, label);
    tlp.tail_lag = passage.tail_lag;
    delay = delay_until(passage.head_arrival);
}

unsigned PcieLink::debug_from_upstream(tlm::tlm_generic_payload& payload) {
    return downstream_initiator->transport_dbg(payload);
}

unsigned PcieLink::debug_from_downstream(tlm::tlm_generic_payload& payload) {
    return upstream_initiator->transport_dbg(payload);
}

}  // namespace aqpim
