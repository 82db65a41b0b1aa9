#include "fake_pci.h"

extern "C" {
#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/time.h"

struct aqpim_board aqpim_board;

std::uint32_t aqpim_read32(std::uint64_t address) {
    return FakePci::current->read(address);
}
std::uint64_t aqpim_read64(std::uint64_t address) {
    return std::uint64_t{aqpim_read32(address + 4)} << 32 | aqpim_read32(address);
}
void aqpim_write32(std::uint64_t address, std::uint32_t value) {
    FakePci::current->write(address, value);
}
void aqpim_write64(std::uint64_t address, std::uint64_t value) {
    aqpim_write32(address, static_cast<std::uint32_t>(value));
    aqpim_write32(address + 4, static_cast<std::uint32_t>(value >> 32));
}
std::uint64_t aqpim_time_ns(void) {
    return FakePci::current->now_ns;
}
void aqpim_delay_ns(std::uint64_t delay_ns) {
    FakePci::current->wait(delay_ns);
}
}

FakePci* FakePci::current = nullptr;

namespace {

constexpr std::uint32_t nobody = 0xffffffff;
constexpr unsigned link_capabilities = FakePci::express + AQPIM_PCI_EXPRESS_LINK_CAPABILITIES;
constexpr unsigned link_control = FakePci::express + AQPIM_PCI_EXPRESS_LINK_CONTROL;
constexpr unsigned device_control = FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL;
constexpr unsigned power_control = FakePci::power + AQPIM_PCI_POWER_CONTROL;
constexpr std::uint32_t gen4_x16 = 4 | 16 << 4;

}  // namespace

void FakeFunction::set(unsigned offset, std::uint32_t value, std::uint32_t writable, std::uint32_t clears) {
    words[offset] = {value, writable, clears, value};
}

void FakeFunction::reset() {
    ++resets;
    memory.clear();
    for (auto& [offset, word] : words) {
        word.value = word.at_reset;
    }
}

FakePci::FakePci() {
    current = this;
    board.ecam = {ecam, 0x10000000};
    board.pci_memory32 = {memory32, 0x40000000};
    board.pci_memory64 = {memory64, 0xfc00000000};
    aqpim_board = board;
    aqpim_board.msi_frame = 0x24000000;
    root_.is_bridge = true;
}

FakePci::~FakePci() {
    current = nullptr;
}

namespace {

void add_common(FakeFunction& function, std::uint32_t port_type, std::uint32_t most_payload_code) {
    function.set(AQPIM_PCI_COMMAND, AQPIM_PCI_STATUS_CAPABILITIES, 0x0546);
    function.set(AQPIM_PCI_CAPABILITIES, FakePci::power);
    function.set(FakePci::power, FakePci::express << 8 | AQPIM_PCI_CAP_POWER);
    function.set(power_control, 0, 0x3, 0x8000);
    function.set(FakePci::express, port_type << 20 | 0x20000u | FakePci::msix << 8 | AQPIM_PCI_CAP_EXPRESS);
    function.set(FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CAPABILITIES, most_payload_code);
    function.set(device_control, 0x2810, 0xffff & ~AQPIM_PCI_DEVICE_FLR, 0xf0000);
    function.set(FakePci::express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL2, 0, 0xffff);
    function.set(link_capabilities, gen4_x16);
    function.set(link_control, gen4_x16 << 16, 0x00d3);
    function.set(FakePci::msix, 0);  // ends the list
    function.set(FakePci::aer, FakePci::serial << 20 | 0x10000u | AQPIM_PCI_EXT_AER);
    function.set(FakePci::aer + AQPIM_PCI_AER_UNCORRECTABLE, 0, 0, 0x007ff030);
    function.set(FakePci::aer + AQPIM_PCI_AER_UNCORRECTABLE_MASK, 0x00400000, 0x007ff030);
    function.set(FakePci::aer + AQPIM_PCI_AER_SEVERITY, 0x00462030, 0x007ff030);
    function.set(FakePci::aer + AQPIM_PCI_AER_CORRECTABLE, 0, 0, 0x0000f1c1);
    function.set(FakePci::aer + AQPIM_PCI_AER_CORRECTABLE_MASK, 0x0000e000, 0x0000f1c1);
    function.set(FakePci::aer + AQPIM_PCI_AER_CONTROL, 0);
    function.set(FakePci::serial, FakePci::acs << 20 | 0x10000u | AQPIM_PCI_EXT_SERIAL);
    function.set(FakePci::serial + 4, 0x89abcdef);
    function.set(FakePci::serial + 8, 0x01234567);
}

}  // namespace

FakeFunction& FakePci::add_bridge(FakeFunction* above, unsigned device, std::uint32_t port_type) {
    FakeFunction& bridge = *(above != nullptr ? above : &root_)->below.emplace_back(std::make_unique<FakeFunction>());
    bridge.device = device;
    bridge.is_bridge = true;
    bridge.has_link = port_type == AQPIM_PCI_PORT_ROOT || port_type == AQPIM_PCI_PORT_DOWNSTREAM;
    bridge.set(AQPIM_PCI_ID, 0x0002fffe);
    bridge.set(AQPIM_PCI_CLASS, 0x06040000);
    bridge.set(AQPIM_PCI_HEADER, 0x00010000);
    bridge.set(AQPIM_PCI_BUS_NUMBERS, 0, 0x00ffffff);
    bridge.set(AQPIM_PCI_MEMORY_WINDOW, 0x0000fff0, 0xfff0fff0);
    bridge.set(AQPIM_PCI_PREFETCH_WINDOW, 0x0001fff1, 0xfff0fff0);
    bridge.set(AQPIM_PCI_PREFETCH_BASE_UPPER, 0, nobody);
    bridge.set(AQPIM_PCI_PREFETCH_LIMIT_UPPER, 0, nobody);
    bridge.set(AQPIM_PCI_BRIDGE_CONTROL, 0, 0x00430000);
    add_common(bridge, port_type, 2);
    bridge.set(acs, 0x10000u | AQPIM_PCI_EXT_ACS);
    bridge.set(acs + AQPIM_PCI_ACS_CONTROL, 0x001c, 0x001c0000);
    if (bridge.has_link) {
        bridge.set(link_capabilities, gen4_x16 | AQPIM_PCI_LINK_REPORTS_ACTIVE);
        bridge.set(link_control, gen4_x16 << 16 | AQPIM_PCI_LINK_ACTIVE, 0x00d3);
    }
    if (port_type == AQPIM_PCI_PORT_ROOT) {
        bridge.set(aer + AQPIM_PCI_AER_ROOT_COMMAND, 0, 0x7);
        bridge.set(aer + AQPIM_PCI_AER_ROOT_STATUS, 0, 0, 0x7f);
        bridge.set(aer + AQPIM_PCI_AER_ROOT_SOURCE, 0);
    }
    return bridge;
}

void FakePci::set_size(FakeFunction& function, unsigned bar, std::uint64_t bytes, bool wide) {
    const std::uint64_t writable = ~(bytes - 1);
    const unsigned offset = AQPIM_PCI_BAR0 + 4 * bar;
    const std::uint32_t kind = wide ? AQPIM_PCI_BAR_64BIT | AQPIM_PCI_BAR_PREFETCHABLE : 0;
    function.set(offset, kind, static_cast<std::uint32_t>(writable));
    if (wide) {
        function.set(offset + 4, 0, static_cast<std::uint32_t>(writable >> 32));
    }
}

FakeFunction& FakePci::add_endpoint(FakeFunction& above, unsigned number, std::uint64_t memory_bytes) {
    FakeFunction& function = *above.below.emplace_back(std::make_unique<FakeFunction>());
    function.number = number;
    function.set(AQPIM_PCI_ID, 0x0010fffe);
    function.set(AQPIM_PCI_CLASS, 0x03020000);
    function.set(AQPIM_PCI_HEADER, 0x00800000);
    set_size(function, 0, memory_bytes, true);
    set_size(function, 2, 4096, false);
    add_common(function, AQPIM_PCI_PORT_ENDPOINT, 1);
    function.at(express + AQPIM_PCI_EXPRESS_DEVICE_CAPABILITIES) |= AQPIM_PCI_DEVICE_CAN_FLR;
    function.words[express + AQPIM_PCI_EXPRESS_DEVICE_CAPABILITIES].at_reset |= AQPIM_PCI_DEVICE_CAN_FLR;
    function.set(msix, 3u << 16 | AQPIM_PCI_CAP_MSIX, 0xc0000000);
    function.set(msix + AQPIM_PCI_MSIX_TABLE, 2);
    function.set(acs, resize << 20 | 0x10000u | 0x0018);  // latency tolerance: just on the way
    function.set(resize, 0x10000u | AQPIM_PCI_EXT_RESIZABLE_BAR);
    const auto megabytes = static_cast<std::uint32_t>(memory_bytes >> 20);
    function.set(resize + AQPIM_PCI_RESIZE_SIZES(0), (megabytes | megabytes * 2 | megabytes * 4) << 4);
    function.set(resize + AQPIM_PCI_RESIZE_CONTROL(0), 1u << 5, AQPIM_PCI_RESIZE_SIZE_MASK);
    return function;
}

FakeFunction* FakePci::find_on(FakeFunction* bridge, unsigned bus, unsigned device, unsigned number) {
    const std::uint32_t numbers = bridge == &root_ ? 0xff0000 : bridge->at(AQPIM_PCI_BUS_NUMBERS);
    const unsigned secondary = numbers >> 8 & 0xff;
    if (bridge->has_link) {
        update_link(*bridge);
    }
    if (!bridge->link_up || (bridge != &root_ && secondary == 0)) {
        return nullptr;
    }
    for (const auto& function : bridge->below) {
        if (bus == secondary && function->device == device && function->number == number) {
            return now_ns >= function->absent_until ? function.get() : nullptr;
        }
        const std::uint32_t behind = function->is_bridge ? function->at(AQPIM_PCI_BUS_NUMBERS) : 0;
        if (bus != secondary && bus >= (behind >> 8 & 0xff) && bus <= (behind >> 16 & 0xff) && behind >> 8 != 0) {
            return find_on(function.get(), bus, device, number);
        }
    }
    return nullptr;
}

FakeFunction* FakePci::find(std::uint64_t address) {
    const auto at = static_cast<unsigned>(address - ecam);
    return find_on(&root_, at >> 20, at >> 15 & 31, at >> 12 & 7);
}

FakeFunction* FakePci::owner(FakeFunction& bridge, std::uint64_t address) {
    for (const auto& function : bridge.below) {
        FakeFunction* below = function->is_bridge && function->link_up ? owner(*function, address) : nullptr;
        if (below != nullptr) {
            return below;
        }
        const FakeFunction::Word& bar = function->words[AQPIM_PCI_BAR0 + 8];
        const bool enabled = (function->at(AQPIM_PCI_COMMAND) & AQPIM_PCI_COMMAND_MEMORY) != 0;
        if (!function->is_bridge && enabled && address - (bar.value & ~0xfu) < 4096) {
            return function.get();
        }
    }
    return nullptr;
}

std::uint32_t FakePci::read(std::uint64_t address) {
    ++reads;
    if (address < ecam || address >= ecam + board.ecam.size) {
        FakeFunction* function = owner(root_, address);
        return function != nullptr ? function->memory[address % 4096] : nobody;
    }
    FakeFunction* function = find(address);
    if (function == nullptr) {
        return nobody;
    }
    if (function->has_link) {
        update_link(*function);
    }
    const unsigned offset = address % 4096;
    std::uint32_t value = function->at(offset);
    if (offset == device_control && function->pending_reads > 0) {
        --function->pending_reads;
        value |= AQPIM_PCI_DEVICE_PENDING;
    }
    return value;
}

void FakePci::write(std::uint64_t address, std::uint32_t value) {
    if (address < ecam || address >= ecam + board.ecam.size) {
        if (FakeFunction* function = owner(root_, address)) {
            function->memory[address % 4096] = value;
        }
        return;
    }
    if (FakeFunction* function = find(address)) {
        FakeFunction::Word& word = function->words[address % 4096];
        const std::uint32_t before = word.value;
        word.value = ((before & ~word.writable) | (value & word.writable)) & ~(value & word.clears);
        act(*function, address % 4096, before, value);
    }
}

void FakePci::update_link(FakeFunction& bridge) {
    const bool disabled = (bridge.at(link_control) & AQPIM_PCI_LINK_DISABLE) != 0;
    const bool held = (bridge.at(AQPIM_PCI_BRIDGE_CONTROL) & AQPIM_PCI_BRIDGE_RESET) != 0;
    bridge.link_up = !disabled && !held && now_ns >= bridge.up_at_ns;
    std::uint32_t& link = bridge.at(link_control);
    link = bridge.link_up ? link | AQPIM_PCI_LINK_ACTIVE : link & ~AQPIM_PCI_LINK_ACTIVE;
}

void FakePci::change_link(FakeFunction& bridge) {
    bridge.up_at_ns = now_ns + link_training_ns;
    const bool was_up = bridge.link_up;
    update_link(bridge);
    if (was_up) {
        reset_below(bridge);
    }
}

void FakePci::reset_below(FakeFunction& bridge) {
    for (const auto& function : bridge.below) {
        reset_below(*function);
        function->reset();
        function->absent_until = now_ns + reset_recovery_ns;
    }
}

void FakePci::act(FakeFunction& function, unsigned offset, std::uint32_t before, std::uint32_t given) {
    const std::uint32_t changed = before ^ function.at(offset);
    if (function.is_bridge && offset == AQPIM_PCI_BRIDGE_CONTROL && (changed & AQPIM_PCI_BRIDGE_RESET) != 0) {
        change_link(function);
    } else if (function.has_link && offset == link_control && (changed & AQPIM_PCI_LINK_DISABLE) != 0) {
        change_link(function);
    } else if (offset == device_control && (given & AQPIM_PCI_DEVICE_FLR) != 0 && !function.is_bridge) {
        function.resets_with_master.push_back(function.at(AQPIM_PCI_COMMAND));
        function.reset();
        function.absent_until = now_ns + reset_recovery_ns;
    } else if (offset == power_control && (before & 3) == 3 && (function.at(offset) & 3) == 0) {
        function.reset();
    }
}
