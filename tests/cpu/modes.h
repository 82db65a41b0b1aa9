#pragma once

#include "tests/cpu/machine.h"

namespace aqpim::test {

// What programs need that run in several modes: handlers, an open PMP, changes of mode, page tables.

inline constexpr std::int32_t user_mode = 0;
inline constexpr std::int32_t supervisor_mode = 1;
inline constexpr std::int32_t machine_mode = 3;

inline constexpr std::uint64_t supervisor_log_base = memory_base + 0xd000;
inline constexpr std::uint64_t supervisor_handler_base = memory_base + 0xe000;
inline constexpr std::uint64_t root_table = memory_base + 0x9000;
inline constexpr std::uint64_t middle_table = memory_base + 0xa000;
inline constexpr std::uint64_t last_table = memory_base + 0xb000;

// Page table entries (Privileged 1.12, figure 4.21) and mstatus
enum EntryBit : std::uint64_t { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };
inline constexpr std::uint64_t all_rights = V | R | W | X | A | D;
enum StatusBit : std::int32_t {
    status_sie = 1 << 1,
    status_mie = 1 << 3,
    status_mprv = 1 << 17,
    status_sum = 1 << 18,
    status_mxr = 1 << 19,
    status_tvm = 1 << 20,
    status_tw = 1 << 21,
    status_tsr = 1 << 22,
};

inline constexpr rv::Word end_call = 0x5d;  ///< in a7: the ecall that ends the program

/// Ends a program in any mode, if ecalls from it are handled by the handlers below.
inline rv::Program end_program() {
    using namespace rv;
    return Program().add({addi(a7, zero, end_call), ecall});
}

/// The CSRs of a mode's traps, and its return.
struct TrapCsrs {
    rv::Word scratch;
    rv::Word epc;
    rv::Word cause;
    rv::Word tval;
    rv::Word enable;
    rv::Word ret;
};

/// Lists the trap and goes on behind the instruction; where nothing could be fetched, at ra. It uses t5, t6 and the
/// scratch register.
inline rv::Program listing_handler(const TrapCsrs& csrs) {
    using namespace rv;
    Program program;
    program.add({csrr(t6, csrs.scratch), addi(t5, zero, end_call), beq(a7, t5, 18 * 4)});
    program.add({csrr(t5, csrs.epc), sd(t5, 8, t6), addi(t5, t5, 4), csrw(csrs.epc, t5)});
    program.add({csrr(t5, csrs.tval), sd(t5, 16, t6), csrr(t5, csrs.cause), sd(t5, 0, t6)});
    program.add({addi(t5, t5, -12), beq(t5, zero, 12), addi(t5, t5, 11), bne(t5, zero, 8), csrw(csrs.epc, ra)});
    program.add({addi(t6, t6, 24), csrw(csrs.scratch, t6), csrs.ret, nop});
    return program.add({csrrwi(zero, csrs.enable, 0), wfi});
}

inline void load_handlers(Machine& machine) {
    using namespace rv;
    machine.load(listing_handler({mscratch, mepc, mcause, mtval, mie, mret}), trap_handler_base);
    machine.load(listing_handler({sscratch, sepc, scause, stval, sie, sret}), supervisor_handler_base);
}

inline rv::Program write_csr(rv::Word csr, std::uint64_t value) {
    using namespace rv;
    return Program().li(t5, static_cast<std::int32_t>(value)).add({csrw(csr, t5)});
}
inline rv::Program set_bits(rv::Word csr, std::int32_t bits) {
    using namespace rv;
    return Program().li(t5, bits).add({csrrs(zero, csr, t5)});
}
inline rv::Program clear_bits(rv::Word csr, std::int32_t bits) {
    using namespace rv;
    return Program().li(t5, bits).add({csrrc(zero, csr, t5)});
}

/// In M mode: both handlers in place, delegation as given, all of memory open to S and U mode.
inline rv::Program modes_setup(std::uint32_t exceptions = 0, std::uint32_t interrupts = 0) {
    using namespace rv;
    Program program = Machine::trap_setup();
    program.add(write_csr(stvec, supervisor_handler_base)).add(write_csr(sscratch, supervisor_log_base));
    program.add(write_csr(medeleg, exceptions)).add(write_csr(mideleg, interrupts));
    constexpr Word napot_rwx = 0x1f;
    return program.add({addi(t5, zero, -1), csrw(pmpaddr0, t5), csrrwi(zero, pmpcfg0, napot_rwx)});
}

/// From M mode to `mode`, at the next instruction. 36 bytes.
inline rv::Program enter(std::int32_t mode) {
    using namespace rv;
    Program program = clear_bits(mstatus, machine_mode << 11);
    program.add({addi(t5, zero, mode), slli(t5, t5, 11), csrrs(zero, mstatus, t5)});
    return program.add({auipc(t5, 0), addi(t5, t5, 16), csrw(mepc, t5), mret});
}

/// Page tables for virtual addresses from 0x4000'0000 on: 512 pages of 4 KiB first, then 511 of 2 MiB. The first 16
/// pages are where memory is.
class PageTables {
 public:
    static constexpr std::uint64_t page = 0x1000;
    static constexpr std::uint64_t large_page = 0x20'0000;

    explicit PageTables(Machine& machine) : machine_(machine) {
        machine.set_double_word(root_table + 8, entry(middle_table, V));
        machine.set_double_word(middle_table, entry(last_table, V));
        for (std::uint64_t at = memory_base; at < memory_base + memory_bytes; at += page) {
            map(at, at, all_rights);
        }
    }

    static std::uint64_t entry(std::uint64_t physical, std::uint64_t bits) { return physical >> 12 << 10 | bits; }
    static std::uint64_t entry_of(std::uint64_t address) { return last_table + (address - memory_base) / page * 8; }
    static std::uint64_t large_entry_of(std::uint64_t address) {
        return middle_table + (address - memory_base) / large_page * 8;
    }

    void map(std::uint64_t address, std::uint64_t physical, std::uint64_t bits) {
        machine_.set_double_word(entry_of(address), entry(physical, bits));
    }
    void map_large(std::uint64_t address, std::uint64_t physical, std::uint64_t bits) {
        machine_.set_double_word(large_entry_of(address), entry(physical, bits));
    }
    std::uint64_t bits(std::uint64_t address) const { return machine_.double_word(entry_of(address)) & 0x3ff; }

    /// satp = Sv39 with these tables.
    static rv::Program turn_on() {
        using namespace rv;
        Program program;
        program.li(t5, static_cast<std::int32_t>(root_table >> 12)).add({addi(t6, zero, 8), slli(t6, t6, 60)});
        return program.add({op(0, 6, t5, t5, t6), csrw(satp, t5)});
    }

 private:
    Machine& machine_;
};

}  // namespace aqpim::test
