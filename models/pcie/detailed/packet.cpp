#include "models/pcie/detailed/packet.h"

#include <array>

namespace aqpim::pcie {

namespace {

/// Whose TLP it is: a completion comes from its completer.
RoutingId sender_of(const Tlp& tlp) {
    return tlp.flow() == FlowClass::completion ? tlp.target : tlp.requester;
}

bool is_read(const Tlp& tlp) {
    return tlp.type == TlpType::memory_read || tlp.type == TlpType::configuration_read;
}

/// Column "posted request" of the table.
bool may_pass_posted(const Tlp& later, const Tlp& earlier) {
    const bool by_id = later.attributes.id_based_ordering && sender_of(later) != earlier.requester;
    const bool relaxed = later.attributes.relaxed_ordering && !is_read(later);
    return by_id || relaxed;
}

}  // namespace

std::string_view name_of(TlpType type) {
    static constexpr std::array<std::string_view, 7> names{"MRd", "MWr", "CfgRd", "CfgWr", "Cpl", "CplD", "Msg"};
    return names[static_cast<unsigned>(type)];
}

bool may_pass(const Tlp& later, const Tlp& earlier) {
    switch (earlier.flow()) {
        case FlowClass::posted:
            return may_pass_posted(later, earlier);
        case FlowClass::non_posted:
            return later.flow() != FlowClass::non_posted;
        case FlowClass::completion:
            return later.flow() != FlowClass::completion;
    }
    return false;
}

}  // namespace aqpim::pcie
