#include "models/pcie/endpoint_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

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
constexpr std::uint32_t bar_kind_bits = 0xf;
constexpr std::uint32_t initiate_function_level_reset = 0x8000;

// Resizable BAR (PCIe Base Specification 7.8.6): size code n stands for 2^n MiB.
constexpr std::uint16_t resizable_bar_id = 0x0015;
constexpr std::uint64_t smallest_resizable = std::uint64_t{1} << 20;
constexpr unsigned resize_entry_bytes = 8;
constexpr unsigned size_code_shift = 8;
constexpr std::uint32_t size_code_mask = 0x3f;

unsigned size_code(std::uint64_t size) {
    return static_cast<unsigned>(std::countr_zero(size / smallest_resizable));
}

constexpr std::uint16_t serial_number_id = 0x0003;

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
    add_power_management_capability(PowerStates::d0_and_d3hot);
    add_pcie_capability(PciePortType::endpoint, parameters);
    if (function.msix_vectors > max_vectors) {
        throw InputError(fmt::format("PCIe function {}: {} MSI-X vectors, at most {} fit the table", function.name,
                                     function.msix_vectors, max_vectors));
    }
    if (function.msix_vectors > 0) {
        add_bar(function.name, {AQPIM_BAR_MSIX, AQPIM_BAR_MSIX_SIZE, false, false});
        add_msix_capability(function.msix_vectors);
    }
    add_aer_capability(PciePortType::endpoint);
    if (function.serial_number != 0) {
        add_serial_number(function.serial_number);
    }
    add_resizable_bars();
}

std::optional<EndpointConfig::BarHit> EndpointConfig::find_bar(std::uint64_t address, std::uint64_t bytes) const {
    if (!memory_enabled()) {
        return std::nullopt;
    }
    for (const Bar& bar : bars_) {
        const std::uint64_t size = bar.description.size;
        const std::uint64_t offset = address - bar.address;
        if (offset < size && bytes <= size - offset) {
            return BarHit{bar.description.index, offset};
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
    bars_.push_back({{bar.index, size, bar.is_64, bar.prefetchable}, size, 0, 0});
    const unsigned offset = pci_register::bar0 + bar.index * 4;
    set({offset, 4, (bar.is_64 ? bar_64 : 0) | (bar.prefetchable ? bar_prefetchable : 0), 0});
    decode(bars_.back().description);
}

/// Address bits within the BAR's size read as zero and ignore writes.
void EndpointConfig::decode(const BarDescription& bar) {
    const std::uint64_t address_bits = ~(bar.size - 1);
    const auto low = static_cast<std::uint32_t>(address_bits);
    const auto high = static_cast<std::uint32_t>(address_bits >> 32);
    const unsigned offset = pci_register::bar0 + bar.index * 4;
    poke(offset, 4, read(offset, 4) & (low | bar_kind_bits));
    set_writable(offset, 4, low);
    if (bar.is_64) {
        poke(offset + 4, 4, read(offset + 4, 4) & high);
        set_writable(offset + 4, 4, high);
    }
}

std::uint64_t EndpointConfig::bar_size(unsigned index) const {
    for (const Bar& bar : bars_) {
        if (bar.description.index == index) {
            return bar.description.size;
        }
    }
    return 0;
}

bool EndpointConfig::take_function_level_reset() {
    return std::exchange(reset_asked_, false);
}

void EndpointConfig::registers_changed() {
    ConfigSpace::registers_changed();
    const unsigned control_at = pcie_capability() + pcie_register::device_control;
    const std::uint32_t control = read(control_at, 2);
    if ((control & initiate_function_level_reset) != 0) {
        reset_asked_ = true;
        poke(control_at, 2, control & ~initiate_function_level_reset);
    }
    for (Bar& bar : bars_) {
        if (bar.resize_control != 0) {
            follow_resize_control(bar);
        }
        bar.address = bar_address(bar.description.index);
    }
}

/// A size that the BAR does not have is not taken over.
void EndpointConfig::follow_resize_control(Bar& bar) {
    const std::uint32_t control = read(bar.resize_control, 4);
    const std::uint32_t asked = control >> size_code_shift & size_code_mask;
    const std::uint32_t present = size_code(bar.description.size);
    if (asked > size_code(bar.full_size)) {
        poke(bar.resize_control, 4, (control & ~(size_code_mask << size_code_shift)) | present << size_code_shift);
    } else if (asked != present) {
        bar.description.size = smallest_resizable << asked;
        decode(bar.description);
    }
}

void EndpointConfig::add_serial_number(std::uint64_t serial_number) {
    const Register registers[] = {
        {0x04, 4, static_cast<std::uint32_t>(serial_number), 0},
        {0x08, 4, static_cast<std::uint32_t>(serial_number >> 32), 0},
    };
    add_extended_capability(serial_number_id, 1, 12, registers);
}

void EndpointConfig::add_resizable_bars() {
    std::vector<Bar*> resizable;
    for (Bar& bar : bars_) {
        if (bar.description.prefetchable && bar.full_size >= smallest_resizable) {
            resizable.push_back(&bar);
        }
    }
    if (resizable.empty()) {
        return;
    }
    const auto count = static_cast<unsigned>(resizable.size());
    std::vector<Register> registers;
    for (unsigned i = 0; i < count; ++i) {
        const unsigned largest = size_code(resizable[i]->full_size);
        const std::uint64_t sizes = (std::uint64_t{2} << largest) - 1;  // bit n: 2^n MiB
        const auto low = static_cast<std::uint32_t>(sizes << 4);
        const auto high = static_cast<std::uint32_t>(sizes >> 28 << 16);
        const std::uint32_t number = i == 0 ? count << 5 : 0;
        registers.push_back({4 + i * resize_entry_bytes, 4, low, 0});
        registers.push_back({8 + i * resize_entry_bytes, 4,
                             high | largest << size_code_shift | number | resizable[i]->description.index,
                             size_code_mask << size_code_shift});
    }
    const unsigned offset = add_extended_capability(resizable_bar_id, 1, 4 + count * resize_entry_bytes, registers);
    for (unsigned i = 0; i < count; ++i) {
        resizable[i]->resize_control = offset + 8 + i * resize_entry_bytes;
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
