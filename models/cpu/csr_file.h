#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>

#include "models/cpu/isa.h"

namespace aqpim {

/// Exceptions, as in mcause (Privileged 1.12, table 3.6).
enum class Cause : std::uint64_t {
    fetch_misaligned = 0,
    fetch_access_fault = 1,
    illegal_instruction = 2,
    breakpoint = 3,
    load_misaligned = 4,
    load_access_fault = 5,
    store_misaligned = 6,
    store_access_fault = 7,
    ecall_from_m = 11,
};

/// The control and status registers of machine mode, and what traps do to them (Privileged 1.12, chapter 3).
///
/// | register                               | number           | behaviour                                          |
/// |----------------------------------------|------------------|----------------------------------------------------|
/// | mvendorid, marchid, mimpid, mconfigptr | f11 to f13, f15  | read-only zero                                     |
/// | mhartid                                | f14              | read-only                                          |
/// | mstatus                                | 300              | MIE, MPIE; MPP is always 3                         |
/// | misa                                   | 301              | writes are ignored                                 |
/// | mie                                    | 304              | MSIE, MTIE, MEIE                                   |
/// | mtvec                                  | 305              | direct or vectored; a reserved mode keeps the last |
/// | mcounteren, mcountinhibit              | 306, 320         | CY, TM, IR held without effect; zero               |
/// | mhpmevent3 to 31, mhpmcounter3 to 31   | 323, b03         | zero                                               |
/// | mscratch, mepc, mcause, mtval          | 340 to 343       | mepc: bit 0 is zero                                |
/// | mip                                    | 344              | MSIP, MTIP, MEIP follow the pins                   |
/// | pmpcfg0 to 14 (even), pmpaddr0 to 63   | 3a0, 3b0         | zero: no entry is implemented                      |
///
/// The hart adds the counters. Any other number is an illegal instruction.
class CsrFile {
 public:
    using Read = std::function<std::uint64_t()>;
    using Write = std::function<void(std::uint64_t)>;

    CsrFile(const Isa& isa, unsigned hart_id);
    CsrFile(const CsrFile&) = delete;
    CsrFile& operator=(const CsrFile&) = delete;

    /// A register of the hart. Without `write`, writes are ignored.
    void add(unsigned number, Read read, Write write = {});

    /// Empty if there is no such register.
    std::optional<std::uint64_t> read(unsigned number) const;
    /// False if there is no such register or its number says that it is read-only.
    bool write(unsigned number, std::uint64_t value);

    void set_pins(bool software, bool timer, bool external);
    /// An interrupt is pending and enabled in mie: ends wfi, whatever mstatus.MIE is.
    bool interrupt_waiting() const { return (mip_ & mie_) != 0; }
    /// The number of the interrupt that is to be taken now.
    std::optional<std::uint64_t> interrupt_to_take() const;

    /// Enter a trap at `pc`; return the address of its handler.
    std::uint64_t enter_exception(Cause cause, std::uint64_t pc, std::uint64_t value);
    std::uint64_t enter_interrupt(std::uint64_t number, std::uint64_t pc);
    /// mret: returns the address to go on at.
    std::uint64_t leave_trap();

 private:
    void add_zeros(unsigned first, unsigned last, unsigned step = 1);
    void add_field(unsigned number, std::uint64_t& value, std::uint64_t writable);
    void enter_trap(std::uint64_t cause, std::uint64_t pc, std::uint64_t value);

    struct Register {
        Read read;
        Write write;
    };
    std::unordered_map<unsigned, Register> registers_;

    std::uint64_t mstatus_;
    std::uint64_t mie_ = 0;
    std::uint64_t mip_ = 0;
    std::uint64_t mtvec_ = 0;
    std::uint64_t mcounteren_ = 0;
    std::uint64_t mscratch_ = 0;
    std::uint64_t mepc_ = 0;
    std::uint64_t mcause_ = 0;
    std::uint64_t mtval_ = 0;
};

}  // namespace aqpim
