#pragma once

#include <cstdint>

#include "aqpim/pci_ids.h"
#include "models/pcie/bridge_config.h"
#include "models/pcie/endpoint_config.h"
#include "tests/pcie/parameters.h"

namespace aqpim {

/// A PIM function with 64 KiB of registers, 16 GiB of memory and four vectors.
inline FunctionDescription pim_description() {
    return {AQPIM_PCI_VENDOR,
            AQPIM_PCI_DEVICE_PIM,
            AQPIM_PCI_CLASS_PIM,
            "pim",
            4,
            {{AQPIM_BAR_REGISTERS, 0x10000, true, false}, {AQPIM_BAR_MEMORY, 16ull << 30, true, true}}};
}

inline EndpointConfig pim_endpoint() {
    return {pim_description(), false, default_pcie_parameters()};
}

inline BridgeConfig port(PciePortType type) {
    return {AQPIM_PCI_DEVICE_SWITCH_DOWNSTREAM, type, default_pcie_parameters()};
}

/// Offset of capability `id`, 0 if the list does not have it.
inline unsigned capability(const ConfigSpace& space, unsigned id) {
    unsigned offset = space.read(0x34, 1);
    while (offset != 0 && space.read(offset, 1) != id) {
        offset = space.read(offset + 1, 1);
    }
    return offset;
}

/// The same in the list of extended capabilities.
inline unsigned extended_capability(const ConfigSpace& space, unsigned id) {
    unsigned offset = 0x100;
    while (offset != 0 && (space.read(offset, 4) & 0xffff) != id) {
        offset = space.read(offset, 4) >> 20;
    }
    return offset;
}

inline unsigned pcie_at(const ConfigSpace& space, unsigned offset) {
    return capability(space, 0x10) + offset;
}

inline unsigned aer_at(const ConfigSpace& space, unsigned offset) {
    return extended_capability(space, 0x0001) + offset;
}

}  // namespace aqpim
