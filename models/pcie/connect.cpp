#include "models/pcie/connect.h"

namespace aqpim {

void connect(PcieRootComplex& above, PcieLink& link) {
    above.port_initiator.bind(link.upstream_target);
    link.upstream_initiator.bind(above.port_target);
    link.attach_upper(above.end(link));
}

void connect(PcieSwitch& above, unsigned port, PcieLink& link) {
    above.downstream_initiator[port].bind(link.upstream_target);
    link.upstream_initiator.bind(above.downstream_target[port]);
    link.attach_upper(above.downstream_end(port, link));
}

void connect(PcieLink& link, PcieSwitch& below) {
    link.downstream_initiator.bind(below.upstream_target);
    below.upstream_initiator.bind(link.downstream_target);
    link.attach_lower(below.upstream_end());
}

void connect(PcieLink& link, PcieDevice& below) {
    link.downstream_initiator.bind(below.link_target);
    below.link_initiator.bind(link.downstream_target);
    link.attach_lower(below.end());
}

}  // namespace aqpim
