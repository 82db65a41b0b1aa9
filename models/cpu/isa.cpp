#include "models/cpu/isa.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "models/common/error.h"

namespace aqpim {

Isa::Isa(std::string_view name) {
    constexpr std::array<std::string_view, 2> allowed = {"rv64imac", "rv64imc"};
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
        throw InputError(fmt::format("instruction set '{}'; allowed: {}", name, fmt::join(allowed, ", ")));
    }
    for (const char letter : name.substr(4)) {
        letters_ |= 1u << (letter - 'a');
    }
}

}  // namespace aqpim
