#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/common/parameter.h"
#include "models/common/sockets.h"

namespace aqpim {

struct BusParameters {
    Picoseconds latency = 0;  ///< of each access, from the initiator to its target

    void declare(ParameterSection section);
};

/// What a target sees as the address of a transaction.
enum class Addressing {
    offset,    ///< counted from the base of its window
    absolute,  ///< the bus address itself
};

/// A window of a target that has several.
struct AddressRange {
    std::uint64_t base;
    std::uint64_t size;                                       ///< bytes
    std::optional<std::uint64_t> target_base = std::nullopt;  ///< what the target sees as `base`; else the bus address
};

/// The host's interconnect: routes transactions by address from any number of initiators to any number of targets.
///
///     hart.socket.bind(bus.add_initiator("hart0"));
///     bus.map("uart", AQPIM_UART_BASE, AQPIM_UART_SIZE).bind(uart.socket);
///     bus.map("mmio", {{AQPIM_PCIE_MMIO32_BASE, AQPIM_PCIE_MMIO32_SIZE}, ...}).bind(root_complex.mmio);
///
/// An access adds the latency and is never held up by another: contention is modelled where it arises, in the targets.
/// An access that no window holds as a whole gets an address error. DMI regions are translated, cut to their window,
/// and carry the bus's latency on top of the target's; invalidations go to all initiators.
class Bus : public sc_core::sc_module {
 public:
    Bus(sc_core::sc_module_name name, const BusParameters& parameters);
    ~Bus() override;

    /// A socket for one more initiator to bind to; during construction of the platform.
    TaggedTargetSocket<Bus>& add_initiator(const std::string& name);

    /// Opens the window [base, base + size) and returns the socket that its target is to be bound to; during
    /// construction of the platform. Throws std::logic_error if the window is empty, wraps around or overlaps another.
    TaggedInitiatorSocket<Bus>& map(const std::string& name, std::uint64_t base, std::uint64_t size,
                                    Addressing addressing = Addressing::offset);
    /// The same, for several windows of one target, which sees bus addresses or what each window says.
    TaggedInitiatorSocket<Bus>& map(const std::string& name, const std::vector<AddressRange>& ranges);

    /// Accesses that no window held, and the address of the latest of them.
    std::uint64_t address_errors() const { return address_errors_; }
    std::uint64_t last_bad_address() const { return last_bad_address_; }

 private:
    struct Window {
        std::string name;
        std::uint64_t first;
        std::uint64_t last;
        std::uint64_t target_first;  ///< how the target sees `first`
        std::size_t target;

        std::uint64_t to_target(std::uint64_t address) const { return address - first + target_first; }
        std::uint64_t to_bus(std::uint64_t address) const { return address - target_first + first; }
        std::uint64_t target_last() const { return to_target(last); }
    };

    TaggedInitiatorSocket<Bus>& add_target(const std::string& name);
    /// Opens a window of the target that was added last.
    void open_window(const std::string& name, const AddressRange& range);

    void b_transport(int initiator, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned transport_dbg(int initiator, tlm::tlm_generic_payload& transaction);
    bool get_direct_mem_ptr(int initiator, tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi);
    void invalidate_direct_mem_ptr(int target, sc_dt::uint64 start, sc_dt::uint64 end);

    /// The window that holds all of [address, address + bytes), or null.
    const Window* find(std::uint64_t address, std::uint64_t bytes) const;

    sc_core::sc_time latency_;
    std::vector<std::unique_ptr<TaggedTargetSocket<Bus>>> initiators_;
    std::vector<std::unique_ptr<TaggedInitiatorSocket<Bus>>> targets_;
    std::vector<Window> windows_;
    std::uint64_t address_errors_ = 0;
    std::uint64_t last_bad_address_ = 0;
};

}  // namespace aqpim
