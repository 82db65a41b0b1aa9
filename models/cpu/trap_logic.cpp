// What traps and returns do to the privileged state.

#include "models/cpu/csr_fields.h"
#include "models/cpu/csr_file.h"

namespace aqpim {

using namespace csr_fields;

namespace {

constexpr std::uint64_t cause_is_interrupt = std::uint64_t{1} << 63;

/// `status` with the bit `to` as the bit `from` is.
std::uint64_t copy_bit(std::uint64_t status, std::uint64_t to, std::uint64_t from) {
    return (status & from) != 0 ? status | to : status & ~to;
}

}  // namespace

void CsrFile::set_pins(bool software, bool timer, bool external) {
    pins_ = (software ? bit(machine_software) : 0) | (timer ? bit(machine_timer) : 0) |
            (external ? bit(machine_external) : 0);
}

void CsrFile::set_supervisor_external(bool external) {
    supervisor_pin_ = external ? bit(supervisor_external) : 0;
}

std::optional<std::uint64_t> CsrFile::enabled_interrupt() const {
    const bool machine_enabled = privilege_ != Privilege::machine || (state_.mstatus & status_mie) != 0;
    const bool supervisor_enabled =
        privilege_ == Privilege::user || (privilege_ == Privilege::supervisor && (state_.mstatus & status_sie) != 0);
    const std::uint64_t candidates = pending() & state_.mie;
    std::uint64_t enabled = machine_enabled ? candidates & ~state_.mideleg : 0;
    if (enabled == 0 && supervisor_enabled) {
        enabled = candidates & state_.mideleg;
    }
    if (enabled == 0) {
        return std::nullopt;
    }
    for (const unsigned number :
         {machine_external, machine_software, machine_timer, supervisor_external, supervisor_software}) {
        if ((enabled & bit(number)) != 0) {
            return number;
        }
    }
    return supervisor_timer;
}

std::uint64_t CsrFile::enter_exception(Cause cause, std::uint64_t pc, std::uint64_t value) {
    const auto number = static_cast<std::uint64_t>(cause);
    return enter_trap((state_.medeleg >> number & 1) != 0, number, pc, value);
}

std::uint64_t CsrFile::enter_interrupt(std::uint64_t number, std::uint64_t pc) {
    return enter_trap((state_.mideleg >> number & 1) != 0, cause_is_interrupt | number, pc, 0);
}

std::uint64_t CsrFile::enter_trap(bool delegated, std::uint64_t cause, std::uint64_t pc, std::uint64_t value) {
    const bool to_supervisor = delegated && privilege_ != Privilege::machine;
    TrapRegisters& registers = to_supervisor ? state_.supervisor : state_.machine;
    registers.epc = pc;
    registers.cause = cause;
    registers.value = value;

    std::uint64_t& status = state_.mstatus;
    if (to_supervisor) {
        status = copy_bit(status, status_spie, status_sie) & ~(status_sie | status_spp);
        status |= privilege_ == Privilege::supervisor ? status_spp : 0;
        privilege_ = Privilege::supervisor;
    } else {
        status = copy_bit(status, status_mpie, status_mie) & ~(status_mie | status_mpp);
        status |= static_cast<std::uint64_t>(privilege_) << status_mpp_shift;
        privilege_ = Privilege::machine;
        update_translation();
    }

    const std::uint64_t base = registers.vector & ~vector_mode;
    const bool by_number = (cause & cause_is_interrupt) != 0 && (registers.vector & vector_mode) == vectored;
    return by_number ? base + 4 * (cause & ~cause_is_interrupt) : base;
}

std::optional<std::uint64_t> CsrFile::mret() {
    if (privilege_ != Privilege::machine) {
        return std::nullopt;
    }
    privilege_ = previous_privilege();
    std::uint64_t& status = state_.mstatus;
    status = (copy_bit(status, status_mie, status_mpie) | status_mpie) & ~status_mpp;
    if (privilege_ != Privilege::machine) {
        status &= ~status_mprv;
    }
    update_translation();
    return state_.machine.epc;
}

std::optional<std::uint64_t> CsrFile::sret() {
    const bool trapped = privilege_ == Privilege::supervisor && (state_.mstatus & status_tsr) != 0;
    if (privilege_ == Privilege::user || trapped) {
        return std::nullopt;
    }
    std::uint64_t& status = state_.mstatus;
    privilege_ = (status & status_spp) != 0 ? Privilege::supervisor : Privilege::user;
    status = (copy_bit(status, status_sie, status_spie) | status_spie) & ~(status_spp | status_mprv);
    update_translation();
    return state_.supervisor.epc;
}

bool CsrFile::wfi_allowed() const {
    return privilege_ == Privilege::machine ||
           (privilege_ == Privilege::supervisor && (state_.mstatus & status_tw) == 0);
}

bool CsrFile::sfence_allowed() const {
    return privilege_ == Privilege::machine ||
           (privilege_ == Privilege::supervisor && (state_.mstatus & status_tvm) == 0);
}

}  // namespace aqpim
