#include <utility>

#include "models/cpu/csr_fields.h"
#include "models/cpu/csr_file.h"

namespace aqpim {

using namespace csr_fields;

namespace {

constexpr std::uint64_t everything = ~std::uint64_t{0};

constexpr std::uint64_t sstatus_writable = status_sie | status_spie | status_spp | status_sum | status_mxr;
constexpr std::uint64_t mstatus_writable =
    sstatus_writable | status_mie | status_mpie | status_mpp | status_mprv | status_tvm | status_tw | status_tsr;
constexpr std::uint64_t mpp_reserved = std::uint64_t{2} << status_mpp_shift;

// Exceptions 0 to 9, 12, 13 and 15: all that there are but the ecall from M mode (3.1.8)
constexpr std::uint64_t delegable_exceptions = 0xb3ff;

constexpr std::uint64_t counters = 7;      // CY, TM, IR in mcounteren and scounteren (3.1.11)
constexpr std::uint64_t envcfg_fiom = 1;   // 3.1.18
constexpr std::uint64_t fflags_mask = 31;  // Unprivileged ISA 20191213, 11.2
constexpr std::uint64_t frm_mask = 7;
constexpr unsigned frm_shift = 5;

}  // namespace

CsrFile::CsrFile(const Isa& isa, unsigned hart_id)
    : status_writable_(mstatus_writable | (isa.has('f') ? status_fs : 0)),
      epc_writable_(isa.has('c') ? everything << 1 : everything << 2) {
    if (isa.has('f')) {
        add_float_registers();
    }
    add_supervisor_registers();
    add_machine_registers(isa, hart_id);
    add_pmp_registers();
}

void CsrFile::add_float_registers() {
    add(
        0x001, [this] { return float_.fflags; }, [this](std::uint64_t value) { write_float(value, float_.frm); });
    add(
        0x002, [this] { return float_.frm; }, [this](std::uint64_t value) { write_float(float_.fflags, value); });
    add(
        0x003, [this] { return std::uint64_t{float_.frm} << frm_shift | float_.fflags; },
        [this](std::uint64_t value) { write_float(value, value >> frm_shift); });
}

void CsrFile::add_supervisor_registers() {
    const std::uint64_t writable = status_writable_ & (sstatus_writable | status_fs);
    add(
        0x100, [this, writable] { return read_status() & (writable | status_uxl_64 | status_sd); },
        [this, writable](std::uint64_t value) { write_status(value, writable); });
    add(
        0x104, [this] { return state_.mie & state_.mideleg; },
        [this](std::uint64_t value) { state_.mie = (state_.mie & ~state_.mideleg) | (value & state_.mideleg); });
    add_trap_registers(0x100, state_.supervisor);
    add_field(0x106, state_.scounteren, counters);
    add_field(0x10a, state_.senvcfg, envcfg_fiom);
    add(
        0x144, [this] { return pending() & state_.mideleg; },
        [this](std::uint64_t value) { write_pending(value, bit(supervisor_software) & state_.mideleg); });
    add(
        satp_number, [this] { return state_.satp; }, [this](std::uint64_t value) { write_satp(value); });
}

void CsrFile::add_machine_registers(const Isa& isa, unsigned hart_id) {
    add(
        0x300, [this] { return read_status(); },
        [this](std::uint64_t value) { write_status(value, status_writable_); });
    add(0x301, [misa = isa.misa()] { return misa; });
    add_field(0x302, state_.medeleg, delegable_exceptions);
    add_field(0x303, state_.mideleg, supervisor_interrupts);
    add_field(0x304, state_.mie, supervisor_interrupts | machine_interrupts);
    add_trap_registers(0x300, state_.machine);
    add_field(0x306, state_.mcounteren, counters);
    add_field(0x30a, state_.menvcfg, envcfg_fiom);
    add(
        mip_number, [this] { return pending(); },
        [this](std::uint64_t value) { write_pending(value, supervisor_interrupts); });

    add_zeros(0x320, 0x320);
    add_zeros(0x323, 0x33f);
    add_zeros(0xb03, 0xb1f);
    add_zeros(0xf11, 0xf13);
    add(0xf14, [hart_id] { return hart_id; });
    add_zeros(0xf15, 0xf15);
}

void CsrFile::add_trap_registers(unsigned first, TrapRegisters& registers) {
    add(
        first + 0x05, [&registers] { return registers.vector; },
        [&registers](std::uint64_t value) {
            if ((value & vector_mode) <= vectored) {
                registers.vector = value;
            }
        });
    add_field(first + 0x40, registers.scratch, everything);
    add_field(first + 0x41, registers.epc, epc_writable_);
    add_field(first + 0x42, registers.cause, everything);
    add_field(first + 0x43, registers.value, everything);
}

void CsrFile::add_pmp_registers() {
    constexpr unsigned first_config = 0x3a0;
    constexpr unsigned first_address = 0x3b0;
    add_zeros(first_config, first_config + 14, 2);
    add_zeros(first_address, first_address + 63);
    for (const unsigned number : {0u, 2u}) {
        add(
            first_config + number, [this, number] { return pmp_.read_config(number); },
            [this, number](std::uint64_t value) {
                pmp_.write_config(number, value);
                announce_translation();
            });
    }
    for (unsigned entry = 0; entry < Pmp::entries; ++entry) {
        add(
            first_address + entry, [this, entry] { return pmp_.read_address(entry); },
            [this, entry](std::uint64_t value) {
                pmp_.write_address(entry, value);
                announce_translation();
            });
    }
}

void CsrFile::add(unsigned number, Read read, Write write) {
    registers_.at(number) = std::make_unique<Register>(Register{std::move(read), std::move(write)});
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

void CsrFile::write_float(std::uint64_t fflags, std::uint64_t frm) {
    float_ = {static_cast<std::uint8_t>(fflags & fflags_mask), static_cast<std::uint8_t>(frm & frm_mask)};
    if (float_enabled()) {  // a debugger's write does not turn the unit on
        mark_float_dirty();
    }
}

std::uint64_t CsrFile::read_status() const {
    const bool dirty = (state_.mstatus & status_fs) == status_fs;
    return state_.mstatus | status_sxl_64 | status_uxl_64 | (dirty ? status_sd : 0);
}

void CsrFile::write_status(std::uint64_t value, std::uint64_t writable) {
    if ((value & status_mpp) == mpp_reserved) {
        writable &= ~status_mpp;
    }
    state_.mstatus = (state_.mstatus & ~writable) | (value & writable);
    update_translation();
}

void CsrFile::write_satp(std::uint64_t value) {
    const std::uint64_t mode = value >> satp_mode_shift;
    if (mode == satp_bare || mode == satp_sv39) {
        state_.satp = value;
        update_translation();
    }
}

void CsrFile::write_pending(std::uint64_t value, std::uint64_t writable) {
    state_.software_pending = (state_.software_pending & ~writable) | (value & writable);
}

}  // namespace aqpim
