#include "models/cpu/csr_file.h"

#include <utility>

namespace aqpim {

namespace {

// mstatus (Privileged 1.12, 3.1.6)
constexpr std::uint64_t status_mie = 1u << 3;
constexpr std::uint64_t status_mpie = 1u << 7;
constexpr std::uint64_t status_mpp = 3u << 11;

// Interrupts' numbers, which are also their bits in mie and mip (3.1.9)
constexpr unsigned software_interrupt = 3;
constexpr unsigned timer_interrupt = 7;
constexpr unsigned external_interrupt = 11;
constexpr std::uint64_t all_interrupts = 1u << software_interrupt | 1u << timer_interrupt | 1u << external_interrupt;

constexpr std::uint64_t cause_is_interrupt = std::uint64_t{1} << 63;
constexpr std::uint64_t everything = ~std::uint64_t{0};

// mtvec (3.1.7)
constexpr std::uint64_t vector_mode = 3;
constexpr std::uint64_t vectored = 1;

std::uint64_t legal_vector(std::uint64_t value, std::uint64_t old) {
    const bool mode_is_legal = (value & vector_mode) <= vectored;
    return mode_is_legal ? value : (value & ~vector_mode) | (old & vector_mode);
}

}  // namespace

CsrFile::CsrFile(const Isa& isa, unsigned hart_id) : mstatus_(status_mpp) {
    add_zeros(0xf11, 0xf13);
    add(0xf14, [hart_id] { return hart_id; });
    add_zeros(0xf15, 0xf15);

    add(
        0x300, [this] { return mstatus_; },
        [this](std::uint64_t value) { mstatus_ = (value & (status_mie | status_mpie)) | status_mpp; });
    add(0x301, [misa = isa.misa()] { return misa; });
    add_field(0x304, mie_, all_interrupts);
    add(
        0x305, [this] { return mtvec_; }, [this](std::uint64_t value) { mtvec_ = legal_vector(value, mtvec_); });
    add_field(0x306, mcounteren_, 7);
    add_zeros(0x320, 0x320);
    add_zeros(0x323, 0x33f);

    add_field(0x340, mscratch_, everything);
    add_field(0x341, mepc_, everything << 1);
    add_field(0x342, mcause_, everything);
    add_field(0x343, mtval_, everything);
    add(0x344, [this] { return mip_; });

    add_zeros(0x3a0, 0x3ae, 2);
    add_zeros(0x3b0, 0x3ef);
    add_zeros(0xb03, 0xb1f);
}

void CsrFile::add(unsigned number, Read read, Write write) {
    registers_[number] = {std::move(read), std::move(write)};
}

void CsrFile::add_zeros(unsigned first, unsigned last, unsigned step) {
    for (unsigned number = first; number <= last; number += step) {
        add(number, [] { return 0; });
    }
}

void CsrFile::add_field(unsigned number, std::uint64_t& value, std::uint64_t writable) {
    add(
        number, [&value] { return value; }, [&value, writable](std::uint64_t written) { value = written & writable; });
}

std::optional<std::uint64_t> CsrFile::read(unsigned number) const {
    const auto found = registers_.find(number);
    if (found == registers_.end()) {
        return std::nullopt;
    }
    return found->second.read();
}

bool CsrFile::write(unsigned number, std::uint64_t value) {
    const bool read_only = number >> 10 == 3;
    const auto found = registers_.find(number);
    if (read_only || found == registers_.end()) {
        return false;
    }
    if (found->second.write) {
        found->second.write(value);
    }
    return true;
}

void CsrFile::set_pins(bool software, bool timer, bool external) {
    mip_ = std::uint64_t{software} << software_interrupt | std::uint64_t{timer} << timer_interrupt |
           std::uint64_t{external} << external_interrupt;
}

std::optional<std::uint64_t> CsrFile::interrupt_to_take() const {
    if ((mstatus_ & status_mie) == 0) {
        return std::nullopt;
    }
    for (const unsigned number : {external_interrupt, software_interrupt, timer_interrupt}) {
        if ((mip_ & mie_) >> number & 1) {
            return number;
        }
    }
    return std::nullopt;
}

void CsrFile::enter_trap(std::uint64_t cause, std::uint64_t pc, std::uint64_t value) {
    mcause_ = cause;
    mepc_ = pc;
    mtval_ = value;
    mstatus_ = status_mpp | ((mstatus_ & status_mie) != 0 ? status_mpie : 0);
}

std::uint64_t CsrFile::enter_exception(Cause cause, std::uint64_t pc, std::uint64_t value) {
    enter_trap(static_cast<std::uint64_t>(cause), pc, value);
    return mtvec_ & ~vector_mode;
}

std::uint64_t CsrFile::enter_interrupt(std::uint64_t number, std::uint64_t pc) {
    enter_trap(cause_is_interrupt | number, pc, 0);
    const std::uint64_t base = mtvec_ & ~vector_mode;
    return (mtvec_ & vector_mode) == vectored ? base + 4 * number : base;
}

std::uint64_t CsrFile::leave_trap() {
    mstatus_ = status_mpp | status_mpie | ((mstatus_ & status_mpie) != 0 ? status_mie : 0);
    return mepc_;
}

}  // namespace aqpim
