// Modes, delegation, access rights and interrupts of S and U mode as programs see them (Privileged 1.12, 2.1, 3.1, 3.3
// and 4.1).

#include "tests/cpu/apart.h"
#include "tests/cpu/modes.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

using Traps = std::vector<Machine::Trap>;

constexpr std::uint64_t illegal = 2;
constexpr std::uint64_t interrupt = std::uint64_t{1} << 63;
constexpr std::uint32_t ecall_from_u = 1 << 8;
constexpr std::uint32_t ecall_from_s = 1 << 9;

using Indexes = std::vector<std::uint64_t>;
constexpr std::uint64_t another_trap = 100;

/// Which of `instructions` are illegal in `mode` after `setup`.
Indexes illegal_ones(const std::vector<Word>& instructions, std::int32_t mode, const Program& setup = {}) {
    return apart([&] {
        Machine machine;
        load_handlers(machine);
        Program program = modes_setup().add(setup).add(enter(mode));
        const std::uint64_t at = memory_base + program.size();
        for (const Word instruction : instructions) {
            program.add({instruction});
        }
        machine.run(program.add(end_program()));
        Indexes found;
        for (const Machine::Trap& trap : machine.traps()) {
            const std::uint64_t index = (trap.pc - at) / 4;
            const bool as_expected = trap.cause == illegal && trap.value == instructions.at(index);
            found.push_back(as_expected ? index : another_trap);
        }
        return found;
    });
}

}  // namespace

TEST_CASE("ecall tells the mode it came from, and mret goes back to it") {
    Machine machine;
    load_handlers(machine);
    Program program = modes_setup();
    Traps expected;
    const auto call = [&](std::uint64_t cause) {
        expected.push_back({cause, memory_base + program.size(), 0});
        program.add({ecall});
    };
    call(11);
    program.add(enter(supervisor_mode));
    call(9);
    program.add({auipc(t0, 0), addi(t0, t0, 16), csrw(sepc, t0), sret});  // sstatus.SPP is still U
    call(8);
    machine.run(program.add(end_program()));
    CHECK(machine.traps() == expected);
    CHECK(machine.traps(supervisor_log_base).empty());
}

TEST_CASE("delegated exceptions of S and U mode go to S mode, those of M mode never") {
    Machine machine;
    load_handlers(machine);
    const std::uint32_t delegated = ecall_from_u | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5;
    Program program = modes_setup(delegated).li(s0, static_cast<std::int32_t>(unmapped));
    program.li(s1, static_cast<std::int32_t>(device_base));
    Traps in_machine;
    Traps in_supervisor;
    const auto cause = [&](Traps& traps, Word instruction, std::uint64_t cause, std::uint64_t value) {
        traps.push_back({cause, memory_base + program.size(), value});
        program.add({instruction});
    };
    cause(in_machine, 0xffffffff, illegal, 0xffffffff);
    cause(in_machine, ld(t0, 0, s0), 5, unmapped);
    program.add(enter(supervisor_mode));
    cause(in_supervisor, ld(t0, 8, s0), 5, unmapped + 8);
    cause(in_machine, sd(t0, 8, s0), 7, unmapped + 8);
    cause(in_machine, ecall, 9, 0);
    program.add({auipc(t0, 0), addi(t0, t0, 16), csrw(sepc, t0), sret});
    cause(in_supervisor, 0xffffffff, illegal, 0xffffffff);
    in_supervisor.push_back({3, memory_base + program.size(), memory_base + program.size()});
    program.add({ebreak});
    cause(in_supervisor, lw(t0, 2, s1), 4, device_base + 2);
    cause(in_supervisor, ecall, 8, 0);
    machine.run(program.add(end_program()));
    CHECK(machine.traps() == in_machine);
    CHECK(machine.traps(supervisor_log_base) == in_supervisor);
}

TEST_CASE("a trap to S mode stacks SIE and SPP, sret brings them back and leaves MPRV clear") {
    Machine machine;
    Program program = modes_setup(ecall_from_s);
    const std::uint64_t handler = memory_base + 0x2000;
    Program in_handler;
    in_handler.add({csrr(a2, sstatus), csrr(t0, sepc), addi(t0, t0, 4), csrw(sepc, t0), sret});
    machine.load(in_handler, handler);
    program.add(write_csr(stvec, handler)).add(enter(supervisor_mode)).add({csrrsi(zero, sstatus, status_sie)});
    program.add({ecall, csrr(a3, sstatus), csrrwi(zero, sie, 0), wfi});
    machine.run(program);
    constexpr std::uint64_t sie_bit = 1 << 1;
    constexpr std::uint64_t spie = 1 << 5;
    constexpr std::uint64_t spp = 1 << 8;
    CHECK((machine.hart().reg(a2) & (sie_bit | spie | spp)) == (spie | spp));
    CHECK((machine.hart().reg(a3) & (sie_bit | spie | spp)) == (sie_bit | spie));
}

TEST_CASE("CSRs and instructions of a higher mode are illegal") {
    CHECK(illegal_ones({csrr(t0, mstatus), csrrwi(zero, mscratch, 1), csrr(t0, mhartid), csrr(t0, sscratch), mret},
                       supervisor_mode) == Indexes{0, 1, 2, 4});
    CHECK(illegal_ones({csrr(t0, mstatus), csrr(t0, sstatus), csrrwi(zero, sscratch, 1), csrr(t0, satp), sret, mret,
                        wfi, sfence_vma(zero, zero), nop},
                       user_mode) == Indexes{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("writes of read-only CSRs, and CSRs that do not exist, are illegal in every mode") {
    const std::vector<Word> accesses = {csrr(t0, 0x5c0),        csrw(mhartid, t0),        csrrwi(zero, cycle, 0),
                                        csrrsi(t0, instret, 1), csrrs(t0, mhartid, zero), csrrci(t0, cycle, 0)};
    CHECK(illegal_ones(accesses, machine_mode) == Indexes{0, 1, 2, 3});
}

TEST_CASE("TVM, TW and TSR make what S mode does to memory management, wfi and sret illegal") {
    const std::vector<Word> memory = {csrr(t0, satp), csrw(satp, zero), sfence_vma(zero, zero)};
    const std::vector<Word> waits = {wfi, sret};
    CHECK(illegal_ones(memory, supervisor_mode, set_bits(mstatus, status_tvm)) == Indexes{0, 1, 2});
    CHECK(illegal_ones(memory, supervisor_mode, set_bits(mstatus, status_tw | status_tsr)).empty());
    CHECK(illegal_ones(memory, machine_mode, set_bits(mstatus, status_tvm)).empty());
    CHECK(illegal_ones(waits, supervisor_mode, set_bits(mstatus, status_tw | status_tsr)) == Indexes{0, 1});
}

TEST_CASE("S mode reads the counters that mcounteren opens, U mode those of scounteren too") {
    const std::vector<Word> reads = {csrr(t0, cycle), csrr(t1, instret)};
    const auto open = [](Word machine, Word supervisor) {
        return Program().add({csrrwi(zero, mcounteren, machine), csrrwi(zero, scounteren, supervisor)});
    };
    CHECK(illegal_ones(reads, supervisor_mode, open(1, 0)) == Indexes{1});
    CHECK(illegal_ones(reads, supervisor_mode, open(4, 7)) == Indexes{0});
    CHECK(illegal_ones(reads, user_mode, open(5, 4)) == Indexes{0});
    CHECK(illegal_ones(reads, user_mode, open(1, 7)) == Indexes{1});
    CHECK(illegal_ones(reads, user_mode, open(5, 5)).empty());
    CHECK(illegal_ones(reads, machine_mode, open(0, 0)).empty());
}

namespace {

using Causes = std::vector<std::uint64_t>;

/// All six interrupts pend and are enabled in mie when the program enters a mode; each is taken at most once, since its
/// handler turns it off there. An ecall ends it.
struct Interrupted {
    Interrupted() {
        Program m;
        m.add({csrr(t6, mscratch), csrr(t5, mcause), sd(t5, 0, t6), csrr(t5, mepc), sd(t5, 8, t6), addi(t6, t6, 24)});
        m.add({csrw(mscratch, t6), csrr(t5, mcause), addi(t6, zero, 1), op(0, 1, t6, t6, t5), bge(t5, zero, 12)});
        machine.load(m.add({csrrc(zero, mie, t6), mret}).stop(), trap_handler_base);
        Program s;
        s.add({csrr(t6, sscratch), csrr(t5, scause), sd(t5, 0, t6), csrr(t5, sepc), sd(t5, 8, t6), addi(t6, t6, 24)});
        s.add({csrw(sscratch, t6), csrr(t5, scause), addi(t6, zero, 1), op(0, 1, t6, t6, t5), csrrc(zero, sie, t6)});
        machine.load(s.add({sret}), supervisor_handler_base);
        machine.pins().software.write(true);
        machine.pins().timer.write(true);
        machine.pins().external.write(true);
        machine.pins().supervisor_external.write(true);
    }

    /// `status`: what is set in mstatus before.
    void run(std::uint32_t delegated, std::int32_t mode, std::int32_t status) {
        Program program = modes_setup(0, delegated).add(set_bits(mip, 1 << 1 | 1 << 5));
        program.add(set_bits(mstatus, status)).add(set_bits(mie, 0xaaa)).add(enter(mode));
        machine.run(program.add({ecall}));
    }
    /// Their numbers, and the cause of the ecall.
    Causes causes(std::uint64_t log) const {
        Causes list;
        for (const Machine::Trap& trap : machine.traps(log)) {
            list.push_back(trap.cause & ~interrupt);
        }
        return list;
    }

    Machine machine;
};

constexpr std::uint32_t of_supervisor = 0x222;

}  // namespace

TEST_CASE("interrupts that are not delegated interrupt S mode whatever SIE is, in their order") {
    Interrupted scene;
    scene.run(0, supervisor_mode, 0);
    CHECK(scene.causes(trap_log_base) == Causes{11, 3, 7, 9, 1, 5, 9});
    CHECK(scene.causes(supervisor_log_base).empty());
}

TEST_CASE("delegated interrupts are taken in S mode after those of M mode, if SIE is set") {
    Interrupted scene;
    scene.run(of_supervisor, supervisor_mode, status_sie);
    CHECK(scene.causes(trap_log_base) == Causes{11, 3, 7, 9});
    CHECK(scene.causes(supervisor_log_base) == Causes{9, 1, 5});
}

TEST_CASE("delegated interrupts wait in S mode while SIE is clear") {
    Interrupted scene;
    scene.run(of_supervisor, supervisor_mode, 0);
    CHECK(scene.causes(trap_log_base) == Causes{11, 3, 7, 9});
    CHECK(scene.causes(supervisor_log_base).empty());
}

TEST_CASE("delegated interrupts interrupt U mode whatever SIE is") {
    Interrupted scene;
    scene.run(of_supervisor, user_mode, 0);
    CHECK(scene.causes(trap_log_base) == Causes{11, 3, 7, 8});
    CHECK(scene.causes(supervisor_log_base) == Causes{9, 1, 5});
}

TEST_CASE("delegated interrupts never interrupt M mode") {
    Interrupted scene;
    constexpr std::int32_t status_mpie = 1 << 7;
    scene.run(of_supervisor, machine_mode, status_mpie | status_sie);
    CHECK(scene.causes(trap_log_base) == Causes{11, 3, 7, 11});
    CHECK(scene.causes(supervisor_log_base).empty());
}

TEST_CASE("S mode interrupts itself through sip.SSIP, the only bit that it can write there") {
    Machine machine;
    const std::uint64_t handler = memory_base + 0x2000;
    machine.load(Program().add({csrr(s0, scause), csrr(s1, sepc), csrrwi(zero, sie, 0), wfi}), handler + 4 * 1);
    Program program = modes_setup(0, of_supervisor).add(write_csr(stvec, handler | 1));  // vectored
    program.add(enter(supervisor_mode)).li(t0, of_supervisor).add({csrw(sie, t0), csrw(sip, t0), csrr(a2, sip)});
    const std::uint64_t at = memory_base + program.size();
    machine.run(program.add({csrrsi(zero, sstatus, status_sie)}));
    CHECK(machine.hart().reg(a2) == 1 << 1);
    CHECK(machine.hart().reg(s0) == (interrupt | 1));
    CHECK(machine.hart().reg(s1) == at + 4);
    CHECK(machine.hart().is_waiting());
}

TEST_CASE("the pin of S mode's external interrupt shows in sip and mip beside the bit that M mode writes") {
    Machine machine;
    machine.pins().supervisor_external.write(true);
    sc_core::sc_spawn([&machine] {
        sc_core::wait(from_ps(1'000'000));
        machine.pins().supervisor_external.write(false);
    });
    Program program = modes_setup(0, of_supervisor).li(t0, 1 << 9);
    program.add({csrr(a2, mip), csrr(a3, sip), csrrs(zero, mip, zero), csrrsi(a4, mip, 2)});  // no copy of the pin
    program.add({csrr(t1, mip), op(0, 7, t1, t1, t0), bne(t1, zero, -8)});                    // until it falls
    program.add({csrr(a5, mip), csrrs(zero, mip, t0), csrr(s0, sip)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(a2) == 1 << 9);
    CHECK(machine.hart().reg(a3) == 1 << 9);
    CHECK(machine.hart().reg(a4) == 1 << 9);
    CHECK(machine.hart().reg(a5) == 1 << 1);
    CHECK(machine.hart().reg(s0) == (1 << 9 | 1 << 1));
}

namespace {

/// S mode sleeps until the pin of its external interrupt rises. s0 = 1 then, and 2 more if the handler has run.
std::uint64_t woken_in_supervisor_mode(const Program& enable) {
    Machine machine;
    const std::uint64_t handler = memory_base + 0x2000;
    machine.load(Program().add({addi(s0, s0, 2), csrr(s1, sepc), csrrwi(zero, sie, 0), sret}), handler);
    sc_core::sc_spawn([&machine] {
        sc_core::wait(from_ps(1'000'000));
        machine.pins().supervisor_external.write(true);
    });
    Program program = modes_setup(0, of_supervisor).add(write_csr(stvec, handler)).add(set_bits(mie, 1 << 9));
    program.add(enter(supervisor_mode)).add(enable);
    const std::uint64_t at = memory_base + program.size();
    machine.run(program.add({wfi, addi(s0, s0, 1), csrrwi(zero, sie, 0), wfi}));
    const std::uint64_t result = machine.hart().reg(s0);
    CHECK(machine.hart().reg(s1) == (result == 3 ? at + 4 : 0));
    CHECK(machine.hart().is_waiting());
    return result;
}

}  // namespace

TEST_CASE("wfi in S mode ends with a pending interrupt even if SIE is clear") {
    CHECK(woken_in_supervisor_mode({}) == 1);
}

TEST_CASE("wfi in S mode ends in the interrupt's handler if SIE is set") {
    CHECK(woken_in_supervisor_mode(Program().add({csrrsi(zero, sstatus, status_sie)})) == 3);
}

TEST_CASE("with MPRV set M mode loads and stores as the mode in MPP does, and fetches as itself") {
    Machine machine;
    PageTables tables(machine);
    load_handlers(machine);
    const std::uint64_t page = memory_base + 0x10'0000;  // no memory there
    tables.map(page, data_base, all_rights);
    machine.set_data(0, 5);
    Program program = modes_setup().add(PageTables::turn_on()).li(s0, static_cast<std::int32_t>(page));
    program.li(t0, status_mprv | supervisor_mode << 11).add(clear_bits(mstatus, machine_mode << 11));
    program.add({csrrs(zero, mstatus, t0), ld(t1, 0, s0), sd(t1, 8, s0)});
    program.add(clear_bits(mstatus, machine_mode << 11));  // as U mode
    const std::uint64_t at = memory_base + program.size();
    program.add({ld(t2, 0, s0)});  // the trap's return leaves MPRV set, and MPP = U
    program.add({csrr(a2, mstatus)}).add(set_bits(mstatus, machine_mode << 11)).add({ld(t2, 16, a0)});
    machine.set_data(2, 7);
    machine.run(program.stop());
    CHECK(machine.hart().reg(t1) == 5);
    CHECK(machine.data(1) == 5);
    CHECK(machine.hart().reg(t2) == 7);
    CHECK(machine.traps() == Traps{{13, at, page}});
    CHECK((machine.hart().reg(a2) & (status_mprv | machine_mode << 11)) == status_mprv);
}

TEST_CASE("mret to a mode below M clears MPRV") {
    Machine machine;
    load_handlers(machine);
    Program program = modes_setup().add(set_bits(mstatus, status_mprv)).add(enter(supervisor_mode));
    program.add({addi(t0, zero, 1), ecall}).add(end_program());
    machine.run(program);
    CHECK((machine.hart().read_register(DebugTarget::first_csr_number + mstatus).value() & status_mprv) == 0);
}
