#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "models/cpu/isa.h"
#include "models/cpu/pmp.h"
#include "models/cpu/privilege.h"
#include "models/cpu/sv39.h"

namespace aqpim {

/// fcsr's fields (Unprivileged ISA 20191213, 11.2).
struct FloatStatus {
    std::uint8_t fflags = 0;  ///< NV, DZ, OF, UF, NX: bits 4 to 0
    std::uint8_t frm = 0;     ///< 0 to 7, of which 5 to 7 are reserved
};

/// The privileged state of a hart with M, S and U mode: its control and status registers, its privilege mode, and what
/// traps do to them (Privileged 1.12, chapters 2 to 4).
///
/// | register                               | number           | behaviour                                          |
/// |----------------------------------------|------------------|----------------------------------------------------|
/// | fflags, frm, fcsr                      | 001 to 003       | with F only; not while mstatus.FS is Off           |
/// | sstatus, sie, sip                      | 100, 104, 144    | views of mstatus and, as delegated, mie and mip;   |
/// |                                        |                  | in sip only SSIP can be written                    |
/// | stvec, mtvec                           | 105, 305         | direct or vectored; a write of a reserved mode is  |
/// |                                        |                  | ignored                                            |
/// | scounteren, mcounteren                 | 106, 306         | CY, TM, IR                                         |
/// | senvcfg, menvcfg                       | 10a, 30a         | FIOM, without effect: every fence orders all       |
/// | sscratch, mscratch                     | 140, 340         | 64 bits                                            |
/// | sepc, mepc                             | 141, 341         | bit 0 is zero; bit 1 too without C                 |
/// | scause, stval; mcause, mtval           | 142, 143; 342 f. | 64 bits                                            |
/// | satp                                   | 180              | Bare and Sv39, 16 bits of ASID; a write of another |
/// |                                        |                  | mode is ignored                                    |
/// | mstatus                                | 300              | no XS, VS and big-endian; SXL = UXL = 2; FS with F |
/// |                                        |                  | only; a write of MPP = 2 leaves MPP as it is       |
/// | misa                                   | 301              | writes are ignored                                 |
/// | medeleg, mideleg                       | 302, 303         | what exists, but no ecall from M, no M interrupts  |
/// | mie, mip                               | 304, 344         | 3 interrupts each of S and M; in mip those of M    |
/// |                                        |                  | follow the pins                                    |
/// | mcountinhibit                          | 320              | zero                                               |
/// | mhpmevent3 to 31, mhpmcounter3 to 31   | 323, b03         | zero                                               |
/// | pmpcfg0 to 14 (even), pmpaddr0 to 63   | 3a0, 3b0         | 16 entries (see Pmp); of the others zero           |
/// | mvendorid, marchid, mimpid, mconfigptr | f11 to f13, f15  | zero                                               |
/// | mhartid                                | f14              | read-only                                          |
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
    /// As after reset: M mode, everything disabled and zero, PMP unlocked. Pins stay as they are, and what was added.
    void reset();

    /// What instructions in the current mode read. Empty: illegal instruction.
    std::optional<std::uint64_t> read(unsigned number) const;
    /// What csrrs and csrrc combine with their operand: as read(), but mip.SEIP without the pin (3.1.9).
    std::optional<std::uint64_t> read_to_modify(unsigned number) const;
    /// False: illegal instruction; a read-only number is one too.
    bool write(unsigned number, std::uint64_t value);
    /// The same for debuggers, whatever the mode. Empty or false: no such register, or read-only.
    std::optional<std::uint64_t> debug_read(unsigned number) const;
    bool debug_write(unsigned number, std::uint64_t value);
    /// All registers that exist, ascending.
    std::vector<unsigned> numbers() const;

    Privilege privilege() const { return privilege_; }
    void set_privilege(Privilege privilege) { privilege_ = privilege; }
    /// The mode in which loads and stores are done: mstatus.MPP while MPRV is set.
    Privilege data_privilege() const { return override_.value_or(privilege_); }
    /// Of satp and mstatus. For accesses in U and S mode only: M mode is always Bare.
    const TranslationContext& translation() const { return translation_; }
    /// Changes made here directly do not call on_translation_change.
    Pmp& pmp() { return pmp_; }
    const Pmp& pmp() const { return pmp_; }
    /// Called after a change of how addresses translate or what may be accessed: satp, SUM, MXR, MPRV, MPP while MPRV
    /// is set, PMP. Not for a mere change of the privilege mode.
    std::function<void()> on_translation_change;

    /// MSIP, MTIP, MEIP.
    void set_pins(bool software, bool timer, bool external);
    /// The PLIC's pin for S mode: reads as SEIP, beside the bit that M mode can write.
    void set_supervisor_external(bool external);
    /// An interrupt is pending and enabled in mie, whatever the modes' global enables: ends wfi (3.3.3).
    bool interrupt_waiting() const { return (pending() & state_.mie) != 0; }
    /// The number of the interrupt that is to be taken now (3.1.9): those for M mode before those for S mode, each in
    /// the order external, software, timer, of M before of S.
    std::optional<std::uint64_t> interrupt_to_take() const {
        return interrupt_waiting() ? enabled_interrupt() : std::nullopt;
    }

    /// Enter a trap at `pc`, in M mode or as delegated in S mode; return the address of its handler.
    std::uint64_t enter_exception(Cause cause, std::uint64_t pc, std::uint64_t value);
    std::uint64_t enter_interrupt(std::uint64_t number, std::uint64_t pc);
    /// Return from a trap: the address to go on at. Empty: illegal instruction (3.3.2).
    std::optional<std::uint64_t> mret();
    std::optional<std::uint64_t> sret();

    /// False: illegal instruction. wfi: in U mode, and in S mode under TW; the time limit of 3.1.6.5 is zero.
    bool wfi_allowed() const;
    /// sfence.vma: not in U mode, nor in S mode under TVM.
    bool sfence_allowed() const;

    FloatStatus& float_status() { return float_; }
    const FloatStatus& float_status() const { return float_; }
    bool float_enabled() const { return (state_.mstatus & float_dirty) != 0; }  ///< mstatus.FS is not Off
    void mark_float_dirty() { state_.mstatus |= float_dirty; }                  ///< mstatus.FS = Dirty

 private:
    static constexpr unsigned register_numbers = 4096;
    static constexpr std::uint64_t float_dirty = 3u << 13;
    struct Register {
        Read read;
        Write write;
    };
    /// What a mode keeps for its trap handler: xtvec, xscratch, xepc, xcause, xtval.
    struct TrapRegisters {
        std::uint64_t vector = 0;
        std::uint64_t scratch = 0;
        std::uint64_t epc = 0;
        std::uint64_t cause = 0;
        std::uint64_t value = 0;
    };
    /// What reset clears.
    struct State {
        std::uint64_t mstatus = 0;  ///< without SXL, UXL and SD
        std::uint64_t medeleg = 0;
        std::uint64_t mideleg = 0;
        std::uint64_t mie = 0;
        std::uint64_t software_pending = 0;  ///< S mode's bits of mip that have been written
        std::uint64_t mcounteren = 0;
        std::uint64_t scounteren = 0;
        std::uint64_t menvcfg = 0;
        std::uint64_t senvcfg = 0;
        std::uint64_t satp = 0;
        TrapRegisters machine;
        TrapRegisters supervisor;
    };

    // The table of registers (csr_registers.cpp)
    void add_field(unsigned number, std::uint64_t& value, std::uint64_t writable);
    void add_zeros(unsigned first, unsigned last, unsigned step = 1);
    void add_float_registers();
    void add_supervisor_registers();
    void add_machine_registers(const Isa& isa, unsigned hart_id);
    void add_trap_registers(unsigned first, TrapRegisters& registers);
    void add_pmp_registers();

    // What writes do (csr_registers.cpp)
    void write_float(std::uint64_t fflags, std::uint64_t frm);
    std::uint64_t read_status() const;
    void write_status(std::uint64_t value, std::uint64_t writable);
    void write_satp(std::uint64_t value);
    void write_pending(std::uint64_t value, std::uint64_t writable);

    // Access rules and translation (csr_file.cpp)
    bool exists(unsigned number) const { return number < register_numbers && registers_[number] != nullptr; }
    bool accessible(unsigned number) const;
    bool counter_enabled(unsigned index) const;
    Privilege previous_privilege() const;  ///< mstatus.MPP
    void update_translation();
    void announce_translation();

    // Traps (trap_logic.cpp)
    std::uint64_t pending() const { return pins_ | supervisor_pin_ | state_.software_pending; }
    std::optional<std::uint64_t> enabled_interrupt() const;
    std::uint64_t enter_trap(bool delegated, std::uint64_t cause, std::uint64_t pc, std::uint64_t value);

    const std::uint64_t status_writable_;
    const std::uint64_t epc_writable_;
    std::array<std::unique_ptr<Register>, register_numbers> registers_;

    Privilege privilege_ = Privilege::machine;
    State state_;
    FloatStatus float_;
    Pmp pmp_;
    std::uint64_t pins_ = 0;            ///< bits of mip
    std::uint64_t supervisor_pin_ = 0;  ///< SEIP

    // Made of satp and mstatus
    TranslationContext translation_;
    std::optional<Privilege> override_;  ///< MPP while MPRV is set
};

}  // namespace aqpim
