// Physical memory protection of a running hart (Privileged 1.12, 3.7).

#include "tests/cpu/modes.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

using Traps = std::vector<Machine::Trap>;

constexpr std::uint64_t fetch_fault = 1;
constexpr std::uint64_t load_fault = 5;
constexpr std::uint64_t store_fault = 7;

constexpr Word napot = 3 << 3;
constexpr Word na4 = 2 << 3;
constexpr Word tor = 1 << 3;
constexpr Word locked = 1 << 7;
constexpr Word rwx = 7;

/// A page of subroutines: each is `jalr zero, ra, 0`.
constexpr std::uint64_t code_page = memory_base + 0x7000;
constexpr std::uint64_t middle = code_page + 0x800;

void load_subroutines(Machine& machine) {
    for (std::uint64_t at = code_page; at < code_page + 0x1000; at += 4) {
        machine.load(Program().add({jalr(zero, ra, 0)}), at);
    }
}

std::uint64_t napot_of(std::uint64_t base, std::uint64_t bytes) {
    return base >> 2 | ((bytes >> 3) - 1);
}

/// Entries 0 and on as given, the last one for everything else, all rights. Configurations beyond the first three bytes
/// are not needed.
struct Entry {
    std::uint64_t address;
    Word config;
};
Program protect(const std::vector<Entry>& entries) {
    Program program;
    std::uint64_t configs = std::uint64_t{napot | rwx} << 8 * entries.size();
    for (unsigned i = 0; i < entries.size(); ++i) {
        program.add(write_csr(pmpaddr0 + i, entries[i].address));
        configs |= std::uint64_t{entries[i].config} << 8 * i;
    }
    program.add({addi(t5, zero, -1), csrw(pmpaddr0 + static_cast<Word>(entries.size()), t5)});
    return program.add(write_csr(pmpcfg0, configs));
}

Program li(Word rd, std::uint64_t value) {
    return Program().li(rd, static_cast<std::int32_t>(value));
}

/// Load, store and call at `address`; appends the traps that those make which `rights` does not allow.
void probe(Program& program, std::uint64_t address, Word rights, Traps& expected) {
    program.add(li(s0, address));
    const auto expect = [&](Word right, std::uint64_t cause, std::uint64_t pc) {
        if ((rights & right) == 0) {
            expected.push_back({cause, pc, address});
        }
    };
    const std::uint64_t at = memory_base + program.size();
    expect(1, load_fault, at);
    expect(2, store_fault, at + 4);
    expect(4, fetch_fault, address);
    program.add({lw(t0, 0, s0), sw(a3, 0, s0), jalr(ra, s0, 0)});
}

struct Scene {
    Scene() {
        load_handlers(machine);
        load_subroutines(machine);
    }
    void run(Program program) {
        machine.run(program.add(end_program()));
        CHECK(machine.traps() == expected);
    }
    /// a3 = the instruction that is there anyway, so that stores change nothing.
    static Program setup() { return modes_setup().add(li(a3, jalr(zero, ra, 0))); }

    Machine machine;
    Traps expected;
};

}  // namespace

TEST_CASE("an entry's R, W and X bind S mode's loads, stores and fetches") {
    Scene scene;
    Program program = Scene::setup();
    program.add(protect({{napot_of(code_page, 0x400), napot | 0},
                         {napot_of(code_page + 0x400, 0x400), napot | 1},
                         {napot_of(code_page + 0x800, 0x400), napot | 4}}));
    program.add(enter(supervisor_mode));
    probe(program, code_page + 0x10, 0, scene.expected);
    probe(program, code_page + 0x410, 1, scene.expected);
    probe(program, code_page + 0x810, 4, scene.expected);
    probe(program, code_page + 0xc10, rwx, scene.expected);
    scene.run(program);
}

TEST_CASE("an entry's R, W and X bind U mode too, and M mode only if it is locked") {
    Scene scene;
    Program program = Scene::setup();
    program.add(protect({{napot_of(code_page, 0x800), napot | 1}, {napot_of(middle, 0x800), napot | locked | 4}}));
    probe(program, code_page + 0x10, rwx, scene.expected);
    probe(program, middle + 0x10, 4, scene.expected);
    program.add(enter(user_mode));
    probe(program, code_page + 0x20, 1, scene.expected);
    probe(program, middle + 0x20, 4, scene.expected);
    scene.run(program);
}

TEST_CASE("where no entry matches, S and U mode may do nothing") {
    Scene scene;
    Program program = Scene::setup();  // all but the upper half of the page, by TOR
    program.add(write_csr(pmpaddr0, middle >> 2)).add({csrrwi(zero, pmpcfg0, tor | rwx)});
    program.add(enter(supervisor_mode));
    probe(program, middle - 4, rwx, scene.expected);
    probe(program, middle, 0, scene.expected);
    scene.run(program);
}

TEST_CASE("a boundary in the middle of a page holds for code and data that were in use before it was drawn") {
    Scene scene;
    // From the lower half on, four instructions lead into the upper half.
    scene.machine.load(Program().add({nop, nop, addi(t1, t1, 1), nop, jalr(zero, ra, 0)}), middle - 12);
    // The handler of the first ecall draws the boundary and leaves traps to the usual one.
    const std::uint64_t handler = memory_base + 0x6000;
    Program redraw;
    redraw.add(write_csr(pmpaddr0, middle >> 2)).add(write_csr(pmpaddr0 + 1, (code_page + 0x1000) >> 2));
    redraw.add(write_csr(pmpcfg0, std::uint64_t{napot | rwx} << 16 | tor << 8 | tor | rwx));
    redraw.add(write_csr(mtvec, trap_handler_base)).add({csrr(t5, mepc), addi(t5, t5, 4), csrw(mepc, t5), mret});
    scene.machine.load(redraw, handler);
    Program program = Scene::setup().add(protect({{0, 0}, {0, 0}})).add(write_csr(mtvec, handler));
    program.add(enter(supervisor_mode)).add(li(s0, middle - 12));
    program.add({jalr(ra, s0, 0), lw(t0, 12, s0), ecall});
    const std::uint64_t at = memory_base + program.size();
    program.add({jalr(ra, s0, 0), lw(t0, 12, s0), sw(t0, 12, s0), lw(t0, 8, s0), ld(t0, 8, s0)});
    scene.expected = {{fetch_fault, middle, middle},
                      {load_fault, at + 4, middle},
                      {store_fault, at + 8, middle},
                      {load_fault, at + 16, middle - 4}};
    scene.run(program);
    CHECK(scene.machine.hart().reg(t1) == 2);
}

TEST_CASE("an access of which an entry covers a part only fails, whatever its rights are") {
    Scene scene;
    Program program = Scene::setup();
    program.add(protect({{(data_base + 4) >> 2, na4 | locked | rwx}}));
    program.add(enter(supervisor_mode));
    const std::uint64_t at = memory_base + program.size();
    program.add({lw(t0, 4, a0), ld(t0, 0, a0), lw(t0, 2, a0), lw(t0, 0, a0), sd(t0, 0, a0)});
    scene.expected = {
        {load_fault, at + 4, data_base}, {load_fault, at + 8, data_base + 2}, {store_fault, at + 16, data_base}};
    scene.run(program);
}

TEST_CASE("an instruction of which one half may not be fetched faults at that half") {
    Scene scene;
    Program program = Scene::setup();
    program.add(protect({{napot_of(middle, 0x800), napot | 1}}));
    scene.machine.load(Program().add({addi(t1, zero, 1)}), middle - 2);
    program.add(enter(supervisor_mode)).add(li(s0, middle - 2)).add({jalr(ra, s0, 0)});
    scene.expected = {{fetch_fault, middle - 2, middle}};
    scene.run(program);
}

TEST_CASE("a page walk that may not read its tables is an access fault of the access") {
    Scene scene;
    PageTables tables(scene.machine);
    Program program = Scene::setup();
    program.add(protect({{napot_of(last_table, 0x1000), napot | 0}})).add(PageTables::turn_on());
    const std::uint64_t large_page = memory_base + PageTables::large_page;
    tables.map_large(memory_base, memory_base, all_rights);  // the program's
    tables.map_large(large_page, last_table, V);
    program.add(enter(supervisor_mode));
    probe(program, large_page, 0, scene.expected);
    scene.run(program);
}
