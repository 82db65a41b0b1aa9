#pragma once

#include "models/pcie/detailed/transmitter.h"

namespace aqpim::pcie {

/// One end of a link: what its port sends, and what takes what comes.
struct PortEnd {
    Transmitter* transmitter = nullptr;
    TlpReceiver* receiver = nullptr;
    unsigned port = 0;
};

inline void connect(const PortEnd& from, const PortEnd& to) {
    from.transmitter->connect(*to.receiver, to.port);
    to.transmitter->connect(*from.receiver, from.port);
}

}  // namespace aqpim::pcie
