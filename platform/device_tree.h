#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aqpim {

/// What firmware has to be told beyond the fixed memory map (firmware/include/aqpim/memory_map.h).
struct DeviceTreeFacts {
    std::uint32_t harts;
    std::string isa;  ///< without abbreviations: "rv64imafdc"
    std::uint64_t ram_bytes;
    std::uint64_t job_address;  ///< /chosen/aqpim,job
    std::uint64_t job_bytes;
};

/// A flattened device tree (Devicetree Specification 0.4) of the host's side, in the form of QEMU's `virt` machine.
std::vector<std::uint8_t> make_device_tree(const DeviceTreeFacts& facts);

}  // namespace aqpim
