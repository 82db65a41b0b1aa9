#pragma once

#include "models/pcie/routing_id.h"

namespace aqpim {

inline constexpr RoutingId host_bridge_id = routing_id(0, 0, 0);
inline constexpr RoutingId root_port_id = routing_id(0, 1, 0);

}  // namespace aqpim
