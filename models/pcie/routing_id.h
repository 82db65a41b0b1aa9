#pragma once

#include <cstdint>

namespace aqpim {

/// Bus, device and function in the 16 bits that TLPs use.
using RoutingId = std::uint16_t;

constexpr RoutingId routing_id(unsigned bus, unsigned device, unsigned function) {
    return static_cast<RoutingId>(bus << 8 | device << 3 | function);
}
constexpr unsigned bus_of(RoutingId id) {
    return id >> 8;
}
constexpr unsigned device_of(RoutingId id) {
    return id >> 3 & 0x1f;
}
constexpr unsigned function_of(RoutingId id) {
    return id & 0x7;
}

}  // namespace aqpim
