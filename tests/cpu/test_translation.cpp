// Sv39 as programs see it (Privileged 1.12, 4.3 and 4.4).

#include "tests/cpu/modes.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

using Tables = PageTables;
using Traps = std::vector<Machine::Trap>;

constexpr std::uint64_t fetch_fault = 12;
constexpr std::uint64_t load_fault = 13;
constexpr std::uint64_t store_fault = 15;

// Pages of the tests, beyond those where memory is
constexpr std::uint64_t page_0 = memory_base + 0x10'0000;
constexpr std::uint64_t page_1 = page_0 + Tables::page;
constexpr std::uint64_t large_0 = memory_base + Tables::large_page;

Program li(Word rd, std::uint64_t value) {
    return Program().li(rd, static_cast<std::int32_t>(value));
}

/// A machine whose program goes on in S mode under the tables.
struct Scene {
    explicit Scene(const Options& options = {}) : machine(options), tables(machine) { load_handlers(machine); }
    explicit Scene(std::int32_t mode) : Scene() { this->mode = mode; }

    Program start() const { return modes_setup().add(Tables::turn_on()).add(enter(mode)); }
    void run(Program program) { machine.run(program.add(end_program())); }

    Machine machine;
    Tables tables;
    std::int32_t mode = supervisor_mode;
};

}  // namespace

TEST_CASE("pages of 4 KiB and 2 MiB lead to the memory their entries name") {
    Scene scene;
    scene.machine.set_data(0, 11);
    scene.tables.map(page_0, data_base, all_rights);
    scene.tables.map_large(large_0, memory_base, all_rights);
    Program program = scene.start().add(li(s0, page_0)).add(li(s1, large_0 + (data_base - memory_base)));
    program.add({ld(t0, 0, s0), ld(t1, 0, s1), addi(t2, zero, 22), sd(t2, 8, s0), sd(t2, 16, s1), ld(a2, 16, s0)});
    scene.run(program);
    CHECK(scene.machine.traps().empty());
    CHECK(scene.machine.hart().reg(t0) == 11);
    CHECK(scene.machine.hart().reg(t1) == 11);
    CHECK(scene.machine.hart().reg(a2) == 22);
    CHECK(scene.machine.data(1) == 22);
}

TEST_CASE("loads and stores that an entry does not permit are page faults with their address") {
    struct Entry {
        const char* name;
        std::uint64_t bits;
        bool load;
        bool store;
    };
    const std::vector<Entry> entries = {
        {"not valid", R | W | X | A | D, false, false},
        {"read only", V | R | A | D, true, false},
        {"execute only", V | X | A | D, false, false},
        {"write without read", V | W | A | D, false, false},
        {"of U mode", all_rights | U, false, false},
        {"pointer in the last level", V, false, false},
        {"reserved bit 54", all_rights | std::uint64_t{1} << 54, false, false},
        {"reserved bit 63", all_rights | std::uint64_t{1} << 63, false, false},
        {"with all rights", all_rights, true, true},
    };
    Scene scene;
    Program program = scene.start();
    Traps expected;
    for (std::uint64_t i = 0; i < entries.size(); ++i) {
        const std::uint64_t address = page_0 + i * Tables::page + 24;
        scene.tables.map(address, data_base, entries[i].bits);
        program.add(li(s0, address));
        if (!entries[i].load) {
            expected.push_back({load_fault, memory_base + program.size(), address});
        }
        program.add({ld(t0, 0, s0)});
        if (!entries[i].store) {
            expected.push_back({store_fault, memory_base + program.size(), address});
        }
        program.add({sd(t0, 0, s0)});
    }
    scene.run(program);
    CHECK(scene.machine.traps() == expected);
}

TEST_CASE("an address whose upper bits do not repeat bit 38, or without an entry, is a page fault") {
    Scene scene;
    scene.tables.map_large(large_0, memory_base + 0x1000, all_rights);        // misaligned superpage
    scene.tables.map_large(large_0 + Tables::large_page, last_table, V | A);  // pointer with A set
    Program program = scene.start().add({addi(s0, zero, 1), slli(s0, s0, 39)}).add(li(s1, large_0));
    program.add(li(a1, large_0 + Tables::large_page)).add({addi(a2, zero, -8), addi(a3, zero, 16)});
    const std::uint64_t at = memory_base + program.size();
    program.add({ld(t0, 0, s0), sd(t0, 0, s1), lw(t0, 0, a1), amo(0, 3, t0, t1, a2), lr(3, t0, a3)});
    scene.run(program);
    CHECK(scene.machine.traps() == Traps{{load_fault, at, std::uint64_t{1} << 39},
                                         {store_fault, at + 4, large_0},
                                         {load_fault, at + 8, large_0 + Tables::large_page},
                                         {store_fault, at + 12, ~std::uint64_t{7}},
                                         {load_fault, at + 16, 16}});
}

TEST_CASE("a fetch needs X, and in S mode a page that is not U mode's") {
    Scene scene;
    const std::vector<std::uint64_t> refused = {V | R | W | A | D, all_rights | U, R | W | X | A | D};
    Program program = scene.start();
    Traps expected;
    for (std::uint64_t i = 0; i < refused.size(); ++i) {
        const std::uint64_t address = page_0 + i * Tables::page + 8;
        scene.tables.map(address, data_base, refused[i]);
        program.add(li(s0, address)).add({jalr(ra, s0, 0)});
        expected.push_back({fetch_fault, address, address});
    }
    scene.run(program);
    CHECK(scene.machine.traps() == expected);
}

TEST_CASE("U mode fetches, loads and stores in its own pages only") {
    Scene scene(user_mode);
    for (std::uint64_t at = memory_base; at < memory_base + 0x8000; at += Tables::page) {
        scene.tables.map(at, at, all_rights | U);
    }
    scene.tables.map(page_0, data_base, all_rights | U);
    scene.tables.map(page_1, data_base, all_rights);
    Program program = scene.start().add(li(s0, page_0)).add(li(s1, page_1));
    program.add({addi(t0, zero, 5), sd(t0, 0, s0), ld(t1, 0, s0)});
    const std::uint64_t at = memory_base + program.size();
    program.add({ld(t2, 0, s1), sd(t0, 0, s1), jalr(ra, s1, 0)});
    scene.run(program);
    CHECK(scene.machine.hart().reg(t1) == 5);
    CHECK(scene.machine.traps() ==
          Traps{{load_fault, at, page_1}, {store_fault, at + 4, page_1}, {fetch_fault, page_1, page_1}});
}

TEST_CASE("SUM opens U mode's pages to loads and stores of S mode, but not to its fetches") {
    Scene scene;
    scene.tables.map(page_0, data_base, all_rights | U);
    scene.machine.set_data(0, 5);
    Program program = scene.start().add(li(s0, page_0)).add(set_bits(sstatus, status_sum));
    program.add({ld(t0, 0, s0), sd(t0, 8, s0), jalr(ra, s0, 0)}).add(clear_bits(sstatus, status_sum));
    const std::uint64_t at = memory_base + program.size();
    program.add({ld(t1, 0, s0)});
    scene.run(program);
    CHECK(scene.machine.data(1) == 5);
    CHECK(scene.machine.hart().reg(t1) == 0);
    CHECK(scene.machine.traps() == Traps{{fetch_fault, page_0, page_0}, {load_fault, at, page_0}});
}

TEST_CASE("MXR lets loads read what is only executable") {
    Scene scene;
    scene.tables.map(page_0, data_base, V | X | A);
    scene.machine.set_data(0, 5);
    Program program = scene.start().add(li(s0, page_0)).add(set_bits(sstatus, status_mxr)).add({ld(t0, 0, s0)});
    const std::uint64_t store = memory_base + program.size();
    program.add({sd(t0, 0, s0)}).add(clear_bits(sstatus, status_mxr));
    const std::uint64_t load = memory_base + program.size();
    program.add({ld(t1, 0, s0)});
    scene.run(program);
    CHECK(scene.machine.hart().reg(t0) == 5);
    CHECK(scene.machine.traps() == Traps{{store_fault, store, page_0}, {load_fault, load, page_0}});
}

TEST_CASE("the walk sets A with any access and D with the first store") {
    Scene scene;
    constexpr std::uint64_t fresh = V | R | W | X;
    const std::uint64_t page_2 = page_1 + Tables::page;
    scene.tables.map(page_0, data_base, fresh);
    scene.tables.map(page_1, data_base, fresh);
    scene.tables.map(page_2, memory_base + 0x7000, fresh);
    scene.machine.load(Program().add({jalr(zero, ra, 0)}), memory_base + 0x7000);
    Program program = scene.start().add(li(s0, page_0)).add(li(s1, page_1)).add(li(a1, page_2));
    program.add({ld(t0, 0, s0), sd(zero, 0, s1), jalr(ra, a1, 0)});
    program.add(li(a2, Tables::entry_of(page_0))).add({ld(a3, 0, a2), sd(zero, 0, s0)});
    scene.run(program);
    CHECK(scene.machine.traps().empty());
    CHECK((scene.machine.hart().reg(a3) & 0xff) == (fresh | A));
    CHECK(scene.tables.bits(page_0) == (fresh | A | D));
    CHECK(scene.tables.bits(page_1) == (fresh | A | D));
    CHECK(scene.tables.bits(page_2) == (fresh | A));
}

TEST_CASE("without hardware update a clear A, or D at a store, is a page fault, and entries stay as they are") {
    Scene scene(Options{.hardware_page_update = false});
    scene.tables.map(page_0, data_base, V | R | W | X);
    scene.tables.map(page_1, data_base, V | R | W | X | A);
    scene.machine.set_data(0, 5);
    Program program = scene.start().add(li(s0, page_0)).add(li(s1, page_1));
    const std::uint64_t at = memory_base + program.size();
    program.add({ld(t0, 0, s0), sd(t0, 0, s0), jalr(ra, s0, 0), ld(t1, 0, s1), sd(t1, 0, s1)});
    scene.run(program);
    CHECK(scene.machine.traps() == Traps{{load_fault, at, page_0},
                                         {store_fault, at + 4, page_0},
                                         {fetch_fault, page_0, page_0},
                                         {store_fault, at + 16, page_1}});
    CHECK(scene.machine.hart().reg(t1) == 5);
    CHECK(scene.tables.bits(page_0) == (V | R | W | X));
    CHECK(scene.tables.bits(page_1) == (V | R | W | X | A));
}

TEST_CASE("a changed entry is seen after sfence.vma, for loads, stores and fetches") {
    Scene scene;
    scene.tables.map(page_0, memory_base + 0x6000, all_rights);
    scene.machine.load(Program().add({addi(t0, t0, 1), jalr(zero, ra, 0)}), memory_base + 0x6000);
    scene.machine.load(Program().add({addi(t0, t0, 16), jalr(zero, ra, 0)}), memory_base + 0x7000);
    Program program = scene.start().add(li(s0, page_0)).add(li(s1, Tables::entry_of(page_0)));
    program.add({jalr(ra, s0, 0), ld(t1, 0, s0), sd(zero, 16, s0), ld(t2, 0, s1), addi(t2, t2, 1 << 10)});
    program.add({sd(t2, 0, s1), sfence_vma(s0, zero)});  // the next page
    program.add({jalr(ra, s0, 0), ld(t2, 0, s0), addi(a1, zero, 7), sd(a1, 24, s0)});
    program.add({sd(zero, 0, s1), sfence_vma(zero, zero)});  // none
    const std::uint64_t at = memory_base + program.size();
    program.add({ld(a2, 0, s0), sd(a1, 0, s0), jalr(ra, s0, 0)});
    scene.run(program);
    CHECK(scene.machine.hart().reg(t0) == 17);
    CHECK(scene.machine.hart().reg(t1) == scene.machine.double_word(memory_base + 0x6000));
    CHECK(scene.machine.hart().reg(t2) == scene.machine.double_word(memory_base + 0x7000));
    CHECK(scene.machine.double_word(memory_base + 0x6018) == 0);
    CHECK(scene.machine.double_word(memory_base + 0x7018) == 7);
    CHECK(scene.machine.traps() ==
          Traps{{load_fault, at, page_0}, {store_fault, at + 4, page_0}, {fetch_fault, page_0, page_0}});
}

TEST_CASE("a write of satp changes the tables for the next instruction") {
    Scene scene;  // a second root, in which the first gigabyte is one page that leads to memory
    constexpr std::uint64_t second_root = memory_base + 0x8000;
    scene.machine.set_double_word(second_root, Tables::entry(memory_base, all_rights));
    scene.machine.set_double_word(second_root + 8, scene.machine.double_word(root_table + 8));
    scene.machine.set_double_word(memory_base + 0x7000, 5);
    Program program = scene.start().add({csrr(s0, satp)}).add(li(s1, 0x7000));
    const std::uint64_t before = memory_base + program.size();
    program.add({ld(t0, 0, s1), addi(t1, s0, -1), csrw(satp, t1), ld(t1, 0, s1), csrw(satp, zero)});
    program.add({ld(t2, 0, s1)}).add(li(a1, memory_base + 0x7000)).add({ld(a2, 0, a1), csrw(satp, s0), ld(a3, 0, s1)});
    scene.run(program);
    CHECK(scene.machine.hart().reg(t1) == 5);
    CHECK(scene.machine.hart().reg(a2) == 5);
    CHECK(scene.machine.traps() == Traps{{load_fault, before, 0x7000},
                                         {5, before + 20, 0x7000},  // no translation, and nothing there
                                         {load_fault, before + 40, 0x7000}});
}

TEST_CASE("an access across two pages takes each half where its page leads, or faults at the second") {
    Scene scene;
    const std::uint64_t page_2 = page_1 + Tables::page;
    scene.tables.map(page_0, memory_base + 0x7000, all_rights);
    scene.tables.map(page_1, memory_base + 0x5000, all_rights);
    scene.tables.map(page_2, memory_base + 0x6000, V | R | A | D);
    scene.machine.set_double_word(memory_base + 0x7ff8, 0x4433'2211'0000'0000);
    scene.machine.set_double_word(memory_base + 0x5000, 0x8877'6655);
    scene.machine.set_double_word(memory_base + 0x5ff8, ~std::uint64_t{0});
    Program program = scene.start().add(li(s0, page_1)).add(li(s1, page_2));
    program.add({ld(t0, -4, s0), addi(t1, zero, 0x123), sd(t1, -6, s0)});
    const std::uint64_t at = memory_base + program.size();
    program.add({sd(zero, -4, s1)}).add(li(s1, page_2 + Tables::page)).add({lw(t2, -2, s1)});
    scene.run(program);
    CHECK(scene.machine.hart().reg(t0) == 0x8877'6655'4433'2211);
    CHECK(scene.machine.double_word(memory_base + 0x7ff8) >> 16 == 0x0123);
    CHECK(scene.machine.double_word(memory_base + 0x5000) == 0x8877'0000);
    CHECK(scene.machine.double_word(memory_base + 0x5ff8) == ~std::uint64_t{0});  // nothing of it is written
    CHECK(scene.machine.traps() == Traps{{store_fault, at, page_2}, {load_fault, at + 12, page_2 + Tables::page}});
}

TEST_CASE("execution goes on in the next virtual page, and an instruction across them takes a half from each") {
    Scene scene;
    scene.tables.map(page_0, memory_base + 0x7000, all_rights);
    scene.tables.map(page_1, memory_base + 0x5000, all_rights);
    const std::uint64_t page_2 = page_1 + Tables::page;
    scene.machine.load(Program().add({addi(t0, t0, 1), addi(t0, t0, 2)}), memory_base + 0x7ff8);
    scene.machine.load(Program().add({addi(t0, t0, 4), jalr(zero, ra, 0)}), memory_base + 0x5000);
    const Word crossing = addi(t1, zero, 0x123);
    scene.machine.load(Program().half(static_cast<std::uint16_t>(crossing)), memory_base + 0x5ffe);
    Program program = scene.start().add(li(s0, page_0 + 0xff8)).add(li(s1, page_1 + 0xffe));
    program.add({jalr(ra, s0, 0), jalr(ra, s1, 0)});  // the second faults at page 2
    program.add(li(s0, Tables::entry_of(page_2))).add(li(t2, Tables::entry(memory_base + 0x6000, all_rights)));
    program.add({sd(t2, 0, s0), sfence_vma(zero, zero), jalr(ra, s1, 0)});
    scene.machine.load(Program().half(static_cast<std::uint16_t>(crossing >> 16)).add({jalr(zero, ra, 0)}),
                       memory_base + 0x6000);
    scene.run(program);
    CHECK(scene.machine.hart().reg(t0) == 7);
    CHECK(scene.machine.hart().reg(t1) == 0x123);
    CHECK(scene.machine.traps() == Traps{{fetch_fault, page_1 + 0xffe, page_2}});
}

TEST_CASE("code of one page runs under two addresses, and knows its own") {
    Scene scene;
    scene.tables.map(page_0, memory_base + 0x7000, all_rights);
    scene.tables.map(page_1, memory_base + 0x7000, all_rights);
    // A loop of three rounds, chained within the page; auipc tells where it runs.
    scene.machine.load(Program().add({addi(t0, zero, 3), addi(t0, t0, -1), auipc(t1, 0), bne(t0, zero, -8),
                                      jal(zero, 8), nop, jalr(zero, ra, 0)}),
                       memory_base + 0x7000);
    Program program = scene.start().add(li(s0, page_0)).add(li(s1, page_1));
    program.add({jalr(ra, s0, 0), addi(a1, t1, 0), jalr(ra, s1, 0), addi(a2, t1, 0), jalr(ra, s0, 0)});
    scene.run(program);
    CHECK(scene.machine.traps().empty());
    CHECK(scene.machine.hart().reg(a1) == page_0 + 8);
    CHECK(scene.machine.hart().reg(a2) == page_1 + 8);
    CHECK(scene.machine.hart().reg(t1) == page_0 + 8);
}

TEST_CASE("a store through one mapping changes the code that runs through another, with the next instruction") {
    Scene scene;
    scene.tables.map(page_0, memory_base + 0x7000, V | X | A);
    scene.tables.map(page_1, memory_base + 0x7000, V | R | W | A | D);
    // Stores t1 over the instruction behind, from whose old form the handler would be called.
    scene.machine.load(Program().add({sw(t1, 4, s1), 0, jalr(zero, ra, 0)}), memory_base + 0x7000);
    Program program = scene.start().add(li(s0, page_0)).add(li(s1, page_1)).add({sd(zero, 0x100, s1)});
    for (const std::int64_t value : {0x11, 0x22}) {
        const Word instruction = addi(a1, a1, value);
        program.add(li(t1, instruction)).add({jalr(ra, s0, 0), jalr(ra, s0, 0)});
    }
    scene.run(program);
    CHECK(scene.machine.traps().empty());
    CHECK(scene.machine.hart().reg(a1) == 2 * 0x11 + 2 * 0x22);
}
