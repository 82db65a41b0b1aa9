#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "models/pcie/aer.h"
#include "models/pcie/config_registers.h"
#include "models/pcie/pcie_parameters.h"

namespace aqpim {

struct FunctionIdentity {
    std::uint16_t vendor;
    std::uint16_t device;
    std::uint32_t class_code;  ///< base class << 16 | subclass << 8 | interface
};

/// PCIe Base Specification 7.5.3.2.
enum class PciePortType : std::uint8_t { endpoint = 0, root_port = 4, switch_upstream = 5, switch_downstream = 6 };

/// True for ports whose link leads away from the host.
constexpr bool is_downstream_port(PciePortType type) {
    return type == PciePortType::root_port || type == PciePortType::switch_downstream;
}

/// PCIe Base Specification 6.6. Conventional: hot or warm.
enum class ResetKind : std::uint8_t { power_on, conventional, function_level };

/// The 4 KiB of configuration registers of one function: bytes, and for each bit whether software may write it, clears
/// it by writing one, and whether it survives resets (sticky). What is not set is reserved: it reads as zero and
/// ignores writes.
class ConfigSpace {
 public:
    static constexpr unsigned size_bytes = 4096;

    virtual ~ConfigSpace() = default;
    ConfigSpace(const ConfigSpace&) = default;
    ConfigSpace& operator=(const ConfigSpace&) = default;

    /// 1, 2 or 4 bytes, naturally aligned, within the 4 KiB: what read and write take.
    static bool is_access(std::uint64_t offset, unsigned bytes);
    std::uint32_t read(unsigned offset, unsigned bytes) const;
    void write(unsigned offset, unsigned bytes, std::uint32_t value);

    /// Every register as at power-on, but sticky ones (other than at power-on) and, at a function-level reset, those of
    /// the link that PCIe Base Specification 6.6.2 exempts.
    void reset(ResetKind kind = ResetKind::conventional);

    /// The function takes nothing but configuration requests and sends no memory requests.
    bool in_d3hot() const { return power_state_ != 0; }
    /// Takes memory requests.
    bool memory_enabled() const { return !in_d3hot() && is_set(pci_register::command, pci_command_memory); }
    /// May issue memory requests, or, of a bridge, pass them upstream.
    bool bus_master_enabled() const { return !in_d3hot() && is_set(pci_register::command, pci_command_bus_master); }

    // Of functions with a PCIe capability.

    /// Bytes, as software has set it and the function supports it.
    std::uint32_t max_payload() const;
    /// Bytes; the reserved codes count as the largest, 4096.
    std::uint32_t max_read_request() const;
    /// Non-posted requests that the function may have outstanding: 32, 256 or 1024.
    std::uint32_t tags() const;
    bool relaxed_ordering_enabled() const;
    bool no_snoop_enabled() const;
    /// The parameter, or where software has chosen a range (PCIe Base Specification 7.5.3.16) its middle; nothing if
    /// software has turned it off.
    std::optional<Picoseconds> completion_timeout() const;
    /// What the device status shows; software looks there before it resets the function.
    void set_transactions_pending(bool pending);

    /// Notes an error of the function in every register that PCIe Base Specification 6.2.5 (figure 6-2) says, and
    /// returns the message that it is to send. `header`: of the TLP concerned, for the header log.
    ErrorMessage report(UncorrectableError error, const HeaderLog& header = {}, Advisory advisory = Advisory::no);
    ErrorMessage report(CorrectableError error);
    /// A completion for the function's own request came with status UR.
    void received_unsupported_request();
    /// A completion for the function's own request came with status CA.
    void received_completer_abort();

 protected:
    struct Register {
        unsigned offset;
        unsigned bytes;
        std::uint32_t value;
        std::uint32_t writable;
        std::uint32_t cleared_by_one = 0;
        std::uint32_t sticky = 0;
    };
    enum class PowerStates : std::uint8_t { d0, d0_and_d3hot };

    explicit ConfigSpace(const FunctionIdentity& identity);

    void set(const Register& entry);
    void set(std::span<const Register> table);
    /// The hardware's own change of a register, whatever software may write.
    void poke(unsigned offset, unsigned bytes, std::uint32_t value);
    void set_bits(unsigned offset, unsigned bytes, std::uint32_t bits);
    /// Of a 16-bit register.
    bool is_set(unsigned offset, std::uint32_t bit) const { return (read(offset, 2) & bit) != 0; }
    void set_writable(unsigned offset, unsigned bytes, std::uint32_t writable);
    /// Of a 32-bit register.
    std::uint32_t writable_bits(unsigned offset) const;
    /// Called when software has written or a reset has been done: puts right what depends on other registers.
    virtual void registers_changed();

    /// Appends a capability to the list; returns its offset. Its registers count from there.
    unsigned add_capability(std::uint8_t id, unsigned bytes, std::span<const Register> registers);
    /// The same in the list that starts at 0x100.
    unsigned add_extended_capability(std::uint16_t id, unsigned version, unsigned bytes,
                                     std::span<const Register> registers);
    void add_power_management_capability(PowerStates states);
    void add_pcie_capability(PciePortType type, const PcieParameters& parameters, unsigned port_number = 0);
    void add_aer_capability(PciePortType type);

    /// Offsets of the capabilities; 0: none.
    unsigned pcie_capability() const { return pcie_; }
    unsigned aer_capability() const { return aer_; }
    /// Sets bits of the header's status register that belongs to the side on which the function's link is.
    void set_link_side_status(std::uint32_t bits);
    /// The secondary side is the link's from now on.
    void put_link_on_secondary_side() { link_is_secondary_ = true; }

 private:
    void add_pcie_device_registers(PciePortType type, const PcieParameters& parameters);
    void add_pcie_link_registers(PciePortType type, const PcieParameters& parameters, unsigned port_number);
    void set_at(unsigned base, std::span<const Register> registers);
    std::uint32_t device_control_bits() const {
        return pcie_ == 0 ? 0 : read(pcie_ + pcie_register::device_control, 2);
    }

    /// Of a register of the AER capability; `otherwise` for functions without one.
    bool is_aer_set(unsigned offset, unsigned bit, std::uint32_t otherwise) const;
    void note_in_header(UncorrectableError error, const HeaderLog& header);
    void note_in_device_status(std::uint32_t bits);
    ErrorMessage report_advisory(UncorrectableError error, const HeaderLog& header);
    void log(UncorrectableError error, const HeaderLog& header);
    ErrorMessage message_for(UncorrectableError error, bool fatal);
    /// Unsupported requests have an enable bit of their own.
    bool is_unreported(UncorrectableError error) const;
    ErrorMessage correctable_message() const;
    void forget_cleared_first_error();

    std::array<std::uint8_t, size_bytes> bytes_{};
    std::array<std::uint8_t, size_bytes> reset_bytes_{};
    std::array<std::uint8_t, size_bytes> writable_{};
    std::array<std::uint8_t, size_bytes> cleared_by_one_{};
    std::array<std::uint8_t, size_bytes> sticky_{};
    unsigned last_link_ = pci_register::capabilities;  // the byte that points to the next capability
    unsigned next_capability_ = 0x40;
    unsigned last_extended_ = 0;  // the header that is to point to the next one; 0: there is none yet
    unsigned next_extended_ = pci_register::extended_capabilities;
    unsigned power_management_ = 0;
    unsigned pcie_ = 0;
    unsigned aer_ = 0;
    bool link_is_secondary_ = false;
    std::uint32_t power_state_ = 0;  // D0 or D3hot
    Picoseconds completion_timeout_ps_ = 0;
};

}  // namespace aqpim
