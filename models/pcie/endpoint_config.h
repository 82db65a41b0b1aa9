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
    std::uint64_t serial_number = 0;  ///< EUI-64 of the device; 0: the function does not show one
};

/// Configuration space of an endpoint function: type 0 header, power management, PCIe and (with vectors) MSI-X
/// capabilities; advanced error reporting, device serial number (if there is one) and resizable BARs.
///
/// Prefetchable BARs of 1 MiB and more are resizable: they come up with their full size, and software may choose any
/// power of two from 1 MiB to that. It has to place a BAR again when it has changed its size.
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
    /// As decoded at present; 0 if there is no such BAR.
    std::uint64_t bar_size(unsigned index) const;

    bool msix_enabled() const { return (msix_control() & 0x8000) != 0; }
    bool msix_function_masked() const { return (msix_control() & 0x4000) != 0; }

    /// True once for each time that software has asked for a function-level reset.
    bool take_function_level_reset();

 protected:
    void registers_changed() override;

 private:
    struct Bar {
        BarDescription description;  // size as decoded at present
        std::uint64_t full_size;
        unsigned resize_control;  // offset; 0: not resizable
        std::uint64_t address;    // as the registers hold it, ready for every TLP that asks
    };

    void add_bar(const std::string& function, const BarDescription& bar);
    void add_msix_capability(unsigned vectors);
    void add_serial_number(std::uint64_t serial_number);
    void add_resizable_bars();
    void follow_resize_control(Bar& bar);
    void decode(const BarDescription& bar);
    std::uint32_t msix_control() const { return msix_capability_ == 0 ? 0 : read(msix_capability_ + 2, 2); }

    std::vector<Bar> bars_;
    unsigned bars_used_ = 0;        // one bit for each of the header's six
    unsigned msix_capability_ = 0;  // 0: none
    bool reset_asked_ = false;
};

}  // namespace aqpim
