#pragma once

#include <cstdint>
#include <string_view>

namespace aqpim {

/// A seed of a port's own from the platform's and the module's name (FNV-1a: Fowler, Noll, Vo): ports damage
/// different TLPs.
inline std::uint64_t port_seed(std::uint64_t seed, std::string_view module) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char letter : module) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    }
    return hash ^ seed;
}

}  // namespace aqpim
