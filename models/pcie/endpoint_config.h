#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/pcie/config_space.h"

namespace aqpim {

struct BarDescription {
    unsigned index;      ///< 0 to 5; a 64-bit BAR takes the next one too
    std::uint64_t size;  ///< bytes; a BAR decodes the next power of two, at least 128 B
    bool is_64;
    bool prefetchable;
};

/// A function of a PCIe device, as its designer describes it.
struct FunctionDescription {
    std::uint16_t vendor;
    std::uint16_t device;
    std::uint32_t class_code;
    std::string name;
    unsigned msix_vectors;  ///< 0 to 128; with any, the device adds BAR AQPIM_BAR_MSIX itself
    std::vector<BarDescription> bars;
};

/// Configuration space of an endpoint function: type 0 header, power management, PCIe and (with vectors) MSI-X
/// capabilities.
class EndpointConfig : public ConfigSpace {
 public:
    /// Throws InputError if BARs overlap, do not exist or are too large.
    EndpointConfig(const FunctionDescription& function, bool multi_function, const PcieParameters& parameters);

    struct BarHit {
        unsigned index;
        std::uint64_t offset;
    };
    /// The enabled BAR that holds all of [address, address + bytes).
    std::optional<BarHit> find_bar(std::uint64_t address, std::uint64_t bytes) const;
    std::uint64_t bar_address(unsigned index) const;

    bool msix_enabled() const { return (msix_control() & 0x8000) != 0; }
    bool msix_function_masked() const { return (msix_control() & 0x4000) != 0; }

 private:
    void add_bar(const std::string& function, const BarDescription& bar);
    void add_msix_capability(unsigned vectors);
    std::uint32_t msix_control() const { return msix_capability_ == 0 ? 0 : read(msix_capability_ + 2, 2); }

    std::vector<BarDescription> bars_;  // sizes as decoded
    unsigned bars_used_ = 0;            // one bit for each of the header's six
    unsigned msix_capability_ = 0;      // 0: none
};

}  // namespace aqpim
