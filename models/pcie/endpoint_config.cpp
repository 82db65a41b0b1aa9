#include "models/pcie/endpoint_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "aqpim/pci_ids.h"
#include "models/common/error.h"

namespace aqpim {

namespace {

constexpr std::uint8_t msix_id = 0x11;
constexpr unsigned bars = 6;
constexpr unsigned max_vectors = (AQPIM_MSIX_PBA_OFFSET - AQPIM_MSIX_TABLE_OFFSET) / 16;
constexpr std::uint64_t smallest_bar = 128;  // PCIe Base Specification 7.5.1.2.1
constexpr std::uint64_t largest_32 = std::uint64_t{1} << 31;
constexpr std::uint64_t largest_64 = std::uint64_t{1} << 62;
constexpr std::uint32_t bar_64 = 0x4;
constexpr std::uint32_t bar_prefetchable = 0x8;

}  // namespace

EndpointConfig::EndpointConfig(const FunctionDescription& function, bool multi_function,
                               const PcieParameters& parameters)
    : ConfigSpace({function.vendor, function.device, function.class_code}) {
    set({pci_register::header_type, 1, multi_function ? 0x80u : 0x00u, 0});
    set({pci_register::subsystem_vendor_id, 2, function.vendor, 0});
    set({pci_register::subsystem_id, 2, function.device, 0});
    for (const BarDescription& bar : function.bars) {
        add_bar(function.name, bar);
    }
    add_power_management_capability();
    add_pcie_capability(PciePortType::endpoint, parameters);
    if (function.msix_vectors > max_vectors) {
        throw InputError(fmt::format("PCIe function {}: {} MSI-X vectors, at most {} fit the table", function.name,
                                     function.msix_vectors, max_vectors));
    }
    if (function.msix_vectors > 0) {
        add_bar(function.name, {AQPIM_BAR_MSIX, AQPIM_BAR_MSIX_SIZE, false, false});
        add_msix_capability(function.msix_vectors);
    }
}

std::optional<EndpointConfig::BarHit> EndpointConfig::find_bar(std::uint64_t address, std::uint64_t bytes) const {
    if (!memory_enabled()) {
        return std::nullopt;
    }
    for (const BarDescription& bar : bars_) {
        const std::uint64_t offset = address - bar_address(bar.index);
        if (offset < bar.size && bytes <= bar.size - offset) {
            return BarHit{bar.index, offset};
        }
    }
    return std::nullopt;
}

std::uint64_t EndpointConfig::bar_address(unsigned index) const {
    const unsigned offset = pci_register::bar0 + index * 4;
    const std::uint32_t low = read(offset, 4);
    const std::uint64_t high = (low & bar_64) != 0 ? read(offset + 4, 4) : 0;
    return high << 32 | (low & ~std::uint32_t{0xf});
}

void EndpointConfig::add_bar(const std::string& function, const BarDescription& bar) {
    const unsigned taken = (bar.is_64 ? 0x3u : 0x1u) << std::min(bar.index, bars);
    const bool fits = bar.size <= (bar.is_64 ? largest_64 : largest_32);
    if (taken >> bars != 0 || (bars_used_ & taken) != 0 || !fits) {
        throw InputError(
            fmt::format("PCIe function {}: BAR{} of {} B does not fit; there are six, a 64-bit one takes "
                        "two, and a 32-bit one holds at most 2 GiB",
                        function, bar.index, bar.size));
    }
    bars_used_ |= taken;
    const std::uint64_t size = std::max(std::bit_ceil(bar.size), smallest_bar);
    bars_.push_back({bar.index, size, bar.is_64, bar.prefetchable});
    const std::uint64_t writable = ~(size - 1);
    const unsigned offset = pci_register::bar0 + bar.index * 4;
    const std::uint32_t kind = (bar.is_64 ? bar_64 : 0) | (bar.prefetchable ? bar_prefetchable : 0);
    set({offset, 4, kind, static_cast<std::uint32_t>(writable)});
    if (bar.is_64) {
        set({offset + 4, 4, 0, static_cast<std::uint32_t>(writable >> 32)});
    }
}

void EndpointConfig::add_msix_capability(unsigned vectors) {
    const Register registers[] = {
        {0x02, 2, vectors - 1, 0xc000},  // control: table size; enable and function mask are writable
        {0x04, 4, AQPIM_MSIX_TABLE_OFFSET | AQPIM_BAR_MSIX, 0},
        {0x08, 4, AQPIM_MSIX_PBA_OFFSET | AQPIM_BAR_MSIX, 0},
    };
    msix_capability_ = add_capability(msix_id, 12, registers);
}

}  // namespace aqpim
