// Which CSRs there are, who may access them and what they hold (Privileged 1.12, chapters 2 to 4).

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "models/cpu/csr_file.h"
#include "models/cpu/csr_names.h"

using namespace aqpim;

namespace {

constexpr std::uint64_t ones = ~std::uint64_t{0};
constexpr std::uint64_t xlen_64 = 0xa'0000'0000;  // mstatus.SXL and UXL
constexpr std::uint64_t dirty = std::uint64_t{1} << 63;

constexpr unsigned fflags = 0x001;
constexpr unsigned frm = 0x002;
constexpr unsigned fcsr = 0x003;
constexpr unsigned sstatus = 0x100;
constexpr unsigned sie = 0x104;
constexpr unsigned scounteren = 0x106;
constexpr unsigned sip = 0x144;
constexpr unsigned satp = 0x180;
constexpr unsigned mstatus = 0x300;
constexpr unsigned mideleg = 0x303;
constexpr unsigned mie = 0x304;
constexpr unsigned mcounteren = 0x306;
constexpr unsigned mip = 0x344;
constexpr unsigned pmpcfg0 = 0x3a0;
constexpr unsigned pmpaddr0 = 0x3b0;

struct Held {
    const char* name;
    unsigned csr;
    std::uint64_t written;
    std::uint64_t read;
};

void check(CsrFile& csrs, const std::vector<Held>& registers) {
    for (const Held& held : registers) {
        INFO(held.name << " " << std::hex << held.written);
        CHECK(csrs.write(held.csr, held.written));
        CHECK(csrs.read(held.csr) == held.read);
    }
}

/// A file with the counters that a hart adds.
struct Scene {
    CsrFile csrs{Isa("rv64imafdc"), 5};
    unsigned changes = 0;

    Scene() {
        csrs.add(0xb00, [] { return 1; });
        csrs.add(0xb02, [] { return 1; });
        csrs.add(0xc00, [] { return 1; });
        csrs.add(0xc01, [] { return 1; });
        csrs.add(0xc02, [] { return 1; });
        csrs.on_translation_change = [this] { ++changes; };
    }
};

}  // namespace

TEST_CASE("registers of machine mode hold what they may hold") {
    Scene scene;
    check(scene.csrs, {
                          {"mstatus", mstatus, ones, 0x7e'79aa | xlen_64 | dirty},
                          {"mstatus", mstatus, 0, xlen_64},
                          {"misa", 0x301, 0, 0x8000'0000'0014'112d},
                          {"medeleg", 0x302, ones, 0xb3ff},
                          {"mideleg", mideleg, ones, 0x222},
                          {"mie", mie, ones, 0xaaa},
                          {"mtvec", 0x305, 0x8000'0001, 0x8000'0001},
                          {"mtvec, reserved mode 2", 0x305, 0x4002, 0x8000'0001},
                          {"mtvec, reserved mode 3", 0x305, 0x4003, 0x8000'0001},
                          {"mtvec", 0x305, 0x4000, 0x4000},
                          {"mcounteren", mcounteren, ones, 7},
                          {"menvcfg", 0x30a, ones, 1},
                          {"mcountinhibit", 0x320, ones, 0},
                          {"mhpmevent3", 0x323, ones, 0},
                          {"mhpmevent31", 0x33f, ones, 0},
                          {"mscratch", 0x340, 0x0123'4567'89ab'cdef, 0x0123'4567'89ab'cdef},
                          {"mepc", 0x341, ones, ones - 1},
                          {"mcause", 0x342, 0x8000'0000'0000'000b, 0x8000'0000'0000'000b},
                          {"mtval", 0x343, ones, ones},
                          {"mip", mip, ones, 0x222},
                          {"mhpmcounter3", 0xb03, ones, 0},
                          {"mhpmcounter31", 0xb1f, ones, 0},
                          {"pmpcfg0, locked entries", pmpcfg0, 0x9f, 0x9f},
                          {"pmpcfg2", 0x3a2, 0x1f1f'1f1f'1f1f'1f1f, 0x1f1f'1f1f'1f1f'1f1f},
                          {"pmpcfg4, beyond 16 entries", 0x3a4, ones, 0},
                          {"pmpcfg14", 0x3ae, ones, 0},
                          {"pmpaddr0, locked", pmpaddr0, ones, 0},
                          {"pmpaddr15", 0x3bf, ones, 0x003f'ffff'ffff'ffff},
                          {"pmpaddr16", 0x3c0, ones, 0},
                          {"pmpaddr63", 0x3ef, ones, 0},
                      });
}

TEST_CASE("registers of supervisor mode hold what they may hold") {
    Scene scene;
    scene.csrs.write(mideleg, ones);
    scene.csrs.set_privilege(Privilege::supervisor);
    check(scene.csrs, {
                          {"sstatus", sstatus, ones, 0xc'6122 | 0x2'0000'0000 | dirty},
                          {"sstatus", sstatus, 0, 0x2'0000'0000},
                          {"sie", sie, ones, 0x222},
                          {"stvec", 0x105, 0x8000'0001, 0x8000'0001},
                          {"stvec, reserved mode", 0x105, 0x4002, 0x8000'0001},
                          {"scounteren", scounteren, ones, 7},
                          {"senvcfg", 0x10a, ones, 1},
                          {"sscratch", 0x140, ones, ones},
                          {"sepc", 0x141, ones, ones - 1},
                          {"scause", 0x142, ones, ones},
                          {"stval", 0x143, ones, ones},
                          {"sip, SSIP only", sip, ones, 0x2},
                          {"satp, Sv39", satp, 0x8abc'dfff'ffff'ffff, 0x8abc'dfff'ffff'ffff},
                          {"satp, Sv48", satp, 0x9000'0000'0000'0001, 0x8abc'dfff'ffff'ffff},
                          {"satp, reserved mode", satp, 0x1000'0000'0000'0001, 0x8abc'dfff'ffff'ffff},
                          {"satp, Bare", satp, 0, 0},
                      });
}

TEST_CASE("identification registers read zero, mhartid the hart, and none can be written") {
    CsrFile csrs(Isa("rv64i"), 5);
    for (const unsigned csr : {0xf11, 0xf12, 0xf13, 0xf15}) {
        CHECK(csrs.read(csr) == 0);
        CHECK_FALSE(csrs.write(csr, 0));
    }
    CHECK(csrs.read(0xf14) == 5);
    CHECK_FALSE(csrs.debug_write(0xf14, 0));
}

TEST_CASE("sstatus is a view of mstatus") {
    Scene scene;
    scene.csrs.write(mstatus, 0x7e'79aa);
    CHECK(scene.csrs.read(sstatus) == (0xc'6122 | 0x2'0000'0000 | dirty));
    scene.csrs.write(sstatus, 0);
    CHECK(scene.csrs.read(mstatus) == (0x72'1888 | xlen_64));
}

TEST_CASE("mstatus.MPP holds U, S and M; the reserved value leaves it") {
    Scene scene;
    for (const std::uint64_t mode : {0u, 1u, 3u}) {
        scene.csrs.write(mstatus, mode << 11);
        CHECK(scene.csrs.read(mstatus) == (mode << 11 | xlen_64));
        scene.csrs.write(mstatus, 2u << 11 | 8);
        CHECK(scene.csrs.read(mstatus) == (mode << 11 | 8 | xlen_64));
    }
}

TEST_CASE("sie and sip show the interrupts that are delegated") {
    Scene scene;
    scene.csrs.write(mie, 0xaaa);
    scene.csrs.write(mip, 0x222);
    scene.csrs.set_pins(true, true, true);
    CHECK(scene.csrs.read(sie) == 0);
    CHECK(scene.csrs.read(sip) == 0);
    scene.csrs.write(mideleg, 0x22);
    CHECK(scene.csrs.read(sie) == 0x22);
    CHECK(scene.csrs.read(sip) == 0x22);
    scene.csrs.write(sie, 0x202);
    CHECK(scene.csrs.read(mie) == 0xa8a);
    scene.csrs.write(sip, 0);
    CHECK(scene.csrs.read(mip) == 0xaa8);
    scene.csrs.write(mideleg, 0x20);
    scene.csrs.write(sip, 0x2);
    CHECK(scene.csrs.read(mip) == 0xaa8);
}

TEST_CASE("mip shows the pins, and M mode writes the bits of S mode") {
    Scene scene;
    scene.csrs.set_pins(true, false, true);
    CHECK(scene.csrs.read(mip) == 0x808);
    scene.csrs.set_pins(false, true, false);
    scene.csrs.write(mip, 0x20);
    CHECK(scene.csrs.read(mip) == 0xa0);
}

TEST_CASE("SEIP reads as the pin or the written bit, and only the latter is modified") {
    Scene scene;
    scene.csrs.set_supervisor_external(true);
    CHECK(scene.csrs.read(mip) == 0x200);
    CHECK(scene.csrs.read_to_modify(mip) == 0);
    scene.csrs.write(mip, *scene.csrs.read_to_modify(mip) | 0x2);  // csrrs of SSIP
    scene.csrs.set_supervisor_external(false);
    CHECK(scene.csrs.read(mip) == 0x2);
    scene.csrs.write(mip, 0x200);
    CHECK(scene.csrs.read(mip) == 0x200);
    CHECK(scene.csrs.read_to_modify(mip) == 0x200);
    CHECK(scene.csrs.read_to_modify(mie) == 0);
    CHECK_FALSE(scene.csrs.read_to_modify(0x7c0));
}

TEST_CASE("a register is out of reach of lower modes than its number says") {
    Scene scene;
    scene.csrs.write(mstatus, 1 << 13);  // FS
    scene.csrs.write(mcounteren, 7);
    scene.csrs.write(scounteren, 7);
    for (const unsigned number : scene.csrs.numbers()) {
        const unsigned lowest = number >> 8 & 3;
        for (const Privilege mode : {Privilege::user, Privilege::supervisor, Privilege::machine}) {
            scene.csrs.set_privilege(mode);
            INFO(csr_name(number) << " in mode " << static_cast<int>(mode));
            const bool reachable = static_cast<unsigned>(mode) >= lowest;
            CHECK(scene.csrs.read(number).has_value() == reachable);
            CHECK(scene.csrs.debug_read(number).has_value());
            if (!reachable) {
                CHECK_FALSE(scene.csrs.write(number, ones));
            }
        }
    }
}

TEST_CASE("numbers lists the registers there are, each with a name") {
    Scene scene;
    const std::vector<unsigned> numbers = scene.csrs.numbers();
    // F 3, S 11, M 13, mcountinhibit 1, events and counters 2 * 29, PMP 8 + 64, identification 5, the hart's 5
    CHECK(numbers.size() == 3 + 11 + 13 + 1 + 58 + 72 + 5 + 5);
    CHECK(std::is_sorted(numbers.begin(), numbers.end()));
    for (const unsigned number : numbers) {
        INFO(number);
        CHECK_FALSE(csr_name(number).empty());
    }
}

TEST_CASE("registers that do not exist are refused in every way") {
    Scene scene;
    // pmpcfg1 (RV32 only), hstatus, tselect, custom, no such counter, hpmcounter3 (no Zihpm), mstatush, beyond all
    for (const unsigned number : {0x3a1u, 0x600u, 0x7a0u, 0x7c0u, 0xb01u, 0xc03u, 0x310u, 4096u, ~0u}) {
        INFO(number);
        CHECK_FALSE(scene.csrs.read(number));
        CHECK_FALSE(scene.csrs.write(number, 0));
        CHECK_FALSE(scene.csrs.debug_read(number));
        CHECK_FALSE(scene.csrs.debug_write(number, 0));
    }
}

TEST_CASE("counters are open to S mode by mcounteren, to U mode by scounteren too") {
    Scene scene;
    for (unsigned enables = 0; enables < 64; ++enables) {
        scene.csrs.debug_write(mcounteren, enables & 7);
        scene.csrs.debug_write(scounteren, enables >> 3);
        for (unsigned index = 0; index < 3; ++index) {
            const bool machine_enables = (enables >> index & 1) != 0;
            const bool supervisor_enables = (enables >> (3 + index) & 1) != 0;
            scene.csrs.set_privilege(Privilege::machine);
            CHECK(scene.csrs.read(0xc00 + index).has_value());
            scene.csrs.set_privilege(Privilege::supervisor);
            CHECK(scene.csrs.read(0xc00 + index).has_value() == machine_enables);
            scene.csrs.set_privilege(Privilege::user);
            CHECK(scene.csrs.read(0xc00 + index).has_value() == (machine_enables && supervisor_enables));
        }
    }
}

TEST_CASE("mstatus.TVM keeps satp from S mode, not from M mode") {
    Scene scene;
    scene.csrs.write(mstatus, 1 << 20);
    CHECK(scene.csrs.write(satp, 0));
    scene.csrs.set_privilege(Privilege::supervisor);
    CHECK_FALSE(scene.csrs.read(satp));
    CHECK_FALSE(scene.csrs.write(satp, 0));
    CHECK_FALSE(scene.csrs.sfence_allowed());
    CHECK(scene.csrs.debug_read(satp) == 0);
    scene.csrs.debug_write(mstatus, 0);
    CHECK(scene.csrs.read(satp) == 0);
    CHECK(scene.csrs.sfence_allowed());
}

TEST_CASE("fcsr holds rounding mode and flags, and writes make FS dirty") {
    Scene scene;
    scene.csrs.write(mstatus, 1 << 13);  // Initial
    check(scene.csrs, {{"fflags", fflags, ones, 0x1f}, {"frm", frm, ones, 7}, {"fcsr", fcsr, 0x1ab, 0xab}});
    CHECK(scene.csrs.read(fflags) == 0x0b);
    CHECK(scene.csrs.read(frm) == 5);
    CHECK(scene.csrs.float_status().fflags == 0x0b);
    CHECK(scene.csrs.float_status().frm == 5);
    CHECK(scene.csrs.read(mstatus) == (3u << 13 | xlen_64 | dirty));
}

TEST_CASE("while FS is Off the registers of floating point are refused") {
    Scene scene;
    CHECK_FALSE(scene.csrs.float_enabled());
    for (const unsigned csr : {fflags, frm, fcsr}) {
        CHECK_FALSE(scene.csrs.read(csr));
        CHECK_FALSE(scene.csrs.write(csr, 0));
        CHECK(scene.csrs.debug_write(csr, 1));
    }
    CHECK_FALSE(scene.csrs.float_enabled());
    for (const std::uint64_t state : {1u, 2u, 3u}) {
        scene.csrs.write(mstatus, state << 13);
        CHECK(scene.csrs.float_enabled());
        CHECK(scene.csrs.read(fcsr) == 1);
    }
}

TEST_CASE("a dirty mark shows in FS and SD") {
    Scene scene;
    scene.csrs.write(mstatus, 2 << 13);  // Clean
    CHECK(scene.csrs.read(mstatus) == (2u << 13 | xlen_64));
    scene.csrs.mark_float_dirty();
    CHECK(scene.csrs.read(mstatus) == (3u << 13 | xlen_64 | dirty));
}

TEST_CASE("without F there is no fcsr and FS is zero, without C epc has two zeros") {
    CsrFile csrs(Isa("rv64ima"), 0);
    check(csrs, {{"mstatus", mstatus, ones, 0x7e'19aa | xlen_64},
                 {"sstatus", sstatus, ones, 0xc'0122 | 0x2'0000'0000},
                 {"mepc", 0x341, ones, ones - 3},
                 {"sepc", 0x141, ones, ones - 3},
                 {"misa", 0x301, ones, 0x8000'0000'0014'1101}});
    CHECK_FALSE(csrs.debug_read(fcsr));
}

TEST_CASE("the translation follows satp, SUM and MXR") {
    Scene scene;
    CHECK_FALSE(scene.csrs.translation().sv39);
    scene.csrs.write(satp, 0x8abc'dfff'ffff'fffe);
    scene.csrs.write(mstatus, 1 << 18);
    CHECK(scene.csrs.translation() == TranslationContext{true, 0x00ff'ffff'ffff'e000, 0xabcd, true, false});
    scene.csrs.write(sstatus, 1 << 19);
    CHECK(scene.csrs.translation() == TranslationContext{true, 0x00ff'ffff'ffff'e000, 0xabcd, false, true});
    scene.csrs.write(satp, 0);
    CHECK_FALSE(scene.csrs.translation().sv39);
}

TEST_CASE("a change of translation or protection is announced, anything else is not") {
    Scene scene;
    const auto announced = [&scene](unsigned csr, std::uint64_t value) {
        const unsigned before = scene.changes;
        CHECK(scene.csrs.debug_write(csr, value));
        return scene.changes != before;
    };
    CHECK(announced(satp, 0x8000'0000'0000'0001));
    CHECK_FALSE(announced(satp, 0x9000'0000'0000'0002));
    CHECK(announced(mstatus, 1 << 18));            // SUM
    CHECK(announced(mstatus, 1 << 19));            // MXR
    CHECK_FALSE(announced(mstatus, 1 << 19 | 8));  // MIE
    CHECK_FALSE(announced(mstatus, 1 << 19 | 1 << 11));
    CHECK(announced(mstatus, 1 << 17 | 1 << 11));  // MPRV
    CHECK(announced(mstatus, 1 << 17 | 0 << 11));  // MPP while MPRV
    CHECK(announced(pmpcfg0, 1));
    CHECK(announced(pmpaddr0, 1));
    CHECK_FALSE(announced(mie, ones));
    const unsigned before = scene.changes;
    scene.csrs.set_privilege(Privilege::user);
    CHECK(scene.changes == before);
}

TEST_CASE("reset brings M mode, clears registers and unlocks PMP, but leaves pins") {
    Scene scene;
    const auto names = scene.csrs.numbers();
    const CsrFile fresh(Isa("rv64imafdc"), 5);
    for (const unsigned number : names) {
        scene.csrs.debug_write(number, number == satp ? 0x8888'8888'8888'8888 : ones);
    }
    scene.csrs.set_privilege(Privilege::user);
    scene.csrs.set_pins(true, false, false);
    scene.changes = 0;
    scene.csrs.reset();
    CHECK(scene.changes > 0);
    CHECK(scene.csrs.privilege() == Privilege::machine);
    CHECK(scene.csrs.data_privilege() == Privilege::machine);
    CHECK(scene.csrs.translation() == TranslationContext{});
    for (const unsigned number : fresh.numbers()) {
        INFO(csr_name(number));
        CHECK(scene.csrs.debug_read(number) == (number == mip ? 8 : fresh.debug_read(number)));
    }
}

TEST_CASE("standard CSRs have names whether they exist or not, others have none") {
    CHECK(csr_name(0x300) == "mstatus");
    CHECK(csr_name(0x3a0) == "pmpcfg0");
    CHECK(csr_name(0x3af) == "pmpcfg15");
    CHECK(csr_name(0x3ef) == "pmpaddr63");
    CHECK(csr_name(0xb03) == "mhpmcounter3");
    CHECK(csr_name(0xb1f) == "mhpmcounter31");
    CHECK(csr_name(0xc9f) == "hpmcounter31h");
    CHECK(csr_name(0x7b0) == "dcsr");
    CHECK(csr_name(0x7c0).empty());
    CHECK(csr_name(0xffff).empty());
}
