// The tests of instructions against the instruction table: none is left out.

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "models/cpu/decoder.h"
#include "tests/cpu/tested_codes.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

/// Of test_traps.cpp, test_csr.cpp, test_privilege.cpp and test_translation.cpp.
const std::vector<Word> system_codes = {
    ecall,
    ebreak,
    mret,
    sret,
    wfi,
    sfence_vma(t0, t1),
    csrrw(t0, mscratch, t1),
    csrrs(t0, mscratch, t1),
    csrrc(t0, mscratch, t1),
    csrrwi(t0, mscratch, 1),
    csrrsi(t0, mscratch, 1),
    csrrci(t0, mscratch, 1),
};

/// Of test_float_state.cpp.
const std::vector<Word> float_memory_codes = {flw(0, 0, a0), fld(0, 0, a0), fsw(0, 0, a0), fsd(0, 0, a0)};

}  // namespace

TEST_CASE("every line of the instruction table is executed by a test") {
    std::vector<Word> tested = integer_codes();
    for (const std::vector<Word>& codes : {atomic_codes(), float_codes(), float_memory_codes, system_codes}) {
        tested.insert(tested.end(), codes.begin(), codes.end());
    }
    for (const InstructionRow& row : instruction_table()) {
        INFO(row.name);
        CHECK(std::any_of(tested.begin(), tested.end(), [&row](Word code) { return (code & row.mask) == row.match; }));
    }
}

TEST_CASE("what the tests execute stands in exactly one line of the table") {
    for (const std::vector<Word>& codes :
         {integer_codes(), atomic_codes(), float_codes(), float_memory_codes, system_codes}) {
        for (const Word code : codes) {
            INFO(std::hex << code);
            const auto rows = instruction_table();
            CHECK(std::count_if(rows.begin(), rows.end(),
                                [code](const InstructionRow& row) { return (code & row.mask) == row.match; }) == 1);
        }
    }
}
