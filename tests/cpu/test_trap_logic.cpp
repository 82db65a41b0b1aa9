// Interrupts, entry into traps and return from them (Privileged 1.12, 3.1.6, 3.1.8, 3.1.9, 3.3 and 4.1).

#include <catch2/catch.hpp>

#include <vector>

#include "models/cpu/csr_file.h"

using namespace aqpim;

namespace {

constexpr unsigned sstatus = 0x100;
constexpr unsigned stvec = 0x105;
constexpr unsigned sepc = 0x141;
constexpr unsigned scause = 0x142;
constexpr unsigned stval = 0x143;
constexpr unsigned mstatus = 0x300;
constexpr unsigned medeleg = 0x302;
constexpr unsigned mideleg = 0x303;
constexpr unsigned mie = 0x304;
constexpr unsigned mtvec = 0x305;
constexpr unsigned mepc = 0x341;
constexpr unsigned mcause = 0x342;
constexpr unsigned mtval = 0x343;
constexpr unsigned mip = 0x344;

constexpr std::uint64_t sie_bit = 1 << 1;
constexpr std::uint64_t mie_bit = 1 << 3;
constexpr std::uint64_t spie = 1 << 5;
constexpr std::uint64_t mpie = 1 << 7;
constexpr std::uint64_t spp = 1 << 8;
constexpr std::uint64_t mpp_u = 0 << 11;
constexpr std::uint64_t mpp_s = 1 << 11;
constexpr std::uint64_t mpp_m = 3 << 11;
constexpr std::uint64_t mprv = 1 << 17;
constexpr std::uint64_t tvm = 1 << 20;
constexpr std::uint64_t tw = 1 << 21;
constexpr std::uint64_t tsr = 1 << 22;
constexpr std::uint64_t xlen_64 = 0xa'0000'0000;
constexpr std::uint64_t interrupt = std::uint64_t{1} << 63;

constexpr Privilege all_modes[] = {Privilege::user, Privilege::supervisor, Privilege::machine};

struct Scene {
    CsrFile csrs{Isa("rv64gc"), 0};

    explicit Scene(Privilege mode, std::uint64_t status = 0) {
        csrs.write(mtvec, 0x8000'0000);
        csrs.write(stvec, 0x9000'0000);
        csrs.write(mstatus, status);
        csrs.set_privilege(mode);
    }
    std::uint64_t at(unsigned number) const { return csrs.debug_read(number).value(); }
    std::uint64_t status() const { return at(mstatus) - xlen_64; }
};

/// 3.1.9 and 4.1.3, rule by rule. Zero: none.
unsigned expected_interrupt(const Scene& scene) {
    const Privilege mode = scene.csrs.privilege();
    const bool to_machine = mode < Privilege::machine || (scene.status() & mie_bit) != 0;
    const bool to_supervisor =
        mode < Privilege::supervisor || (mode == Privilege::supervisor && (scene.status() & sie_bit) != 0);
    for (const bool delegated : {false, true}) {
        for (const unsigned number : {11, 3, 7, 9, 1, 5}) {
            const bool pending = (scene.at(mip) >> number & 1) != 0;
            const bool enabled = (scene.at(mie) >> number & 1) != 0;
            const bool is_delegated = (scene.at(mideleg) >> number & 1) != 0;
            if (pending && enabled && is_delegated == delegated && (delegated ? to_supervisor : to_machine)) {
                return number;
            }
        }
    }
    return 0;
}

/// Bits 1, 3, 5, 7, 9, 11 from the six of `index`.
std::uint64_t interrupts(unsigned index) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 6; ++i) {
        bits |= std::uint64_t{index >> i & 1} << (2 * i + 1);
    }
    return bits;
}

}  // namespace

TEST_CASE("the interrupt to take follows delegation, enables, mode and priority in every combination") {
    Scene scene(Privilege::machine);
    unsigned wrong = 0;
    for (unsigned combination = 0; combination < 64 * 64 * 8 * 4; ++combination) {
        const std::uint64_t pending = interrupts(combination & 63);
        scene.csrs.debug_write(mip, pending);
        scene.csrs.set_pins((pending >> 3 & 1) != 0, (pending >> 7 & 1) != 0, (pending >> 11 & 1) != 0);
        scene.csrs.debug_write(mie, interrupts(combination >> 6 & 63));
        scene.csrs.debug_write(
            mideleg, interrupts((combination >> 12 & 1) | (combination >> 11 & 4) | (combination >> 10 & 16)));
        scene.csrs.debug_write(
            mstatus, ((combination >> 15 & 1) != 0 ? mie_bit : 0) | ((combination >> 16 & 1) != 0 ? sie_bit : 0));
        for (const Privilege mode : all_modes) {
            scene.csrs.set_privilege(mode);
            wrong += scene.csrs.interrupt_to_take().value_or(0) != expected_interrupt(scene) ? 1 : 0;
        }
        wrong += scene.csrs.interrupt_waiting() != ((scene.at(mip) & scene.at(mie)) != 0) ? 1 : 0;
    }
    CHECK(wrong == 0);
}

TEST_CASE("the PLIC's pin for S mode interrupts like the written bit") {
    Scene scene(Privilege::user);
    scene.csrs.debug_write(mie, 1 << 9);
    CHECK_FALSE(scene.csrs.interrupt_to_take());
    scene.csrs.set_supervisor_external(true);
    CHECK(scene.csrs.interrupt_waiting());
    CHECK(scene.csrs.interrupt_to_take() == 9);
    scene.csrs.set_supervisor_external(false);
    CHECK_FALSE(scene.csrs.interrupt_waiting());
}

TEST_CASE("an exception enters M mode and keeps mode, interrupt enable, cause, pc and value") {
    const std::uint64_t previous[] = {mpp_u, mpp_s, 0, mpp_m};
    for (const Privilege mode : all_modes) {
        Scene scene(mode, mie_bit | sie_bit);
        CHECK(scene.csrs.enter_exception(Cause::load_page_fault, 0x1234, 0x5678) == 0x8000'0000);
        CHECK(scene.csrs.privilege() == Privilege::machine);
        CHECK(scene.at(mcause) == 13);
        CHECK(scene.at(mepc) == 0x1234);
        CHECK(scene.at(mtval) == 0x5678);
        CHECK(scene.status() == (previous[static_cast<int>(mode)] | mpie | sie_bit));
        CHECK(scene.at(scause) == 0);
    }
}

TEST_CASE("a delegated exception enters S mode from U and S mode, and M mode from M mode") {
    for (const Privilege mode : all_modes) {
        Scene scene(mode, mie_bit | sie_bit);
        scene.csrs.debug_write(medeleg, 1 << 13);
        const std::uint64_t handler = scene.csrs.enter_exception(Cause::load_page_fault, 0x1234, 0x5678);
        if (mode == Privilege::machine) {
            CHECK(handler == 0x8000'0000);
            CHECK(scene.csrs.privilege() == Privilege::machine);
            CHECK(scene.at(scause) == 0);
            continue;
        }
        CHECK(handler == 0x9000'0000);
        CHECK(scene.csrs.privilege() == Privilege::supervisor);
        CHECK(scene.at(scause) == 13);
        CHECK(scene.at(sepc) == 0x1234);
        CHECK(scene.at(stval) == 0x5678);
        CHECK(scene.status() == (mie_bit | spie | (mode == Privilege::supervisor ? spp : 0)));
        CHECK(scene.at(mcause) == 0);
    }
}

TEST_CASE("every exception is delegated by its own bit, but never an ecall from M mode") {
    for (const unsigned number : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15}) {
        Scene scene(Privilege::user);
        scene.csrs.debug_write(medeleg, std::uint64_t{1} << number);
        scene.csrs.enter_exception(Cause{number}, 0, 0);
        INFO(number);
        CHECK(scene.csrs.privilege() == (number == 11 ? Privilege::machine : Privilege::supervisor));
        scene.csrs.set_privilege(Privilege::user);
        scene.csrs.debug_write(medeleg, ~(std::uint64_t{1} << number));
        scene.csrs.enter_exception(Cause{number}, 0, 0);
        CHECK(scene.csrs.privilege() == Privilege::machine);
    }
}

TEST_CASE("vectored interrupts enter at four times their number, exceptions at the base") {
    Scene scene(Privilege::user);
    scene.csrs.debug_write(mtvec, 0x8000'0001);
    scene.csrs.debug_write(stvec, 0x9000'0001);
    scene.csrs.debug_write(mideleg, 0x222);
    CHECK(scene.csrs.enter_interrupt(9, 0x1000) == 0x9000'0000 + 36);
    CHECK(scene.at(scause) == (interrupt | 9));
    CHECK(scene.at(sepc) == 0x1000);
    CHECK(scene.at(stval) == 0);
    CHECK(scene.csrs.enter_interrupt(7, 0x2000) == 0x8000'0000 + 28);
    CHECK(scene.at(mcause) == (interrupt | 7));
    CHECK(scene.at(mepc) == 0x2000);
    CHECK(scene.status() == (mpp_s | 0));
    CHECK(scene.csrs.enter_exception(Cause::illegal_instruction, 0, 0) == 0x8000'0000);
}

TEST_CASE("mret restores the mode and the interrupt enable, and leaves MPP at U") {
    const std::uint64_t previous[] = {mpp_u, mpp_s, mpp_m};
    for (unsigned i = 0; i < 3; ++i) {
        Scene scene(Privilege::machine, previous[i] | mpie | mprv | spp);
        scene.csrs.write(mepc, 0x1234);
        CHECK(scene.csrs.mret() == 0x1234);
        CHECK(scene.csrs.privilege() == all_modes[i]);
        const std::uint64_t kept = all_modes[i] == Privilege::machine ? mprv : 0;
        CHECK(scene.status() == (mpie | mie_bit | spp | kept));
    }
    Scene scene(Privilege::machine, mpp_s | mie_bit);
    scene.csrs.mret();
    CHECK(scene.status() == mpie);
}

TEST_CASE("sret restores the mode and the interrupt enable, leaves SPP at U and clears MPRV") {
    for (const Privilege mode : {Privilege::supervisor, Privilege::machine}) {
        for (const bool to_supervisor : {false, true}) {
            Scene scene(mode, (to_supervisor ? spp : 0) | spie | mprv | mpp_m);
            scene.csrs.debug_write(sepc, 0x1234);
            CHECK(scene.csrs.sret() == 0x1234);
            CHECK(scene.csrs.privilege() == (to_supervisor ? Privilege::supervisor : Privilege::user));
            CHECK(scene.status() == (spie | sie_bit | mpp_m));
        }
    }
    Scene scene(Privilege::supervisor, sie_bit);
    scene.csrs.sret();
    CHECK(scene.status() == spie);
}

TEST_CASE("returns are illegal below their mode, sret under TSR too, and change nothing") {
    for (const Privilege mode : {Privilege::user, Privilege::supervisor}) {
        Scene scene(mode, mpie | mpp_m);
        CHECK_FALSE(scene.csrs.mret());
        CHECK(scene.csrs.privilege() == mode);
        CHECK(scene.status() == (mpie | mpp_m));
    }
    CHECK_FALSE(Scene(Privilege::user).csrs.sret());
    CHECK_FALSE(Scene(Privilege::supervisor, tsr).csrs.sret());
    CHECK(Scene(Privilege::machine, tsr).csrs.sret());
}

TEST_CASE("wfi is illegal in U mode, and in S mode under TW") {
    CHECK_FALSE(Scene(Privilege::user).csrs.wfi_allowed());
    CHECK(Scene(Privilege::supervisor).csrs.wfi_allowed());
    CHECK_FALSE(Scene(Privilege::supervisor, tw).csrs.wfi_allowed());
    CHECK(Scene(Privilege::machine, tw).csrs.wfi_allowed());
}

TEST_CASE("sfence.vma is illegal in U mode, and in S mode under TVM") {
    CHECK_FALSE(Scene(Privilege::user).csrs.sfence_allowed());
    CHECK(Scene(Privilege::supervisor).csrs.sfence_allowed());
    CHECK_FALSE(Scene(Privilege::supervisor, tvm).csrs.sfence_allowed());
    CHECK(Scene(Privilege::machine, tvm).csrs.sfence_allowed());
}

TEST_CASE("MPRV gives loads and stores the mode in MPP") {
    CHECK(Scene(Privilege::machine, mpp_u).csrs.data_privilege() == Privilege::machine);
    CHECK(Scene(Privilege::machine, mprv | mpp_u).csrs.data_privilege() == Privilege::user);
    CHECK(Scene(Privilege::machine, mprv | mpp_s).csrs.data_privilege() == Privilege::supervisor);
    CHECK(Scene(Privilege::machine, mprv | mpp_m).csrs.data_privilege() == Privilege::machine);
    CHECK(Scene(Privilege::user).csrs.data_privilege() == Privilege::user);
}

TEST_CASE("a trap that changes the mode of loads under MPRV announces it") {
    Scene scene(Privilege::machine, mprv | mpp_u);
    unsigned changes = 0;
    scene.csrs.on_translation_change = [&changes] { ++changes; };
    scene.csrs.enter_exception(Cause::load_page_fault, 0, 0);
    CHECK(changes == 1);
    CHECK(scene.csrs.data_privilege() == Privilege::machine);
    scene.csrs.enter_exception(Cause::load_page_fault, 0, 0);
    CHECK(changes == 1);
    scene.csrs.debug_write(mstatus, mprv | mpp_s);
    CHECK(changes == 2);
    scene.csrs.mret();
    CHECK(changes == 3);
    CHECK(scene.csrs.data_privilege() == Privilege::supervisor);
}

TEST_CASE("sstatus shows what a trap into S mode has kept") {
    Scene scene(Privilege::supervisor, sie_bit);
    scene.csrs.debug_write(medeleg, 1 << 8 | 1 << 9);
    scene.csrs.enter_exception(Cause::ecall_from_s, 0x10, 0);
    CHECK(scene.csrs.read(sstatus) == (spie | spp | 0x2'0000'0000));
}
