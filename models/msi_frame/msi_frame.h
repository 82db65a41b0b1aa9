#pragma once

#include <cstdint>
#include <map>

#include "models/common/register_file.h"
#include "models/common/sockets.h"
#include "models/plic/edge_interrupt_if.h"

namespace aqpim {

/// Turns message-signalled interrupts into sources of the PLIC, as Arm's GICv2m frame does for the GIC. One register:
///
///     0x0  WO 4  message  n from AQPIM_IRQ_MSI_FIRST, AQPIM_IRQ_MSI_COUNT of them: raises source n
///
/// A source is raised at its message's annotated time, however many are on their way. Other values are ignored and
/// counted; another width is a burst error.
class MsiFrame : public sc_core::sc_module {
 public:
    TargetSocket<MsiFrame> socket{"socket"};
    sc_core::sc_port<EdgeInterruptIf> interrupts{"interrupts"};

    explicit MsiFrame(sc_core::sc_module_name name);
    ~MsiFrame() override;

    /// Forgets the messages that are on their way.
    void reset();

    /// Messages that name no source of the frame.
    std::uint64_t bad_messages() const { return bad_messages_; }

 private:
    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    void accept(std::uint64_t message, const sc_core::sc_time& delay);
    void deliver();

    RegisterFile registers_;
    std::multimap<Picoseconds, unsigned> on_their_way_;  // sources by arrival, equal times in the order of calls
    sc_core::sc_event arrival_;
    std::uint64_t bad_messages_ = 0;
};

}  // namespace aqpim
