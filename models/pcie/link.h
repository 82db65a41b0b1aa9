#pragma once

#include <functional>

#include "models/common/sockets.h"
#include "models/pcie/detailed/port_end.h"
#include "models/pcie/link_direction.h"
#include "models/pcie/tlp_extension.h"

namespace aqpim {

/// Why a link goes down or comes up.
enum class LinkChange : std::uint8_t {
    surprise,  ///< without anybody's asking
    asked      ///< by software: link disable, secondary bus reset
};

/// A PCIe link: two directions that work at the same time.
///
/// Fast fidelity. Requests that arrive on one side leave on the other; their completions come back on the other
/// direction. A transfer starts when its first TLP is there and the direction is free, and occupies the direction for
/// all of its TLPs. The delay given on is that of the first TLP's arrival; `tail_lag` says how much later the last one
/// comes. A posted write returns as soon as its last byte has left the sender, later by what it has to wait further on:
/// its sender never sees when it arrives, but is held up by links that are in use and buffers that are full. A read
/// returns with the arrival of the first completion, and its tail_lag. What the completer says of a posted write is its
/// response status at once; hardware would learn it by an error message.
///
/// Detailed fidelity. The link joins the ports at its ends (pcie::Transmitter); only debug accesses go through the
/// sockets.
///
/// A link that is down answers requests as unsupported (from above) or with an error (from below), and loses what is on
/// its way. It trains for `training_time` before it is up again.
///
/// Records `pcie.<name>.down` (away from the host) and `pcie.<name>.up`.
class PcieLink : public sc_core::sc_module {
 public:
    TargetSocket<PcieLink> upstream_target;          ///< requests from the host's side
    InitiatorSocket<PcieLink> upstream_initiator;    ///< to the host's side
    InitiatorSocket<PcieLink> downstream_initiator;  ///< to the device's side
    TargetSocket<PcieLink> downstream_target;        ///< requests from the device's side

    /// What is at an end: its port, and whom to tell of the link's state.
    struct End {
        pcie::PortEnd port;
        std::function<void(bool up, LinkChange why)> changed;
        ReceiverRoom room;
    };

    PcieLink(sc_core::sc_module_name name, const PcieParameters& parameters, Recorder& recorder);
    ~PcieLink() override;

    void attach_upper(End end);
    void attach_lower(End end);

    bool is_up() const { return up_; }
    /// Surprise link-down, and the end of it.
    void fail();
    void recover();
    /// Software holds the link down, or lets it train again.
    void hold(bool down);
    /// The next TLP with data, in either direction, is poisoned.
    void poison_next() { faults_.poison = true; }
    /// The next completion, in either direction, is lost.
    void drop_next_completion() { faults_.drop = true; }

    LinkCounters down() const;
    LinkCounters up() const;
    /// Completes what is recorded, at the end of the simulation.
    void finish();

 private:
    /// The way of a request and, the other way round, of its completions.
    struct Way {
        LinkDirection& requests;
        LinkDirection& completions;
        InitiatorSocket<PcieLink>& exit;
        tlm::tlm_response_status when_down;
    };

    /// Of a transfer: when it was at hand, and how it crossed.
    struct Crossing {
        Picoseconds head;
        Picoseconds tail;
        Passage passage;
    };

    void from_upstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void from_downstream(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void transport(const Way& way, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    Picoseconds held_up(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp,
                        const Crossing& crossing) const;
    void complete(LinkDirection& direction, tlm::tlm_generic_payload& payload, TlpExtension& tlp,
                  sc_core::sc_time& delay);
    void spoil(tlm::tlm_generic_payload& payload, TlpExtension& tlp, sc_core::sc_time& delay);
    unsigned debug_from_upstream(tlm::tlm_generic_payload& payload);
    unsigned debug_from_downstream(tlm::tlm_generic_payload& payload);

    void join_ends();
    void set_up(bool up, LinkChange why);
    void trained();

    PcieParameters parameters_;
    TlpFormat format_;
    LinkDirection down_;
    LinkDirection up_direction_;
    End upper_;
    End lower_;
    bool up_ = true;
    bool held_ = false;
    pcie::PendingFaults faults_;
    sc_core::sc_event trained_;
};

}  // namespace aqpim
