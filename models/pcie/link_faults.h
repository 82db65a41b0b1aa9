#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/common/clock.h"

namespace aqpim {

/// What goes wrong on a link.
enum class LinkFaultKind : std::uint8_t {
    down,    ///< surprise link-down: what is on its way is lost, and the device below is reset
    up,      ///< trained again
    poison,  ///< the next TLP with data is poisoned
    drop,    ///< the next completion is lost
};

struct LinkFault {
    std::string link;  ///< its name: "gpu_link"
    LinkFaultKind kind;
    Picoseconds at_ps;
};

/// "gpu_link:down@12us, gpu_link:up@40us". Throws InputError, naming `pcie.faults`, for what it cannot read.
std::vector<LinkFault> parse_link_faults(std::string_view text);

}  // namespace aqpim
