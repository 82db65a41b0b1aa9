#pragma once

#include "models/pcie/device.h"
#include "models/pcie/link.h"
#include "models/pcie/root_complex.h"
#include "models/pcie/switch.h"

namespace aqpim {

/// Joins an end of a link to what is there: the sockets, and the ports that detailed fidelity uses.
void connect(PcieRootComplex& above, PcieLink& link);
void connect(PcieSwitch& above, unsigned port, PcieLink& link);
void connect(PcieLink& link, PcieSwitch& below);
void connect(PcieLink& link, PcieDevice& below);

}  // namespace aqpim
