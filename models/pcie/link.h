#pragma once

#include "models/common/sockets.h"
#include "models/pcie/link_direction.h"
#include "models/pcie/tlp_extension.h"

namespace aqpim {

/// A PCIe link: two directions that work at the same time. Requests that arrive on one side leave on the other; their
/// completions come back on the other direction.
///
/// Time. A transfer starts when its first TLP is there and the direction is free, and occupies the direction for all of
/// its TLPs. The delay given on is that of the first TLP's arrival; `tail_lag` says how much later the last one comes.
/// A posted write returns as soon as its last byte has left the sender, later by what it has to wait further on: its
/// sender never sees when it arrives, but is held up by links that are in use. A read returns with the arrival of the
/// first completion, and its tail_lag.
///
/// What the completer says of a posted write is its response status at once; hardware would learn it by an error
/// message.
///
/// Records `pcie.<name>.down` (away from the host) and `pcie.<name>.up`.
class PcieLink : public sc_core::sc_module {
 public:
    TargetSocket<PcieLink> upstream_target;          ///< requests from the host's side
    InitiatorSocket<PcieLink> upstream_initiator;    ///< to the host's side
    InitiatorSocket<PcieLink> downstream_initiator;  ///< to the device's side
    TargetSocket<PcieLink> downstream_target;        ///< requests from the device's side

    PcieLink(sc_core::sc_module_name name, const PcieParameters& parameters, Recorder& recorder);

    const LinkCounters& down() const { return down_.counters(); }
    const LinkCounters& up() const { return up_.counters(); }

 private:
    /// The way of a request and, the other way round, of its completions.
    struct Way {
        LinkDirection& requests;
        LinkDirection& completions;
        InitiatorSocket<PcieLink>& exit;
    };

    void from_upstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void from_downstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void transport(const Way& way, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void complete(LinkDirection& direction, const tlm::tlm_generic_payload& payload, TlpExtension& tlp,
                  sc_core::sc_time& delay);
    unsigned debug_from_upstream(tlm::tlm_generic_payload& payload);
    unsigned debug_from_downstream(tlm::tlm_generic_payload& payload);

    TlpFormat format_;
    LinkDirection down_;
    LinkDirection up_;
};

}  // namespace aqpim
